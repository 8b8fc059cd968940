/** One policy's night, lived through again and again while a process dies, or does a thing twice, at each of its effects. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { isEnded, type Run } from '../../lib/core/work.ts'
import { at } from '../makers.ts'
import { createDeaths, type Fate } from './deaths.ts'
import { createWorld, fleet, type World } from './world.ts'

const HOUR_MS = 3_600_000
const SERVERS = fleet(5, { 0: { status: 'SHUTOFF' } })
const HANGS = SERVERS[1]!.id!

let world: World
/** Requests that asked a server that was off or on its way there: a hard one after a soft one may. */
let needless: string[]

beforeAll(async () => {
  world = await createWorld({
    servers: SERVERS,
    switches: { softHangs: [HANGS], hardDuringSoft: 'taken' },
    deaths: createDeaths,
    rig: services => ({
      ...services,
      async cloud(connection) {
        const cloud = await services.cloud(connection)
        const stop: typeof cloud.stop = (kind, mode, ids) => {
          for (const id of ids) {
            const { status, taskState } = world.simulator.server(id)!
            if (status !== 'ACTIVE' || (taskState !== null && mode === 'soft'))
              needless.push(`${mode} ${id}: ${status} ${taskState}`)
          }
          return cloud.stop(kind, mode, ids)
        }
        return { ...cloud, stop }
      },
    }),
  })
  await world.connection({ maxServersPerMinute: { ecs: 3, bms: null } })
})
afterAll(() => world.close())

/** One policy's night: due once, two chunks, one server that needs a hard stop. Gives what happened. */
async function night(number: number): Promise<{ runs: Run[]; stops: number }> {
  needless = []
  for (const { id } of SERVERS.slice(1)) world.simulator.change(id!, { status: 'ACTIVE', taskState: null })
  const before = world.simulator.stops().length
  const dueAt = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS
  const cron = `0 ${new Date(dueAt).getUTCHours()} ${new Date(dueAt).getUTCDate()} * *`
  const id = `night-${number}`
  await world.policy({
    id,
    schedule: { cron, timeZone: 'UTC' },
    escalateAfterMinutes: 5,
    nextDueAt: at(dueAt),
  })
  vi.setSystemTime(dueAt - 1000)
  for (let minute = 0; minute < 60; minute++) {
    await world.pass(1)
    const { items } = await world.store.runs({ policyId: id, most: 10 })
    if (items.length > 0 && items.every(isEnded)) break
  }
  const { items } = await world.store.runs({ policyId: id, most: 10 })
  const policy = (await world.store.policy(id))!
  await world.store.removePolicy(id, policy.version)
  return { runs: items, stops: world.simulator.stops().length - before }
}

async function expectRight({ runs, stops }: Awaited<ReturnType<typeof night>>): Promise<void> {
  expect(runs.map(run => run.status)).toEqual(['succeeded'])
  const run = runs[0]!
  const outcomes = await world.outcomes(run)
  expect(run.summary).toEqual({ matched: 5, targets: 4, skipped: 1, stopped: 4, failed: 0, unconfirmed: 0 })
  expect([...outcomes.values()].filter(one => one.status === 'stopped')).toHaveLength(4)
  expect(world.simulator.servers('ecs').map(({ status }) => status)).toEqual(Array(5).fill('SHUTOFF'))
  expect(needless).toEqual([])
  expect(stops).toBeGreaterThanOrEqual(3)
  for await (const { chunk } of world.store.wholeChunks({ runId: run.id, planning: run.planning })) {
    const jobs = chunk.requests.flatMap(({ jobId }) => jobId ?? [])
    for (const job of jobs)
      expect(world.simulator.ledger.some(({ path }) => path.endsWith(`/jobs/${job}`))).toBe(true)
  }
}

/** A test for each fate: `point` counts every write to the table, every message and every stop request of a night. */
export function livesThrough(fate: Fate, requirement: string): void {
  test(requirement, async () => {
    world.mortality!.arm(-1, fate)
    await expectRight(await night(0))
    const points = world.mortality!.effects.length
    expect(points).toBeGreaterThan(60)
    for (let point = 0; point < points; point++) {
      world.mortality!.arm(point, fate)
      const happened = await night(point + 1)
      await expectRight(happened).catch(error => {
        const effect = world.mortality!.effects[point]
        throw new Error(`${fate} effect ${point} of ${points}, ${effect}: ${error.message}`, { cause: error })
      })
    }
    console.log(`${fate}: ${points} points`)
  }, 600_000)
}
