/** A policy with several connections, as the API shows and runs it. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fleet } from '../flow/world.ts'
import { aPolicyBody, START } from '../makers.ts'
import { type HttpWorld, openWorld } from './world.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(3) })
  for (const id of ['prod-a', 'prod-b', 'lab']) await world.connection({ id })
  await world.connection({ id: 'prod-off', enabled: false })
  await world.connection({ id: 'odd', credentials: { source: 'environment', name: 'NOBODYS_' } })
})
afterAll(() => world.close())

const many = (id: string, connections: string[], more = {}) => {
  const { connection: _, ...body } = aPolicyBody({ id, ...more })
  return { ...body, connections }
}
const save = (body: Record<string, unknown>) => world.ask('PUT', `/v1/policies/${body.id}`, { body })
const post = (body: unknown, key?: string) =>
  world.ask('POST', '/v1/runs', { body, ...(key ? { headers: { 'idempotency-key': key } } : {}) })
const errors = ({ body }: Awaited<ReturnType<typeof save>>): string[] =>
  body.errors.map(({ path, message }) => `${path}: ${message}`)

test('it names one connection or several, ids that are there and globs that may match none yet', async () => {
  expect(errors(await save(many('p', ['prod-a', 'gone', 'Prod*'])))).toEqual([
    'connections.2: expected the id of a connection, or a glob of ids such as prod-*, got "Prod*"',
  ])
  expect(errors(await save(many('p', ['prod-a', 'gone', 'test-*'])))).toEqual([
    'connections.1: expected the id of a connection, got "gone", which does not exist',
  ])
  expect(errors(await save({ ...many('p', ['lab']), connection: 'lab' }))).toEqual([
    'connections: expected either "connection" or "connections", got both',
  ])
  const { connection: _, ...neither } = aPolicyBody({ id: 'p' })
  expect(errors(await save(neither))).toEqual([
    'connection: expected the id of a connection, or "connections" instead of it, got nothing',
  ])
  const saved = await save(many('p', ['prod-a', 'test-*']))
  expect(saved).toMatchObject({ status: 201, body: { connections: ['prod-a', 'test-*'] } })
  expect(saved.body).not.toHaveProperty('connection')
  expect((await world.ask('GET', '/v1/policies/p')).body).toMatchObject({ nextStopAt: expect.any(String) })
  const { body } = await world.ask('POST', '/v1/policies/p/preview')
  expect(body.warnings).toContainEqual({
    code: 'no-connection',
    message: 'connections: no connection matches "test-*" now',
  })
})

test('a connection that it names is not deleted; one that a glob of it matches is', async () => {
  await world.connection({ id: 'spare' })
  await world.connection({ id: 'spare-2' })
  await save(many('holds', ['spare', 'spare-*']))
  const held = await world.ask('DELETE', '/v1/connections/spare')
  expect(held).toMatchObject({ status: 409, body: { detail: expect.stringContaining('holds') } })
  expect((await world.ask('DELETE', '/v1/connections/spare-2')).status).toBe(204)
  // A name as old as its policy may be of a policy that is being saved.
  vi.setSystemTime(START + 1000)
  await save(many('holds', ['spare-*']))
  expect((await world.ask('DELETE', '/v1/connections/spare')).status).toBe(204)
})

test('its preview sums over all and names those that cannot be read; of one of them it is that one alone', async () => {
  await save(many('sum', ['prod-?', 'odd']))
  const { body } = await world.ask('POST', '/v1/policies/sum/preview')
  expect(body).toMatchObject({
    summary: { matched: 6, targets: 6, skipped: 0 },
    connections: [
      { connection: 'prod-a', matched: 3, targets: 3, skipped: 0, blockedBy: null },
      { connection: 'prod-b', matched: 3, targets: 3, skipped: 0, blockedBy: null },
    ],
    unreachable: [{ connection: 'odd', reason: expect.stringContaining('NOBODYS_') }],
    blockedBy: null,
  })
  const targets = body.targets as { connection: string }[]
  expect(targets.map(({ connection }) => connection)).toEqual([
    ...Array.from({ length: 3 }, () => 'prod-a'),
    ...Array.from({ length: 3 }, () => 'prod-b'),
  ])
  const warnings = body.warnings as { code: string; message: string }[]
  expect(warnings.filter(({ code }) => code === 'no-limits')).toHaveLength(1)
  const one = await world.ask('POST', '/v1/policies/sum/preview', { query: { connection: 'prod-b' } })
  expect(one.body).toMatchObject({ summary: { targets: 3 } })
  expect(one.body).not.toHaveProperty('unreachable')
  const other = await world.ask('POST', '/v1/policies/sum/preview', { query: { connection: 'lab' } })
  expect(errors(other)).toEqual(['connection: expected a connection that the policy is about, got "lab"'])
  const refused = await world.ask('POST', '/v1/policies/sum/preview', { query: { connection: 'odd' } })
  expect(refused.status).toBe(502)
})

test('a manual run makes one in each; under a key a repeated request gets the same ones, whatever there is by then', async () => {
  await save(many('hand', ['prod-*'], { limits: { historyFactor: null } }))
  const made = await post({ policyId: 'hand' }, 'k1')
  expect(made.status).toBe(202)
  expect(made.body.items.map(({ connection }) => connection)).toEqual(['prod-a', 'prod-b', 'prod-off'])
  const ids = made.body.items.map(({ id }) => id)
  expect(ids.every((id, n) => id.endsWith(['.prod-a', '.prod-b', '.prod-off'][n]!))).toBe(true)
  await world.connection({ id: 'prod-new' })
  const again = await post({ policyId: 'hand' }, 'k1')
  expect(again.body.items.map(({ id }) => id)).toEqual(ids)
  expect((await post({ policyId: 'hand', connection: 'prod-a' }, 'k1')).status).toBe(409)
  const runs = await world.ended(ids)
  expect(runs.map(({ status, reason }) => reason ?? status)).toEqual([
    'succeeded',
    'succeeded',
    'connection prod-off is disabled',
  ])
  await world.store.removeConnection(
    'prod-new',
    { version: 1 },
    {
      at: new Date(START).toISOString(),
      actor: 'me',
      what: 'deleted',
      version: 1,
      fields: [],
    },
  )
})

test('a manual run in one of them is that run; in none of them, or a disabled one, it is refused', async () => {
  const made = await post({ policyId: 'hand', connection: 'prod-b', dryRun: true }, 'k2')
  expect(made).toMatchObject({ status: 202, body: { connection: 'prod-b', policyId: 'hand' } })
  expect(made.headers.location).toBe(`/v1/runs/${made.body.id}`)
  expect((await post({ policyId: 'hand', dryRun: true }, 'k2')).status).toBe(409)
  expect(errors(await post({ policyId: 'hand', connection: 'lab' }))).toEqual([
    'connection: expected a connection that the policy is about, got "lab"',
  ])
  expect((await post({ policyId: 'hand', connection: 'prod-off' })).status).toBe(409)
  await save(many('nowhere', ['test-*']))
  expect((await post({ policyId: 'nowhere' })).status).toBe(409)
  await world.ended([made.body.id])
})

test('an undo of a run is in the connection of that run', async () => {
  const { body } = await world.ask('GET', '/v1/runs', { query: { policyId: 'hand', connection: 'prod-a' } })
  const stop = body.items.find(({ dryRun }) => dryRun === false)!
  const undo = await world.ask('POST', `/v1/runs/${stop.id}/undo`, { body: {} })
  expect(undo).toMatchObject({ status: 202, body: { connection: 'prod-a', undoes: stop.id } })
  await world.ended([undo.body.id])
})

test('why is asked of a server of one of them', async () => {
  const path = '/v1/policies/sum/servers/00000000-0000-4000-8000-000000000001'
  expect(errors(await world.ask('GET', path))[0]).toMatch(/^connection: expected which of the policy's/)
  const { body } = await world.ask('GET', path, { query: { connection: 'prod-a' } })
  expect(body).toMatchObject({ connection: 'prod-a', name: 'dev-1', wouldStop: true })
})

test('a search for servers, the overview and the week show it', async () => {
  const found = await world.ask('GET', '/v1/servers', { query: { name: 'dev-1', connection: 'prod-b' } })
  const [server] = found.body.items
  expect(server!.policies).toEqual(expect.arrayContaining(['hand', 'sum']))
  expect(server!.policies).not.toContain('p')
  const week = await world.ask('GET', '/v1/week')
  expect(week.body.items.find(({ policyId }) => policyId === 'sum')).toMatchObject({
    connections: ['prod-?', 'odd'],
  })
  const now = await world.ask('GET', '/v1/now')
  const next = now.body.next as { policyId: string; connections?: string[] }[]
  expect(next.find(({ policyId }) => policyId === 'sum')).toMatchObject({ connections: ['prod-?', 'odd'] })
  const attention = now.body.attention as Record<string, unknown>[]
  expect(attention).toContainEqual(
    expect.objectContaining({ code: 'run-failed', policyId: 'hand', connection: 'prod-off' }),
  )
})

test('a snooze right after its due time tells of the runs that go on', async () => {
  vi.setSystemTime(Date.parse('2026-11-21T19:59:30Z'))
  await save(many('late', ['prod-a', 'prod-b']))
  vi.setSystemTime(Date.parse('2026-11-21T20:00:00Z'))
  await world.runner.tick()
  const body = { until: '2026-11-22T12:00:00Z', reason: 'release' }
  const snoozed = await world.ask('POST', '/v1/policies/late/snooze', { body })
  expect(snoozed.body.runUnderWay).toMatchObject({
    id: 'late.20261121T200000Z.prod-a',
    others: 1,
  })
})
