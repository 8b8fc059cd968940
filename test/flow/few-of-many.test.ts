/** Runs that select few servers of many: by filters of the cloud's list, with what the whole list would make of them. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { createLog } from '../../lib/runtime/log.ts'
import { readFleet } from '../../lib/steps/fleet-reading.ts'
import { aWireCloud, cloudErrorOf, type Received, type Reply, wireServer } from '../cloud/wire.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const SERVERS = 5_100
const NO_LIMITS = { maxServers: null, maxPercent: null, historyFactor: null }
const WHOLE_LIST = 6
const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const GONE = 'ffffffff-0000-4000-8000-000000000000'
const METAL = 'ffffffff-0000-4000-8000-000000000001'

async function begin(switches: Partial<Switches> = {}): Promise<void> {
  const web = { tags: { team: 'web', env: 'dev' } }
  const special = {
    1: { status: 'SHUTOFF' },
    2: { tags: { 'curfew-protect': '' } },
    3: { locked: true },
    5000: web,
    5001: { ...web, locked: true },
    5098: { tags: { team: 'web', 'curfew-protect': '' } },
    4000: { tags: { team: 'api', env: 'test' } },
    4001: { tags: { team: 'api', env: 'prod' } },
    5099: { tags: { team: 'api', env: 'dev' } },
  }
  world = await createWorld({
    servers: [...fleet(SERVERS, special), { kind: 'bms', id: METAL, name: 'metal' }],
    scalingGroups: [{ name: 'group', made: [], added: [id(4), id(5099)] }],
    switches: { jobSeconds: { first: 2, spread: 0 }, ...switches },
  })
  await world.connection()
}

const named = { ids: [0, 1, 2, 3, 4, 9, 5000].map(id).concat(GONE, METAL) }
const POLICIES = [
  { id: 'a-named', selector: named, exclude: { name: 'dev-9' }, limits: { maxPercent: 2 } },
  { id: 'b-web', selector: { tags: { team: ['web'] } } },
  { id: 'c-api', selector: { tags: { team: ['api'], env: ['dev', 'test'] } } },
]

const isList = ({ path }: { path: string }): boolean => path.endsWith('/cloudservers/detail')
const allLists = (): number => world.simulator.ledger.filter(isList).length

/** Requests for the list of ECS servers until the first stop. */
function lists(): number {
  const { ledger } = world.simulator
  return ledger
    .slice(
      0,
      ledger.findIndex(({ sent }) => sent !== undefined),
    )
    .filter(isList).length
}

async function endedRuns(): Promise<Run[]> {
  await world.runner.tick()
  await world.runner.drain()
  const { items } = await world.store.runs({ most: 10 })
  return world.ended(items.map(run => run.id).toSorted())
}

async function told(run: Run): Promise<string[]> {
  const all = [...(await world.outcomes(run)).values()]
  return all.map(({ name, status, code, reason }) => `${name}: ${status} ${code}, ${reason}`).toSorted()
}

/** What is recorded of the runs of `POLICIES`, whichever way their servers are read. */
const RECORDED = [
  {
    policyId: 'a-named',
    status: 'succeeded',
    scope: 8,
    fleet: SERVERS,
    codes: {
      'stopped/stopped': 2,
      'skipped/already-stopped': 1,
      'skipped/protected': 1,
      'skipped/locked': 1,
      'skipped/in-scaling-group': 1,
      'skipped/excluded': 1,
      'skipped/not-found': 1,
      'skipped/wrong-kind': 1,
    },
  },
  {
    policyId: 'b-web',
    status: 'succeeded',
    scope: 3,
    fleet: SERVERS,
    codes: { 'skipped/in-another-run': 1, 'skipped/locked': 1, 'skipped/protected': 1 },
  },
  {
    policyId: 'c-api',
    status: 'succeeded',
    scope: 2,
    fleet: SERVERS,
    codes: { 'stopped/stopped': 1, 'skipped/in-scaling-group': 1 },
  },
]
let byFilters: unknown

test.each<[string, number, Partial<Switches>]>([
  // The first page, ids and two tags; then the ids that no server had, by themselves.
  ['are heard', 5, {}],
  ['are ignored', WHOLE_LIST + 2, { ignoredParameters: ['server_id', 'tags'] }],
  ['are refused', WHOLE_LIST + 2, { refusedParameters: ['server_id', 'tags'] }],
  ['by tags are ignored', WHOLE_LIST + 3, { ignoredParameters: ['tags'] }],
])(
  'where filters %s, three policies together take %i lists, and record the same',
  async (_, most, switches) => {
    await begin(switches)
    for (const policy of POLICIES) await world.policy(policy)
    const runs = await endedRuns()
    expect(runs).toMatchObject(RECORDED)
    const outcomes = await Promise.all(runs.map(told))
    byFilters ??= outcomes
    expect(outcomes).toEqual(byFilters)
    expect(lists()).toBe(most)
  },
  120_000,
)

test('a policy by ids is planned, verified and taken back by one list each; where there is nothing to take back, by none', async () => {
  await begin()
  const policy = await world.policy({ nextDueAt: null, selector: { ids: [id(0), id(5050)] } })
  const [stop] = await world.ended([await world.manualRun(policy)])
  const undo = { action: 'start' as const, undoes: stop!.id }
  expect([stop!.summary.stopped, lists(), stop!.fleet]).toEqual([2, 1, 0])
  const before = allLists()
  const [start] = await world.ended([await world.manualRun(policy, undo)])
  expect([start!.summary.started, before, allLists()]).toEqual([2, 2, 4])
  const [again] = await world.ended([await world.manualRun(policy, undo)])
  expect([again!.status, again!.summary.matched, allLists()]).toEqual(['succeeded', 0, 4])
}, 120_000)

describe('filters that fail', () => {
  const SOME = { kind: 'ecs' as const, after: null }
  const wanted = { ...SOME, rules: [{ selector: { tags: { env: ['dev'] } }, limits: NO_LIMITS }] }
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `ecs-${from + n}`)
  const pageOf = (ids: string[], count: number): Reply => ({
    body: { count, servers: ids.map(one => wireServer(one)) },
  })
  /** A fleet of 3,500 that all have the tag, of which its filter says otherwise. */
  const cloud =
    (filtered: Reply) =>
    ({ query }: Received): Reply => {
      const from = query.marker === undefined ? 0 : Number(query.marker.slice(4)) + 1
      return query.tags === undefined ? pageOf(names(from, Math.min(from + 1000, 3500)), 3500) : filtered
    }
  async function read(filtered: Reply) {
    const wire = await aWireCloud(cloud(filtered))
    const log = createLog('silent')
    const pages = await Array.fromAsync(readFleet(wanted, { cloud: wire.cloud, log }))
    return { servers: pages.flatMap(({ servers }) => servers).length, ...wire }
  }

  test.each<[string, Reply]>([
    ['show no server', pageOf([], 0)],
    ['lack a server that the list shows', pageOf(['ecs-1'], 1)],
    ['show fewer than they count', pageOf(['ecs-1'], 2)],
    ['are not answered', { status: 500 }],
    ['are forbidden', { status: 403 }],
  ])('because they %s leave the list, which goes on where it was', async (_, filtered) => {
    const { servers, received } = await read(filtered)
    expect(servers).toBe(3500)
    const markers = received.filter(({ query }) => query.tags === undefined).map(({ query }) => query.marker)
    expect(markers).toEqual([undefined, 'ecs-999', 'ecs-1999', 'ecs-2999'])
  })

  test.each([401, 429])('because of the caller, by %i, fail the reading', async status => {
    const error = await cloudErrorOf(read({ status }))
    expect(['credentials', 'throttled']).toContain(error.details.class)
  })
})
