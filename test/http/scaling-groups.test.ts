import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { connectionBody, type HttpWorld, openWorld, policyBody, type Shown } from './world.ts'

const [MEMBER, OTHER] = fleet(2).map(({ id }) => id!)

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({
    servers: [
      ...fleet(3, { 2: { tags: { 'CCE-Cluster-ID': 'c-1' } } }),
      { kind: 'bms', id: 'metal', name: 'metal' },
    ],
    scalingGroups: [{ name: 'web', made: [MEMBER!] }],
  })
  await world.connection()
})
afterAll(() => world.close())

const codes = (body: Shown) => (body.warnings as { code: string }[]).map(({ code }) => code)
const preview = (overrides: object = {}) =>
  world.ask('POST', '/v1/preview', {
    body: policyBody({ id: undefined, limits: { maxServers: 9 }, ...overrides }),
  })
const check = (id: string) => world.ask('POST', `/v1/connections/${id}/check`)

/** Refuses to list groups, the next so many times. */
function forbid(): void {
  const body = { error: { code: 'AS.0013', message: 'Policy does not allow it' } }
  world.simulator.switches.faults = [
    { match: { route: 'groups' }, times: 2, kind: 'status', status: 403, body },
  ]
}
async function unguarded(id: string): Promise<void> {
  const { url } = world.simulator
  const body = connectionBody({ endpoints: { ecs: url, bms: url } })
  expect(await world.ask('PUT', `/v1/connections/${id}`, { body })).toMatchObject({ status: 201 })
}

describe('the preview', () => {
  test('shows members as skipped, and nodes of clusters as worth a thought', async () => {
    const { body } = await preview()
    expect(body).toMatchObject({
      summary: { matched: 3, targets: 2, skipped: 1 },
      skipped: [{ serverId: MEMBER, code: 'in-scaling-group', reason: expect.stringContaining('group web') }],
    })
    expect(codes(body)).toEqual(['cluster-nodes'])
  })

  test('warns where groups are not guarded, and not of bare metal', async () => {
    await unguarded('plain')
    const { body } = await preview({ connection: 'plain', selector: { ids: [MEMBER] } })
    expect(codes(body)).toEqual(['scaling-groups-unguarded'])
    const metal = { connection: 'plain', kind: 'bms', mode: 'hard', acceptPowerCut: true }
    expect(codes((await preview(metal)).body)).not.toContain('scaling-groups-unguarded')
  })

  test('is 502 with the missing permission where the key may not list groups', async () => {
    await world.connection({ id: 'forbidden' })
    forbid()
    expect(await preview({ connection: 'forbidden' })).toMatchObject({
      status: 502,
      body: { detail: expect.stringContaining('as:groups:list') },
    })
  })
})

test('a key that is refused at the servers is not tried at the groups', async () => {
  await world.connection({ id: 'wrong' })
  const keys = world.simulator.keys.splice(0)
  const asked = world.simulator.ledger.length
  expect(await preview({ connection: 'wrong' })).toMatchObject({
    status: 502,
    body: { detail: expect.stringContaining('list of ECS servers') },
  })
  expect((await check('wrong')).body).toMatchObject({ ok: false, reason: expect.stringContaining('ECS') })
  world.simulator.keys.push(...keys)
  const paths = world.simulator.ledger.slice(asked).map(({ path }) => path)
  expect(paths.length).toBeGreaterThan(0)
  expect(paths.filter(path => path.includes('autoscaling'))).toEqual([])
})

test('the why of a member says that it is one; that of another server that it is a target', async () => {
  await world.ask('PUT', '/v1/policies/nightly-dev', { body: policyBody() })
  const why = (id: string) => world.ask('GET', `/v1/policies/nightly-dev/servers/${id}`)
  expect((await why(MEMBER!)).body).toMatchObject({
    wouldStop: false,
    code: 'in-scaling-group',
    reason: expect.stringContaining('Auto Scaling group web'),
  })
  expect((await why(OTHER!)).body).toMatchObject({ wouldStop: true, code: 'target' })
})

describe('check', () => {
  test('gives no warning where groups are guarded', async () => {
    expect((await check('prod')).body).toMatchObject({ ok: true, servers: { ecs: 3, bms: 1 }, warnings: [] })
  })

  test('warns where they are not', async () => {
    await unguarded('open')
    const { body } = await check('open')
    expect(body).toMatchObject({ ok: true })
    expect(codes(body)).toEqual(['scaling-groups-unguarded'])
  })

  test('tells the missing permission, and leaves the key as it is', async () => {
    forbid()
    expect((await check('prod')).body).toMatchObject({
      ok: false,
      reason: expect.stringContaining('as:groups:list'),
    })
    expect(await world.store.keyHealth('prod')).toBeNull()
    expect((await check('prod')).body).toMatchObject({ ok: true })
  })

  test('is content where groups are to be ignored', async () => {
    await world.connection({ id: 'ignoring', scalingGroups: 'ignore' })
    forbid()
    expect((await check('ignoring')).body).toMatchObject({ ok: true, warnings: [] })
    world.simulator.switches.faults = []
  })
})

test('scalingGroups takes guard and ignore alone; the as endpoint keeps to the allowed hosts', async () => {
  const put = (overrides: Record<string, unknown>) =>
    world.ask('PUT', '/v1/connections/refused', { body: connectionBody(overrides) })
  expect(await put({ scalingGroups: 'off' })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'scalingGroups' }] },
  })
  expect(await put({ endpoints: { as: 'https://as.evil.example' } })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'endpoints.as' }] },
  })
  expect(await put({ endpoints: { as: 'https://as.cn-north-4.myhuaweicloud.com' } })).toMatchObject({
    status: 201,
  })
})
