import { afterEach, expect, test } from 'vitest'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE_MS = 60_000

/** The most ids that stop requests named in any 60 seconds. */
function mostPerMinute(): number {
  const stops = world.simulator.stops()
  const inWindow = (end: number) => stops.filter(({ at }) => at > end - MINUTE_MS && at <= end)
  return Math.max(...stops.map(({ at }) => inWindow(at).reduce((sum, { stop }) => sum + stop.ids.length, 0)))
}
const tagged = (from: number, to: number, team: string) =>
  fleet(to)
    .slice(from)
    .map(server => ({ ...server, tags: { team } }))

test('10,000 servers of two policies and two connections to one project keep to the limit, and use it', async () => {
  world = await createWorld({ servers: [...tagged(0, 6000, 'a'), ...tagged(6000, 10_000, 'b')] })
  const limit = { maxServersPerMinute: { ecs: 1000, bms: null } }
  await world.connection(limit)
  await world.connection({ id: 'twin', ...limit })
  const a = await world.policy({ nextDueAt: null, id: 'a', selector: { tags: { team: ['a'] } } })
  const b = await world.policy({
    nextDueAt: null,
    id: 'b',
    connection: 'twin',
    selector: { tags: { team: ['b'] } },
  })
  const runs = await world.ended([await world.manualRun(a), await world.manualRun(b)])

  expect(runs.map(({ status, summary }) => `${status} ${summary.stopped}`)).toEqual([
    'succeeded 6000',
    'succeeded 4000',
  ])
  expect(mostPerMinute()).toBe(1000)
  const stops = world.simulator.stops()
  expect(stops).toHaveLength(10)
  expect(stops.at(-1)!.at - stops[0]!.at).toBeLessThanOrEqual(9 * MINUTE_MS * 1.05)
})

test('servers that wait for their turn are read once, when it has come', async () => {
  world = await createWorld({ servers: fleet(500) })
  await world.connection({ maxServersPerMinute: { ecs: 100, bms: null } })
  await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
  const readBefore = world.simulator.stops().map(({ at, stop }) => {
    const reads = world.simulator.ledger.filter(({ query }) => query.server_id?.includes(stop.ids[0]!))
    return reads.filter(read => read.at <= at).map(read => at - read.at <= 1000)
  })
  expect(readBefore).toEqual([[], [true], [true], [true], [true]])
})

test('a small run is not stuck behind the whole queue of a large one', async () => {
  world = await createWorld({ servers: [...tagged(0, 40, 'large'), ...tagged(40, 43, 'small')] })
  await world.connection({ maxServersPerMinute: { ecs: 4, bms: null } })
  const large = await world.manualRun(
    await world.policy({ nextDueAt: null, id: 'large', selector: { tags: { team: ['large'] } } }),
  )
  await world.pass(1)
  const small = await world.manualRun(
    await world.policy({ nextDueAt: null, id: 'small', selector: { tags: { team: ['small'] } } }),
  )
  const [first] = await world.ended([small])
  expect((await world.store.run(large))!.status).toBe('running')
  expect(Date.parse(first!.endedAt!) - Date.parse(first!.createdAt)).toBeLessThan(4 * MINUTE_MS)
  await world.ended([large])
  expect(mostPerMinute()).toBe(4)
})

test('a wait longer than a message can be delayed goes on', async () => {
  world = await createWorld({ servers: fleet(20) })
  await world.connection({ maxServersPerMinute: { ecs: 1, bms: null } })
  const runIds: string[] = []
  for (const { id } of fleet(20))
    runIds.push(
      await world.manualRun(
        await world.policy({ nextDueAt: null, id: `p${runIds.length}`, selector: { ids: [id] } }),
      ),
    )
  const runs = await world.ended(runIds)
  expect(runs.map(run => run.status)).toEqual(Array(20).fill('succeeded'))
  expect(mostPerMinute()).toBe(1)
  const ends = runs.map(run => Date.parse(run.endedAt!) - Date.parse(run.createdAt))
  expect(Math.max(...ends)).toBeGreaterThan(15 * MINUTE_MS)
})
