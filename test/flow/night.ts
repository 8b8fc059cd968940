/** One policy's night, to be lived through again and again: due once, two chunks, one server that is to be asked once more. */
import { setDefaultCACertificates } from 'node:tls'
import { expect, vi } from 'vitest'
import type { Action } from '../../lib/core/model/action.ts'
import { NO_SERVERS, type Run, type Summary } from '../../lib/core/model/run.ts'
import { RunEnded, ServersEscalated } from '../../lib/core/notify/events.ts'
import { WebhookBody, webhookBody } from '../../lib/core/notify/webhook.ts'
import { firstLookAt } from '../../lib/core/savings/looks.ts'
import { aCertificate } from '../certificate.ts'
import { aChange, at } from '../makers.ts'
import { startReceiver } from '../receiver.ts'
import { createWorld, fleet, type WorldOptions } from './world.ts'

const HOUR_MS = 3_600_000
const SERVERS = fleet(5)
/** It needs a hard stop; and there is no room for it when it is started for the first time. */
const HANGS = SERVERS[1]!.id!
const STARTED = SERVERS[4]!.id!

interface Night {
  /** How its servers are before, and after; the first is so already. */
  before: string
  after: string
  /** What of the policy makes it due. */
  dueBy(cron: string, dueAt: string): Record<string, unknown>
  summary: Summary
  /** How many servers are stopped hard. */
  escalated: number
}
const PLANNED = { ...NO_SERVERS, matched: 5, targets: 4, skipped: 1 }
const LEAP_DAYS = '0 0 29 2 *'

const NIGHTS: Record<Action, Night> = {
  stop: {
    before: 'ACTIVE',
    after: 'SHUTOFF',
    dueBy: (cron, dueAt) => ({
      schedule: { cron, timeZone: 'UTC' },
      escalateAfterMinutes: 3,
      nextDueAt: dueAt,
    }),
    summary: { ...PLANNED, stopped: 4 },
    escalated: 1,
  },
  start: {
    before: 'SHUTOFF',
    after: 'ACTIVE',
    dueBy: (cron, dueAt) => ({
      schedule: { cron: LEAP_DAYS, timeZone: 'UTC' },
      start: { cron, servers: 'selected' },
      nextDueAt: null,
      nextStartDueAt: dueAt,
    }),
    summary: { ...PLANNED, started: 4 },
    escalated: 0,
  },
}

/** The policy of a night. */
export const nightId = (number: number): string => `night-${number}`

const SIGNED_WITH = 'whsec_bmlnaHQ='
const identity = aCertificate(Date.now())

export type Nights = Awaited<ReturnType<typeof createNights>>

/** Over a plain OpenStack: the soft stop of the one that hangs comes to nothing again and again, until the hard one is due. */
export const openstackNights = (options: WorldOptions = {}, action: Action = 'stop'): Promise<Nights> =>
  createNights(
    { ...options, switches: { softHangSeconds: 120, novaHearsType: true, ...options.switches } },
    action,
    'openstack',
  )

export async function createNights(options: WorldOptions = {}, action: Action = 'stop', api = 'huaweicloud') {
  const { before, after, dueBy, summary, escalated } = NIGHTS[action]
  /** Requests that asked a server that was there or on its way there: a hard stop after a soft one may. */
  const needless: string[] = []
  setDefaultCACertificates([identity.cert])
  const receiver = await startReceiver(identity)
  const webhook = { url: `https://localhost:${receiver.port}/hook`, secretName: 'curfew/webhook' }
  const world = await createWorld({
    ...options,
    servers: SERVERS,
    // The one who takes webhooks is on this machine.
    addressProblem: () => null,
    switches: { softHangs: [HANGS], hardDuringSoft: 'taken', ...options.switches },
    rig: services => ({
      ...services,
      async cloud(connection) {
        const cloud = await services.cloud(connection)
        const request: typeof cloud.request = (kind, act, ids) => {
          const { mode } = act
          for (const id of ids) {
            const { status, taskState } = world.simulator.server(id)!
            const onItsWay = taskState !== null && mode === 'soft'
            if (status !== before || onItsWay) needless.push(`${mode} ${id}: ${status} ${taskState}`)
          }
          return cloud.request(kind, act, ids)
        }
        return { ...cloud, request }
      },
    }),
  })
  world.aws.secrets.set(webhook.secretName, SIGNED_WITH)
  const connection = await world.connection({ api, maxServersPerMinute: { ecs: 3, bms: null } })

  /** Lives through a night of at most so many hours; gives its runs and how many requests for its action were sent. */
  async function live(number: number, mostHours = 2): Promise<{ runs: Run[]; sent: number }> {
    // What other nights left behind is none of this one's, and would be read again in each.
    for (const left of [needless, world.aws.events, receiver.received]) left.length = 0
    await world.store.saveJobTimes(connection.id, {})
    for (const [place, { id }] of SERVERS.entries())
      world.simulator.change(id!, { status: place === 0 ? after : before, taskState: null })
    const sentBefore = world.simulator.actions().length
    const dueAt = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS
    const due = new Date(dueAt)
    const cron = `0 ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`
    const id = nightId(number)
    const asked = () =>
      world.simulator
        .actions()
        .slice(sentBefore)
        .filter(({ sent }) => sent.ids.includes(HANGS))
    const refuses = ({ id }: { id: string }) => id === HANGS && asked().length < 2
    world.simulator.switches.capacity = { refuses, as: 'sub-job-0226' }
    await world.policy({ id, webhook, ...dueBy(cron, at(dueAt)) })
    vi.setSystemTime(dueAt - 1000)
    let runs: Run[] = []
    await world.until(async () => {
      // Before that nobody can have taken the webhook.
      if (receiver.received.length === 0) return false
      runs = (await world.store.runs({ policyId: id, most: 10 })).items
      return isTold(runs)
    }, mostHours * 60)
    const policy = (await world.store.policy(id))!
    await world.store.removePolicy(id, policy.version, aChange({ what: 'deleted' }))
    return { runs, sent: world.simulator.actions().length - sentBefore }
  }

  async function isTold(runs: Run[]): Promise<boolean> {
    const webhooks = await Promise.all(runs.map(({ id }) => world.store.webhook(id)))
    return runs.length > 0 && webhooks.every(one => one?.takenAt !== undefined)
  }

  /** Told at least once, and what was told twice was the same both times: its end, by event and webhook, and each hard stop on the way there. */
  function expectTold(run: Run, hardStops: number): void {
    const details = world.aws.events.map(({ detail }) => detail)
    const ends = details.map(detail => RunEnded.safeParse(detail).data).filter(one => one?.run.id === run.id)
    expect(new Set(ends.map(end => JSON.stringify(end))).size).toBe(1)
    expect(ends[0]!.run).toMatchObject({ status: run.status, summary: run.summary, escalated })
    const bodies = receiver.received.map(({ body }) => WebhookBody.parse(JSON.parse(body)))
    const sent = bodies.filter(({ id }) => id === ends[0]!.id)
    expect(new Set(sent.map(body => JSON.stringify(body)))).toEqual(
      new Set([JSON.stringify(webhookBody(ends[0]!))]),
    )
    const hard = details.map(detail => ServersEscalated.safeParse(detail).data)
    const own = hard.filter(one => one?.run.id === run.id)
    expect(new Set(own.map(one => one!.id)).size).toBe(hardStops)
    for (const one of own) expect(one!.servers).toEqual([{ id: HANGS, name: SERVERS[1]!.name }])
  }

  return {
    world: {
      ...world,
      async close() {
        await world.close()
        await receiver.close()
      },
    },
    live,
    /** One run for the due time, every target where it was to be and proved so, none asked without need, every job looked at, its end told. */
    async expectRight({ runs, sent }: Awaited<ReturnType<typeof live>>): Promise<void> {
      expect(runs.map(run => run.status)).toEqual(['succeeded'])
      const run = runs[0]!
      const outcomes = await world.outcomes(run)
      expect(run.summary).toEqual(summary)
      expect([...outcomes.values()].filter(one => one.status !== 'skipped')).toHaveLength(4)
      expect(world.simulator.servers('ecs').map(({ status }) => status)).toEqual(Array(5).fill(after))
      expect(needless).toEqual([])
      expect(sent).toBeGreaterThanOrEqual(3)
      let hardStops = 0
      for await (const { chunk } of world.store.wholeChunks({ runId: run.id, planning: run.planning })) {
        hardStops += chunk.requests.filter(({ escalation }) => escalation).length
        const jobs = chunk.requests.flatMap(({ jobId }) => jobId ?? [])
        for (const job of jobs)
          expect(world.simulator.ledger.some(({ path }) => path.endsWith(`/jobs/${job}`))).toBe(true)
      }
      // One more where the first got lost on its way.
      expect(hardStops).toBeGreaterThanOrEqual(escalated)
      expect(hardStops).toBeLessThanOrEqual(2 * escalated)
      expectTold(run, hardStops)
    },
    /** An hour later the servers that were stopped are looked at once more: one that somebody has started by then is recorded, and no other. */
    async expectSeenAgain({ runs }: Awaited<ReturnType<typeof live>>): Promise<void> {
      if (action !== 'stop') return
      const run = runs[0]!
      world.simulator.change(STARTED, { status: 'ACTIVE' })
      vi.setSystemTime(Date.parse(firstLookAt(run)!))
      const isSeen = async () => (await world.store.run(run.id))!.recheckedAt !== undefined
      await world.until(isSeen, 60)
      const outcomes = [...(await world.outcomes(run)).values()]
      const up = outcomes.flatMap(({ serverId, restartedAt }) => (restartedAt ? [serverId] : []))
      expect(up).toEqual([STARTED])
      // Its later looks would come among those of the next nights.
      await world.store.letGo(run)
    },
  }
}
