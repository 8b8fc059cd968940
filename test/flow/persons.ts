/** Runs and persons who stop and start the same servers by turns: what must be up after each of them, by a model that reads no ledger. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { StoredPolicy } from '../../lib/core/model/model.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { at } from '../makers.ts'
import { ids } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

const MINUTE_MS = 60_000
const SERVERS = ids(5)
const server = fc.constantFrom(...SERVERS)

const ACTS = ['stop', 'start', 'undo'] as const
const DISTURBANCES = ['undo at once', 'cancel', 'hours', 'switched off'] as const
const ABOUT_ONE = ['person stops', 'person starts', 'sold out'] as const
type Event =
  | { kind: (typeof ACTS | typeof DISTURBANCES)[number] }
  | { kind: (typeof ABOUT_ONE)[number]; id: string }

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom(...ACTS) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom(...DISTURBANCES) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom(...ABOUT_ONE), id: server }) },
)

/** What ought to be true of a server. `stoppedBy`: the run that stopped it, where none of ours has seen it up since. */
interface Expected {
  isUp: boolean
  stoppedBy: string | null
}

export interface Persons {
  sequences: number
  seed: number
  /** Events of a sequence. */
  most: number
}

/** Lives through sequences of events, each in a world of its own; the first that goes wrong is narrowed down. */
export async function livePersons({ sequences: numRuns, seed, most }: Persons): Promise<void> {
  const events = fc.array(event, { minLength: most, maxLength: most })
  await fc.assert(fc.asyncProperty(events, liveSequence), { numRuns, seed, endOnFailure: true })
}

async function liveSequence(events: Event[]): Promise<void> {
  const world = await createWorld({ servers: fleet(SERVERS.length) })
  try {
    await world.connection({ maxServersPerMinute: { ecs: 3, bms: null } })
    const play = createPlay(world, await world.policy({ nextDueAt: null }))
    for (const one of events) {
      await play.live(one)
      await play.check(one)
    }
    expect(world.troubles).toEqual([])
  } finally {
    await world.close()
  }
}

function createPlay(world: World, policy: StoredPolicy) {
  const expected = new Map(SERVERS.map((id): [string, Expected] => [id, { isUp: true, stoppedBy: null }]))
  /** Stop runs, the latest last. */
  const stops: string[] = []
  let run: Run | null = null
  /** What the latest run was to ask for. */
  let wanted: string[] = []
  let soldOut = { id: '', untilMs: 0 }

  async function begin(overrides: Partial<Run> = {}): Promise<string> {
    return world.manualRun(policy, overrides)
  }
  const end = async (id: string): Promise<Run> => (await world.ended([id]))[0]!

  async function stop(): Promise<void> {
    const id = await begin()
    stops.push(id)
    run = await end(id)
    for (const one of expected.values()) if (one.isUp) Object.assign(one, { isUp: false, stoppedBy: id })
  }

  /** What of the open servers is off comes up; what is up is seen so. */
  async function start(undoes?: string): Promise<void> {
    const open = [...expected].filter(
      ([, { stoppedBy }]) => stoppedBy !== null && (undoes === undefined || stoppedBy === undoes),
    )
    wanted = open.filter(([, { isUp }]) => !isUp).map(([id]) => id)
    run = await end(await begin({ action: 'start', ...(undoes === undefined ? {} : { undoes }) }))
    expect(run.summary).toMatchObject({ matched: open.length, started: wanted.length, failed: 0 })
    for (const [, one] of open) Object.assign(one, { isUp: true, stoppedBy: null })
  }

  /** A stop that is taken back while it goes on leaves everything as it was. */
  async function undoAtOnce(): Promise<void> {
    const id = await begin()
    stops.push(id)
    await world.runner.drain()
    await cancel(id)
    const undo = await begin({ action: 'start', undoes: id })
    const ended = await world.ended([id, undo])
    run = ended[1]!
    wanted = SERVERS.filter(one => expected.get(one)!.isUp)
    for (const one of expected.values()) if (one.isUp) one.stoppedBy = null
  }

  async function cancel(id: string): Promise<void> {
    const seen = (await world.store.run(id))!
    await world.store.cancelRun(seen, { at: at(Date.now()), actor: 'ann', reason: 'wrong' })
  }

  /** A start that is cancelled before it is planned, or while all starts are switched off, leaves everything open. */
  async function startNothing(hinder: (id: string) => Promise<unknown>): Promise<void> {
    const id = await begin({ action: 'start' })
    await hinder(id)
    run = await end(id)
    expect(run.summary.started).toBe(0)
    await world.store.saveSettings({ stopsEnabled: true, startsEnabled: true })
  }

  async function byHand(action: 'stop' | 'start', id: string): Promise<void> {
    const one = expected.get(id)!
    expect(world.simulator.byHand(action, id)).toBe(one.isUp === (action === 'stop'))
    // The cloud has no room for a person either.
    const hasRoom = id !== soldOut.id || Date.now() >= soldOut.untilMs
    one.isUp = action === 'start' && (one.isUp || hasRoom)
    await world.pass(2)
  }

  return {
    async live(one: Event): Promise<void> {
      run = null
      wanted = []
      world.simulator.ledger.length = 0
      const latest = stops.at(-1)
      switch (one.kind) {
        case 'stop':
          return stop()
        case 'start':
          return start()
        case 'undo':
          return latest === undefined ? undefined : start(latest)
        case 'undo at once':
          return undoAtOnce()
        case 'cancel':
          return startNothing(cancel)
        case 'switched off':
          return startNothing(() => world.store.saveSettings({ stopsEnabled: true, startsEnabled: false }))
        case 'hours':
          return world.pass(3 * 60)
        case 'sold out': {
          const untilMs = Date.now() + 12 * MINUTE_MS
          soldOut = { id: one.id, untilMs }
          world.simulator.switches.capacity = { refuses: [one.id], untilMs, as: 'sub-job-0226' }
          return
        }
        case 'person stops':
        case 'person starts':
          return byHand(one.kind === 'person stops' ? 'stop' : 'start', one.id)
      }
    },

    /** Each server is as it ought to be, none was started that was not to be, and every outcome is true. */
    async check({ kind }: Event): Promise<void> {
      const states = world.simulator.servers().map(({ id, status }) => `${id} ${status}`)
      const wantedStates = [...expected].map(([id, { isUp }]) => `${id} ${isUp ? 'ACTIVE' : 'SHUTOFF'}`)
      expect([kind, ...states]).toEqual([kind, ...wantedStates])
      const started = new Set(world.simulator.starts().flatMap(({ start }) => start.ids))
      expect([...started].filter(id => !wanted.includes(id))).toEqual([])
      if (run !== null) await checkOutcomes(run)
      await hearLooks()
    },
  }

  async function checkOutcomes(ended: Run): Promise<void> {
    if (ended.chunks === undefined) return
    const outcomes = [...(await world.outcomes(ended)).values()]
    const { matched, targets, stopped, started, skipped, failed, unconfirmed } = ended.summary
    expect(outcomes).toHaveLength(matched)
    expect(targets).toBe(stopped + started + failed + unconfirmed)
    expect(matched).toBe(targets + skipped)
    for (const { serverId, status } of outcomes)
      if (status === 'started' || status === 'stopped')
        expect([serverId, world.simulator.server(serverId)!.status]).toEqual([
          serverId,
          status === 'started' ? 'ACTIVE' : 'SHUTOFF',
        ])
  }

  /** Servers that were looked at again some time after their stop, and were up. */
  async function hearLooks(): Promise<void> {
    for (const id of stops)
      for (const { serverId, restartedAt } of (await world.outcomes((await world.store.run(id))!)).values()) {
        const one = expected.get(serverId)!
        if (restartedAt !== undefined && stops.lastIndexOf(one.stoppedBy ?? '') <= stops.indexOf(id))
          one.stoppedBy = null
      }
  }
}
