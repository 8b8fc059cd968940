import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fleet } from '../flow/world.ts'
import { at, START } from '../makers.ts'
import { type HttpWorld, openWorld } from './world.ts'

const MINUTE = 60_000

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(30, { 4: { locked: true }, 5: { status: 'SHUTOFF' } }) })
  await world.connection()
  await world.connection({ id: 'off', enabled: false })
  await world.policy({ nextDueAt: null })
})
afterAll(() => world.close())

const post = (body: unknown, { key, actor }: { key?: string; actor?: string } = {}) =>
  world.ask('POST', '/v1/runs', {
    body,
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    ...(actor === undefined ? {} : { actor }),
  })
const one = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const target = (...numbers: number[]) => ({
  connection: 'prod',
  kind: 'ecs',
  selector: { ids: numbers.map(one) },
})

test('a manual run of a policy begins as pending, names who asked, and ends', async () => {
  const reply = await post({ policyId: 'nightly-dev', dryRun: true })
  expect(reply.status).toBe(202)
  expect(reply.headers.location).toBe(`/v1/runs/${reply.body.id}`)
  expect(reply.body).toMatchObject({
    id: expect.stringMatching(/^manual\../),
    policyId: 'nightly-dev',
    trigger: 'manual',
    actor: 'tester',
    dueAt: at(START),
    status: 'pending',
    dryRun: true,
    policy: { id: 'nightly-dev', selector: { all: true } },
  })
  await world.ended([reply.body.id])
  const { body } = await world.ask('GET', `/v1/runs/${reply.body.id}`)
  expect(body).toMatchObject({ status: 'succeeded', summary: { matched: 30, targets: 0, skipped: 30 } })
  const internals = [
    'planning',
    'owner',
    'doneChunks',
    'chunks',
    'withheld',
    'scope',
    'fleet',
    'bodyHash',
    'paused',
  ]
  expect(Object.keys(body).filter(field => internals.includes(field))).toEqual([])
})

test('an ad hoc target is stopped, and the run holds it as it was', async () => {
  const { body } = await post(target(1, 4))
  expect(body.policyId).toBeUndefined()
  expect(body.policy).toMatchObject({ ...target(1, 4), mode: 'soft', limits: { historyFactor: 3 } })
  await world.ended([body.id])
  const outcomes = await world.all(`/v1/runs/${body.id}/servers`)
  expect(outcomes.map(({ serverId, status, code }) => [serverId, status, code])).toEqual([
    [one(4), 'skipped', 'locked'],
    [one(1), 'stopped', 'stopped'],
  ])
})

test('what blocks a run is overridden by who says so, by name', async () => {
  const limits = { maxServers: 1 }
  const blocked = await post({ ...target(10, 11), limits })
  const passed = await post(
    { ...target(10, 11), limits, overrideLimits: true },
    { actor: 'arn:aws:iam::1:user/ann' },
  )
  const runs = await world.ended([blocked.body.id, passed.body.id])
  expect(runs.map(({ status }) => status)).toEqual(['blocked', 'succeeded'])
  const { body } = await world.ask('GET', `/v1/runs/${passed.body.id}`)
  expect(body).toMatchObject({ overrideLimits: true, actor: 'arn:aws:iam::1:user/ann' })
})

describe('what cannot be run', () => {
  test.each([
    ['an unknown policy', { policyId: 'none' }, 422, 'policyId'],
    ['a policy together with a target', { policyId: 'nightly-dev', ...target(1) }, 422, 'policyId'],
    ['a policy together with one field', { policyId: 'nightly-dev', mode: 'hard' }, 422, 'mode'],
    ['a target without kind', { connection: 'prod', selector: { all: true } }, 422, 'kind'],
    ['an unknown connection', { ...target(1), connection: 'none' }, 422, 'connection'],
    ['a schedule', { ...target(1), schedule: { cron: '0 20 * * *', timeZone: 'UTC' } }, 422, 'schedule'],
    ['a soft stop of bare metal', { ...target(1), kind: 'bms' }, 422, 'mode'],
    ['nothing', {}, 422, 'policyId'],
    ['a list', [], 422, 'body'],
  ])('%s is refused', async (_, body, status, path) => {
    const reply = await post(body)
    expect(reply.status).toBe(status)
    expect(reply.body.errors.map(error => error.path)).toContain(path)
  })

  test('anything of a disabled connection is 409', async () => {
    expect(await post({ ...target(1), connection: 'off' })).toMatchObject({ status: 409 })
  })

  test('but a disabled policy may be run', async () => {
    await world.policy({ id: 'resting', enabled: false, nextDueAt: null })
    expect(await post({ policyId: 'resting', dryRun: true })).toMatchObject({ status: 202 })
  })
})

describe('Idempotency-Key', () => {
  test('the same key and body give the same run, a day later too', async () => {
    const first = await post({ ...target(12), dryRun: true }, { key: 'once' })
    const [ended] = await world.ended([first.body.id])
    vi.setSystemTime(Date.now() + 24 * 60 * MINUTE)
    const again = await post({ dryRun: true, ...target(12), overrideLimits: false }, { key: 'once' })
    expect(again).toMatchObject({ status: 202, body: { id: first.body.id, status: ended!.status } })
  })

  test('another body under the same key is 409', async () => {
    await post({ ...target(12), dryRun: true }, { key: 'twice' })
    expect(await post({ ...target(13), dryRun: true }, { key: 'twice' })).toMatchObject({ status: 409 })
  })

  test('of bodies sent at once under one key one wins, and its run is as it said', async () => {
    const numbers = [14, 15, 16, 17]
    const replies = await Promise.all(
      numbers.map(number => post({ ...target(number), dryRun: true }, { key: 'race' })),
    )
    const won = replies.filter(({ status }) => status === 202)
    const ids = new Set(won.map(({ body }) => body.id))
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(3)
    expect(ids.size).toBe(1)
    const { body } = await world.ask('GET', `/v1/runs/${[...ids][0]}`)
    expect(body.policy).toEqual(won[0]!.body.policy)
  })

  test('the same request sent at once makes one run', async () => {
    const before = await world.all('/v1/runs', { policyId: 'manual' })
    const asks = Array.from({ length: 5 }, () => post({ ...target(18), dryRun: true }, { key: 'burst' }))
    const ids = new Set((await Promise.all(asks)).map(({ body }) => body.id))
    expect(ids.size).toBe(1)
    expect(await world.all('/v1/runs', { policyId: 'manual' })).toHaveLength(before.length + 1)
  })

  test("is each caller's own", async () => {
    const ann = await post({ ...target(19), dryRun: true }, { key: 'mine', actor: 'ann' })
    const bob = await post({ ...target(20), dryRun: true }, { key: 'mine', actor: 'bob' })
    expect([ann.status, bob.status]).toEqual([202, 202])
    expect(ann.body.id).not.toBe(bob.body.id)
  })

  test('is the same for every session of a role, and of no other role', async () => {
    const role = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}`
    const as = async (actor: string) =>
      (await post({ ...target(19), dryRun: true }, { key: 'started-again', actor })).body.id
    const first = await as(`${role('ci')}/botocore-session-1`)
    expect(await as(`${role('ci')}/botocore-session-2`)).toBe(first)
    expect(await as(`${role('ci-2')}/botocore-session-1`)).not.toBe(first)
  })

  test('after a crash in the middle, belongs to the request that began', async () => {
    const body = { ...target(19), dryRun: true }
    const first = await post(body, { key: 'crashed' })
    const Key = { pk: { S: `RUN#${first.body.id}` }, sk: { S: 'HEAD' } }
    await world.dynamo.send(new DeleteItemCommand({ TableName: world.table.tableName, Key }))
    expect(await post({ ...body, dryRun: false }, { key: 'crashed' })).toMatchObject({ status: 409 })
    expect(await world.ask('GET', `/v1/runs/${first.body.id}`)).toMatchObject({ status: 404 })
    expect(await post(body, { key: 'crashed' })).toMatchObject({
      status: 202,
      body: { id: first.body.id, dryRun: true },
    })
  })

  test.each([
    ['none', ''],
    ['too many', 'x'.repeat(256)],
  ])('%s characters are refused', async (_, key) => {
    expect(await post(target(1), { key })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'idempotency-key' }] },
    })
  })
})

describe('cancel', () => {
  const cancel = (id: string, body?: unknown) => world.ask('POST', `/v1/runs/${id}/cancel`, { body })

  test('leaves what was not sent, and says who cancelled and why', async () => {
    const { body } = await post(target(21, 22))
    const cancelled = await cancel(body.id, { reason: 'wrong servers' })
    expect(cancelled).toMatchObject({
      status: 202,
      body: { cancel: { actor: 'tester', reason: 'wrong servers' } },
    })
    const [run] = await world.ended([body.id])
    expect(run).toMatchObject({
      status: 'cancelled',
      reason: expect.stringContaining('tester: wrong servers'),
    })
    expect(world.simulator.server(one(21))).toMatchObject({ status: 'ACTIVE' })
    expect(await cancel(body.id)).toMatchObject({ status: 202, body: { status: 'cancelled' } })
  })

  test('follows what was sent to its end', async () => {
    const { body } = await post(target(23))
    await world.runner.drain()
    expect(await cancel(body.id)).toMatchObject({ status: 202, body: { status: 'running' } })
    const [run] = await world.ended([body.id])
    expect(run).toMatchObject({ status: 'cancelled', summary: { stopped: 1 } })
  })

  test('of a run that has ended otherwise is 409, of none 404', async () => {
    const { body } = await post({ ...target(24), dryRun: true })
    await world.ended([body.id])
    expect(await cancel(body.id)).toMatchObject({ status: 409 })
    expect(await cancel('manual.none')).toMatchObject({ status: 404 })
  })

  test.each([
    ['an empty reason', { reason: '' }, 'reason'],
    ['an unknown field', { why: 'x' }, 'why'],
  ])('%s is refused', async (_, body, path) => {
    expect(await cancel('manual.none', body)).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })
})

test('a run that goes on counts what is settled at each save, and what is awaited', async () => {
  world.simulator.switches.softHangs = [one(26)]
  const { body } = await post(target(26, 27, 28))
  expect(body.summary).toMatchObject({ targets: 0, waiting: 0 })
  await world.pass(2)
  const { body: run } = await world.ask('GET', `/v1/runs/${body.id}`)
  expect(run).toMatchObject({
    status: 'running',
    summary: { targets: 3, stopped: 2, started: 0, failed: 0, waiting: 1 },
  })
  const outcomes = await world.all(`/v1/runs/${body.id}/servers`)
  world.simulator.switches.softHangs = []
  expect(outcomes).toHaveLength(2)
  const listed = await world.all('/v1/runs', { policyId: 'manual' })
  expect(listed.find(({ id }) => id === body.id)).toMatchObject({ summary: run.summary, codes: run.codes })
})

test('with all stops switched off a run stops nothing and says so', async () => {
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
  const { body } = await post(target(25))
  const [run] = await world.ended([body.id])
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true } })
  expect(run).toMatchObject({ status: 'failed', reason: expect.stringContaining('switched off') })
  expect(world.simulator.server(one(25))).toMatchObject({ status: 'ACTIVE' })
})

test('a run that is not there is 404, its outcomes as well', async () => {
  expect(await world.ask('GET', '/v1/runs/none')).toMatchObject({ status: 404 })
  expect(await world.ask('GET', '/v1/runs/none/servers')).toMatchObject({ status: 404 })
})

test('a policy in a run has no state of its own', async () => {
  const { body } = await post({ policyId: 'nightly-dev', dryRun: true })
  expect(body.policy).not.toHaveProperty('version')
})
