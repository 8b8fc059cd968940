import { describe, expect, test } from 'vitest'
import { ecsPage } from '../../infra/simulator/huawei/listing.ts'
import { sampleFleet } from '../../infra/simulator/index.ts'
import { createState } from '../../infra/simulator/world/state.ts'
import { defaultSwitches } from '../../infra/simulator/world/switches/switches.ts'
import { aSimulator, bms, call, ecs, holdClock, ids, list, names, PROJECT, server } from './client.ts'

const named = (...all: string[]) => all.map(name => ecs({ id: name, name }))

describe('the ECS list', () => {
  test('gives 25 servers and the number of all', async () => {
    const simulator = await aSimulator({ servers: sampleFleet({ ecs: 30, bms: 0 }) })
    const { status, body, headers } = await list(simulator)
    expect(status).toBe(200)
    expect(body.servers).toHaveLength(25)
    expect(body).toMatchObject({ count: 30, request_id: headers.get('x-request-id') })
  })

  test('goes on after the marker, to an empty page at the end', async () => {
    const simulator = await aSimulator({ servers: named('a', 'b', 'c', 'd', 'e') })
    expect(ids(await list(simulator, { limit: '2' }))).toEqual(['a', 'b'])
    expect(ids(await list(simulator, { limit: '2', marker: 'b' }))).toEqual(['c', 'd'])
    expect(ids(await list(simulator, { limit: '2', marker: 'd' }))).toEqual(['e'])
    expect(ids(await list(simulator, { limit: '2', marker: 'e' }))).toEqual([])
  })

  test('goes on after a marker that no longer matches the filter', async () => {
    const simulator = await aSimulator({ servers: named('a', 'b', 'c') })
    simulator.change('b', { status: 'SHUTOFF' })
    expect(ids(await list(simulator, { status: 'ACTIVE', marker: 'b' }))).toEqual(['c'])
  })

  test('refuses a marker whose server is gone', async () => {
    const simulator = await aSimulator({ servers: named('a', 'b', 'c') })
    simulator.remove('b')
    const { status, body } = await list(simulator, { marker: 'b' })
    expect({ status, body }).toEqual({
      status: 400,
      body: { error: { code: 'Ecs.0005', message: 'marker [b] not found' } },
    })
  })

  test('takes offset as a page number, 0 as the first', async () => {
    const simulator = await aSimulator({ servers: named('a', 'b', 'c') })
    const page = async (offset: string) => ids(await list(simulator, { limit: '2', offset }))
    expect([await page('0'), await page('1'), await page('2'), await page('3')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['c'],
      [],
    ])
  })

  test.each(['limit=0', 'limit=-1', 'limit=x', 'offset=-1'])('refuses %s', async text => {
    const simulator = await aSimulator()
    expect(await list(simulator, Object.fromEntries([text.split('=')]))).toMatchObject({
      status: 400,
      body: { error: { code: 'Ecs.0005' } },
    })
  })

  test('gives no more than maxPage', async () => {
    const simulator = await aSimulator({ servers: named('a', 'b', 'c'), switches: { maxPage: 2 } })
    expect(ids(await list(simulator, { limit: '1000' }))).toEqual(['a', 'b'])
  })

  test('has the BMS too unless not-tags leaves them out', async () => {
    const simulator = await aSimulator({ servers: [ecs({ id: 'e' }), bms({ id: 'b' })] })
    expect(ids(await list(simulator))).toEqual(['e', 'b'])
    const without = await list(simulator, { 'not-tags': '__type_baremetal' })
    expect(ids(without)).toEqual(['e'])
    expect(without.body.count).toBe(1)
    expect(ids(await list(simulator, { tags: '__type_baremetal' }))).toEqual(['b'])
  })

  test.each([
    ['ACTIVE', ['ACTIVE', 'REBOOT', 'HARD_REBOOT', 'REBUILD', 'MIGRATING', 'RESIZE']],
    ['SHUTOFF', ['SHUTOFF', 'REBUILD', 'RESIZE']],
    ['ERROR', ['ERROR', 'REBUILD']],
    ['BUILD', ['BUILD']],
  ])('brings with status=%s also what passes through it', async (status, expected) => {
    const all = [
      'ACTIVE',
      'SHUTOFF',
      'ERROR',
      'BUILD',
      'REBOOT',
      'HARD_REBOOT',
      'REBUILD',
      'MIGRATING',
      'RESIZE',
    ]
    const simulator = await aSimulator({ servers: all.map(each => ecs({ id: each, status: each })) })
    expect(ids(await list(simulator, { status })).sort()).toEqual(expected.sort())
  })

  test.each([
    [{ tags: 'env=prod' }, ['p']],
    [{ tags: 'env' }, ['p', 'd']],
    [{ tags: 'env=dev,team=web' }, ['d']],
    [{ tags: 'path=a=b' }, ['p']],
    [{ 'not-tags': 'env=prod' }, ['d', 'n']],
    [{ 'not-tags': 'env' }, ['n']],
    [{ name: 'WEB' }, ['d']],
    [{ flavor: 's6.small.1' }, ['n']],
    [{ enterprise_project_id: '7' }, ['n']],
    [{ enterprise_project_id: 'all_granted_eps' }, ['p', 'd', 'n']],
    [{ reservation_id: 'r-1' }, ['p']],
    [{ ip_eq: '10.0.0.2' }, ['d']],
  ])('filters by %o', async (query, expected) => {
    const simulator = await aSimulator({
      servers: [
        ecs({ id: 'p', tags: { env: 'prod', path: 'a=b' }, reservationId: 'r-1' }),
        ecs({ id: 'd', name: 'my-web-01', tags: { env: 'dev', team: 'web' } }),
        ecs({ id: 'n', flavor: 's6.small.1', enterpriseProjectId: '7' }),
      ],
    })
    const reply = await list(simulator, query as Record<string, string>)
    expect(ids(reply)).toEqual(expected)
    expect(reply.body.count).toBe(expected.length)
  })

  test('by server_id gives these and no others, an unknown one as an id and a fault', async () => {
    const simulator = await aSimulator({ servers: named('a', 'b', 'c') })
    const { body } = await list(simulator, [
      ['server_id', 'a,x'],
      ['server_id', 'c'],
      ['status', 'SHUTOFF'],
    ])
    expect(body.servers?.map(({ id }) => id)).toEqual(['a', 'c', 'x'])
    expect(body.servers?.[2]).toEqual({ id: 'x', fault: expect.objectContaining({ code: 404 }) })
  })

  test('takes 100 ids, not 101', async () => {
    const simulator = await aSimulator({ servers: sampleFleet({ ecs: 101, bms: 0 }) })
    const all = simulator.servers().map(({ id }) => id)
    expect((await list(simulator, { server_id: all.slice(0, 100).join(',') })).body.servers).toHaveLength(100)
    expect(await list(simulator, { server_id: all.join(',') })).toMatchObject({ status: 400 })
  })

  test('of 100,000 servers has each exactly once, page by page', () => {
    const switches = defaultSwitches()
    const state = createState(switches)
    state.add(sampleFleet({ ecs: 100_000, bms: 40 }), 0)
    const seen = new Set<string>()
    let [marker, pages] = ['', 0]
    while (pages <= 100) {
      const params = new URLSearchParams({ limit: '1000', marker, 'not-tags': '__type_baremetal' })
      const page = ecsPage(state, params, { switches, now: 0 })
      if (page.kind === 'refused' || page.servers.length === 0) break
      for (const { id } of page.servers) seen.add(id)
      marker = page.servers.at(-1)?.id ?? ''
      pages += 1
    }
    expect([seen.size, pages]).toEqual([100_000, 100])
  })
})

describe('an item', () => {
  test('of an ECS has the fields a scheduler reads', async () => {
    holdClock('2026-11-21T12:00:00.123Z')
    const simulator = await aSimulator({
      servers: [
        ecs({ id: 'e', name: 'web', tags: { env: 'dev', bare: '' }, locked: true, chargingMode: 'spot' }),
      ],
    })
    const { text, body } = await list(simulator)
    expect(body.servers?.[0]).toMatchObject({
      id: 'e',
      name: 'web',
      tenant_id: PROJECT,
      status: 'ACTIVE',
      'OS-EXT-STS:vm_state': 'active',
      'OS-EXT-STS:task_state': null,
      'OS-EXT-STS:power_state': 1,
      locked: true,
      tags: ['env=dev', 'bare'],
      enterprise_project_id: '0',
      sys_tags: [{ key: '_sys_enterprise_project_id', value: '0' }],
      metadata: { charging_mode: '2', EcmResStatus: 'normal' },
      flavor: { id: 's6.large.2', name: 's6.large.2', vcpus: '2', ram: '4096' },
      created: '2026-11-21T12:00:00Z',
      in_recycle_bin: false,
    })
    expect(text.length).toBeGreaterThan(1800)
  })

  test('of a BMS spells its own way', async () => {
    const simulator = await aSimulator({ servers: [bms({ id: 'b', tags: { env: 'dev' }, frozen: true })] })
    const [item] = (await list(simulator, {}, 'bms')).body.servers ?? []
    expect(item).toMatchObject({
      status: 'SHUTOFF',
      'OS-EXT-STS:vm_state': 'stopped',
      tags: ['__type_baremetal', 'env=dev'],
      metadata: { chargingMode: '1', 'metering.resourcetype': '__type_baremetal', EcmResStatus: 'freeze' },
    })
    expect(item).not.toHaveProperty('OS-EXT-STS:task_state')
    expect(item?.metadata).not.toHaveProperty('charging_mode')
    simulator.switches.bmsVmState = 'shutoff'
    expect((await list(simulator, {}, 'bms')).body.servers?.[0]).toMatchObject({
      'OS-EXT-STS:vm_state': 'shutoff',
    })
  })

  test('shows a change at once', async () => {
    const simulator = await aSimulator({ servers: named('a') })
    await list(simulator)
    simulator.change('a', { status: 'SHUTOFF', tags: { 'curfew-protect': '' } })
    expect((await list(simulator)).body.servers?.[0]).toMatchObject({
      status: 'SHUTOFF',
      tags: ['curfew-protect'],
    })
    simulator.change('a', { status: 'ACTIVE' })
    expect((await list(simulator)).body.servers?.[0]).toMatchObject({ 'OS-EXT-STS:power_state': 1 })
  })
})

describe('the BMS list', () => {
  const three = [
    bms({ id: '1', name: 'one' }),
    ecs(),
    bms({ id: '2', name: 'two' }),
    bms({ id: '3', name: 'three' }),
  ]

  test('has the BMS alone, by page number', async () => {
    const simulator = await aSimulator({ servers: three })
    const { body } = await list(simulator, { limit: '2', offset: '2' }, 'bms')
    expect(body).toEqual({ count: 3, servers: [expect.objectContaining({ id: '3' })] })
  })

  test('counts no further than limit without offset', async () => {
    const simulator = await aSimulator({ servers: three })
    expect((await list(simulator, { limit: '2' }, 'bms')).body).toMatchObject({ count: 2 })
    simulator.switches.bmsCount = 'whole'
    expect((await list(simulator, { limit: '2' }, 'bms')).body).toMatchObject({ count: 3 })
    simulator.switches.bmsCount = 'capped'
    expect((await list(simulator, { limit: '2', offset: '1' }, 'bms')).body).toMatchObject({ count: 2 })
  })

  test('has pages of 1000 with offset and no limit, of 25 with neither', async () => {
    const simulator = await aSimulator({ servers: sampleFleet({ ecs: 0, bms: 30 }) })
    expect((await list(simulator, { offset: '1' }, 'bms')).body.servers).toHaveLength(30)
    expect((await list(simulator, {}, 'bms')).body.servers).toHaveLength(25)
  })

  test('filters by name', async () => {
    const simulator = await aSimulator({ servers: three })
    expect(names(await list(simulator, { name: 't', offset: '1' }, 'bms'))).toEqual(['two', 'three'])
  })
})

describe('a single server', () => {
  test('is shown by both services, an ECS by its own alone', async () => {
    const simulator = await aSimulator({ servers: [ecs({ id: 'e' }), bms({ id: 'b' })] })
    expect((await server(simulator, 'e')).body.server).toMatchObject({ id: 'e' })
    expect((await server(simulator, 'b')).body.server).toMatchObject({ id: 'b' })
    expect((await server(simulator, 'b', 'bms')).body.server).toMatchObject({ id: 'b' })
    expect(await server(simulator, 'e', 'bms')).toMatchObject({
      status: 404,
      body: { error: { code: 'BMS.0040' } },
    })
    expect(await server(simulator, 'x')).toMatchObject({ status: 404, body: { error: { code: 'Ecs.0114' } } })
  })

  test('tells its tags', async () => {
    const simulator = await aSimulator({ servers: [ecs({ id: 'e', tags: { env: 'dev', bare: '' } })] })
    const { body } = await call(simulator.url, { path: `/v1/${PROJECT}/cloudservers/e/tags` })
    expect(body).toEqual({
      tags: [
        { key: 'env', value: 'dev' },
        { key: 'bare', value: '' },
      ],
    })
  })
})

test('an answer has the headers of the real gateway and no Retry-After', async () => {
  holdClock('2026-11-21T12:00:00.000Z')
  const simulator = await aSimulator()
  const { headers } = await list(simulator)
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'application/json',
    server: 'api-gateway',
    date: 'Sat, 21 Nov 2026 12:00:00 GMT',
    'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    'transfer-encoding': 'chunked',
  })
  expect(headers.has('retry-after')).toBe(false)
})

test('a path that does not exist is refused by the gateway', async () => {
  const simulator = await aSimulator()
  const reply = await call(simulator.url, { path: `/v1/${PROJECT}/nothing` })
  expect(reply).toMatchObject({
    status: 404,
    body: { error_code: 'APIGW.0101', request_id: reply.headers.get('x-request-id') },
  })
})

test('with separate hosts each service answers under its own alone', async () => {
  const simulator = await aSimulator({ switches: { separateHosts: true } })
  const [path, bmsPath] = [`/v1/${PROJECT}/cloudservers/detail`, `/v1/${PROJECT}/baremetalservers/detail`]
  const status = async (base: string, asked: string) => (await call(base, { path: asked })).status
  expect([await status(simulator.url, path), await status(simulator.bmsUrl, path)]).toEqual([200, 404])
  expect([await status(simulator.url, bmsPath), await status(simulator.bmsUrl, bmsPath)]).toEqual([404, 200])
})

describe('a cloud in another dialect', () => {
  const NAMED = named('a', 'b', 'c')

  test('takes no notice of a parameter', async () => {
    const switches = { ignoredParameters: ['marker', 'server_id'] }
    const simulator = await aSimulator({ servers: NAMED, switches })
    expect(ids(await list(simulator, { limit: '2', marker: 'b' }))).toEqual(['a', 'b'])
    expect(ids(await list(simulator, { limit: '2', server_id: 'c' }))).toEqual(['a', 'b'])
  })

  test('refuses a parameter, and with it the list', async () => {
    const simulator = await aSimulator({ servers: NAMED, switches: { refusedParameters: ['marker'] } })
    expect(await list(simulator, { marker: 'b' })).toMatchObject({
      status: 400,
      body: { error: { code: 'Ecs.0005', message: 'The parameter marker is invalid' } },
    })
    expect(ids(await list(simulator, { limit: '2', offset: '2' }))).toEqual(['c'])
  })

  test('leaves an unknown id out', async () => {
    const simulator = await aSimulator({ servers: NAMED, switches: { unknownIds: 'leftOut' } })
    expect((await list(simulator, { server_id: 'a,x' })).body.servers).toMatchObject([{ id: 'a' }])
  })

  test('does not tell a status, and spells an empty list null', async () => {
    const switches = { statusUntold: ['b'], emptyListIsNull: true }
    const simulator = await aSimulator({ servers: NAMED, switches })
    const { body } = await list(simulator)
    expect(body.servers?.map(({ status }) => status)).toEqual(['ACTIVE', null, 'ACTIVE'])
    expect((await list(simulator, { name: 'x' })).body).toMatchObject({ count: 0, servers: null })
  })
})
