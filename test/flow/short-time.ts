/** Functions whose time is short, over fleets and policies of any size: each goes on where the one before stopped. */
import { expect, vi } from 'vitest'
import { plan } from '../../lib/steps/plan/plan.ts'
import { tick } from '../../lib/steps/tick/tick.ts'
import { at, START } from '../makers.ts'
import { createWorld, fleet, type World } from './world.ts'

/** An invocation whose time is nearly over after it was asked so often how much is left. */
export const shortAfter = (asked: number) => {
  let left = asked
  return { timeLeftMs: () => (left-- > 0 ? 900_000 : 5_000) }
}

const GONE = 'ffffffff-0000-4000-8000-000000000000'
const PAGE_SERVERS = 1000

/** Two runs are planned over one listing, a page an invocation; some servers are locked, one that is named is gone. */
export async function planningGoesOn(count: number): Promise<World> {
  const servers = fleet(count, { 7: { locked: true }, [count - 56]: { locked: true } })
  const named = servers[count - 100]!.id!
  const world = await createWorld({ servers })
  const { services, store, simulator } = world
  await world.connection()
  await world.policy({ id: 'all', nextDueAt: at(START) })
  await world.policy({ id: 'some', nextDueAt: at(START), selector: { ids: [named, GONE] } })
  await tick(services, shortAfter(1000))
  const [first] = world.queues.inspect('plan').visible.map(body => JSON.parse(body))
  expect(first.runIds).toHaveLength(2)

  // A page that is full is no proof of the end: the cloud is asked for one more.
  const pages = Math.floor(count / PAGE_SERVERS) + 1
  for (let part = 0; part < pages; part++) await plan(first, services, shortAfter(0))
  const listed = simulator.ledger.filter(({ path }) => path.endsWith('/cloudservers/detail'))
  // A listing that was resumed goes on behind the page before: each page has a marker of its own.
  expect(new Set(listed.map(({ query }) => query.marker)).size).toBe(pages)

  vi.setSystemTime(START + 1000)
  const ids = ['all', 'some'].map(id => `${id}.20261121T120000Z`)
  const [all, some] = await world.ended(ids)
  expect([all, some].map(run => [run!.planning, run!.fleet])).toEqual([
    [1, count],
    [1, count],
  ])
  expect(all!.summary).toMatchObject({ matched: count, targets: count - 2, stopped: count - 2, skipped: 2 })
  expect(some!.summary).toMatchObject({ matched: 2, targets: 0, skipped: 2 })
  expect((await world.outcomes(some!)).get(GONE)?.code).toBe('not-found')
  expect((await world.outcomes(all!)).size).toBe(count)
  expect(await store.chunkHeads({ runId: ids[0]!, planning: 1 })).toHaveLength(Math.ceil((count - 2) / 1000))
  return world
}

/** So many policies are due in one minute; ticks, two at once, have time for a few each. */
export async function ticksHelpEachOther({
  policies,
  each,
}: {
  policies: number
  each: number
}): Promise<World> {
  const world = await createWorld({ servers: fleet(2) })
  const { store, services } = world
  await world.connection()
  for (let number = 0; number < policies; number += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => world.policy({ id: `p-${number + i}`, nextDueAt: at(START) })),
    )
  const isOpen = async () => {
    const { value: page = [] } = await store.due(at(START)).next()
    return page.some(({ kind }: { kind: string }) => kind === 'policy')
  }
  let ticks = 0
  for (; await isOpen(); ticks += 2)
    await Promise.all([tick(services, shortAfter(each)), tick(services, shortAfter(each))])
  expect(ticks).toBeGreaterThan(2)
  await world.pass(10)
  expect(await statuses(world)).toEqual({ succeeded: policies })
  return world
}

/** One policy is due in so many connections; ticks have time for a few of its runs each. */
export async function oneDueTimeInManyConnections({
  connections,
  each,
}: {
  connections: number
  each: number
}): Promise<World> {
  const world = await createWorld({ servers: fleet(2) })
  const { store, services } = world
  for (let number = 0; number < connections; number += 50)
    await Promise.all(Array.from({ length: 50 }, (_, i) => world.connection({ id: `c-${number + i}` })))
  await world.policy({ connections: ['c-*'] })
  let ticks = 0
  for (; (await store.policy('nightly-dev'))!.nextDueAt === at(START); ticks++)
    await tick(services, shortAfter(each))
  expect(ticks).toBeGreaterThan(2)
  console.log(`${connections} runs were made by ${ticks} ticks`)
  await world.pass(10)
  expect(await statuses(world)).toEqual({ succeeded: connections })
  expect(world.troubles).toEqual([])
  for (const connection of ['c-0', `c-${connections - 1}`])
    expect(await store.latestRuns({ policyId: 'nightly-dev', connection }, 10)).toHaveLength(1)
  return world
}

async function statuses({ store }: World): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  let after: Record<string, unknown> | undefined
  do {
    const page = await store.runs({ most: 100, after })
    for (const { status } of page.items) counts[status] = (counts[status] ?? 0) + 1
    after = page.next
  } while (after)
  return counts
}
