import { describe, expect, it } from 'vitest'
import { aWireCloud, cloudErrorOf, PROJECT, type Received, type Reply, wireServer } from './wire.ts'

const ids = (count: number) => Array.from({ length: count }, (_, i) => `s-${i + 1}`)
const notFound = (id: string) => ({ id, fault: { message: `Instance ${id} could not be found.`, code: 404 } })
const asked = ({ query }: Received): string[] => query.server_id?.split(',') ?? []
const filtered = (received: Received): Reply => ({
  body: { count: asked(received).length, servers: asked(received).map(id => wireServer(id)) },
})
/** ECS: a filter by id, or a page of the fleet of so many. */
const ecs =
  (fleet: number) =>
  (received: Received): Reply => {
    const { server_id: named, marker } = received.query
    if (named !== undefined) return filtered(received)
    const from = marker === undefined ? 0 : ids(fleet).indexOf(marker) + 1
    const page = ids(fleet).slice(from, from + 1000)
    return { body: { count: fleet, servers: page.map(id => wireServer(id)) } }
  }
/** Whether one server alone is asked for. */
const isSingle = ({ path }: Received): boolean => !path.endsWith('/detail')
const idOf = ({ path }: Received): string => path.split('/').at(-1)!
const unknown: Reply = { status: 404, body: { error: { code: 'Ecs.0114', message: 'it does not exist' } } }
const callOf = (received: Received): string => {
  if (isSingle(received)) return `one ${idOf(received)}`
  if (asked(received).length > 0) return `filter ${asked(received).length}`
  return received.query.marker === undefined ? 'list' : `behind ${received.query.marker}`
}

describe('ECS servers by id', () => {
  it('are asked for a hundred a call', async () => {
    const wire = await aWireCloud(filtered)
    const servers = await wire.cloud.serversById('ecs', ids(100), null)
    expect([...servers.keys()]).toEqual(ids(100))
    expect(wire.received.map(({ path }) => path)).toEqual([`/v1/${PROJECT}/cloudservers/detail`])
    expect(wire.received[0]?.query).toEqual({ server_id: ids(100).join(','), limit: '100' })
  })

  it('that stand side by side in the list come from its pages, each behind one of them; the rest by id', async () => {
    const wire = await aWireCloud(ecs(5000))
    const wanted = ids(3500).slice(700)
    const servers = await wire.cloud.serversById('ecs', wanted, null)
    expect([...servers.keys()].toSorted()).toEqual(wanted.toSorted())
    expect(wire.received.map(callOf)).toEqual(['behind s-701', 'behind s-1702', 'behind s-2703', 'filter 3'])
  })

  it('that stand far from each other are asked for by id, after one page that showed it', async () => {
    const wire = await aWireCloud(ecs(5000))
    const wanted = ids(5000).filter((_, place) => place % 20 === 0)
    const servers = await wire.cloud.serversById('ecs', wanted, null)
    expect([...servers.keys()].toSorted()).toEqual(wanted.toSorted())
    expect(wire.received.map(callOf)).toEqual(['behind s-1', 'filter 100', 'filter 100'])
  })

  it('that a page behind one of them does not show may exist all the same: they are asked for by id', async () => {
    const hidden = ids(900).filter((_, place) => place % 10 === 5)
    const wire = await aWireCloud(received => {
      const { body } = ecs(900)(received) as { body: { servers: { id: string }[] } }
      const isPage = received.query.marker !== undefined
      const servers = body.servers.filter(({ id }) => !isPage || !hidden.includes(id))
      return { body: { ...body, servers } }
    })
    expect((await wire.cloud.serversById('ecs', ids(900), null)).size).toBe(900)
    expect(wire.received.map(callOf)).toEqual(['behind s-1', 'filter 91'])
  })

  it('of which the one in front is gone are asked for by id', async () => {
    const wire = await aWireCloud(received =>
      received.query.marker === undefined
        ? filtered(received)
        : { status: 400, body: { error: { code: 'Ecs.0005', message: 'marker not found' } } },
    )
    expect((await wire.cloud.serversById('ecs', ids(150), null)).size).toBe(150)
    expect(wire.received.map(callOf)).toEqual(['behind s-1', 'filter 100', 'filter 50'])
  })

  it('cannot be told where a page is refused for another cause', async () => {
    const wire = await aWireCloud(() => ({ status: 403 }))
    expect((await cloudErrorOf(wire.cloud.serversById('ecs', ids(150), null))).details.code).toBe('http-403')
    // The second asks among what is granted inside enterprise projects.
    expect(wire.received).toHaveLength(2)
  })

  it('that do not exist are absent', async () => {
    const wire = await aWireCloud(() => ({ body: { servers: [wireServer('s-1'), notFound('s-2')] } }))
    expect([...(await wire.cloud.serversById('ecs', ids(2), null)).keys()]).toEqual(['s-1'])
    expect(wire.received).toHaveLength(1)
  })

  it('that turn out to be bare metal are absent', async () => {
    const wire = await aWireCloud(() => ({
      body: { servers: [wireServer('s-1', { tags: ['__type_baremetal'] })] },
    }))
    expect((await wire.cloud.serversById('ecs', ['s-1'], null)).size).toBe(0)
  })

  it('that an answer leaves out are asked for again, until it mentions none of them; those are asked for alone', async () => {
    const wire = await aWireCloud(received =>
      isSingle(received)
        ? unknown
        : {
            body: {
              servers: asked(received)
                .slice(0, 25)
                .filter(id => id !== 's-60')
                .map(id => wireServer(id)),
            },
          },
    )
    const servers = await wire.cloud.serversById('ecs', ids(60), null)
    expect([...servers.keys()]).toEqual(ids(59))
    expect(wire.received.map(callOf)).toEqual(['filter 60', 'filter 35', 'filter 10', 'filter 1', 'one s-60'])
  })

  it.each([
    [1000, 101, ['list']],
    [1000, 100, ['filter 100']],
    [1001, 200, ['behind s-1', 'filter 1']],
    [0, 101, ['list']],
    [null, 101, ['behind s-1', 'filter 1']],
  ])('of a fleet of %j, %i of them come by the fewer calls: %j', async (total, count, calls) => {
    const wire = await aWireCloud(ecs(200))
    const servers = await wire.cloud.serversById('ecs', ids(count), total)
    expect(servers.size).toBe(count)
    expect(wire.received.map(callOf)).toEqual(calls)
  })

  it('of many chunks at once take the pages they stand on, and not the whole list', async () => {
    const wire = await aWireCloud(ecs(20_000))
    const wanted = ids(20_000).slice(3000, 8000)
    const servers = await wire.cloud.serversById('ecs', wanted, 20_000)
    expect([...servers.keys()].toSorted()).toEqual(wanted.toSorted())
    expect(wire.received.map(callOf)).toEqual([
      ...[3001, 4002, 5003, 6004, 7005].map(number => `behind s-${number}`),
      'filter 5',
    ])
  })

  it('of several rows, with others between, take the pages of each', async () => {
    const wire = await aWireCloud(ecs(9000))
    const wanted = [...ids(1500), ...ids(5500).slice(4000), ...ids(8900).slice(8000)]
    const servers = await wire.cloud.serversById('ecs', wanted, 9000)
    expect([...servers.keys()].toSorted()).toEqual(wanted.toSorted())
    expect(wire.received.map(callOf)).toEqual([
      ...[1, 1002, 4001, 5002, 8001].map(number => `behind s-${number}`),
      'filter 5',
    ])
  })

  it('of which the first stand far apart are looked for in the whole list, where that takes fewer calls', async () => {
    const wire = await aWireCloud(ecs(6000))
    const wanted = ids(5000).filter((_, place) => place >= 1000 || place % 20 === 0)
    const servers = await wire.cloud.serversById('ecs', wanted, 6000)
    expect([...servers.keys()].toSorted()).toEqual(wanted.toSorted())
    expect(wire.received.map(callOf).slice(0, 6)).toEqual([
      'behind s-1',
      'list',
      ...[1000, 2000, 3000, 4000].map(number => `behind s-${number}`),
    ])
  })

  it('that are not in the list are absent', async () => {
    const wire = await aWireCloud(ecs(150))
    expect((await wire.cloud.serversById('ecs', ids(160), 150)).size).toBe(150)
  })

  it('of which there are none take no call', async () => {
    const wire = await aWireCloud(filtered)
    expect((await wire.cloud.serversById('ecs', [], 1)).size).toBe(0)
    expect(wire.received).toHaveLength(0)
  })

  it('named twice are asked for once, and what can be no id is not asked for', async () => {
    const wire = await aWireCloud(filtered)
    await wire.cloud.serversById('ecs', ['s-1', 's-1', 's-2,s-3', '../x', ''], null)
    expect(wire.received.map(asked)).toEqual([['s-1']])
  })
})

describe('ECS servers by id of a cloud without a filter by id', () => {
  /** So many servers in pages by number; the filter and the marker are ignored, or refused. */
  const plain =
    (fleet: number, refuses: string[] = []) =>
    (received: Received): Reply => {
      if (isSingle(received))
        return ids(fleet).includes(idOf(received))
          ? { body: { server: wireServer(idOf(received)) } }
          : unknown
      if (refuses.some(name => received.query[name] !== undefined))
        return { status: 400, body: { error: { code: 'Ecs.0005', message: 'a parameter is invalid' } } }
      const [limit, offset] = [Number(received.query.limit), Number(received.query.offset ?? 1)]
      const page = ids(fleet).slice((offset - 1) * limit, offset * limit)
      return { body: { count: fleet, servers: page.map(id => wireServer(id)) } }
    }

  it('that ignores it are read one by one where the fleet is not known, whatever the answer holds', async () => {
    const wire = await aWireCloud(plain(300))
    const wanted = ['s-5', 's-250', 's-999']
    expect([...(await wire.cloud.serversById('ecs', wanted, null)).keys()].toSorted()).toEqual([
      's-250',
      's-5',
    ])
    expect(wire.received.map(callOf)).toEqual(['filter 3', 'one s-250', 'one s-999'])
  })

  it('that refuses it are read one by one', async () => {
    const wire = await aWireCloud(plain(300, ['server_id']))
    expect((await wire.cloud.serversById('ecs', ['s-5', 's-250'], null)).size).toBe(2)
    expect(wire.received.map(callOf)).toEqual(['filter 2', 'one s-5', 'one s-250'])
  })

  it('are read from the list where that takes fewer calls', async () => {
    const wire = await aWireCloud(plain(900))
    const wanted = ids(900).slice(700, 800)
    expect((await wire.cloud.serversById('ecs', wanted, 900)).size).toBe(100)
    expect(wire.received.map(callOf)).toEqual(['filter 100', 'list'])
  })

  it('cost one filtered call, however many there are', async () => {
    const wire = await aWireCloud(plain(900))
    const wanted = ids(900).filter((_, place) => place % 4 === 0)
    expect((await wire.cloud.serversById('ecs', wanted, null)).size).toBe(225)
    const filtered = wire.received.map(callOf).filter(call => call.startsWith('filter'))
    expect(filtered).toHaveLength(1)
  })

  it('are not taken for absent where a proxy does not know the path of one server', async () => {
    const wire = await aWireCloud(received =>
      isSingle(received) ? { status: 404, body: '<h1>Not Found</h1>' } : plain(300)(received),
    )
    expect((await cloudErrorOf(wire.cloud.serversById('ecs', ['s-250'], null))).details.status).toBe(404)
  })

  it('that leaves out what it does not know are asked for alone before they are taken for absent', async () => {
    const wire = await aWireCloud(received =>
      isSingle(received)
        ? unknown
        : {
            body: {
              servers: asked(received)
                .slice(1)
                .map(id => wireServer(id)),
            },
          },
    )
    expect([...(await wire.cloud.serversById('ecs', ['s-1', 's-2'], null)).keys()]).toEqual(['s-2'])
    expect(wire.received.map(callOf)).toEqual(['filter 2', 'filter 1', 'one s-1'])
  })
})

describe('BMS servers by id', () => {
  const single = ({ path }: Received): Reply => ({ body: { server: wireServer(path.split('/').at(-1)!) } })

  it('are asked for one by one', async () => {
    const wire = await aWireCloud(single)
    const servers = await wire.cloud.serversById('bms', ids(3), 3000)
    expect([...servers.values()].map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      's-1 bms',
      's-2 bms',
      's-3 bms',
    ])
    expect(wire.received.map(({ target }) => target).toSorted()).toEqual(
      ids(3).map(id => `/v1/${PROJECT}/baremetalservers/${id}`),
    )
  })

  it('come from the list where that is fewer calls', async () => {
    const wire = await aWireCloud(() => ({ body: { count: 3, servers: ids(3).map(id => wireServer(id)) } }))
    expect([...(await wire.cloud.serversById('bms', ids(2), 3)).keys()]).toEqual(ids(2))
    expect(wire.received.map(({ path }) => path)).toEqual([`/v1/${PROJECT}/baremetalservers/detail`])
  })

  it.each([
    ['BMS.0040', { status: 400, body: { error: { code: 'BMS.0040', message: 'x' } } }],
    ['404', { status: 404, body: { error: { code: 'BMS.9999', message: 'x' } } }],
    ['a 404 of Nova', { status: 404, body: { itemNotFound: { code: 404, message: 'x' } } }],
    ['a 404 without a word', { status: 404, body: '' }],
  ])('that do not exist, which the cloud tells by %s, are absent', async (_by, reply) => {
    const wire = await aWireCloud(received => (received.path.endsWith('s-2') ? reply : single(received)))
    expect([...(await wire.cloud.serversById('bms', ids(3), null)).keys()]).toEqual(['s-1', 's-3'])
  })

  it('are not taken for absent when the gateway does not know the API', async () => {
    const wire = await aWireCloud(() => ({ status: 404, body: { error_code: 'APIGW.0101', error_msg: 'x' } }))
    expect((await cloudErrorOf(wire.cloud.serversById('bms', ids(1), null))).details).toMatchObject({
      class: 'refused',
      code: 'APIGW.0101',
    })
  })

  it('are asked for eight side by side, after one alone', async () => {
    let open = 0
    const most: number[] = []
    const eight = Promise.withResolvers<void>()
    const wire = await aWireCloud(async (received, n) => {
      open++
      most.push(open)
      if (open === 8) eight.resolve()
      if (n > 1) await eight.promise
      open--
      return single(received)
    })
    expect((await wire.cloud.serversById('bms', ids(30), null)).size).toBe(30)
    expect([most[0], Math.max(...most)]).toEqual([1, 8])
  })

  it('with a refused key cost one bad signature', async () => {
    const wire = await aWireCloud(received =>
      received.path.includes('/jobs/') ? { body: { status: 'INIT' } } : { status: 401 },
    )
    expect((await cloudErrorOf(wire.cloud.serversById('bms', ids(30), null))).details.class).toBe(
      'credentials',
    )
    await wire.cloud.job('bms', 'later')
    expect(wire.received).toHaveLength(2)
  })

  it('are asked for no further once one call failed', async () => {
    const wire = await aWireCloud((received, n) => {
      if (received.path.includes('/jobs/')) return { body: { status: 'INIT' } }
      return n === 2 ? { status: 401 } : single(received)
    })
    await cloudErrorOf(wire.cloud.serversById('bms', ids(1000), null))
    for (let n = 1; n <= 5; n++) await wire.cloud.job('bms', `later-${n}`)
    const sent = wire.received.length
    await wire.cloud.job('bms', 'last')
    expect(wire.received).toHaveLength(sent + 1)
  })
})
