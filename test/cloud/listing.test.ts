import { describe, expect, it } from 'vitest'
import { all, aWireCloud, cloudErrorOf, PROJECT, type Received, type Reply, wireServer } from './wire.ts'

const ids = (from: number, to: number, prefix = 'ecs') =>
  Array.from({ length: to - from + 1 }, (_, i) => `${prefix}-${from + i}`)
const pageOf = (names: string[], count: number | null, overrides: Record<string, unknown> = {}): Reply => ({
  body: { ...(count === null ? {} : { count }), servers: names.map(id => wireServer(id, overrides)) },
})
/** A fleet as ECS pages it, its pages capped. */
const ecsFleet =
  (fleet: string[], { cap = 1000, count = fleet.length as number | null } = {}) =>
  ({ query }: Received): Reply => {
    const from = query.marker === undefined ? 0 : fleet.indexOf(query.marker) + 1
    return pageOf(fleet.slice(from, from + Math.min(cap, Number(query.limit))), count)
  }

async function listed(
  script: (received: Received, n: number) => Reply | Promise<Reply>,
  kind: 'ecs' | 'bms' = 'ecs',
) {
  const wire = await aWireCloud(script)
  const pages = await all(wire.cloud.servers(kind))
  return {
    received: wire.received,
    pages: pages.map(({ servers }) => servers.length),
    totals: pages.map(({ total }) => total),
    found: pages.flatMap(({ servers }) => servers.map(({ id }) => id)),
  }
}

describe('the list of ECS servers', () => {
  it('is asked for in pages of a thousand, each after the last server of the one before, without bare metal', async () => {
    const { received, pages, totals, found } = await listed(ecsFleet(ids(1, 2001)))
    expect([pages, totals]).toEqual([
      [1000, 1000, 1],
      [2001, 2001, 2001],
    ])
    expect(found).toEqual(ids(1, 2001))
    expect(received.map(({ path }) => path)).toEqual(Array(3).fill(`/v1/${PROJECT}/cloudservers/detail`))
    expect(received.map(({ query }) => query)).toEqual([
      { limit: '1000', 'not-tags': '__type_baremetal' },
      { limit: '1000', 'not-tags': '__type_baremetal', marker: 'ecs-1000' },
      { limit: '1000', 'not-tags': '__type_baremetal', marker: 'ecs-2000' },
    ])
  })

  it('of few servers takes one call', async () => {
    const { received, found } = await listed(ecsFleet(ids(1, 25)))
    expect([received.length, found.length]).toEqual([1, 25])
  })

  it('of no servers is one empty page, once nothing is granted inside enterprise projects either', async () => {
    const { received, pages, totals } = await listed(ecsFleet([]))
    expect([received.length, pages, totals]).toEqual([2, [0], [0]])
    expect(received.map(({ query }) => query.enterprise_project_id)).toEqual([undefined, 'all_granted_eps'])
  })

  it('whose last page is full ends with an empty one', async () => {
    const { pages, found } = await listed(ecsFleet(ids(1, 1000)))
    expect([pages, found.length]).toEqual([[1000, 0], 1000])
  })

  it('is whole when the cloud gives shorter pages than asked for', async () => {
    const { pages, found } = await listed(ecsFleet(ids(1, 250), { cap: 100 }))
    expect([pages, found]).toEqual([[100, 100, 50], ids(1, 250)])
  })

  it('is whole when the cloud gives shorter pages and does not count', async () => {
    const { found, totals } = await listed(ecsFleet(ids(1, 250), { cap: 100, count: null }))
    expect(found).toEqual(ids(1, 250))
    expect(new Set(totals)).toEqual(new Set([null]))
  })

  it('is whole when servers seen before vanish from the count', async () => {
    const fleet = ids(1, 250)
    const { found } = await listed((received, n) =>
      ecsFleet(fleet, { cap: 100, count: 250 - 60 * n })(received),
    )
    expect(found).toEqual(fleet)
  })

  it('that shows the same page whatever is asked for ends with the numbers, and will not pass', async () => {
    const wire = await aWireCloud(() => pageOf(ids(1, 1000), 2500))
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(details).toMatchObject({ class: 'refused', code: 'listing-incomplete' })
    expect(message).toContain('only 1000 of 2500 came')
    expect(wire.received).toHaveLength(4)
  })

  it('names no server twice', async () => {
    const { found } = await listed((_received, n) => pageOf(n === 1 ? ids(1, 3) : ids(3, 5), 5))
    expect(found).toEqual(ids(1, 5))
  })

  it('leaves out bare metal that comes all the same, and then has no total', async () => {
    const wire = await aWireCloud(() => ({
      body: { count: 2, servers: [wireServer('a'), wireServer('b', { tags: ['__type_baremetal'] })] },
    }))
    const [page] = await all(wire.cloud.servers('ecs'))
    expect([page?.servers.map(({ id }) => id), page?.total]).toEqual([['a'], null])
  })

  it('asks for the second page when it is wanted; from then on for the next, and no further, while one is worked on', async () => {
    const third = Promise.withResolvers<void>()
    const wire = await aWireCloud((received, n) => {
      if (n === 3) third.resolve()
      return ecsFleet(ids(1, 5000))(received)
    })
    const pages = wire.cloud.servers('ecs')
    await pages.next()
    await pages.next()
    await third.promise
    expect(wire.received.map(({ query }) => query.marker)).toEqual([undefined, 'ecs-1000', 'ecs-2000'])
    expect((await pages.next()).value.servers[0].id).toBe('ecs-2001')
    await pages.return(undefined)
  })

  it('may be left in the middle while the next page fails', async () => {
    const failed = Promise.withResolvers<void>()
    const wire = await aWireCloud((received, n) => {
      if (n < 3) return ecsFleet(ids(1, 3000))(received)
      failed.resolve()
      return { status: 403 }
    })
    for await (const { servers } of wire.cloud.servers('ecs')) if (servers[0]?.id === 'ecs-1001') break
    await failed.promise
  })

  it.each([400, 404])(
    'starts over when the marker’s server vanished, which the cloud tells by %i',
    async status => {
      const wire = await aWireCloud((received, n) =>
        n === 1
          ? ecsFleet(ids(1, 2000))(received)
          : { status, body: { error: { code: 'Ecs.0005', message: 'marker not found' } } },
      )
      const error = await cloudErrorOf(all(wire.cloud.servers('ecs')))
      expect(error.details).toMatchObject({ class: 'unavailable', code: 'marker-vanished', status })
      expect(error.message).toContain('after ecs-1000')
      expect(error.cause).toMatchObject({ details: { code: 'Ecs.0005' } })
      // A cloud that knows no markers would take a page number.
      expect(wire.received.map(({ query }) => query.offset)).toEqual([undefined, undefined, '1'])
    },
  )

  it('starts over at once when the server of a later marker vanished: markers are known there', async () => {
    const wire = await aWireCloud((received, n) =>
      n < 3 ? ecsFleet(ids(1, 3000))(received) : { status: 400, body: { error: { code: 'Ecs.0005' } } },
    )
    const { details } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect([details.code, wire.received.length]).toEqual(['marker-vanished', 3])
  })

  it.each([
    ['the first page is refused', 1, { status: 400 }, 'refused'],
    ['a later page is refused for want of rights', 2, { status: 403 }, 'refused'],
    ['the key is refused in the middle', 2, { status: 401 }, 'credentials'],
  ] as const)('fails when %s', async (_what, at, reply, kind) => {
    const wire = await aWireCloud((received, n) => (n === at ? reply : ecsFleet(ids(1, 2000))(received)))
    expect((await cloudErrorOf(all(wire.cloud.servers('ecs')))).details).toMatchObject({
      class: kind,
      code: `http-${reply.status}`,
    })
  })
})

/** A fleet in pages by number; without one the first. */
const numberedFleet =
  (fleet: string[], { cap = 1000, count = fleet.length as number | null } = {}) =>
  ({ query }: Received): Reply => {
    const size = Math.min(cap, Number(query.limit))
    const from = (Number(query.offset ?? 1) - 1) * size
    return pageOf(fleet.slice(from, from + size), count)
  }
const noMarker: Reply = {
  status: 400,
  body: { error: { code: 'Ecs.0005', message: 'marker is invalid' } },
}

describe('the list of ECS servers of a cloud without markers', () => {
  const FLEET = ids(1, 2500)
  const ignoring = numberedFleet(FLEET)
  const refusing = (received: Received): Reply =>
    received.query.marker === undefined ? ignoring(received) : noMarker

  it.each([
    ['ignores', ignoring],
    ['refuses', refusing],
  ])('that %s them is read whole by page number, each server once', async (_how, script) => {
    const { received, found, totals } = await listed(script)
    expect(found).toEqual(FLEET)
    expect(totals.at(-1)).toBe(2500)
    expect(received.map(({ query }) => query.offset)).toEqual([undefined, undefined, '1', '2', '3'])
  })

  it('takes one request where the first page holds all', async () => {
    const { received, found } = await listed(numberedFleet(ids(1, 999)))
    expect([received.length, found.length]).toEqual([1, 999])
  })

  it('is read by page number even where the count is only that of the page', async () => {
    const { found } = await listed(received => {
      const { servers } = ignoring(received).body as { servers: unknown[] }
      return { body: { count: servers.length, servers } }
    })
    expect(found).toEqual(FLEET)
  })

  it('is read again when a server that went away let another slip to the page before', async () => {
    const { found } = await listed((received, n) => numberedFleet(n < 4 ? FLEET : FLEET.slice(1))(received))
    expect(found.toSorted()).toEqual(FLEET.toSorted())
  })

  it('is whole where its count includes the bare metal that is filtered out', async () => {
    const fleet = ids(1, 1200)
    const { found } = await listed(received => {
      const { servers } = numberedFleet(fleet)(received).body as { servers: unknown[] }
      const metal = wireServer('bms-1', { tags: ['__type_baremetal'] })
      const isLast = received.query.offset === '2'
      const isFiltered = received.query['not-tags'] !== undefined
      return { body: { count: 1201, servers: isLast && !isFiltered ? [...servers, metal] : servers } }
    })
    expect(found).toEqual(fleet)
  })

  it('is not gone on with where another listing was paused: what that one showed would come again', async () => {
    const wire = await aWireCloud(ignoring)
    const error = await cloudErrorOf(all(wire.cloud.servers('ecs', 'ecs-1000:1000')))
    expect(error.details).toMatchObject({ class: 'unavailable', code: 'listing-shifts' })
    const old = await cloudErrorOf(all(wire.cloud.servers('ecs', 'ecs-1000')))
    expect(old.details).toMatchObject({ class: 'unavailable', code: 'listing-shifts' })
  })
})

describe('the list of ECS servers that holds fewer than the cloud counts', () => {
  it('ends with the numbers when a second pass brings no more', async () => {
    const wire = await aWireCloud(ecsFleet(ids(1, 2000), { count: 2500 }))
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(details).toMatchObject({ class: 'unavailable', code: 'listing-shifts' })
    expect(message).toContain('only 2000 of 2500 came')
  })

  it('is whole after a second pass that shows what was missing, and shows that alone', async () => {
    const fleet = ids(1, 2000)
    const { received, pages, found } = await listed((one, n) =>
      n === 1 ? ecsFleet(fleet.slice(5), { count: 2000 })(one) : ecsFleet(fleet)(one),
    )
    expect(found.toSorted()).toEqual(fleet.toSorted())
    expect(pages).toEqual([1000, 995, 0, 5])
    expect(received.map(({ query }) => query['not-tags'] ?? 'unfiltered')).toEqual([
      ...Array(3).fill('__type_baremetal'),
      'unfiltered',
    ])
  })

  it('is whole where servers were only added to its front meanwhile: no more requests are made', async () => {
    const fleet = ids(1, 1500)
    const { received, found } = await listed((one, n) =>
      n === 1 ? ecsFleet(fleet)(one) : ecsFleet(['new', ...fleet])(one),
    )
    expect(found).toEqual(fleet)
    expect(received.map(({ query }) => query.marker)).toEqual([undefined, 'ecs-1000', 'ecs-1500'])
  })

  it('that was paused counts what came before: one request ends it', async () => {
    const [, second] = await all((await aWireCloud(ecsFleet(ids(1, 2500)))).cloud.servers('ecs'))
    const wire = await aWireCloud(ecsFleet(ids(1, 2500)))
    const rest = await all(wire.cloud.servers('ecs', second!.resume!))
    expect(rest.flatMap(({ servers }) => servers.map(({ id }) => id))).toEqual(ids(2001, 2500))
    expect(wire.received.map(({ query }) => query.marker)).toEqual(['ecs-2000'])
  })

  it('of null is that of none', async () => {
    const { found } = await listed(() => ({ body: { count: 0, servers: null } }))
    expect(found).toEqual([])
  })
})

describe('the list of BMS servers', () => {
  it('is asked for by page number, with limit and offset both, and given as one page', async () => {
    const { received, pages, totals, found } = await listed(numberedFleet(ids(1, 1200, 'bms')), 'bms')
    expect([pages, totals, found]).toEqual([[1200], [1200], ids(1, 1200, 'bms')])
    expect(received.map(({ path, query }) => [path, query])).toEqual([
      [`/v1/${PROJECT}/baremetalservers/detail`, { limit: '1000', offset: '1' }],
      [`/v1/${PROJECT}/baremetalservers/detail`, { limit: '1000', offset: '2' }],
    ])
  })

  it('holds BMS servers', async () => {
    const wire = await aWireCloud(() => pageOf(['a'], 1))
    expect((await all(wire.cloud.servers('bms')))[0]?.servers[0]?.kind).toBe('bms')
  })

  it.each([
    [3, 1],
    // The second asks among what is granted inside enterprise projects.
    [0, 2],
  ])('of %i servers takes %i calls', async (size, calls) => {
    const { received, pages, totals } = await listed(numberedFleet(ids(1, size)), 'bms')
    expect([received.length, pages, totals]).toEqual([calls, [size], [size]])
  })

  it('is whole when the cloud gives shorter pages than asked for', async () => {
    const { found } = await listed(numberedFleet(ids(1, 250), { cap: 100 }), 'bms')
    expect(found).toEqual(ids(1, 250))
  })

  it('is whole when the count is only that of the page', async () => {
    const { found, totals } = await listed(received => {
      const { servers } = numberedFleet(ids(1, 1200))(received).body as { servers: unknown[] }
      return { body: { count: servers.length, servers } }
    }, 'bms')
    expect([found.length, totals]).toEqual([1200, [1200]])
  })

  it('is whole when the cloud does not count', async () => {
    const { found, totals } = await listed(numberedFleet(ids(1, 1200), { count: null }), 'bms')
    expect([found.length, totals]).toEqual([1200, [1200]])
  })

  it('is whole when the empty page after the last counts nothing', async () => {
    const fleet = ids(1, 1000)
    const { received, found } = await listed(
      (one, n) => numberedFleet(fleet, { count: n === 1 ? 1000 : 0 })(one),
      'bms',
    )
    expect([received.length, found]).toEqual([2, fleet])
  })

  it('is taken again when a server that went away let another slip to the page before', async () => {
    const before = ids(1, 1200)
    const after = before.slice(1)
    const { received, found } = await listed((one, n) => numberedFleet(n === 1 ? before : after)(one), 'bms')
    expect(found).toEqual(after)
    expect(received.map(({ query }) => query.offset)).toEqual(['1', '2', '1', '2'])
  })

  it('that shows the same page under each number ends with the numbers', async () => {
    const wire = await aWireCloud(() => pageOf(ids(1, 1000, 'bms'), 1200))
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('bms')))
    expect(details).toMatchObject({ class: 'refused', code: 'listing-incomplete' })
    expect(message).toContain('only 1000 of 1200 came')
  })

  it('that never adds up is given up after three times', async () => {
    const wire = await aWireCloud(numberedFleet(ids(1, 3), { count: 4 }))
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('bms')))
    expect(details).toMatchObject({ class: 'unavailable', code: 'listing-shifts' })
    expect(message).toContain('3 of 4, then 3 of 4, then 3 of 4')
    expect(wire.received.map(({ query }) => query.offset)).toEqual(['1', '2', '1', '2', '1', '2'])
  })
})
