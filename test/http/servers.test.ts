import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { RouteName, SeedServer } from '../../infra/simulator/index.ts'
import { searchPage } from '../../lib/http/routes/servers/page.ts'
import { type HttpWorld, httpWorld, openWorld, policyBody, type Shown } from './world.ts'

const ecs = (name: string, more: Partial<SeedServer> = {}): SeedServer => ({ kind: 'ecs', name, ...more })
/** As a newer version writes a document: with a field in it that this one does not know. */
async function writeNewer({ dynamo, table }: HttpWorld, pk: string, sk: string): Promise<void> {
  const changed = { UpdateExpression: 'SET doc.newer = :v', ExpressionAttributeValues: { ':v': 1 } }
  const client = DynamoDBDocumentClient.from(dynamo)
  await client.send(new UpdateCommand({ TableName: table.tableName, Key: { pk, sk }, ...changed }))
}

const names = ({ items }: Shown) => items.map(({ name }) => name)

/** Noon on Saturday 21 November; the policies are due at 20:00 UTC each day. */
const TONIGHT = '2026-11-21T20:00:00.000Z'
const MONDAY = '2026-11-23T20:00:00.000Z'

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({
    servers: [
      ecs('dev-web', { tags: { env: 'dev' } }),
      ecs('dev-db', { tags: { env: 'dev', 'curfew-protect': '' } }),
      ecs('dev-late', { tags: { env: 'dev', 'curfew-snooze-until': '2026-11-22' } }),
      ecs('Dev-upper', { status: 'SHUTOFF' }),
      ecs('grouped', { id: 'grouped', tags: { env: 'dev' } }),
      { kind: 'bms', name: 'dev-metal' },
    ],
    scalingGroups: [{ name: 'web', made: ['grouped'] }],
  })
  await world.connection()
  await world.connection({ id: 'lab', enabled: false })
  const save = (id: string, body: Record<string, unknown>) =>
    world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id, ...body }) })
  const tags = { env: ['dev'] }
  await save('night', { selector: { tags }, start: { cron: '0 7 * * *' } })
  await save('paused', { selector: { tags }, enabled: false })
  await save('picky', { selector: { name: 'dev-*' }, exclude: { name: '*-db' } })
  await save('lab-night', { connection: 'lab', selector: { tags } })
})
afterAll(() => world.close())

const servers = async (query: Record<string, string>): Promise<Shown> =>
  (await world.ask('GET', '/v1/servers', { query })).body
const prod = async (name: string): Promise<Shown> => (await servers({ name, connection: 'prod' })).items[0]!

describe('a server is found by name or id', () => {
  test('in every connection, disabled ones too, and in both kinds, by a glob', async () => {
    const { items, unreachable, nextCursor } = await servers({ name: 'dev-*' })
    const found = items.map(({ connection, kind, name }) => `${connection} ${kind} ${name}`)
    expect(found.toSorted()).toEqual(
      ['lab', 'prod'].flatMap(connection =>
        ['bms dev-metal', 'ecs dev-db', 'ecs dev-late', 'ecs dev-web'].map(one => `${connection} ${one}`),
      ),
    )
    expect({ unreachable, nextCursor }).toEqual({ unreachable: [], nextCursor: null })
  })

  test('a name without wildcards is the whole name, in this very case', async () => {
    expect(names(await servers({ name: 'dev-web', connection: 'prod' }))).toEqual(['dev-web'])
    expect(names(await servers({ name: 'dev' }))).toEqual([])
    expect(names(await servers({ name: 'dev-upper' }))).toEqual([])
  })

  test('an id is asked for itself, and no list is read', async () => {
    const before = world.simulator.ledger.length
    const { items } = await servers({ id: 'grouped', connection: 'prod' })
    expect(items).toMatchObject([{ serverId: 'grouped', name: 'grouped' }])
    const lists = world.simulator.ledger.slice(before).filter(({ path }) => path.endsWith('/detail'))
    expect(lists.map(({ query }) => query.server_id)).toEqual(['grouped'])
    expect(names(await servers({ id: 'grouped', name: 'dev-*' }))).toEqual([])
  })

  test('with neither, all are listed', async () => {
    expect(await world.all('/v1/servers', { limit: '2' })).toHaveLength(12)
  })

  test('a connection that is not there is 404, another cursor 400', async () => {
    expect((await world.ask('GET', '/v1/servers?connection=nowhere')).status).toBe(404)
    const { nextCursor } = await servers({ limit: '1' })
    const reply = await world.ask('GET', '/v1/servers', { query: { name: 'x', cursor: nextCursor! } })
    expect(reply.status).toBe(400)
  })
})

describe('each server shows', () => {
  test('the policies that match it, disabled ones too, and what acts next', async () => {
    expect(await prod('dev-web')).toMatchObject({
      policies: ['night', 'paused', 'picky'],
      status: 'ACTIVE',
      tags: { env: ['dev'] },
      nextStopAt: TONIGHT,
      nextStartAt: '2026-11-22T07:00:00.000Z',
      protected: false,
      protectedBecause: null,
      snoozedUntil: null,
    })
    expect((await servers({ name: 'dev-web', connection: 'lab' })).items).toMatchObject([
      { policies: ['lab-night'], nextStopAt: null },
    ])
    expect(await prod('dev-metal')).toMatchObject({ policies: [], nextStopAt: null, nextStartAt: null })
  })

  test('that it is protected by a tag or by its scaling group, and is in no stop', async () => {
    expect(await prod('dev-db')).toMatchObject({
      policies: ['night', 'paused'],
      nextStopAt: null,
      protected: true,
      protectedBecause: 'it carries the tag curfew-protect',
    })
    expect(await prod('grouped')).toMatchObject({
      nextStopAt: null,
      protected: true,
      protectedBecause: expect.stringContaining('Auto Scaling group web'),
    })
  })

  test('that a tag snoozes it, and the first stop after that', async () => {
    const saved = { body: policyBody({ id: 'zoned', selector: { name: 'dev-late' } }) }
    await world.ask('PUT', '/v1/policies/zoned', saved)
    const shown = await prod('dev-late')
    await world.ask('DELETE', '/v1/policies/zoned')
    expect(shown).toMatchObject({ snoozedUntil: '2026-11-23T00:00:00.000Z', nextStopAt: MONDAY })
  })
})

test('pages go on within a fleet that takes several of the cloud, and show each server once', async () => {
  const many = await httpWorld({
    servers: [
      ...Array.from({ length: 2300 }, (_, n) => ecs(n % 2 === 0 ? `odd-${n}` : `even-${n}`)),
      ...Array.from({ length: 30 }, (_, n): SeedServer => ({ kind: 'bms', name: `odd-metal-${n}` })),
    ],
  })
  await many.connection({ id: 'again' })
  const found = await many.all('/v1/servers', { name: 'odd-*', limit: '400' })
  const keys = found.map(({ connection, serverId }) => `${connection} ${serverId}`)
  expect(keys).toHaveLength(2 * (1150 + 30))
  expect(new Set(keys).size).toBe(keys.length)
})

describe('a connection that cannot be asked is named, and the others are shown', () => {
  let own: HttpWorld
  beforeAll(async () => {
    own = await openWorld({
      servers: [ecs('web')],
      http: { BAD_HUAWEICLOUD_SDK_AK: 'AKBAD00000000000000', BAD_HUAWEICLOUD_SDK_SK: 'no'.repeat(20) },
    })
    await own.connection()
    await own.ask('PUT', '/v1/policies/night', { body: policyBody({ id: 'night' }) })
  })
  afterAll(() => own.close())
  beforeEach(() => {
    own.simulator.switches.faults = []
  })

  const refuse = (route: RouteName, kind?: 'bms') =>
    own.simulator.switches.faults.push({
      match: { route, ...(kind ? { kind } : {}) },
      times: 99,
      kind: 'status',
      status: 403,
      body: { error: { code: 'XX.0003', message: 'no right to do that' } },
    })
  const listed = async () => (await own.ask('GET', '/v1/servers?connection=prod')).body

  test('groups that cannot be read: the server is shown, and no stop is promised', async () => {
    // Before any test has read them: they are known for some minutes.
    refuse('groups')
    const shown = await listed()
    expect(shown.items).toMatchObject([{ name: 'web', policies: ['night'], nextStopAt: null }])
    expect(shown.unreachable).toMatchObject([{ connection: 'prod', kind: 'ecs' }])
  })

  test('a key that is missing, and one that the cloud refuses', async () => {
    await own.connection({ id: 'bad', credentials: { source: 'environment', name: 'BAD_' } })
    await own.connection({ id: 'none', credentials: { source: 'environment', name: 'NONE_' } })
    const { body } = await own.ask('GET', '/v1/servers')
    expect(names(body)).toEqual(['web'])
    expect(body.unreachable).toMatchObject([
      { connection: 'bad', kind: null, reason: expect.stringContaining('401') },
      { connection: 'none', kind: null, reason: expect.stringContaining('NONE_HUAWEICLOUD_SDK_AK') },
    ])
  })

  test('bare metal that the key may not list is named where a policy is about it, else not', async () => {
    refuse('list', 'bms')
    expect(await listed()).toMatchObject({ items: [{ name: 'web' }], unreachable: [] })
    const metal = policyBody({ id: 'metal', kind: 'bms', mode: 'hard', acceptPowerCut: true })
    await own.ask('PUT', '/v1/policies/metal', { body: metal })
    expect((await listed()).unreachable).toMatchObject([{ connection: 'prod', kind: 'bms' }])
  })

  test('one that never answers is not waited for, and one whose time is up goes on with the next page', async () => {
    const { store, services, simulator } = own
    const connections = [(await store.connection('prod'))!]
    const request = { connections, from: undefined, limit: 10 }
    const hang = (match: { route: 'list'; kind?: 'bms' }) => {
      simulator.switches.faults = [{ match, times: 99, kind: 'hangBefore' }]
    }
    hang({ route: 'list' })
    expect(await searchPage(request, services, { startMs: 10_000, connectionMs: 300 })).toMatchObject({
      found: [],
      next: null,
      unreachable: [{ connection: 'prod', kind: null, reason: 'it gave no answer within 0.3 s' }],
    })
    hang({ route: 'list', kind: 'bms' })
    expect(await searchPage(request, services, { startMs: 10_000, connectionMs: 3000 })).toMatchObject({
      unreachable: [],
      found: [{ server: { name: 'web' } }],
      next: { connection: 'prod', kind: 'bms' },
    })
  })

  test('policies and connections that cannot be read are named, and the rest is shown', async () => {
    await own.connection({ id: 'newer' })
    await own.ask('PUT', '/v1/policies/odd', { body: policyBody({ id: 'odd' }) })
    await writeNewer(own, 'POLICY#odd', 'POLICY')
    await writeNewer(own, 'CONNECTION#newer', 'CONNECTION')
    const { body } = await own.ask('GET', '/v1/servers')
    expect(body).toMatchObject({
      items: [{ name: 'web', policies: ['night'] }],
      unreadable: ['odd'],
      unreachable: [
        { connection: 'newer', kind: null, reason: expect.stringContaining('cannot be read') },
        { connection: 'bad' },
        { connection: 'none' },
      ],
    })
  })
})

test('OpenStack servers are found likewise', async () => {
  const own = await openWorld({
    servers: [ecs('stack-1'), ecs('other')],
    http: { OS_USERNAME: 'flow', OS_PASSWORD: 'flowPassword0', OS_USER_DOMAIN_NAME: 'Default' },
  })
  onTestFinished(() => own.close())
  await own.connection({ id: 'stack', api: 'openstack' })
  const { body } = await own.ask('GET', '/v1/servers?name=stack-*')
  expect(body.items).toMatchObject([{ name: 'stack-1', connection: 'stack' }])
  const { body: byId } = await own.ask('GET', `/v1/servers?id=${body.items[0]!.serverId}`)
  expect(names(byId)).toEqual(['stack-1'])
})
