import { afterEach, expect, test, vi } from 'vitest'
import { plan } from '../../functions/plan.ts'
import { tick } from '../../functions/tick.ts'
import { at, START } from '../makers.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

/** An invocation whose time is nearly over after it was asked so often how much is left. */
const shortAfter = (asked: number) => {
  let left = asked
  return { timeLeftMs: () => (left-- > 0 ? 900_000 : 5_000) }
}

test('a planning whose function runs out of time goes on in another, over the same listing', async () => {
  const gone = 'ffffffff-0000-4000-8000-000000000000'
  const servers = fleet(4500, { 7: { locked: true }, 4444: { locked: true } })
  world = await createWorld({ servers })
  await world.connection()
  const all = await world.policy({ id: 'all', nextDueAt: at(START) })
  const some = await world.policy({
    id: 'some',
    nextDueAt: at(START),
    selector: { ids: [servers[4400]!.id!, gone] },
  })
  const { services, store, simulator } = world
  await tick(services, shortAfter(1000))
  const [first] = world.queues.inspect('plan').visible.map(body => JSON.parse(body))
  expect(first.runIds).toHaveLength(2)

  for (let part = 0; part < 5; part++) await plan(first, services, shortAfter(0))
  const pages = simulator.ledger.filter(({ path }) => path.endsWith('/cloudservers/detail'))
  // A listing that was resumed cannot count what came before: an empty page ends it.
  expect(new Set(pages.map(({ query }) => query.marker)).size).toBe(6)

  vi.setSystemTime(START + 1000)
  const ids = [all, some].map(({ id }) => `${id}.20261121T120000Z`)
  const runs = await world.ended(ids)
  expect(runs.map(({ planning, fleet }) => [planning, fleet])).toEqual([
    [1, 4500],
    [1, 4500],
  ])
  expect(runs[0]!.summary).toMatchObject({ matched: 4500, targets: 4498, stopped: 4498, skipped: 2 })
  expect(runs[1]!.summary).toMatchObject({ matched: 2, targets: 0, skipped: 2 })
  expect((await world.outcomes(runs[1]!)).get(gone)?.code).toBe('not-found')
  expect((await world.outcomes(runs[0]!)).size).toBe(4500)
  expect(await store.chunkHeads({ runId: ids[0]!, planning: 1 })).toHaveLength(5)
})

test('a paused planning whose message is lost is gone on with by the tick', async () => {
  world = await createWorld({ servers: fleet(2500) })
  await world.connection()
  await world.policy({ nextDueAt: at(START) })
  await tick(world.services, shortAfter(1000))
  const runId = 'nightly-dev.20261121T120000Z'
  await plan({ runIds: [runId] }, world.services, shortAfter(0))
  expect((await world.store.run(runId))!.paused).toBe(true)
  const [run] = await world.ended([runId])
  expect(run!.summary.stopped).toBe(2500)
})

test('hundreds of policies due in the same minute are dealt with by ticks that run out of time and help each other', async () => {
  world = await createWorld({ servers: fleet(2) })
  await world.connection()
  const count = 500
  for (let number = 0; number < count; number += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => world.policy({ id: `p-${number + i}`, nextDueAt: at(START) })),
    )
  let ticks = 0
  const open = async () => {
    for await (const page of world.store.due(at(START)))
      return page.filter(({ kind }) => kind === 'policy').length
    return 0
  }
  while ((await open()) > 0) {
    await Promise.all([tick(world.services, shortAfter(100)), tick(world.services, shortAfter(100))])
    ticks += 2
  }
  expect(ticks).toBeGreaterThan(2)
  await world.pass(10)
  const statuses = new Map<string, number>()
  let after: Record<string, unknown> | undefined
  do {
    const page = await world.store.runs({ most: 100, after })
    for (const { status } of page.items) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    after = page.next
  } while (after)
  expect(Object.fromEntries(statuses)).toEqual({ succeeded: count })
}, 180_000)
