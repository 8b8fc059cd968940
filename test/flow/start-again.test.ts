import { afterEach, describe, expect, test } from 'vitest'
import { editedPolicy } from '../../lib/core/documents/documents.ts'
import type { StoredPolicy } from '../../lib/core/model/model.ts'
import { undoId } from '../../lib/core/model/run.ts'
import { rulesOf } from '../../lib/core/plan/rules.ts'
import { heedOffWindows } from '../../lib/steps/held-off.ts'
import { aRun, aServer, at, START } from '../makers.ts'
import { createWorld, fleet, rigStore, type World } from './world.ts'

let world: World
afterEach(() => world.close())

/** A fleet that a run has stopped, of which one server was off before. */
async function stopped(options: Parameters<typeof createWorld>[0] = {}) {
  world = await createWorld({ servers: fleet(6), ...options })
  await world.connection()
  world.simulator.byHand('stop', world.simulator.servers()[0]!.id)
  const policy = await world.policy({ nextDueAt: null })
  const [run] = await world.ended([await world.manualRun(policy)])
  return { policy, run: run! }
}
const states = () => world.simulator.servers().map(({ status }) => status)
const UP = ['SHUTOFF', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE']

describe('a start of a policy', () => {
  test('starts what its runs stopped, and leaves off what a person had stopped', async () => {
    const { policy, run } = await stopped()
    expect(run.summary).toMatchObject({ targets: 5, skipped: 1, stopped: 5 })
    const [start] = await world.ended([await world.manualRun(policy, { action: 'start' })])
    expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 5, targets: 5, started: 5 } })
    expect(states()).toEqual(UP)
    for (const outcome of (await world.outcomes(start!)).values())
      expect(outcome).toMatchObject({ status: 'started', code: 'started', mode: null })
  })

  test('starts nothing a second time', async () => {
    const { policy } = await stopped()
    await world.ended([await world.manualRun(policy, { action: 'start' })])
    const [again] = await world.ended([await world.manualRun(policy, { action: 'start' })])
    expect(again).toMatchObject({ status: 'succeeded', summary: { matched: 0, targets: 0 } })
    expect(world.simulator.starts()).toHaveLength(1)
  })
})

describe('off wins', () => {
  interface Times {
    nightStops?: number
    nightStarts?: number
    perMinute?: number | null
    servers?: 'selected' | 'stopped'
  }

  /** Two policies over all servers: one stops at 12:01 and starts at 12:04, the other stops at 12:02 and starts at 12:06, or as is said. */
  async function twoPolicies(options: Times = {}) {
    const { nightStops = 2, nightStarts = 6, perMinute = null, servers = 'selected' } = options
    world = await createWorld({ servers: fleet(3) })
    await world.connection({ maxServersPerMinute: { ecs: perMinute, bms: null } })
    const policy = (id: string, stopMinute: number, startMinute: number) =>
      world.policy({
        id,
        schedule: { cron: `${stopMinute} 12 * * *`, timeZone: 'UTC' },
        start: { cron: `${startMinute} 12 * * *`, servers },
        nextDueAt: at(START + stopMinute * 60_000),
        nextStartDueAt: at(START + startMinute * 60_000),
      })
    await policy('evening', 1, 4)
    await policy('night', nightStops, nightStarts)
  }
  const startsOf = async (policyId: string) =>
    (await world.store.runs({ policyId, most: 10 })).items.filter(({ action }) => action === 'start')

  test('a scheduled start leaves to another policy what that one keeps off, and names it', async () => {
    await twoPolicies()
    await world.pass(10)
    const [early] = await startsOf('evening')
    expect(early).toMatchObject({ status: 'succeeded', summary: { matched: 3, targets: 0 } })
    for (const outcome of (await world.outcomes(early!)).values())
      expect(outcome).toMatchObject({ code: 'held-off', reason: 'policy night keeps it off now' })
    const [late] = await startsOf('night')
    expect(late).toMatchObject({ status: 'succeeded', summary: { targets: 3, started: 3 } })
  })
  test('a server that waits for room is not started once another policy keeps it off', async () => {
    await twoPolicies({ nightStops: 8, nightStarts: 50, servers: 'stopped' })
    const [waiting] = world.simulator.servers()
    const untilMs = START + 12 * 60_000
    world.simulator.switches.capacity = { refuses: [waiting!.id], as: 'request-0319', untilMs }
    await world.pass(40)
    const [early] = await startsOf('evening')
    const outcome = (await world.outcomes(early!)).get(waiting!.id)
    expect(outcome).toMatchObject({ status: 'failed', code: 'no-capacity' })
    expect(outcome!.reason).toContain('and no more: policy night keeps it off now')
    expect(states()[0]).toBe('SHUTOFF')
    world.simulator.switches.capacity = null
    await world.pass(20)
    expect(states()[0]).toBe('ACTIVE')
  })
  test('a server that waits for room is not started once a person stops it by hand, until the next start', async () => {
    await twoPolicies({ nightStops: 50, nightStarts: 55, servers: 'stopped' })
    const [waiting] = world.simulator.servers()
    const untilMs = START + 12 * 60_000
    world.simulator.switches.capacity = { refuses: [waiting!.id], as: 'request-0319', untilMs }
    await world.pass(6)
    const evening = (await world.store.policy('evening'))!
    const person = await world.policy({ id: 'person', nextDueAt: null, selector: { ids: [waiting!.id] } })
    const stop = await world.manualRun(person)
    await world.pass(30)
    expect((await world.store.run(stop))!.codes).toEqual({ 'skipped/already-stopped': 1 })
    const [early] = await startsOf('evening')
    const outcome = (await world.outcomes(early!)).get(waiting!.id)
    expect(outcome).toMatchObject({ status: 'failed', code: 'no-capacity' })
    expect(outcome!.reason).toContain(`and no more: run ${stop}, made by hand since, wants it off`)
    expect(states()).toEqual(['SHUTOFF', 'ACTIVE', 'ACTIVE'])
    await world.ended([await world.manualRun(evening, { action: 'start' })])
    expect(states()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE'])
  })
  test.each(['dry', 'cancelled'])('a %s run by hand holds off no server that waits for room', async how => {
    await twoPolicies({ nightStops: 50, nightStarts: 55, servers: 'stopped' })
    const [waiting] = world.simulator.servers()
    const untilMs = START + 12 * 60_000
    world.simulator.switches.capacity = { refuses: [waiting!.id], as: 'request-0319', untilMs }
    await world.pass(6)
    const person = await world.policy({ id: 'person', nextDueAt: null })
    const id = await world.manualRun(person, { dryRun: how === 'dry' })
    await world.pass(0)
    const cancel = { at: at(Date.now()), actor: 'ann', reason: 'no need' }
    if (how === 'cancelled') await world.store.cancelRun((await world.store.run(id))!, cancel)
    await world.pass(30)
    const stop = (await world.store.run(id))!
    expect(stop).toMatchObject({ codes: { 'skipped/already-stopped': 1 } })
    expect([stop.dryRun, stop.cancel !== undefined]).toEqual([how === 'dry', how === 'cancelled'])
    expect(states()[0]).toBe('ACTIVE')
  })
  test('a run by hand that was undone holds off no server that waits for room', async () => {
    await twoPolicies({ nightStops: 50, nightStarts: 55, servers: 'stopped' })
    const [waiting] = world.simulator.servers()
    const untilMs = START + 12 * 60_000
    world.simulator.switches.capacity = { refuses: [waiting!.id], as: 'request-0319', untilMs }
    await world.pass(6)
    const person = await world.policy({ id: 'person', nextDueAt: null })
    const id = await world.manualRun(person)
    const [stop] = await world.ended([id])
    expect(stop!.codes).toEqual({ 'skipped/already-stopped': 1, 'stopped/stopped': 2 })
    await world.manualRun(person, { id: undoId(id, 1), action: 'start', undoes: id })
    await world.pass(30)
    expect(states()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE'])
  })
  test('a server that waits for its turn is not started once another policy keeps it off', async () => {
    await twoPolicies({ nightStops: 5, nightStarts: 50, perMinute: 1, servers: 'stopped' })
    await world.pass(10)
    const [early] = await startsOf('evening')
    expect(early!.summary).toMatchObject({ matched: 3, targets: 1, started: 1 })
    expect(early!.codes['skipped/held-off']).toBe(2)
    expect(states()).toEqual(['SHUTOFF', 'SHUTOFF', 'SHUTOFF'])
    await world.pass(50)
    expect(states()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE'])
  })
  test('the start of the policy that keeps servers off brings up what another one stopped and left to it', async () => {
    await twoPolicies({ servers: 'stopped' })
    await world.pass(5)
    const [early] = await startsOf('evening')
    expect(early!.codes).toEqual({ 'skipped/held-off': 3 })
    await world.pass(5)
    const [late] = await startsOf('night')
    expect(late).toMatchObject({ status: 'succeeded', summary: { targets: 3, started: 3 } })
    expect(states()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE'])
  })
  test('a start is not left to a policy that starts at the same minute, though a clock be late', async () => {
    await twoPolicies({ nightStarts: 4 })
    await world.pass(3)
    const policy = (await world.store.policy('evening'))!
    const dueMs = START + 4 * 60_000
    const run = aRun({ action: 'start', policyId: policy.id, dueAt: at(dueMs) })
    const heldBy = async (ms: number) => {
      const late = { ...world.services, now: () => ms }
      const [one] = await heedOffWindows([{ run, rules: rulesOf(run, policy) }], late)
      return one!.rules.holdsOff!(aServer({ id: fleet(1)[0]!.id }))
    }
    expect(await heldBy(dueMs - 500)).toBeNull()
    expect(await heldBy(dueMs + 24 * 3_600_000 - 60_000)).toBe('night')
  })
  test('policies, and their earlier starts, are read once for all starts that are planned together', async () => {
    let reads = 0
    const lists: string[] = []
    const rig = rigStore(services => ({
      policyIdsOf(connections) {
        reads += 1
        return services.store.policyIdsOf(connections)
      },
      runPages(filter) {
        lists.push(filter.policyId ?? 'ad hoc')
        return services.store.runPages(filter)
      },
    }))
    world = await createWorld({ servers: fleet(3), rig })
    await world.connection()
    const policy = await world.policy({ nextDueAt: null })
    for (let number = 0; number < 5; number++)
      await world.policy({
        id: `night-${number}`,
        schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
        start: { cron: '1 12 * * *' },
        nextDueAt: null,
        nextStartDueAt: at(START + 60_000),
      })
    await world.ended([await world.manualRun(policy)])
    reads = 0
    lists.length = 0
    await world.pass(2)
    const { items } = await world.store.runs({ most: 10 })
    expect(items.filter(({ action }) => action === 'start')).toHaveLength(5)
    expect(reads).toBe(1)
    // Once for its own ledger, once for what it left to the others.
    expect(lists.filter(id => id === 'night-0')).toHaveLength(2)
    expect(lists.filter(id => id === policy.id)).toHaveLength(1)
  })
  test.each<[string, (evening: StoredPolicy) => Promise<unknown>]>([
    [
      'dry runs of the other one',
      async evening => {
        for (let number = 0; number < 5; number++) await world.manualRun(evening, { dryRun: true })
      },
    ],
    [
      'the other one is disabled',
      evening => world.store.savePolicy({ ...evening, enabled: false, version: 2 }, evening),
    ],
  ])('that start brings them up after %s, too', async (_, happens) => {
    await twoPolicies({ servers: 'stopped' })
    await world.pass(5)
    await happens((await world.store.policy('evening'))!)
    await world.pass(5)
    expect((await startsOf('night'))[0]!.summary).toMatchObject({ targets: 3, started: 3 })
  })

  const edit = async (id: string, change: Partial<StoredPolicy>) => {
    const policy = (await world.store.policy(id))!
    const edited = editedPolicy({ ...policy, ...change }, policy, { actor: 'ann', now: Date.now() })
    expect(await world.store.savePolicy(edited, policy)).toBe(true)
  }
  test('that start brings them up though the other one is made to start nothing by then', async () => {
    await twoPolicies({ servers: 'stopped' })
    await world.pass(5)
    await edit('evening', { start: null })
    await world.pass(5)
    expect((await startsOf('night'))[0]!.summary).toMatchObject({ targets: 3, started: 3 })
  })
  test('what was left to a policy and has no room is asked for again by each of its next starts', async () => {
    await twoPolicies({ servers: 'stopped' })
    const [waiting] = world.simulator.servers()
    const untilMs = START + 40 * 3_600_000
    world.simulator.switches.capacity = { refuses: [waiting!.id], as: 'request-0319', untilMs }
    await world.pass(10)
    await edit('evening', { start: null })
    await world.pass(48 * 60)
    const starts = await startsOf('night')
    expect(starts.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'partial'])
    // What the other one stops since, which starts nothing any more, stays off.
    expect(states()).toEqual(['ACTIVE', 'SHUTOFF', 'SHUTOFF'])
  })
  test('what was left to a policy is started while the start that left it waits for room for others', async () => {
    await twoPolicies({ nightStops: 6, nightStarts: 40, servers: 'stopped' })
    const [left, waiting] = world.simulator.servers()
    await edit('night', { selector: { ids: [left!.id] } })
    const ROOM_MS = START + 3 * 3_600_000
    const noRoom = (refuses: string[]) => ({ refuses, as: 'request-0319' as const, untilMs: ROOM_MS })
    world.simulator.switches.capacity = noRoom([left!.id, waiting!.id])
    await world.pass(38)
    world.simulator.switches.capacity = noRoom([waiting!.id])
    await world.pass(12)
    expect((await startsOf('evening'))[0]!.status).toBe('running')
    expect((await startsOf('night'))[0]).toMatchObject({ status: 'succeeded', summary: { started: 1 } })
    expect(states()).toEqual(['ACTIVE', 'SHUTOFF', 'ACTIVE'])
  })
  test('what was left to a policy, and the one that left it started since, is not started where a person stopped it', async () => {
    await twoPolicies({ nightStarts: 50, servers: 'stopped' })
    await world.pass(5)
    const evening = (await world.store.policy('evening'))!
    await world.ended([await world.manualRun(evening, { action: 'start' })])
    const [taken] = world.simulator.servers()
    expect(world.simulator.byHand('stop', taken!.id)).toBe(true)
    await world.pass(50)
    expect((await startsOf('night'))[0]!.summary.started).toBe(0)
    expect(states()).toEqual(['SHUTOFF', 'ACTIVE', 'ACTIVE'])
  })
})
