import { describe, expect, it } from 'vitest'
import type { ServerFilter } from '../../lib/core/model/cloud.ts'
import { all, aWireCloud, cloudErrorOf, type Received, type Reply, wireServer } from './wire.ts'

const DEV = { key: 'env', value: 'dev' }
const ids = (count: number) => Array.from({ length: count }, (_, i) => `ecs-${i + 1}`)
const pageOf = (names: string[], count: number | null = names.length): Reply => ({
  body: { count, servers: names.map(id => wireServer(id)) },
})
/** A cloud that has so many servers with the tag, and those that are asked for by id. */
const faithful =
  (carrying: string[]) =>
  ({ query }: Received): Reply => {
    if (query.server_id !== undefined) return pageOf(query.server_id.split(','))
    const from = query.marker === undefined ? 0 : carrying.indexOf(query.marker) + 1
    return pageOf(carrying.slice(from, from + 1000), carrying.length)
  }

async function shown(script: (received: Received) => Reply, filter: ServerFilter) {
  const wire = await aWireCloud(script)
  const pages = await all(wire.cloud.filteredServers('ecs', filter)!)
  return {
    ids: pages.flatMap(({ servers }) => servers.map(({ id }) => id)),
    totals: pages.map(({ total }) => total),
    queries: wire.received.map(({ query }) => query),
  }
}

describe('a filter of the ECS list', () => {
  it('by a tag shows its servers page by page, without bare metal, and how many there are', async () => {
    const { ids: found, totals, queries } = await shown(faithful(ids(1500)), DEV)
    expect([found, totals]).toEqual([ids(1500), [1500, 1500]])
    const query = { limit: '1000', 'not-tags': '__type_baremetal', tags: 'env=dev' }
    expect(queries).toEqual([query, { ...query, marker: 'ecs-1000' }])
  })

  it('by ids asks for a hundred a request, and for nothing else', async () => {
    const { ids: found, totals, queries } = await shown(faithful([]), { ids: ids(250) })
    expect([found, totals]).toEqual([ids(250), [null]])
    expect(queries.map(({ server_id }) => server_id?.split(',').length)).toEqual([100, 100, 50])
  })

  it('by ids leaves out those that do not exist, and bare metal', async () => {
    const gone = { id: 'gone', fault: { message: 'Instance gone could not be found.', code: 404 } }
    const metal = wireServer('metal', { tags: ['__type_baremetal'] })
    const { ids: found } = await shown(() => ({ body: { servers: [wireServer('a'), gone, metal] } }), {
      ids: ['a', 'gone', 'metal'],
    })
    expect(found).toEqual(['a'])
  })

  it('of nobody asks for nothing', async () => {
    expect((await shown(faithful([]), { ids: [] })).queries).toEqual([])
  })

  it.each([
    ['ignored', () => pageOf(ids(3))],
    ['refused', (): Reply => ({ status: 400, body: { error: { code: 'Ecs.0005', message: 'invalid' } } })],
  ])('by ids that is %s is told so', async (_, script) => {
    const wire = await aWireCloud(script)
    const error = await cloudErrorOf(all(wire.cloud.filteredServers('ecs', { ids: ['ecs-2'] })!))
    expect(error.details).toMatchObject({ class: 'refused', code: 'filter-ignored' })
    expect(wire.received).toHaveLength(1)
  })

  it.each([
    [
      'fewer servers than it counts',
      (one: Received): Reply => pageOf(one.query.marker ? [] : ids(3), 5),
      'only 3 of 5 came',
    ],
    ['the same page again', (): Reply => pageOf(ids(1000), 5000), 'the same page came again'],
  ])('by a tag that shows %s is told so', async (_, script, words) => {
    const wire = await aWireCloud(script)
    const error = await cloudErrorOf(all(wire.cloud.filteredServers('ecs', DEV)!))
    expect(error.details).toMatchObject({ class: 'unavailable', code: 'filter-incomplete' })
    expect(error.message).toContain('list of ECS servers with the tag env=dev')
    expect(error.message).toContain(words)
  })
})

describe('there is no filter', () => {
  it.each<[string, 'ecs' | 'bms', ServerFilter, Record<string, unknown>]>([
    ['of bare metal', 'bms', { ids: ['a'] }, {}],
    ['of bare metal by a tag', 'bms', DEV, {}],
    ['by a tag with a sign that may mean something', 'ecs', { key: 'env', value: 'a,b' }, {}],
    ['by ids in Open Telekom Cloud', 'ecs', { ids: ['a'] }, { region: 'eu-de', endpoints: {} }],
  ])('%s', async (_, kind, filter, connection) => {
    const wire = await aWireCloud(() => pageOf([]), { connection })
    expect(wire.cloud.filteredServers(kind, filter)).toBeNull()
  })

  it('but by tags in Open Telekom Cloud, and with signs that mean nothing', async () => {
    const wire = await aWireCloud(() => pageOf([]), { connection: { region: 'eu-de', endpoints: {} } })
    expect(wire.cloud.filteredServers('ecs', { key: '环境', value: 'dev-1_a.b' })).not.toBeNull()
  })
})

describe('ids that a key with rights inside enterprise projects alone asks for', () => {
  const isGranted = ({ query }: Received) => query.enterprise_project_id === 'all_granted_eps'
  const named = ({ query }: Received) => query.server_id!.split(',')
  const unknown = (received: Received): Reply => ({
    body: {
      servers: named(received).map(id => ({ id, fault: { message: 'could not be found', code: 404 } })),
    },
  })

  it.each([
    ['refused', (): Reply => ({ status: 403, body: { error: { code: 'Pdp.0001', message: 'no' } } })],
    ['empty', (): Reply => pageOf([])],
    ['that they do not exist', unknown],
  ])('are asked for among what is granted, where the plain answer is %s', async (_, otherwise) => {
    const { ids: found, queries } = await shown(
      received => (isGranted(received) ? pageOf(named(received)) : otherwise(received)),
      { ids: ids(2) },
    )
    expect([found, queries.length]).toEqual([ids(2), 2])
  })
})
