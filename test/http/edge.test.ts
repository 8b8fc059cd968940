import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { START } from '../makers.ts'
import { connectionBody, eventOf, type HttpWorld, openWorld, policyBody, replyOf } from './world.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld()
  await world.connection()
})
afterAll(() => world.close())

const problem = (status: number, title: string) => ({ type: 'about:blank', status, title })

test('a path that is not there is 404', async () => {
  const reply = await world.ask('GET', '/v2/runs')
  expect(reply).toMatchObject({ status: 404, body: problem(404, 'Not Found') })
  expect(reply.headers['content-type']).toBe('application/problem+json')
  expect(reply.body.detail).toContain('/v2/runs')
})

test('a method that a path does not have is 405, with those it has', async () => {
  const reply = await world.ask('PATCH', '/v1/policies/nightly-dev', { body: {} })
  expect(reply).toMatchObject({ status: 405, body: problem(405, 'Method Not Allowed') })
  expect(reply.headers.allow).toBe('GET, PUT, DELETE')
})

test('a path without values has its own methods alone', async () => {
  const reply = await world.ask('PATCH', '/v1/connections/discover', { body: {} })
  expect(reply).toMatchObject({ status: 405, body: problem(405, 'Method Not Allowed') })
  expect(reply.headers.allow).toBe('POST')
})

test('a body that is no JSON is 400, and says where it goes wrong', async () => {
  const headers = { 'content-type': 'application/json' }
  const reply = await world.ask('PUT', '/v1/policies/nightly-dev', { raw: '{"kind": ecs}', headers })
  expect(reply).toMatchObject({ status: 400, body: problem(400, 'Bad Request') })
  expect(reply.body.errors).toEqual([{ path: 'body', message: expect.stringContaining('JSON') }])
})

test('a body that is not UTF-8 is 400', async () => {
  const headers = { 'content-type': 'application/json' }
  const raw = new Uint8Array([0x22, 0xff, 0x22])
  expect(await world.ask('PUT', '/v1/settings', { raw, headers })).toMatchObject({ status: 400 })
})

test('a body that came as text with U+FFFD, in place of bytes that are not UTF-8, is 400', async () => {
  const headers = { 'content-type': 'application/json' }
  const raw = '{"stopsEnabled": true, "\ufffd": 1}'
  expect(await world.ask('PUT', '/v1/settings', { raw, headers })).toMatchObject({ status: 400 })
})

test('a name that comes twice in a body is 400, and named by its path', async () => {
  const headers = { 'content-type': 'application/json' }
  const raw = '{"connection": "prod", "selector": {"tags": {"env": ["a"], "env": ["b"]}}}'
  const reply = await world.ask('PUT', '/v1/policies/nightly-dev', { raw, headers })
  expect(reply).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'selector.tags.env', message: 'expected each name once, got it twice' }] },
  })
})

test('a number that the table does not take, and half a character, are 422', async () => {
  const limits = { historyFactor: 1e300 }
  const body = policyBody({ limits, description: '\ud83d' })
  const reply = await world.ask('PUT', '/v1/policies/nightly-dev', { body })
  expect(reply.status).toBe(422)
  expect(reply.body.errors.map(({ path }) => path).toSorted()).toEqual([
    'description',
    'limits.historyFactor',
  ])
})

test('no body where one is needed is 400', async () => {
  expect(await world.ask('POST', '/v1/runs')).toMatchObject({ status: 400 })
})

test('a body of another type than JSON is 415', async () => {
  const headers = { 'content-type': 'text/plain' }
  const reply = await world.ask('PUT', '/v1/settings', { raw: '{"stopsEnabled": true}', headers })
  expect(reply).toMatchObject({ status: 415, body: problem(415, 'Unsupported Media Type') })
})

test('the type of a body may name its character set', async () => {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const reply = await world.ask('PUT', '/v1/settings', { raw: '{"stopsEnabled": true}', headers })
  expect(reply.status).toBe(200)
})

describe('a body above 256 KB is 413, whatever is in it', () => {
  const long = 'x'.repeat(256 * 1024 + 1)
  test.each([
    ['text', long],
    ['bytes', new Uint8Array(256 * 1024 + 1)],
    ['two-byte characters', 'ü'.repeat(128 * 1024 + 1)],
  ])('%s', async (_, raw) => {
    const reply = await world.ask('PUT', '/v1/settings', {
      raw,
      headers: { 'content-type': 'application/json' },
    })
    expect(reply).toMatchObject({ status: 413, body: { ...problem(413, 'Payload Too Large') } })
  })

  test('one of 256 KB is read', async () => {
    const raw = JSON.stringify({ stopsEnabled: true }).padEnd(256 * 1024, ' ')
    const reply = await world.ask('PUT', '/v1/settings', {
      raw,
      headers: { 'content-type': 'application/json' },
    })
    expect(reply.status).toBe(200)
  })
})

test('each field that is wrong is named, with what was expected and what came', async () => {
  const body = policyBody({ kind: 'vm', schedule: { cron: '0 20 * *', timeZone: 'Shanghai' }, selektor: {} })
  const reply = await world.ask('PUT', '/v1/policies/nightly-dev', { body })
  expect(reply).toMatchObject({ status: 422, body: problem(422, 'Unprocessable Entity') })
  expect(reply.body.errors).toEqual([
    { path: 'schedule.cron', message: expect.stringMatching(/^expected five fields.*got "0 20 \* \*"/) },
    {
      path: 'schedule.timeZone',
      message: expect.stringMatching(/^expected an IANA time zone.*got "Shanghai"$/),
    },
    { path: 'kind', message: 'expected "ecs" or "bms", got "vm"' },
    { path: 'selektor', message: 'unknown field; did you mean selector?' },
  ])
})

test('of very many wrong fields the first hundred are named', async () => {
  const ids = Array.from({ length: 60_000 }, () => 1)
  const reply = await world.ask('PUT', '/v1/policies/nightly-dev', {
    body: policyBody({ selector: { ids } }),
  })
  expect(reply.status).toBe(422)
  expect(reply.body.errors).toHaveLength(100)
})

test('a query parameter that is not known is refused', async () => {
  const reply = await world.ask('GET', '/v1/runs?state=failed')
  expect(reply.body.errors).toEqual([{ path: 'state', message: 'unknown field; did you mean status?' }])
  expect(reply.status).toBe(422)
})

test('a query parameter given twice is refused', async () => {
  const reply = await world.ask('GET', '/v1/runs?limit=1&limit=2')
  expect(reply.body.errors).toEqual([{ path: 'limit', message: 'expected once, got more often' }])
})

test.each([
  ['limit=0', 'limit', 'expected at least 1, got "0"'],
  ['limit=1001', 'limit', 'expected at most 1000, got "1001"'],
  ['limit=many', 'limit', 'expected a number, got "many"'],
  ['limit=1.5', 'limit', 'expected a whole number, got "1.5"'],
  ['status=ended', 'status', 'expected "pending" or "running" or'],
  ['since=yesterday', 'since', 'expected an ISO 8601 instant'],
])('GET /v1/runs?%s is refused', async (query, path, message) => {
  const reply = await world.ask('GET', `/v1/runs?${query}`)
  expect(reply.status).toBe(422)
  expect(reply.body.errors).toEqual([{ path, message: expect.stringContaining(message) }])
})

test('an id that cannot be one is 404 to read and 422 to write', async () => {
  const body = connectionBody()
  expect(await world.ask('GET', '/v1/connections/No%20Id')).toMatchObject({ status: 404 })
  const reply = await world.ask('PUT', '/v1/connections/No%20Id', { body })
  expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'id' }] } })
})

test('a path that cannot be decoded is 404', async () => {
  expect(await world.ask('GET', '/v1/connections/%E0%A4%A')).toMatchObject({ status: 404 })
})

test('every answer forbids guessing its type, framing and keeping it', async () => {
  for (const path of ['/v1/health', '/v1/nothing']) {
    const { headers } = await world.ask('GET', path)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    })
  }
})

test('names of headers may be written in any case', async () => {
  const headers = { 'Content-Type': 'application/json' }
  expect(await world.ask('PUT', '/v1/settings', { raw: '{"stopsEnabled":true}', headers })).toMatchObject({
    status: 200,
  })
})

test('no two routes have the same method and path, or the same operation', () => {
  const named = ROUTES.flatMap(({ method, path, operation }) => [`${method} ${path}`, operation])
  expect(new Set(named).size).toBe(named.length)
})

describe('health', () => {
  /** The API over a table that answers as it is told. */
  function aHealth(answersOf: () => Promise<string | null>) {
    const store = { ...world.services.store, notedTime: answersOf }
    const handler = httpHandler(ROUTES, () => ({ ...world.services, store }))
    return async (path: string) =>
      replyOf(await handler(eventOf('GET', path, {}) as APIGatewayProxyEventV2, {} as Context))
  }
  const afterMs = (ms: number) => vi.setSystemTime(Date.now() + ms)
  const nowAt = () => new Date().toISOString()

  test('is answered from memory for five seconds, and asked anew after that', async () => {
    let isUp = true
    const ask = aHealth(async () => (isUp ? nowAt() : Promise.reject(new Error('boom'))))
    const ok = async () => (await ask('/v1/health')).body.ok
    expect(await ok()).toBe(true)
    isUp = false
    afterMs(4_999)
    expect(await ok()).toBe(true)
    afterMs(1)
    expect(await ok()).toBe(false)
    expect((await ask('/livez')).body.detail).toBe('the table does not answer')
    isUp = true
    afterMs(-60_000)
    expect(await ok()).toBe(true)
    afterMs(60_000)
  })

  test('says no before the first tick only once it is three minutes late, however often it is asked', async () => {
    const ask = aHealth(async () => null)
    // The first that asked did so when the tests began.
    vi.setSystemTime(START + 100_000)
    expect((await ask('/v1/health')).body).toMatchObject({ ok: true, ticks: true, tickedAt: null })
    vi.setSystemTime(START + 179_999)
    expect((await ask('/livez')).status).toBe(200)
    afterMs(5_000)
    expect((await ask('/v1/health')).body).toMatchObject({ ok: false, table: true, ticks: false })
    for (const path of ['/livez', '/readyz'])
      expect(await ask(path)).toMatchObject({ status: 503, body: { detail: 'no tick has run yet' } })
  })

  test('says no three minutes after the latest tick, and yes after the next one', async () => {
    await world.runner.tick()
    const tickedAt = nowAt()
    afterMs(179_999)
    expect((await world.ask('GET', '/v1/health')).body).toMatchObject({ ok: true, ticks: true, tickedAt })
    afterMs(5_000)
    expect((await world.ask('GET', '/v1/health')).body).toMatchObject({ ok: false, queues: true, tickedAt })
    for (const path of ['/livez', '/readyz'])
      expect(await world.ask('GET', path)).toMatchObject({
        status: 503,
        body: { detail: `no tick has run since ${tickedAt}` },
      })
    await world.runner.tick()
    afterMs(5_000)
    expect((await world.ask('GET', '/readyz')).body).toEqual({ ok: true })
  })
})
