import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SeedServer, Switches } from '../../infra/simulator/index.ts'
import type { Policy } from '../../lib/core/model/model.ts'
import { OUTCOME_CODES } from '../../lib/core/model/outcome.ts'
import { isEnded, type Run } from '../../lib/core/model/run.ts'
import { selectorTest } from '../../lib/core/plan/select.ts'
import { aPolicy, aServer, at, START } from '../makers.ts'
import { ids } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

const MINUTE = 60_000
const DUE = START + MINUTE
/** What is read may be a minute old, and a go two seconds. */
const FRESH_MS = 62_000

const someServer = fc.record({
  status: fc.constantFrom('ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'SHUTOFF', 'ERROR'),
  locked: fc.nat({ max: 9 }).map(one => one === 0),
  tags: fc.constantFrom<Record<string, string>>(
    ...[{ team: 'a' }, { team: 'a' }, { team: 'b' }, { team: 'b', 'curfew-no-force': '' }],
    ...[
      { team: 'a', 'curfew-protect': 'x' },
      { team: 'b', 'curfew-snooze-until': '2030-01-01' },
    ],
  ),
  behaviour: fc.constantFrom('fine', 'fine', 'fine', 'hangs', 'fails', 'busy'),
})
const someSelector = fc.oneof(
  fc.constant({ all: true }),
  fc.constantFrom({ tags: { team: ['a'] } }, { tags: { team: ['b'] } }),
  fc
    .uniqueArray(fc.nat({ max: 13 }), { minLength: 1, maxLength: 6 })
    .map(places => ({ ids: places.map(idOf) })),
)
const somePolicy = fc.record({
  selector: someSelector,
  exclude: fc.constantFrom({}, {}, { ids: [idOf(0), idOf(1)] }),
  mode: fc.constantFrom('soft', 'soft', 'hard'),
  escalates: fc.boolean(),
  limits: fc.constantFrom({}, {}, { maxServers: 4 }),
  haltShare: fc.constantFrom(null, 0.1),
})
const someSwitches = fc.record({
  badMember: fc.constantFrom('subJob', 'refuse'),
  refusalNamesId: fc.boolean(),
  hardDuringSoft: fc.constantFrom('taken', 'busy'),
  parentFailsOnPartial: fc.boolean(),
  jobsLost: fc.constantFrom(null, null, '404'),
  faults: fc.array(
    fc.record({
      match: fc.constantFrom(
        { route: 'stop' as const },
        { route: 'list' as const },
        { route: 'job' as const },
      ),
      times: fc.integer({ min: 1, max: 2 }),
      kind: fc.constantFrom('throttle429', 'resetBefore', 'resetAfter', 'flow202', 'html502'),
    }),
    { maxLength: 3 },
  ),
}) as fc.Arbitrary<Partial<Switches>>
const someHappenings = fc.array(
  fc.record({
    afterMinutes: fc.integer({ min: 1, max: 6 }),
    place: fc.nat({ max: 13 }),
    what: fc.constantFrom('protect', 'lock', 'off', 'remove', 'snooze'),
  }),
  { maxLength: 4 },
)
const someNight = fc.record({
  servers: fc.array(someServer, { minLength: 3, maxLength: 14 }),
  policies: fc.array(somePolicy, { minLength: 1, maxLength: 3 }),
  switches: someSwitches,
  happenings: someHappenings,
  perMinute: fc.constantFrom(null, 3, 5),
})
type Night = typeof someNight extends fc.Arbitrary<infer T> ? T : never

function idOf(place: number): string {
  return ids(place + 1)[place]!
}

function seeds({ servers }: Night): SeedServer[] {
  const special = servers.map(({ status, locked, tags }) => ({ status, locked, tags }))
  return fleet(servers.length, { ...special })
}
function switchesOf({ servers, switches }: Night): Partial<Switches> {
  const which = (behaviour: string) =>
    ids(servers.length).filter((_, place) => servers[place]!.behaviour === behaviour)
  const code = (all: string[], one: string) => Object.fromEntries(all.map(id => [id, one]))
  return {
    ...structuredClone(switches),
    softHangs: which('hangs'),
    partialFail: { ...code(which('fails'), 'Ecs.1002'), ...code(which('busy'), 'Ecs.0603') },
  }
}

type Happening = Night['happenings'][number]
function happen({ simulator }: World, { place, what }: Happening): void {
  const id = idOf(place)
  const server = simulator.server(id)
  if (!server) return
  if (what === 'remove') simulator.remove(id)
  else if (what === 'lock') simulator.change(id, { locked: true })
  else if (what === 'off') simulator.change(id, { status: 'SHUTOFF' })
  else {
    const tag: Record<string, string> =
      what === 'protect' ? { 'curfew-protect': '' } : { 'curfew-snooze-until': '2030-01-01' }
    simulator.change(id, { tags: { ...server.tags, ...tag } })
  }
}

/** A night lived through: its runs, planned together, with the policies as they were. */
async function live(
  world: World,
  { policies, happenings, perMinute }: Night,
): Promise<{ run: Run; policy: Policy }[]> {
  await world.connection({ maxServersPerMinute: { ecs: perMinute, bms: null } })
  const schedule = { cron: '1 12 * * *', timeZone: 'UTC' }
  const made: Policy[] = []
  for (const [number, { escalates, mode, ...policy }] of policies.entries()) {
    const escalateAfterMinutes = escalates && mode === 'soft' ? 3 : null
    const own = { id: `p${number}`, schedule, nextDueAt: at(DUE), mode, escalateAfterMinutes }
    made.push(await world.policy({ ...own, ...policy }))
  }
  for (let minute = 0; minute < 8; minute++) {
    for (const one of happenings) if (one.afterMinutes === minute) happen(world, one)
    await world.pass(1)
  }
  const { items } = await world.store.runs({ most: 10 })
  await world.ended(
    items.map(({ id }) => id),
    120,
  )
  const ended = await Promise.all(items.map(({ id }) => world.store.run(id)))
  return ended.map(run => ({ run: run!, policy: made.find(({ id }) => id === run!.policyId)! }))
}

/** By run: the servers that it selected, and those that it sent a request for. */
async function work(world: World, run: Run): Promise<{ selected: string[]; asked: Set<string> }> {
  const selected: string[] = []
  const asked = new Set<string>()
  for await (const { chunk, servers } of world.store.wholeChunks({ runId: run.id, planning: run.planning })) {
    selected.push(...servers.map(({ id }) => id))
    for (const { members } of chunk.requests) for (const member of members) asked.add(servers[member]!.id)
  }
  return { selected, asked }
}

async function check(world: World, night: Night): Promise<void> {
  const runs = await live(world, night)
  expect(runs).toHaveLength(night.policies.length)
  const stops = world.simulator.stops()
  const everSelected: string[] = []
  const everAsked = new Set<string>()
  const removed = new Set(
    night.happenings.flatMap(({ what, place }) => (what === 'remove' ? idOf(place) : [])),
  )
  for (const { run, policy } of runs) {
    expect(isEnded(run)).toBe(true)
    const { selected, asked } = await work(world, run)
    // What a blocked run would have stopped is left to the others.
    if (run.status !== 'blocked') everSelected.push(...selected)
    else expect(asked.size).toBe(0)
    for (const id of asked) everAsked.add(id)
    const outcomes = await world.outcomes(run)
    const matched = matchedBy(policy, night)
    expect(matched.filter(id => !outcomes.has(id) && !removed.has(id))).toEqual([])
    expect([...outcomes.keys()].filter(id => !matched.includes(id))).toEqual([])
    expect(selected.filter(id => !matched.includes(id))).toEqual([])
    expect([...asked].filter(id => !selected.includes(id))).toEqual([])
    for (const { serverId, status, code } of outcomes.values()) {
      expect(OUTCOME_CODES[code]).toContain(status)
      if (status === 'stopped') expect(asked.has(serverId)).toBe(true)
      if (status === 'stopped') expect(world.simulator.server(serverId)?.status ?? 'SHUTOFF').toBe('SHUTOFF')
    }
    expect(run.summary.matched).toBe(outcomes.size)
  }
  expect(new Set(everSelected).size).toBe(everSelected.length)
  expect(new Set(stops.flatMap(({ stop }) => stop.ids))).toEqual(
    new Set([...everAsked, ...refusedAlone(world)]),
  )
  checkLedger(world, night)
}

/** Ids that only ever stood in requests that were refused: those are taken back. */
const refusedAlone = ({ simulator }: World): Set<string> =>
  new Set(
    simulator
      .stops()
      .flatMap(({ stop, status, code }) => (status >= 400 || code !== undefined ? stop.ids : [])),
  )

function matchedBy({ selector }: Policy, { servers }: Night): string[] {
  const matches = selectorTest(selector)
  const all = ids(servers.length).filter((id, place) => matches(aServer({ id, tags: servers[place]!.tags })))
  const nobodys = (selector.ids ?? []).filter(id => !ids(servers.length).includes(id))
  return [...all, ...nobodys].sort()
}

function checkLedger({ simulator }: World, { servers, happenings }: Night): void {
  const until = new Map<string, number>()
  servers.forEach(({ tags, locked, status }, place) => {
    if ('curfew-protect' in tags || 'curfew-snooze-until' in tags || locked || status !== 'ACTIVE')
      until.set(idOf(place), 0)
  })
  for (const { place, afterMinutes } of happenings) {
    const last = START + afterMinutes * MINUTE + FRESH_MS
    until.set(idOf(place), Math.min(last, until.get(idOf(place)) ?? last))
  }
  for (const { at: sentAt, stop } of simulator.stops())
    for (const id of stop.ids) {
      expect(sentAt).toBeLessThanOrEqual(until.get(id) ?? Number.POSITIVE_INFINITY)
      const { tags } = servers[ids(servers.length).indexOf(id)]!
      const isForced = stop.type === 'HARD' && 'curfew-no-force' in tags
      if (isForced)
        expect(simulator.stops().some(one => one.stop.type === 'SOFT' && one.stop.ids.includes(id))).toBe(
          false,
        )
    }
}

test('whatever the fleet, the policies and the faults: only what was selected is asked, and everything matched has its one outcome', async () => {
  const property = fc.asyncProperty(someNight, async night => {
    const world = await createWorld({
      servers: seeds(night),
      switches: switchesOf(night),
      environment: { RUN_DEADLINE_MINUTES: '8', CLOUD_TIMEOUT_MS: '1000' },
    })
    try {
      await check(world, night)
    } finally {
      await world.close()
    }
  })
  await fc.assert(property, {
    seed: Number(process.env.SEED ?? 4),
    numRuns: Number(process.env.NIGHTS ?? 10),
    endOnFailure: true,
  })
}, 600_000)

test('the policies of such nights are whole', () => {
  fc.assert(fc.property(somePolicy, ({ escalates, ...policy }) => aPolicy(policy).limits !== undefined))
})
