import { describe, expect, it } from 'vitest'
import { createCloud } from '../../lib/cloud/registry.ts'
import { aNovaWire, novaServer, PASSWORD } from './nova-wire.ts'
import { all, cloudErrorOf, PROJECT, type Received, type Reply, wireConnection } from './wire.ts'

const ID = '616fb98f-46ca-475e-917e-2563e5a8cd19'
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const fleet = (count: number) => Array.from({ length: count }, (_, n) => novaServer(id(n)))

/** A list as Nova pages it: a link whenever the page is full. */
const listed =
  (servers: ReturnType<typeof fleet>, mostOnPage = 1000) =>
  ({ query }: Received): Reply => {
    const begin = query.marker === undefined ? 0 : servers.findIndex(one => one.id === query.marker) + 1
    const page = servers.slice(begin, begin + mostOnPage)
    const href = `http://internal.example:8774/v2.1/x/servers/detail?marker=${page.at(-1)?.id}`
    const links = page.length === mostOnPage ? { servers_links: [{ rel: 'next', href }] } : {}
    return { body: { servers: page, ...links } }
  }

describe('the list', () => {
  it('asks for the largest page, tags and locks, in the project of the connection', async () => {
    const wire = await aNovaWire({ nova: listed(fleet(1)) })
    await all(wire.cloud.servers('ecs'))
    expect(wire.calls).toMatchObject([
      { method: 'GET', target: `/v2.1/${PROJECT}/servers/detail?limit=1000` },
    ])
    expect(wire.calls[0]?.headers['x-openstack-nova-api-version']).toBe('2.26')
  })

  it.each([
    [0, 1],
    [3, 2],
    [7, 3],
    [9, 4],
  ])('of %d servers takes %d pages of three, at the address of the connection', async (count, pages) => {
    const wire = await aNovaWire({ nova: listed(fleet(count), 3) })
    const seen = (await all(wire.cloud.servers('ecs'))).flatMap(({ servers }) => servers)
    expect(seen.map(server => server.id)).toEqual(fleet(count).map(server => server.id))
    expect(wire.calls).toHaveLength(pages)
  })

  it('goes on where another one said it could be resumed', async () => {
    const wire = await aNovaWire({ nova: listed(fleet(7), 3) })
    const [first] = await all(wire.cloud.servers('ecs'))
    expect(first?.resume).toBe(id(2))
    const rest = (await all(wire.cloud.servers('ecs', first!.resume!))).flatMap(({ servers }) => servers)
    expect(rest.map(server => server.id)).toEqual([3, 4, 5, 6].map(id))
  })

  it('names each server once where pages overlap', async () => {
    const servers = fleet(9)
    const overlapping = ({ query }: Received): Reply => {
      const after = servers.findIndex(one => one.id === query.marker)
      const begin = Math.max(0, after - 1)
      const page = servers.slice(begin, begin + 4)
      const links = page.length === 4 ? { servers_links: [{ rel: 'next', href: 'http://x/' }] } : {}
      return { body: { servers: page, ...links } }
    }
    const wire = await aNovaWire({ nova: overlapping })
    const pages = await all(wire.cloud.servers('ecs'))
    const ids = pages.flatMap(({ servers }) => servers.map(server => server.id))
    expect(ids).toEqual(servers.map(server => server.id))
    const resumed = await all(wire.cloud.servers('ecs', pages[0]!.resume!))
    expect(resumed.flatMap(page => page.servers.map(server => server.id))).toEqual(ids.slice(4))
  })

  it.each([
    ['the same page again', fleet(3)],
    ['an empty page', []],
  ])('that brings %s, though a next one is told of, is not whole', async (_what, again) => {
    const links = { servers_links: [{ rel: 'next', href: 'http://x/' }] }
    const wire = await aNovaWire({
      nova: ({ query }) => ({ body: { servers: query.marker === undefined ? fleet(3) : again, ...links } }),
    })
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(details).toMatchObject({ class: 'refused', code: 'listing-incomplete' })
    expect(message).toContain('none that is new came after 3')
    const resumed = await cloudErrorOf(all(wire.cloud.servers('ecs', id(2))))
    expect(resumed.details.code).toBe('listing-incomplete')
  })

  it('of null is that of none', async () => {
    const wire = await aNovaWire({ nova: () => ({ body: { servers: null } }) })
    expect((await all(wire.cloud.servers('ecs'))).flatMap(({ servers }) => servers)).toEqual([])
  })

  it('is asked for once below the project, where the endpoint ends in it already', async () => {
    const wire = await aNovaWire({ nova: listed(fleet(1)) })
    const { endpoints } = wire.connection
    Object.assign(endpoints, { compute: `${endpoints.compute}/${PROJECT}/` })
    await all(wire.open().servers('ecs'))
    expect(wire.calls.map(({ path }) => path)).toEqual([`/v2.1/${PROJECT}/servers/detail`])
  })

  it('whose marker is gone is to be started over', async () => {
    const gone: Reply = { status: 400, body: { badRequest: { code: 400, message: 'marker [x] not found' } } }
    const wire = await aNovaWire({
      nova: received => (received.query.marker === undefined ? listed(fleet(7), 3)(received) : gone),
    })
    const { details } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(details).toMatchObject({ class: 'unavailable', code: 'marker-vanished' })
  })

  it.each([
    ['tags', { tags: undefined }],
    ['locks', { locked: undefined }],
  ])('without %s is refused: a protected server would not be seen', async (_what, without) => {
    const wire = await aNovaWire({ nova: () => ({ body: { servers: [novaServer(ID, without)] } }) })
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(details.class).toBe('refused')
    expect(message).toContain('which microversion 2.26 brings')
  })

  it('of a Nova that is too old for it says so', async () => {
    const words = 'Version 2.26 is not supported by the API. Minimum is 2.1 and maximum is 2.25.'
    const wire = await aNovaWire({
      nova: () => ({ status: 406, body: { computeFault: { code: 406, message: words } } }),
    })
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(details.class).toBe('refused')
    expect(message).toContain(words)
  })

  it('for another project is refused with both', async () => {
    const words = "Malformed request URL: URL's project_id 'a' doesn't match Context's project_id 'b'"
    const wire = await aNovaWire({
      nova: () => ({ status: 400, body: { badRequest: { code: 400, message: words } } }),
    })
    const { details, message } = await cloudErrorOf(all(wire.cloud.servers('ecs')))
    expect(details).toMatchObject({ class: 'refused', status: 400 })
    expect(message).toContain(words)
  })
})

describe('a server', () => {
  const only = async (overrides: Record<string, unknown>, kind: 'ecs' | 'bms' = 'ecs') => {
    const wire = await aNovaWire({ nova: () => ({ body: { servers: [novaServer(ID, overrides)] } }) })
    return (await all(wire.cloud.servers(kind))).flatMap(({ servers }) => servers)[0]
  }

  it('is read whole', async () => {
    expect(await only({ locked: true, tags: ['env=dev', 'curfew-protect', 'a=b=c'] })).toEqual({
      id: ID,
      name: `name-${ID}`,
      kind: 'ecs',
      status: 'ACTIVE',
      power: 'on',
      busy: null,
      turning: null,
      locked: true,
      frozen: false,
      inRecycleBin: false,
      tags: { env: ['dev'], 'curfew-protect': [''], a: ['b=c'] },
      enterpriseProjectId: null,
      chargingMode: null,
      flavor: 'm1.small',
    })
  })

  it('in error has the cloud’s words, and one that is not has none', async () => {
    const fault = { code: 500, created: '2026-11-21T01:20:51Z', message: 'No valid host was found.' }
    expect((await only({ status: 'ERROR', fault }))?.fault).toBe('No valid host was found.')
    expect((await only({ status: 'ACTIVE', fault }))?.fault).toBeUndefined()
  })

  it.each([
    ['tag', { tags: ['__type_baremetal'] }],
    ['metadata', { metadata: { 'metering.resourcetype': '__type_baremetal' } }],
  ])('that its %s marks as bare metal is bms, every other one ecs', async (_by, mark) => {
    expect([(await only(mark, 'bms'))?.kind, await only(mark, 'ecs')]).toEqual(['bms', undefined])
    expect([(await only({}, 'ecs'))?.kind, await only({}, 'bms')]).toEqual(['ecs', undefined])
  })
})

describe('servers by id', () => {
  const known =
    (ids: string[]) =>
    (received: Received): Reply => {
      const wanted = received.path.split('/').at(-1)!
      if (wanted === 'detail') return listed(ids.map(one => novaServer(one)))(received)
      return ids.includes(wanted)
        ? { body: { server: novaServer(wanted) } }
        : {
            status: 404,
            body: { itemNotFound: { code: 404, message: `Instance ${wanted} could not be found.` } },
          }
    }

  it('are read one by one; those that do not exist are absent', async () => {
    const wire = await aNovaWire({ nova: known([id(1), id(2)]) })
    const servers = await wire.cloud.serversById('ecs', [id(1), id(2), id(3), id(1)], 5000)
    expect([...servers.keys()]).toEqual([id(1), id(2)])
    expect(wire.calls.map(({ path }) => path)).toEqual(
      [1, 2, 3].map(n => `/v2.1/${PROJECT}/servers/${id(n)}`),
    )
  })

  it('are read from the list where that takes fewer calls', async () => {
    const ids = Array.from({ length: 30 }, (_, n) => id(n))
    const wire = await aNovaWire({ nova: known(ids) })
    expect((await wire.cloud.serversById('ecs', ids.slice(0, 10), 30)).size).toBe(10)
    expect(wire.calls).toHaveLength(1)
  })

  it('are not asked for under an id that would mean another path', async () => {
    const wire = await aNovaWire({ nova: known([]) })
    expect((await wire.cloud.serversById('ecs', ['../detail', ''], null)).size).toBe(0)
    expect(wire.calls).toEqual([])
  })

  it('are not taken for absent where the path is wrong', async () => {
    const router = { message: 'The resource could not be found.', code: '404 Not Found', title: 'Not Found' }
    const wire = await aNovaWire({ nova: () => ({ status: 404, body: router }) })
    const { details } = await cloudErrorOf(wire.cloud.serversById('ecs', [ID], null))
    expect(details).toMatchObject({ class: 'refused', status: 404 })
  })
})

describe('a connection', () => {
  it.each(['identity', 'compute'] as const)('without its endpoint %s is refused by name', missing => {
    const endpoints = { identity: 'http://127.0.0.1:9/v3', compute: 'http://127.0.0.1:9/v2.1' }
    const connection = wireConnection('http://127.0.0.1:9', {
      api: 'openstack',
      endpoints: { ...endpoints, [missing]: undefined },
    })
    const options = { timeoutMs: 1000, now: () => 0, random: () => 0, sleep: async () => undefined }
    expect(() => createCloud({ ...options, connection, secret: PASSWORD })).toThrow(
      `Connection prod: expected endpoints.${missing}, which openstack needs`,
    )
  })
})
