import { afterAll, beforeAll, expect, test } from 'vitest'
import { captured } from '../flow/output.ts'
import { fleet, KEY, LOGIN } from '../flow/world.ts'
import { connectionBody, type HttpWorld, openWorld } from './world.ts'

const PROJECT = connectionBody().projectId
const idOf = (number: number): string => String(number).padStart(32, 'f')

let world: HttpWorld
beforeAll(async () => {
  const more = fleet(3).map(({ id, ...server }) => ({ ...server, id: id!.replace('0000-4', '0007-4') }))
  world = await openWorld({
    servers: fleet(2),
    projects: [
      { id: idOf(1), name: 'cn-north-4_dev', servers: more },
      { id: idOf(2), name: 'ap-southeast-1' },
      { id: idOf(3), name: 'cn-north-4_old', isEnabled: false },
      { id: idOf(4), name: 'cn-east-3' },
    ],
    http: {
      LOG_LEVEL: 'error',
      METRICS_NAMESPACE: 'Curfew',
      WRONG_HUAWEICLOUD_SDK_AK: KEY.accessKey,
      WRONG_HUAWEICLOUD_SDK_SK: 'wrongSecretKey000',
      OS_USERNAME: LOGIN.username,
      OS_PASSWORD: LOGIN.password,
      OS_USER_DOMAIN_NAME: LOGIN.domainName,
    },
  })
  const [key] = world.simulator.keys
  Object.assign(key!, { projects: [PROJECT, idOf(1), idOf(2), idOf(3)], denied: [idOf(2)] })
})
afterAll(() => world.close())

const discover = (overrides: Record<string, unknown> = {}) => {
  const { url } = world.simulator
  const endpoints = { ecs: url, bms: url, as: url, iam: url, sts: url }
  const body = { api: 'huaweicloud', endpoints, credentials: { source: 'environment' }, ...overrides }
  return world.ask('POST', '/v1/connections/discover', { body })
}
interface Item {
  region: string
  projectName: string
  existing: string | null
  connection: { id: string }
}
const itemsOf = ({ body }: Awaited<ReturnType<typeof discover>>) => body.items as unknown as Item[]

test('projects of a key are found in every region, saved as they come, and known from then on', async () => {
  const found = await discover()
  expect(found).toMatchObject({
    status: 200,
    body: {
      ok: true,
      leftOut: [{ projectId: idOf(3), projectName: 'cn-north-4_old', reason: 'it is disabled' }],
    },
  })
  expect(itemsOf(found).map(({ region, projectName, existing }) => [region, projectName, existing])).toEqual([
    ['ap-southeast-1', 'ap-southeast-1', null],
    ['cn-north-4', 'cn-north-4', null],
    ['cn-north-4', 'cn-north-4_dev', null],
  ])
  for (const { connection } of itemsOf(found)) {
    const saved = await world.ask('PUT', `/v1/connections/${connection.id}`, { body: connection })
    expect(saved).toMatchObject({ status: 201, body: connection })
  }
  const again = itemsOf(await discover())
  const ids = ['ap-southeast-1', 'cn-north-4', 'cn-north-4-dev']
  expect(again.map(({ existing }) => existing)).toEqual(ids)
  expect(again.map(({ connection }) => connection)).toEqual(
    itemsOf(found).map(({ connection }) => connection),
  )
  expect(itemsOf(await discover({ region: 'ap-southeast-1' })).map(({ existing }) => existing)).toEqual([
    'ap-southeast-1',
  ])
})

test('each connection reaches the fleet of its own project, and says whose its key is', async () => {
  const check = (id: string) => world.ask('POST', `/v1/connections/${id}/check`)
  const account = { id: 'd78cbac186b744899480f25bd022f468', name: null }
  expect((await check('cn-north-4')).body).toMatchObject({ ok: true, servers: { ecs: 2 }, account })
  expect((await check('cn-north-4-dev')).body).toMatchObject({ ok: true, servers: { ecs: 3 } })
  expect((await check('ap-southeast-1')).body).toMatchObject({
    ok: false,
    account,
    reason: expect.stringMatching(/list of ECS servers .* 403 Pdp\.0001 came/),
  })
})

test('a check does not depend on whose the key is', async () => {
  const { url } = world.simulator
  const nobody = 'http://127.0.0.1:9'
  const endpoints = { ecs: url, bms: url, as: url, iam: nobody, sts: nobody }
  await world.ask('PUT', '/v1/connections/anonymous', { body: connectionBody({ endpoints }) })
  const { body } = await world.ask('POST', '/v1/connections/anonymous/check')
  expect(body).toMatchObject({ ok: true, servers: { ecs: 2, bms: 0 }, account: null })
})

test('projects of an OpenStack are found in the region of its endpoints', async () => {
  const endpoints = world.simulator.openstack
  const found = await discover({ api: 'openstack', region: 'RegionOne', endpoints })
  expect(itemsOf(found).map(({ connection: { id } }) => id)).toEqual([
    ...['regionone-ap-southeast-1', 'regionone-cn-east-3'],
    ...['regionone-cn-north-4', 'regionone-cn-north-4-dev'],
  ])
  const { connection } = itemsOf(found)[3]!
  await world.ask('PUT', `/v1/connections/${connection.id}`, { body: connection })
  expect((await world.ask('POST', `/v1/connections/${connection.id}/check`)).body).toMatchObject({
    ok: true,
    servers: { ecs: 3, bms: 0 },
    account: { id: 'default', name: 'Default', caller: LOGIN.username },
  })
  expect(await discover({ api: 'openstack', endpoints })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'region' }] },
  })
})

test('a key that is wrong, or not there, is told to whoever asked and held against no connection', async () => {
  const output = captured()
  const before = await world.items()
  const wrong = await discover({ credentials: { source: 'environment', name: 'WRONG_' } })
  expect(wrong).toMatchObject({
    status: 200,
    body: { ok: false, reason: expect.stringMatching(/list of projects .* 401 APIGW\.0301 came/) },
  })
  expect(wrong.text).not.toContain(KEY.accessKey)
  expect(wrong.text).not.toContain('wrongSecretKey000')
  const none = await discover({ credentials: { source: 'environment', name: 'NONE_' } })
  expect(none.body).toMatchObject({ ok: false, reason: expect.stringContaining('NONE_HUAWEICLOUD_SDK_AK') })
  expect((await discover()).body).toMatchObject({ ok: true })
  // Neither a key's health nor anything else.
  expect(await world.items()).toEqual(before)
  expect((await world.ask('GET', '/v1/now')).body.attention).toEqual([])
  expect(output.figures('CredentialsRefused')).toEqual([])
  expect(output.logged('credentials are refused')).toEqual([])
})

test.each([
  ['a field that it does not know', { projectId: PROJECT }, 'projectId'],
  ['a host that is not allowed', { endpoints: { iam: 'https://iam.evil.example' } }, 'endpoints.iam'],
  [
    'a secret of somebody else',
    { credentials: { source: 'secretsManager', name: 'db' } },
    'credentials.name',
  ],
  ['servers elsewhere without their IAM', { endpoints: { ecs: 'http://127.0.0.1:9' } }, 'endpoints.iam'],
  ['a region that can be none', { region: 'cn north' }, 'region'],
])('%s is 422', async (_, overrides, path) => {
  const { status, body } = await discover(overrides)
  expect([status, body.errors.map(error => error.path)]).toEqual([422, [path]])
})

test('projects of an agency are those of its account, and the connections to them take it on', async () => {
  const agency = { name: 'curfew', domainName: 'acme', domainId: 'd78cbac186b744899480f25bd022f468' }
  world.simulator.agencies.push({ ...agency, trusts: [KEY.accessKey] })
  const assume = { agency: 'curfew', domainId: agency.domainId }
  const found = await discover({ region: 'cn-east-3', assume })
  expect(found).toMatchObject({ status: 200, body: { ok: true, items: [{ projectId: idOf(4) }] } })
  const [{ connection }] = itemsOf(found) as [Item]
  expect(connection).toMatchObject({ assume: { ...assume, sessionMinutes: 60 } })
  expect(await world.ask('PUT', `/v1/connections/${connection.id}`, { body: connection })).toMatchObject({
    status: 201,
    body: { assume: { ...assume, sessionMinutes: 60 } },
  })
  const refused = await discover({ assume: { ...assume, agency: 'other' } })
  expect(refused).toMatchObject({ status: 200, body: { ok: false } })
  expect(refused.body.reason).toContain('key of agency other of account d78cbac186b744899480f25bd022f468')
  const odd = await discover({ assume: { ...assume, sessionMinutes: 721 } })
  expect(odd).toMatchObject({ status: 422, body: { errors: [{ path: 'assume.sessionMinutes' }] } })
})
