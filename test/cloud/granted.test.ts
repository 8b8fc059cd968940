import { describe, expect, it } from 'vitest'
import { all, aWireCloud, cloudErrorOf, type Received, type Reply, wireServer } from './wire.ts'

const FLEET = Array.from({ length: 1500 }, (_, place) => `ecs-${place}`)
const FORBIDDEN: Reply = {
  status: 403,
  body: { error: { code: 'Pdp.0001', message: "Policy doesn't allow ecs:servers:list to be performed." } },
}
const pageOf = (names: string[]): Reply => ({
  body: { count: names.length === 0 ? 0 : FLEET.length, servers: names.map(id => wireServer(id)) },
})

/** A cloud that shows its fleet to those who say that they have rights inside enterprise projects alone. */
const granting =
  (otherwise: Reply) =>
  ({ query, path }: Received): Reply => {
    if (!path.endsWith('/detail')) return FORBIDDEN
    if (query.enterprise_project_id !== 'all_granted_eps') return otherwise
    if (query.server_id !== undefined) return pageOf(query.server_id.split(','))
    const from = query.marker === undefined ? 0 : FLEET.indexOf(query.marker) + 1
    return pageOf(FLEET.slice(from, from + 1000))
  }

describe('a key with rights inside enterprise projects alone', () => {
  it.each([
    ['refused', FORBIDDEN],
    ['empty', pageOf([])],
  ])('lists what is granted, page by page, where the plain list is %s', async (_, otherwise) => {
    const wire = await aWireCloud(granting(otherwise))
    const pages = await all(wire.cloud.servers('ecs'))
    expect(pages.flatMap(({ servers }) => servers)).toHaveLength(FLEET.length)
    expect(wire.received.map(({ query }) => query.enterprise_project_id)).toEqual([
      undefined,
      'all_granted_eps',
      'all_granted_eps',
    ])
  })

  it('goes on where another function stopped, among what is granted', async () => {
    const first = await aWireCloud(granting(pageOf([])))
    const [page] = await all(first.cloud.servers('ecs'))
    const second = await aWireCloud(granting(pageOf([])))
    const pages = await all(second.cloud.servers('ecs', page!.resume!))
    expect(pages.flatMap(({ servers }) => servers.map(({ id }) => id))).toEqual(FLEET.slice(1000))
  })

  it('reads servers by their ids among what is granted', async () => {
    const wire = await aWireCloud(granting(FORBIDDEN))
    const found = await wire.cloud.serversById('ecs', ['ecs-7', 'ecs-9'], null)
    expect([...found.keys()]).toEqual(['ecs-7', 'ecs-9'])
  })

  it('that has none of them is refused in the words of the plain list', async () => {
    const wire = await aWireCloud(() => FORBIDDEN)
    const error = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(error.details).toMatchObject({ class: 'refused', status: 403, code: 'Pdp.0001' })
  })
})

it('a key with a right to the project lists it whole, and asks for nothing more', async () => {
  const wire = await aWireCloud(({ query }) => pageOf(query.marker === undefined ? ['ecs-0'] : []))
  await all(wire.cloud.servers('ecs'))
  expect(wire.received.every(({ query }) => query.enterprise_project_id === undefined)).toBe(true)
})
