import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { fleet, KEY } from '../flow/world.ts'
import { aChange, at, START } from '../makers.ts'
import { connectionBody, type HttpWorld, openWorld, policyBody } from './world.ts'

let world: HttpWorld
beforeAll(async () => {
  const bms = fleet(3).map(({ id, name }) => ({
    kind: 'bms' as const,
    id: id!.replace('0000-4', '0001-4'),
    name,
  }))
  world = await openWorld({ servers: [...fleet(12), ...bms] })
})
afterAll(() => world.close())
beforeEach(() => void vi.setSystemTime(START))

const put = (id: string, body: unknown, headers = {}) =>
  world.ask('PUT', `/v1/connections/${id}`, { body, headers })

test('a connection is created, read and replaced, with its defaults', async () => {
  const created = await put('whole', connectionBody())
  expect(created).toMatchObject({ status: 201, headers: { etag: '"1"' } })
  expect(created.body).toEqual({
    id: 'whole',
    api: 'huaweicloud',
    region: 'cn-north-4',
    projectId: '0123456789abcdef0123456789abcdef',
    endpoints: {},
    credentials: { source: 'environment', name: '' },
    maxServersPerMinute: { ecs: 1000, bms: null },
    assume: null,
    managedBy: null,
    scalingGroups: 'guard',
    enabled: true,
    createdAt: at(START),
    updatedAt: at(START),
    updatedBy: 'tester',
    version: 1,
  })
  expect(await world.ask('GET', '/v1/connections/whole')).toMatchObject({ status: 200, body: created.body })
  vi.setSystemTime(START + 1000)
  const replaced = await put('whole', connectionBody({ enabled: false }))
  expect(replaced).toMatchObject({ status: 200, body: { enabled: false, version: 2 } })
  expect(replaced.body).toMatchObject({ createdAt: at(START), updatedAt: at(START + 1000) })
})

test('what was read can be sent back, and changes nothing', async () => {
  const { body } = await put('same', connectionBody())
  vi.setSystemTime(START + 1000)
  expect(await put('same', body)).toMatchObject({ status: 200, body })
})

test('a connection that is not there is 404', async () => {
  expect(await world.ask('GET', '/v1/connections/none')).toMatchObject({ status: 404 })
  expect(await world.ask('DELETE', '/v1/connections/none')).toMatchObject({ status: 404 })
  expect(await world.ask('POST', '/v1/connections/none/check')).toMatchObject({ status: 404 })
})

test("the id in the body, where there is one, equals the path's", async () => {
  const reply = await put('one', connectionBody({ id: 'other' }))
  expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'id' }] } })
})

describe('what a connection may not point at is 422', () => {
  test.each([
    ['a host that is not allowed', { endpoints: { ecs: 'https://evil.example' } }, 'endpoints.ecs'],
    [
      'an allowed host as part of another',
      { endpoints: { ecs: 'https://x.myhuaweicloud.com.evil.example' } },
      'endpoints.ecs',
    ],
    ['http to the world', { endpoints: { ecs: 'http://ecs.cn-north-4.myhuaweicloud.com' } }, 'endpoints.ecs'],
    [
      'a password in the address',
      { endpoints: { ecs: 'https://me:pw@ecs.cn-north-4.myhuaweicloud.com' } },
      'endpoints.ecs',
    ],
    ['no URL at all', { endpoints: { ecs: 'ecs' } }, 'endpoints.ecs'],
    [
      'an endpoint of the other api',
      { endpoints: { compute: 'https://ecs.cn-north-4.myhuaweicloud.com' } },
      'endpoints.compute',
    ],
    ['openstack without its endpoints', { api: 'openstack' }, 'endpoints.identity'],
    ['the key of a server of another cloud', { credentials: { source: 'metadata' } }, 'credentials.source'],
    ['an agency of no account', { assume: { agency: 'curfew' } }, 'assume'],
    ['an agency with an unknown field', { assume: { agency: 'curfew', domain: 'acme' } }, 'assume.domain'],
    [
      'a secret of somebody else',
      { credentials: { source: 'secretsManager', name: 'prod/database' } },
      'credentials.name',
    ],
    [
      'a key in the document',
      { credentials: { source: 'environment', accessKey: 'AK' } },
      'credentials.accessKey',
    ],
    ['no pace at all', { maxServersPerMinute: { ecs: 0 } }, 'maxServersPerMinute.ecs'],
  ])('%s', async (_, overrides, path) => {
    const reply = await put('refused', connectionBody(overrides))
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map(error => error.path)).toContain(path)
    expect(await world.ask('GET', '/v1/connections/refused')).toMatchObject({ status: 404 })
  })
})

test('loopback may be reached without https', async () => {
  const reply = await put('loopback', connectionBody({ endpoints: { ecs: 'http://127.0.0.1:1234' } }))
  expect(reply.status).toBe(201)
})

describe('If-Match', () => {
  test('an edit of the version there is passes, one of another is 412', async () => {
    await put('guarded', connectionBody())
    expect(await put('guarded', connectionBody({ enabled: false }), { 'if-match': '"1"' })).toMatchObject({
      status: 200,
    })
    const late = await put('guarded', connectionBody({ enabled: true }), { 'if-match': '1' })
    expect(late).toMatchObject({
      status: 412,
      body: { errors: [{ path: 'if-match', message: 'expected "2", got 1' }] },
    })
    expect(
      await world.ask('DELETE', '/v1/connections/guarded', { headers: { 'if-match': '"1"' } }),
    ).toMatchObject({ status: 412 })
    expect(
      await world.ask('DELETE', '/v1/connections/guarded', { headers: { 'if-match': '"2"' } }),
    ).toMatchObject({ status: 204 })
  })

  test('any version will do for *, but there must be one', async () => {
    expect(await put('starred', connectionBody(), { 'if-match': '*' })).toMatchObject({ status: 412 })
    await put('starred', connectionBody())
    expect(await put('starred', connectionBody({ enabled: false }), { 'if-match': '*' })).toMatchObject({
      status: 200,
    })
  })
})

test('of edits at the same moment none is lost', async () => {
  await put('busy', connectionBody())
  const edits = Array.from({ length: 6 }, (_, n) =>
    put('busy', connectionBody({ maxServersPerMinute: { ecs: n + 1 } })),
  )
  for (const { status } of await Promise.all(edits)) expect(status).toBe(200)
  const { body } = await world.ask('GET', '/v1/connections/busy')
  expect(body.version).toBe(7)
})

test('a connection that policies use cannot be deleted', async () => {
  await put('used', connectionBody())
  await world.ask('PUT', '/v1/policies/user', { body: policyBody({ id: 'user', connection: 'used' }) })
  const refused = await world.ask('DELETE', '/v1/connections/used')
  expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('user') } })
  await world.ask('DELETE', '/v1/policies/user')
  expect(await world.ask('DELETE', '/v1/connections/used')).toMatchObject({ status: 204, text: '' })
  expect(await world.ask('GET', '/v1/connections/used')).toMatchObject({ status: 404 })
})

describe('a connection that is deleted while policies are made for it', () => {
  const exists = async (path: string) => (await world.ask('GET', path)).status === 200

  test.each(Array.from({ length: 20 }, (_, n) => n))('leaves no policy behind, race %i', async n => {
    const id = `raced-${n}`
    await put(id, connectionBody())
    const makes = Array.from({ length: 1 + (n % 3) }, (_, p) =>
      world.ask('PUT', `/v1/policies/racer-${n}-${p}`, {
        body: policyBody({ id: undefined, connection: id }),
      }),
    )
    const deletes = [world.ask('DELETE', `/v1/connections/${id}`)]
    const replies = await Promise.all(n % 2 === 0 ? [...makes, ...deletes] : [...deletes, ...makes])
    for (const { status } of replies) expect([201, 204, 404, 409, 422]).toContain(status)
    const isThere = await exists(`/v1/connections/${id}`)
    for (const [p] of makes.entries())
      if (await exists(`/v1/policies/racer-${n}-${p}`)) expect(isThere).toBe(true)
  })

  test('whatever comes between, neither takes away what the other relies on', async () => {
    const { store } = world
    const between = { kind: 'connection', id: 'between' } as const
    await put('between', connectionBody())
    const change = aChange({ what: 'deleted' })
    const remove = (mark: string) => store.removeConnection('between', { version: 1, mark }, change)

    const mark = (await store.markDeleting(between))!
    expect(await store.namedUsers(between)).toEqual([])
    expect(await store.nameUser(between, 'late')).toBe(true)
    expect(await remove(mark)).toBe(false)

    const again = (await store.markDeleting(between))!
    expect(await store.namedUsers(between)).toEqual(['late'])
    vi.setSystemTime(Date.now() + 60_000)
    expect(await store.namedUsers(between)).toEqual([])
    expect(await remove(again)).toBe(true)
    expect(await store.nameUser(between, 'later')).toBe(false)
    expect(await store.connection('between')).toBeNull()
  })

  test('may be deleted as soon as its last policy went elsewhere', async () => {
    await put('left', connectionBody())
    await put('stays', connectionBody())
    const save = (connection: string) =>
      world.ask('PUT', '/v1/policies/mover', { body: policyBody({ id: 'mover', connection }) })
    await save('left')
    expect(await world.ask('DELETE', '/v1/connections/left')).toMatchObject({ status: 409 })
    vi.setSystemTime(Date.now() + 1)
    await save('stays')
    expect(await world.ask('DELETE', '/v1/connections/left')).toMatchObject({ status: 204 })
  })
})

test('the id "discover" is taken', async () => {
  expect(await put('discover', connectionBody())).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'id', message: expect.stringContaining('discover') }] },
  })
})

describe('check', () => {
  const real = () => connectionBody({ endpoints: { ecs: world.simulator.url, bms: world.simulator.url } })
  const check = (id: string) => world.ask('POST', `/v1/connections/${id}/check`)

  test('counts the servers of each kind', async () => {
    await put('real', real())
    expect(await check('real')).toMatchObject({
      status: 200,
      body: { ok: true, servers: { ecs: 12, bms: 3 } },
    })
  })

  test('says what is missing where there is no secret', async () => {
    await put('keyless', { ...real(), credentials: { source: 'environment', name: 'NONE_' } })
    const { status, body } = await check('keyless')
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { ok: false, reason: expect.stringContaining('NONE_HUAWEICLOUD_SDK_AK') },
    })
  })

  test('is well only where what the policies need can be listed', async () => {
    const own = '11111111-0000-4000-8000-000000000000'
    await put('scoped', real())
    world.simulator.switches.granted = { projects: [own], elsewhere: 'refused' }
    onTestFinished(() => {
      world.simulator.switches.granted = null
    })
    const named = { connection: 'scoped', selector: { enterpriseProjectId: 'theirs' } }
    await world.ask('PUT', '/v1/policies/scoped', { body: policyBody({ id: 'scoped', ...named }) })
    expect((await check('scoped')).body).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/403.*Policy doesn't allow list/),
    })
    world.simulator.switches.granted = { projects: [own], elsewhere: 'empty' }
    expect((await check('scoped')).body).toMatchObject({
      ok: false,
      reason: expect.stringMatching(
        /^policy scoped needs the ecs servers in enterprise project theirs: .*403/,
      ),
    })
    world.simulator.switches.granted = { projects: [own, 'theirs'], elsewhere: 'empty' }
    expect((await check('scoped')).body).toMatchObject({ ok: true })
  })

  test('says so where nobody answers', async () => {
    await put('dead', connectionBody({ endpoints: { ecs: 'http://127.0.0.1:9', bms: 'http://127.0.0.1:9' } }))
    expect((await check('dead')).body).toMatchObject({
      ok: false,
      reason: expect.stringContaining('127.0.0.1:9'),
    })
  })

  test('tries a refused key again, and clears it when it is right', async () => {
    await put('rested', real())
    const [right] = world.simulator.keys.splice(0, 1, { ...KEY, secretKey: 'another' })
    const refused = await check('rested')
    expect(refused.body).toMatchObject({ ok: false, reason: expect.stringContaining('APIGW.0301') })
    expect(refused.text).not.toContain(KEY.accessKey)
    expect(await world.store.keyHealth('rested')).not.toBeNull()
    world.simulator.keys.splice(0, 1, right!)
    expect((await check('rested')).body).toMatchObject({ ok: true })
    expect(await world.store.keyHealth('rested')).toBeNull()
  })
})

test('a region may have capitals, as OpenStack writes it, and the document says so', async () => {
  const { body: document } = await world.ask('GET', '/v1/openapi.json')
  const { schemas } = document.components as unknown as {
    schemas: Record<string, { properties: Record<string, { pattern: string }> }>
  }
  expect('RegionOne').toMatch(new RegExp(schemas.ConnectionBody!.properties.region!.pattern))
  const body = connectionBody({ region: 'RegionOne' })
  expect((await world.ask('PUT', '/v1/connections/private', { body })).status).toBe(201)
})
