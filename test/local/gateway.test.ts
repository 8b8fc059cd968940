import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../infra/local/door/gateway.ts'
import type { Caller } from '../../lib/http/access/role.ts'

type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>

async function aGateway(handler: (event: Event) => unknown = () => ({ statusCode: 204 })) {
  const events: Event[] = []
  const troubles: string[] = []
  const gateway = await startGateway({
    port: 0,
    handler: async event => {
      events.push(event)
      return handler(event)
    },
    trouble: (where, error) => void troubles.push(`${where}: ${error}`),
  })
  onTestFinished(() => gateway.close())
  return { url: gateway.url, events, troubles }
}

/** As `fetch`, which would not let a test choose the host. */
function status(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, response => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

test('a request becomes an event of payload 2.0, asked by local', async () => {
  const { url, events } = await aGateway()
  await fetch(`${url}/v1/runs?status=failed&status=partial&since=2026-11-21T12%3A00%3A00Z`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Trace': 'abc', Cookie: 'a=1; b=2' },
    body: '{"policyId":"nächtlich"}',
  })
  expect(events).toMatchObject([
    {
      version: '2.0',
      rawPath: '/v1/runs',
      rawQueryString: 'status=failed&status=partial&since=2026-11-21T12%3A00%3A00Z',
      queryStringParameters: { status: 'failed,partial', since: '2026-11-21T12:00:00Z' },
      cookies: ['a=1', 'b=2'],
      headers: { 'content-type': 'application/json', 'x-trace': 'abc' },
      body: '{"policyId":"nächtlich"}',
      isBase64Encoded: false,
      requestContext: {
        authorizer: { lambda: { actor: 'local', role: 'admin' } },
        http: { method: 'POST', path: '/v1/runs' },
      },
    },
  ])
  expect(events[0]?.headers.cookie).toBeUndefined()
  expect(events[0]?.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/)
})

test('a request without query and body has neither', async () => {
  const { url, events } = await aGateway()
  await fetch(`${url}/v1/health`)
  expect(events[0]).toMatchObject({ rawQueryString: '', isBase64Encoded: false })
  expect(events[0]).not.toHaveProperty('queryStringParameters')
  expect(events[0]).not.toHaveProperty('body')
  expect(events[0]).not.toHaveProperty('cookies')
})

test('a body that is no text comes in base64, byte for byte', async () => {
  const { url, events } = await aGateway()
  const body = new Uint8Array([0, 255, 128, 10])
  await fetch(url, { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } })
  expect(events[0]).toMatchObject({ body: Buffer.from(body).toString('base64'), isBase64Encoded: true })
})

test('the answer is given as the function says: status, headers, cookies, body', async () => {
  const { url } = await aGateway(() => ({
    statusCode: 418,
    headers: { 'content-type': 'application/problem+json', 'x-count': 3 },
    cookies: ['a=1', 'b=2'],
    body: Buffer.from('größer').toString('base64'),
    isBase64Encoded: true,
  }))
  const response = await fetch(url)
  expect(response.status).toBe(418)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('x-count')).toBe('3')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.text()).toBe('größer')
})

test.for<[string, () => unknown]>([
  ['throws', () => Promise.reject(new Error('boom'))],
  ['answers something else', () => ({ ok: true })],
])('a function that %s is a 500, and somebody is told', async ([, handler]) => {
  const { url, troubles } = await aGateway(handler)
  const response = await fetch(url)
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ status: 500, title: 'Internal Server Error' })
  expect(troubles).toHaveLength(1)
})

test('a body up to 10 MB reaches the function, a larger one is refused without it', async () => {
  const { url, events } = await aGateway()
  const most = 10 * 1024 * 1024
  const put = (bytes: number) => fetch(url, { method: 'PUT', body: 'x'.repeat(bytes) })
  expect((await put(most)).status).toBe(204)
  expect(events[0]?.body).toHaveLength(most)
  expect((await put(most + 1)).status).toBe(413)
  expect(events).toHaveLength(1)
})

test('a page from elsewhere is refused, whether its host or its origin tells', async () => {
  const { url, events } = await aGateway()
  const { host, port } = new URL(url)
  expect(await status(url, { host: 'evil.example' })).toBe(403)
  expect(await status(url, { host: `evil.example:${port}` })).toBe(403)
  expect(await status(url, { host, origin: 'http://evil.example' })).toBe(403)
  expect(await status(url, { host, origin: 'null' })).toBe(403)
  expect(events).toHaveLength(0)
  expect(await status(url, { host: `localhost:${port}` })).toBe(204)
  expect(await status(url, { host, origin: `http://${host}` })).toBe(204)
})

test('a port that is taken is named, with what to do', async () => {
  const { url } = await aGateway()
  const port = Number(new URL(url).port)
  const second = startGateway({ port, handler: async () => undefined, trouble: () => undefined })
  await expect(second).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use. Choose another with --port N`)
})

test.each([
  [
    'another host',
    'GET /v1/runs HTTP/1.1\r\nHost: evil.example\r\nConnection: close',
    403,
    'got Host "evil.example"',
  ],
  ['no host', 'GET /v1/runs HTTP/1.1\r\nConnection: close', 403, 'got Host ""'],
  [
    'a longer address than Node reads',
    `GET /v1/runs?cursor=${'x'.repeat(20_000)} HTTP/1.1`,
    431,
    '16384 bytes',
  ],
  ['something that is no HTTP', 'HELLO', 400, 'HTTP request'],
])('%s is answered with a problem document', async (_, head, expected, detail) => {
  const { url } = await aGateway()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`${head}\r\n\r\n`)
  const [top = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  expect(top).toContain(`HTTP/1.1 ${expected} `)
  expect(top.toLowerCase()).toContain('content-type: application/problem+json')
  expect(JSON.parse(body)).toMatchObject({ status: expected, detail: expect.stringContaining(detail) })
})
