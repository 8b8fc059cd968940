import { afterEach, expect, test } from 'vitest'
import type { Run } from '../../lib/core/model/run.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const [A, B, C, D] = fleet(4).map(({ id }) => id!) as [string, string, string, string]
const lists = () => world.simulator.ledger.filter(({ path }) => path.endsWith('/detail')).length

async function stopped(servers = fleet(4), switches = {}): Promise<Run> {
  world = await createWorld({ servers, switches })
  await world.connection()
  const policy = await world.policy({ nextDueAt: null })
  const [run] = await world.ended([await world.manualRun(policy)])
  return run!
}
const restarts = async (run: Run) =>
  [...(await world.outcomes(run)).values()].filter(one => one.restartedAt).map(one => one.serverId)

test('an hour after the end, then every four hours while any is off, those that came back are recorded', async () => {
  const run = await stopped()
  const endedAt = Date.parse(run.endedAt!)
  world.simulator.change(A, { status: 'ACTIVE' })
  await world.pass(58)
  expect(await restarts(run)).toEqual([])
  expect((await world.store.run(run.id))!.recheckedAt).toBeUndefined()
  await world.pass(4)
  const outcome = (await world.outcomes(run)).get(A)!
  expect(outcome).toMatchObject({ status: 'stopped', code: 'stopped' })
  expect(Date.parse(outcome.restartedAt!)).toBeGreaterThanOrEqual(endedAt + 3_600_000)
  expect(Date.parse(outcome.restartedAt!)).toBeLessThan(endedAt + 3_780_000)
  expect(await restarts(run)).toEqual([A])

  world.simulator.change(B, { status: 'ACTIVE' })
  const before = lists()
  await world.pass(4.5 * 60)
  expect(await restarts(run)).toEqual([A, B])
  expect(lists() - before).toBeLessThanOrEqual(2)

  for (const id of [C, D]) world.simulator.change(id, { status: 'ACTIVE' })
  await world.pass(4.5 * 60)
  const last = lists()
  await world.pass(5 * 60)
  expect(await restarts(run)).toEqual([A, B, C, D])
  expect(lists()).toBe(last)
  for await (const page of world.store.due('9999')) expect(page).toEqual([])
})

test('who is on the way down again, was left, or was off and stays so is not recorded', async () => {
  const run = await stopped(fleet(4, { 3: { locked: true } }))
  world.simulator.change(A, { status: 'ACTIVE', taskState: 'powering-off' })
  world.simulator.change(B, { status: 'REBOOT' })
  world.simulator.remove(C)
  await world.pass(62)
  expect((await world.outcomes(run)).get(D)).toMatchObject({ status: 'skipped', code: 'locked' })
  expect(await restarts(run)).toEqual([])
  expect((await world.store.run(run.id))!.recheckedAt).toBeDefined()
})

test('all runs whose look is due share one listing', async () => {
  world = await createWorld({ servers: fleet(3) })
  await world.connection()
  const runIds: string[] = []
  for (const { id } of fleet(3))
    runIds.push(await world.manualRun(await world.policy({ nextDueAt: null, id, selector: { ids: [id] } })))
  const runs = await world.ended(runIds)
  for (const { id } of fleet(3)) world.simulator.change(id!, { status: 'ACTIVE' })
  const before = lists()
  await world.pass(63)
  expect(lists() - before).toBe(1)
  expect((await Promise.all(runs.map(restarts))).flat().sort()).toEqual([A, B, C])
})

test('a listing that fails is tried again, and what came back meanwhile is recorded then', async () => {
  const run = await stopped()
  world.simulator.change(A, { status: 'ACTIVE' })
  world.simulator.switches.faults.push({ match: { route: 'list' }, times: 8, kind: 'throttle429' })
  await world.pass(62)
  expect(await restarts(run)).toEqual([])
  await world.pass(40)
  expect(await restarts(run)).toEqual([A])
})

test('a listing that never succeeds is given up a day after the end', async () => {
  const run = await stopped()
  world.simulator.keys.splice(0)
  await world.pass(62)
  const tried = lists()
  await world.pass(23.5 * 60)
  expect(lists()).toBeGreaterThan(tried)
  const last = lists()
  await world.pass(6 * 60)
  expect(lists()).toBe(last)
  const left = (await world.store.run(run.id))!
  expect(left.recheckedAt).toBeUndefined()
  for await (const page of world.store.due('9999')) expect(page).toEqual([])
})

test('of two looks at once the one that began later counts, and neither takes back what the other saw', async () => {
  const run = await stopped()
  world.simulator.change(A, { status: 'ACTIVE' })
  await world.pass(59)
  const [chunk] = await Array.fromAsync(world.store.stoppedServers(run))
  await world.pass(3)
  const first = (await world.outcomes(run)).get(A)!.restartedAt
  const early = { ...chunk!, isChanged: true, stillOff: 4, lookedAt: run.endedAt! }
  expect(await world.store.saveLook(run, chunk!, early)).toBe(false)
  expect((await world.outcomes(run)).get(A)!.restartedAt).toBe(first)
  expect(await restarts(run)).toEqual([A])
  await world.store.looked(run, { lookedAt: '2030-01-01T00:00:00.000Z', nextAt: null })
  expect((await world.store.run(run.id))!.looksEndedAt).toBeUndefined()
})
