import { expect, test } from 'vitest'
import type { Simulator } from '../../infra/simulator/index.ts'
import { aSimulator, type Call, call, ecs, holdClock, KEY, PROJECT, stop } from './client.ts'

const WRONG = { ...KEY, secretKey: 'not the secret' }
const MINUTE_MS = 60_000

const look = async (simulator: Simulator, overrides: Partial<Call> = {}): Promise<string> => {
  const path = `/v1/${PROJECT}/cloudservers/detail`
  const { status, body } = await call(simulator.url, { path, ...overrides })
  return `${status} ${body.error_code ?? body.error?.code ?? ''}`.trim()
}

test('a good signature is let in', async () => {
  const simulator = await aSimulator()
  expect(await look(simulator)).toBe('200')
})

test('a good signature over a query of any characters is let in', async () => {
  const simulator = await aSimulator()
  const query: [string, string][] = [
    ['tags', '环境=生产/a+b'],
    ['name', '测试 服务器*(1)~_.-'],
    ['server_id', 'b'],
    ['server_id', 'a'],
    ['empty', ''],
  ]
  expect(await look(simulator, { query })).toBe('200')
})

test.each<[string, Partial<Call>]>([
  ['by a wrong secret', { key: WRONG }],
  ['by an unknown key', { key: { ...KEY, accessKey: 'AKOTHER' } }],
  ['without the host', { unsigned: ['host'] }],
  ['without the date', { unsigned: ['x-sdk-date'] }],
  ['with a security token the key does not have', { key: { ...KEY, securityToken: 'token' } }],
])('a request signed %s is refused', async (_, overrides) => {
  const simulator = await aSimulator()
  expect(await look(simulator, overrides)).toBe('401 APIGW.0301')
})

test('a request without a signature is refused in the shape of the gateway', async () => {
  const simulator = await aSimulator()
  const response = await fetch(`${simulator.url}/v1/${PROJECT}/cloudservers/detail`)
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({
    error_code: 'APIGW.0301',
    error_msg: expect.stringMatching(/^Incorrect IAM authentication information: /),
    request_id: response.headers.get('x-request-id'),
  })
})

test('a body other than the one signed is refused', async () => {
  const simulator = await aSimulator({ servers: [ecs({ id: 'a' }), ecs({ id: 'b' })] })
  const bodyOf = (id: string) => JSON.stringify({ 'os-stop': { servers: [{ id }] } })
  const request = { method: 'POST', path: `/v1/${PROJECT}/cloudservers/action`, body: bodyOf('a') }
  expect((await call(simulator.url, { ...request, sentBody: bodyOf('b') })).status).toBe(401)
  expect((await call(simulator.url, request)).status).toBe(200)
})

test.each([
  [-15 * MINUTE_MS, '200'],
  [15 * MINUTE_MS, '200'],
  [-15 * MINUTE_MS - 1000, '401 APIGW.0303'],
  [15 * MINUTE_MS + 1000, '401 APIGW.0303'],
])('a signature whose time is %i ms from that of the cloud: %s', async (differenceMs, expected) => {
  holdClock('2026-11-21T12:00:00.000Z')
  const simulator = await aSimulator()
  expect(await look(simulator, { at: Date.now() + differenceMs })).toBe(expected)
})

test('the clock of the cloud can be ahead', async () => {
  const simulator = await aSimulator({ switches: { clockSkewSeconds: 3600 } })
  expect(await look(simulator)).toBe('401 APIGW.0303')
  expect(await look(simulator, { at: Date.now() + 3_600_000 })).toBe('200')
})

test('five bad signatures in a row lock the key for five minutes', async () => {
  const advance = holdClock()
  const simulator = await aSimulator({ keys: [KEY, { accessKey: 'AKOTHER', secretKey: 'other' }] })
  for (let i = 0; i < 5; i++) await look(simulator, { key: WRONG })
  expect(await look(simulator)).toBe('401 APIGW.0301')
  expect(await look(simulator, { key: { accessKey: 'AKOTHER', secretKey: 'other' } })).toBe('200')
  advance(299)
  expect(await look(simulator)).toBe('401 APIGW.0301')
  advance(1)
  expect(await look(simulator)).toBe('200')
})

test('a lock that has ended begins the count anew', async () => {
  const advance = holdClock()
  const simulator = await aSimulator()
  for (let i = 0; i < 5; i++) await look(simulator, { key: WRONG })
  advance(300)
  for (let i = 0; i < 4; i++) await look(simulator, { key: WRONG })
  expect(await look(simulator)).toBe('200')
})

test('a good signature in between begins the count anew', async () => {
  const simulator = await aSimulator()
  for (let i = 0; i < 4; i++) await look(simulator, { key: WRONG })
  expect(await look(simulator)).toBe('200')
  for (let i = 0; i < 4; i++) await look(simulator, { key: WRONG })
  expect(await look(simulator)).toBe('200')
})

test('a temporary key needs its token, signed, and ends', async () => {
  const advance = holdClock()
  const temporary = { ...KEY, securityToken: 'a long token', expiresAt: Date.now() + 900_000 }
  const simulator = await aSimulator({ keys: [temporary] })
  expect(await look(simulator, { key: temporary })).toBe('200')
  expect(await look(simulator, { key: KEY })).toBe('401 APIGW.0301')
  expect(await look(simulator, { key: temporary, unsigned: ['x-security-token'] })).toBe('401 APIGW.0301')
  advance(900)
  expect(await look(simulator, { key: temporary })).toBe('401 APIGW.0301')
})

test('a key that was withdrawn is refused', async () => {
  const simulator = await aSimulator()
  simulator.keys.length = 0
  expect(await look(simulator)).toBe('401 APIGW.0301')
})

test('another project than that of the key is refused', async () => {
  const simulator = await aSimulator()
  expect(await look(simulator, { path: '/v1/ffffffffffffffffffffffffffffffff/cloudservers/detail' })).toBe(
    '400 Common.0018',
  )
})

test('a stop that is not let in does nothing, and is in the ledger', async () => {
  const simulator = await aSimulator({ servers: [ecs({ id: 'a' })] })
  simulator.keys.length = 0
  await stop(simulator, ['a'])
  expect(simulator.server('a')?.taskState).toBe(null)
  expect(simulator.stops()).toMatchObject([{ status: 401, code: 'APIGW.0301', stop: { ids: ['a'] } }])
})
