import { describe, expect, it } from 'vitest'
import type { SeedServer, Simulator, Switches } from '../../infra/simulator/index.ts'
import { bms, call, ecs, holdClock, PROJECT } from './client.ts'
import { aNova, type NovaReply, type Seen, seenBy, send, tokenOf } from './nova-client.ts'

const ID = '616fb98f-46ca-475e-917e-2563e5a8cd19'
const TAGGED = { 'x-openstack-nova-api-version': '2.26' }

interface World {
  simulator: Simulator
  nova: Seen
}
async function aWorld(servers: SeedServer[] = [], switches: Partial<Switches> = {}): Promise<World> {
  const simulator = await aNova({ servers, switches: { jobSeconds: { first: 1, spread: 0 }, ...switches } })
  return { simulator, nova: seenBy(simulator, await tokenOf(simulator)) }
}
/** A server with an id of its own, and how it is. */
const one = (overrides: Partial<SeedServer> = {}): SeedServer => ecs({ id: ID, ...overrides })

const faultOf = ({ status, json }: NovaReply): [number, string, string] => {
  const [[name, value] = ['', {}]] = Object.entries(json as Record<string, { message: string; code: number }>)
  expect(value).toMatchObject({ code: status })
  return [status, name, (value as { message: string }).message]
}
interface Item {
  id: string
  name: string
  [field: string]: unknown
}
const page = ({ json }: NovaReply) =>
  json as { servers: Item[]; servers_links?: { rel: string; href: string }[] }
const names = (reply: NovaReply): string[] => page(reply).servers.map(({ name }) => name)
const state = async ({ nova }: World) => {
  const { server } = (await nova.get(`/servers/${ID}`)).json as { server: Item }
  return [
    server.status,
    server['OS-EXT-STS:vm_state'],
    server['OS-EXT-STS:task_state'],
    server['OS-EXT-STS:power_state'],
  ]
}

describe('who asks', () => {
  it.each([
    ['without a token', {}],
    ['with a token that nobody gave', { 'x-auth-token': 'gAAAAAx' }],
  ])('%s is turned away by the filter in front of Nova', async (_who, headers) => {
    const { url } = await aNova()
    const reply = await send(url, `/v2.1/${PROJECT}/servers/detail`, { headers })
    expect([reply.status, reply.json]).toEqual([
      401,
      {
        error: {
          code: 401,
          title: 'Unauthorized',
          message: 'The request you have made requires authentication.',
        },
      },
    ])
    expect(reply.headers.get('www-authenticate')).toMatch(/^Keystone uri="http:/)
    expect(reply.headers.get('openstack-api-version')).toBeNull()
  })

  it('for another project is told 400, not 403', async () => {
    const simulator = await aNova()
    const nova = seenBy(simulator, await tokenOf(simulator), '/v2.1/elsewhere')
    expect(faultOf(await nova.get('/servers/detail'))).toEqual([
      400,
      'badRequest',
      `Malformed request URL: URL's project_id 'elsewhere' doesn't match Context's project_id '${PROJECT}'`,
    ])
  })

  it('with a token for no project is told 400 with a project in the URL, and 403 without', async () => {
    const simulator = await aNova()
    const token = await tokenOf(simulator, { scope: '' })
    const [, , words] = faultOf(await seenBy(simulator, token).get('/servers/detail'))
    expect(words).toContain("doesn't match Context's project_id 'None'")
    expect((await seenBy(simulator, token, '/v2.1').get('/servers/detail')).status).toBe(403)
  })

  it('may leave the project out, for the token has it', async () => {
    const simulator = await aNova({ servers: [one()] })
    const nova = seenBy(simulator, await tokenOf(simulator), '/v2.1')
    expect(page(await nova.get('/servers/detail')).servers).toHaveLength(1)
  })
})

describe('an answer', () => {
  it('of Nova itself names version and request, and nothing of a gateway', async () => {
    const { nova } = await aWorld([one()])
    const { headers } = await nova.get(`/servers/${ID}`)
    expect(headers.get('openstack-api-version')).toBe('compute 2.1')
    expect(headers.get('x-openstack-nova-api-version')).toBe('2.1')
    expect(headers.get('x-openstack-request-id')).toMatch(/^req-[0-9a-f-]{36}$/)
    expect(headers.get('x-compute-request-id')).toBe(headers.get('x-openstack-request-id'))
    expect(headers.get('content-type')).toBe('application/json; charset=UTF-8')
    expect([headers.get('server'), headers.get('x-request-id'), headers.get('retry-after')]).toEqual([
      null,
      null,
      null,
    ])
  })

  it('under the older prefix has no version', async () => {
    const simulator = await aNova({ servers: [one()] })
    const nova = seenBy(simulator, await tokenOf(simulator), `/v2/${PROJECT}`)
    const reply = await nova.get('/servers/detail', TAGGED)
    expect([reply.status, reply.headers.get('openstack-api-version')]).toEqual([200, null])
    expect(page(reply).servers[0]).not.toHaveProperty('tags')
  })

  it.each([
    ['GET', `/servers/${ID}/`],
    ['GET', `/servers/${ID}/action`],
    ['PUT', `/servers/${ID}/action`],
    ['POST', '/servers/action'],
  ])('to %s %s is the router’s 404', async (method, path) => {
    const simulator = await aNova({ servers: [one()] })
    const token = await tokenOf(simulator)
    const reply = await send(simulator.url, `/v2.1/${PROJECT}${path}`, {
      method,
      headers: { 'x-auth-token': token },
      ...(method === 'GET' ? {} : { body: { 'os-stop': null } }),
    })
    expect([reply.status, reply.json]).toEqual([
      404,
      {
        message: 'The resource could not be found.<br /><br />\n\n\n',
        code: '404 Not Found',
        title: 'Not Found',
      },
    ])
  })
})

describe('the list', () => {
  const three = [1, 2, 3].map(number => ecs({ name: `s${number}` }))

  it('has the newest first, and no link where the page is not full', async () => {
    const { nova } = await aWorld(three)
    const reply = await nova.get('/servers/detail')
    expect(names(reply)).toEqual(['s3', 's2', 's1'])
    expect(page(reply)).not.toHaveProperty('servers_links')
  })

  it('goes on behind a marker; a full last page has a link to an empty one', async () => {
    const { simulator, nova } = await aWorld(three)
    const seen: string[][] = []
    let path = '/servers/detail?limit=1'
    for (;;) {
      const reply = await nova.get(path)
      seen.push(names(reply))
      const [link] = page(reply).servers_links ?? []
      if (!link) break
      expect(link).toMatchObject({ rel: 'next' })
      expect(link.href).toContain(`${simulator.url}/v2.1/${PROJECT}/servers/detail?limit=1&marker=`)
      path = link.href.slice(`${simulator.url}/v2.1/${PROJECT}`.length)
    }
    expect(seen).toEqual([['s3'], ['s2'], ['s1'], []])
  })

  it.each([
    ['?limit=0', []],
    ['?limit=5000', ['s3', 's2', 's1']],
    ['?offset=2', ['s3', 's2', 's1']],
    ['?status=NONSENSE', []],
    ['?status=ACTIVE', ['s3', 's2', 's1']],
  ])('%s is %j', async (query, expected) => {
    const { nova } = await aWorld(three)
    const reply = await nova.get(`/servers/detail${query}`)
    expect([reply.status, names(reply)]).toEqual([200, expected])
  })

  it.each([
    [
      '?limit=-1',
      400,
      'badRequest',
      "Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'",
    ],
    ['?marker=unknown', 400, 'badRequest', 'marker [unknown] not found'],
    [
      '?all_tenants=1',
      403,
      'forbidden',
      "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.",
    ],
  ])('%s is refused', async (query, ...expected) => {
    const { nova } = await aWorld(three)
    expect(faultOf(await nova.get(`/servers/detail${query}`))).toEqual(expected)
  })

  it('has no more on a page than it is allowed', async () => {
    const { nova } = await aWorld(three, { maxPage: 2 })
    const reply = await nova.get('/servers/detail?limit=1000')
    expect(names(reply)).toEqual(['s3', 's2'])
    expect(page(reply).servers_links).toHaveLength(1)
  })

  it('tells tags and locks from their microversions on', async () => {
    const { nova } = await aWorld([one({ locked: true, tags: { env: 'dev', 'curfew-protect': '' } })])
    const item = async (version: string) =>
      page(await nova.get('/servers/detail', { 'x-openstack-nova-api-version': version })).servers[0]!
    expect(await item('2.8')).not.toHaveProperty('locked')
    expect(await item('2.9')).toMatchObject({ locked: true })
    expect(await item('2.25')).not.toHaveProperty('tags')
    expect(await item('2.26')).toMatchObject({
      tags: ['env=dev', 'curfew-protect'],
      flavor: { id: 's6.large.2' },
    })
    expect((await item('2.93')).flavor).not.toHaveProperty('id')
  })

  it('heeds the newer of the two version headers, and refuses a version that there is not', async () => {
    const { nova } = await aWorld([one()])
    const reply = await nova.get('/servers/detail', { 'openstack-api-version': 'compute 2.26' })
    expect(page(reply).servers[0]).toHaveProperty('tags')
    expect(faultOf(await nova.get('/servers/detail', { 'openstack-api-version': 'compute 2.999' }))).toEqual([
      406,
      'computeFault',
      'Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.',
    ])
  })
})

describe('a server', () => {
  it('that nobody knows is not found', async () => {
    const { nova } = await aWorld()
    expect(faultOf(await nova.get(`/servers/${ID}`))).toEqual([
      404,
      'itemNotFound',
      `Instance ${ID} could not be found.`,
    ])
  })

  it('in error tells its fault, one that is not does not', async () => {
    const broken = await aWorld([one({ status: 'ERROR' })])
    expect((await broken.nova.get(`/servers/${ID}`)).json).toMatchObject({
      server: { fault: { code: 500, message: 'No valid host was found.' } },
    })
    const whole = await aWorld([one()])
    expect((await whole.nova.get(`/servers/${ID}`)).json).not.toHaveProperty('server.fault')
  })
})

describe('a stop', () => {
  it('is taken with 202 and no body, shows as powering off, and then as off', async () => {
    const pass = holdClock()
    const world = await aWorld([one()])
    const reply = await world.nova.stop(ID)
    expect([reply.status, reply.text]).toEqual([202, ''])
    expect([reply.headers.get('content-length'), reply.headers.get('content-type')]).toEqual([
      '0',
      'application/json',
    ])
    expect(await state(world)).toEqual(['ACTIVE', 'active', 'powering-off', 1])
    pass(1)
    expect(await state(world)).toEqual(['SHUTOFF', 'stopped', null, 4])
    expect(world.simulator.stops()).toMatchObject([
      { stop: { kind: 'ecs', type: null, ids: [ID] }, status: 202 },
    ])
  })

  it('of a BMS is answered 204', async () => {
    const { nova, simulator } = await aWorld([bms({ id: ID })])
    const reply = await nova.stop(ID, {})
    expect([reply.status, reply.text]).toEqual([204, ''])
    expect(simulator.stops()[0]?.stop.kind).toBe('bms')
  })

  it('that the hypervisor fails is taken, and leaves nothing but a server that is up and idle', async () => {
    const pass = holdClock()
    const world = await aWorld([one()], { partialFail: { [ID]: 'any' } })
    expect((await world.nova.stop(ID)).status).toBe(202)
    pass(1)
    expect(await state(world)).toEqual(['ACTIVE', 'active', null, 1])
    expect((await world.nova.get(`/servers/${ID}`)).json).not.toHaveProperty('server.fault')
  })

  it.each([
    ['soft', { type: 'SOFT' }, false],
    ['hard, which a plain Nova does not look at', { type: 'HARD' }, false],
    ['hard, where Nova looks at it', { type: 'HARD' }, true],
  ])('of a server whose guest hangs: %s', async (_what, value, novaHearsType) => {
    const pass = holdClock()
    const world = await aWorld([one()], { softHangs: [ID], novaHearsType })
    expect((await world.nova.stop(ID, value)).status).toBe(202)
    pass(3000)
    const isOff = novaHearsType ? 'SHUTOFF' : 'ACTIVE'
    expect((await state(world))[0]).toBe(isOff)
  })

  it('of a server in error is taken', async () => {
    const pass = holdClock()
    const world = await aWorld([one({ status: 'ERROR' })])
    expect((await world.nova.stop(ID)).status).toBe(202)
    pass(1)
    expect(await state(world)).toEqual(['SHUTOFF', 'stopped', null, 4])
  })

  it.each([
    ['that is off', { status: 'SHUTOFF' }, `Cannot 'stop' instance ${ID} while it is in vm_state stopped`],
    ['that is paused', { status: 'PAUSED' }, `Cannot 'stop' instance ${ID} while it is in vm_state paused`],
    [
      'that is powering off',
      { taskState: 'powering-off' },
      `Cannot 'stop' instance ${ID} while it is in task_state powering-off`,
    ],
    ['that is being built', { status: 'BUILD' }, `Instance ${ID} is not ready`],
    ['that is locked', { locked: true }, `Instance ${ID} is locked`],
  ])('of a server %s is a conflict, told by its words alone', async (_which, how, words) => {
    const { nova } = await aWorld([one(how)])
    expect(faultOf(await nova.stop(ID))).toEqual([409, 'conflictingRequest', words])
  })

  it('of a locked server by an administrator is taken', async () => {
    const { simulator } = await aWorld([one({ locked: true })])
    const admin = seenBy(simulator, await tokenOf(simulator, { username: 'admin' }))
    expect((await admin.stop(ID)).status).toBe(202)
  })

  it('by a reader is forbidden', async () => {
    const { simulator } = await aWorld([one()])
    const reader = seenBy(simulator, await tokenOf(simulator, { username: 'reader' }))
    expect(faultOf(await reader.stop(ID))).toEqual([
      403,
      'forbidden',
      "Policy doesn't allow os_compute_api:servers:stop to be performed.",
    ])
    expect(simulator.server(ID)?.taskState).toBeNull()
  })

  it.each([
    ['nobody knows', [], `Instance ${ID} has no mapping to a cell.`],
    ['is deleted', [one({ inRecycleBin: true })], `Instance ${ID} could not be found.`],
  ])('of a server that %s is not found', async (_which, servers, words) => {
    const { nova } = await aWorld(servers)
    for (const reply of [await nova.stop(ID), await nova.start(ID)])
      expect(faultOf(reply)).toEqual([404, 'itemNotFound', words])
  })

  it.each([null, {}, { type: 'HARD' }, { type: 'NONSENSE' }, 'x', []])(
    'is taken whatever its value: %j',
    async value => {
      const { nova } = await aWorld([one()])
      expect((await nova.stop(ID, value)).status).toBe(202)
    },
  )

  it.each([
    ['two actions', { 'os-stop': null, more: 1 }, 400, 'Malformed request body'],
    ['none', {}, 400, 'Malformed request body'],
    ['a list', [], 400, 'Malformed request body'],
    ['text that is no JSON', '{"os-stop"', 400, 'Malformed request body'],
    ['another action', { nonsense: null }, 400, 'There is no such action: nonsense'],
    ['null', 'null', 404, 'The resource could not be found.'],
  ])('is not taken from a body with %s', async (_what, body, status, words) => {
    const { nova, simulator } = await aWorld([one()])
    const reply = await nova.post(`/servers/${ID}/action`, body)
    const [code, , message] = faultOf(reply)
    expect([code, message]).toEqual([status, words])
    expect(simulator.server(ID)?.taskState).toBeNull()
  })

  it('with 120 KiB is too large', async () => {
    const { nova } = await aWorld([one()])
    const reply = await nova.post(`/servers/${ID}/action`, { 'os-stop': 'x'.repeat(120 * 1024) })
    expect([reply.status, reply.text]).toEqual([413, expect.stringContaining('(114688)')])
  })
})

describe('at Huawei Cloud, by signature', () => {
  const stop = (simulator: Simulator, value: unknown, path = `/v2.1/${PROJECT}/servers/${ID}/action`) =>
    call(simulator.url, { method: 'POST', path, body: { 'os-stop': value } })

  it.each([`/v2.1/${PROJECT}`, `/v2/${PROJECT}`])('the native call is under %s, too', async prefix => {
    const { simulator } = await aWorld([one()])
    expect((await stop(simulator, {}, `${prefix}/servers/${ID}/action`)).status).toBe(202)
  })

  it('a hard stop is a hard one', async () => {
    const pass = holdClock()
    const { simulator } = await aWorld([one()], { softHangs: [ID] })
    expect((await stop(simulator, { type: 'HARD' })).status).toBe(202)
    pass(1)
    expect(simulator.server(ID)?.status).toBe('SHUTOFF')
  })

  it('a server that a stop of many refuses is taken', async () => {
    const { simulator } = await aWorld([one()], { nativeOnly: [ID], badMember: 'refuse' })
    const batch = await call(simulator.url, {
      method: 'POST',
      path: `/v1/${PROJECT}/cloudservers/action`,
      body: { 'os-stop': { servers: [{ id: ID }] } },
    })
    expect([batch.status, batch.body.error?.code]).toEqual([400, 'Ecs.0611'])
    expect((await stop(simulator, {})).status).toBe(202)
  })

  it('a bad signature is refused by the gateway', async () => {
    const { simulator } = await aWorld([one()])
    const key = { accessKey: 'AKEXAMPLE0000000000X', secretKey: 'wrong' }
    const path = `/v2.1/${PROJECT}/servers/${ID}/action`
    const reply = await call(simulator.url, { method: 'POST', path, key, body: { 'os-stop': {} } })
    expect([reply.status, reply.body.error_code]).toEqual([401, 'APIGW.0301'])
  })
})

describe('a start', () => {
  const off = { status: 'SHUTOFF' }

  it.each([null, {}, { servers: [] }])(
    'is taken with 202 and no body, whatever its value: %j',
    async value => {
      const pass = holdClock()
      const world = await aWorld([one(off)])
      const reply = await world.nova.start(ID, value)
      expect([reply.status, reply.text]).toEqual([202, ''])
      expect(await state(world)).toEqual(['SHUTOFF', 'stopped', 'powering-on', 4])
      pass(1)
      expect(await state(world)).toEqual(['ACTIVE', 'active', null, 1])
      expect(world.simulator.starts()).toMatchObject([
        { start: { action: 'start', kind: 'ecs', type: null, ids: [ID] }, status: 202 },
      ])
    },
  )

  it('of a BMS is answered 204', async () => {
    const { nova } = await aWorld([bms({ id: ID, ...off })])
    expect((await nova.start(ID)).status).toBe(204)
  })

  it.each([
    ['that runs', {}, `Cannot 'start' instance ${ID} while it is in vm_state active`],
    [
      'that is powering on',
      { ...off, taskState: 'powering-on' },
      `Cannot 'start' instance ${ID} while it is in task_state powering-on`,
    ],
    ['that is paused', { status: 'PAUSED' }, `Cannot 'start' instance ${ID} while it is in vm_state paused`],
    ['in error', { status: 'ERROR' }, `Cannot 'start' instance ${ID} while it is in vm_state error`],
    ['that is locked', { ...off, locked: true }, `Instance ${ID} is locked`],
  ])('of a server %s is a conflict, told by its words alone', async (_which, how, words) => {
    const { nova } = await aWorld([one(how)])
    expect(faultOf(await nova.start(ID))).toEqual([409, 'conflictingRequest', words])
  })

  it('under way makes a stop find the server stopped', async () => {
    const { nova } = await aWorld([one(off)])
    await nova.start(ID)
    const words = `Cannot 'stop' instance ${ID} while it is in vm_state stopped`
    expect(faultOf(await nova.stop(ID))).toEqual([409, 'conflictingRequest', words])
  })

  it('by a reader is forbidden', async () => {
    const { simulator } = await aWorld([one(off)])
    const reader = seenBy(simulator, await tokenOf(simulator, { username: 'reader' }))
    expect(faultOf(await reader.start(ID))).toEqual([
      403,
      'forbidden',
      "Policy doesn't allow os_compute_api:servers:start to be performed.",
    ])
  })

  it('meets the faults of its own route', async () => {
    const faults = [{ match: { route: 'novaStart' as const }, times: 1, kind: 'busy503' as const }]
    const { nova } = await aWorld([one(off), ecs({ id: 'up' })], { faults })
    const statuses = [await nova.stop('up'), await nova.start(ID), await nova.start(ID)]
    expect(statuses.map(({ status }) => status)).toEqual([202, 503, 202])
  })

  it('with a signature is taken, as the native call of ECS', async () => {
    const { simulator } = await aWorld([one(off)])
    const path = `/v2.1/${PROJECT}/servers/${ID}/action`
    const reply = await call(simulator.url, { method: 'POST', path, body: { 'os-start': {} } })
    expect([reply.status, simulator.server(ID)?.taskState]).toEqual([202, 'powering-on'])
  })
})

describe('a Nova in another dialect', () => {
  const servers = ['a', 'b', 'c', 'd', 'e'].map(name => ecs({ id: name, name }))
  const pageAfter = async ({ nova }: World, marker: string) =>
    names(await nova.get(`/servers/detail?limit=3&marker=${marker}`))

  it('begins a page with servers of the one before', async () => {
    expect(await pageAfter(await aWorld(servers, { novaOverlap: 1 }), 'c')).toEqual(['c', 'b', 'a'])
  })

  it('takes no notice of a parameter', async () => {
    expect(await pageAfter(await aWorld(servers, { ignoredParameters: ['marker'] }), 'c')).toEqual([
      'e',
      'd',
      'c',
    ])
  })

  it('refuses a parameter in its own words', async () => {
    const { nova } = await aWorld(servers, { refusedParameters: ['marker'] })
    const reply = await nova.get('/servers/detail?marker=c')
    expect(faultOf(reply)).toEqual([400, 'badRequest', 'Invalid input for query parameters marker'])
  })

  it('does not tell a status, and spells an empty list null', async () => {
    const { nova } = await aWorld([one()], { statusUntold: [ID], emptyListIsNull: true })
    expect(page(await nova.get('/servers/detail')).servers[0]?.status).toBeNull()
    expect(page(await nova.get('/servers/detail?status=SHUTOFF')).servers).toBeNull()
  })
})
