import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { CloudErrorClass } from '../../lib/core/model/errors.ts'
import { causeNamed } from '../makers.ts'
import { denyInvalidHosts } from '../resolver.ts'
import {
  aWireCloud,
  cloudErrorOf,
  KEY,
  NOW,
  PROJECT,
  type Reply,
  type WireCloud,
  wireConnection,
} from './wire.ts'

const IDS = ['616fb98f-46ca-475e-917e-2563e5a8cd19', '726fb98f-46ca-475e-917e-2563e5a8cd20']
const JOB = { status: 'RUNNING' }
const NOVA_FAULT = JSON.stringify({
  itemNotFound: { message: `Instance ${IDS[1]} could not be found.`, code: 404 },
})
const PAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>'

const read = ({ cloud }: WireCloud) => cloud.job('ecs', 'j')
const stop = ({ cloud }: WireCloud) => cloud.request('ecs', { action: 'stop', mode: 'soft' }, IDS)

/** An unused port: nothing listens there. */
async function deadOrigin(): Promise<string> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** A cloud that waits a tenth of a second for its answers. */
const aHastyCloud = (origin: string) =>
  createCloud({
    connection: wireConnection(origin),
    secret: KEY,
    timeoutMs: 100,
    now: () => NOW,
    random: () => 0,
    sleep: async () => undefined,
  })

describe('an answer to a stop', () => {
  const cases: [string, Reply, CloudErrorClass, string, string[]][] = [
    [
      'too many servers for one request',
      { status: 400, body: { error: { code: 'Ecs.0118', message: 'too many' } } },
      'member',
      'Ecs.0118',
      [],
    ],
    [
      'a refusal that names a server',
      { status: 400, body: { error: { code: 'Ecs.0605', message: `Server ${IDS[0]} is locked` } } },
      'member',
      'Ecs.0605',
      [IDS[0]!],
    ],
    [
      'an invalid parameter whose details name a server',
      {
        status: 400,
        body: {
          error: { code: 'Ecs.0005', message: 'invalid', details: [{ code: 'Ecs.9', message: IDS[1] }] },
        },
      },
      'member',
      'Ecs.9',
      [IDS[1]!],
    ],
    [
      'a Nova fault inside the message',
      { status: 400, body: { error: { code: 'Ecs.1000', message: NOVA_FAULT } } },
      'member',
      'itemNotFound',
      [IDS[1]!],
    ],
    [
      'a busy server',
      { status: 501, body: { error: { code: 'Ecs.0603', message: 'busy' } } },
      'member',
      'Ecs.0603',
      [],
    ],
    [
      'a gateway’s throttling',
      { status: 429, body: { error_code: 'APIGW.0308', error_msg: 'x' } },
      'throttled',
      'APIGW.0308',
      [],
    ],
    [
      'flow control',
      { status: 503, body: { error: { code: 'Common.1503', message: 'x' } } },
      'throttled',
      'Common.1503',
      [],
    ],
    ['throttling without a word', { status: 429, body: '' }, 'throttled', 'http-429', []],
    [
      '202 with too much traffic',
      { status: 202, body: { error: { code: 'Common.0024', message: 'x' } } },
      'throttled',
      'Common.0024',
      [],
    ],
    ['202 without a job', { status: 202, body: {} }, 'ambiguous', 'unexpected-answer', []],
    ['200 with an empty job', { body: { job_id: '' } }, 'ambiguous', 'unexpected-answer', []],
    ['200 with a job that is no text', { body: { job_id: 7 } }, 'ambiguous', 'unexpected-answer', []],
    [
      '200 with another error',
      { body: { error: { code: 'Ecs.0114', message: 'x' } } },
      'ambiguous',
      'Ecs.0114',
      [],
    ],
    ['200 with a page', { body: PAGE }, 'ambiguous', 'no-json', []],
    ['200 with wrong JSON', { body: '{"job_id": "ff' }, 'ambiguous', 'no-json', []],
    ['204', { status: 204, body: '' }, 'ambiguous', 'no-json', []],
    ['502 with a page', { status: 502, body: PAGE }, 'ambiguous', 'http-502', []],
    ['503 without a code', { status: 503, body: '' }, 'ambiguous', 'http-503', []],
    [
      '500',
      { status: 500, body: { error: { code: 'Common.0001', message: 'x' } } },
      'ambiguous',
      'Common.0001',
      [],
    ],
    [
      '503 before anything was done',
      { status: 503, body: { error_code: 'APIGW.0613', error_msg: 'x' } },
      'unavailable',
      'APIGW.0613',
      [],
    ],
    [
      'a refused key',
      { status: 401, body: { error_code: 'APIGW.0301', error_msg: 'x' } },
      'credentials',
      'APIGW.0301',
      [],
    ],
    [
      'an account without rights',
      { status: 403, body: { error: { code: 'Ecs.0003', message: 'x' } } },
      'refused',
      'Ecs.0003',
      [],
    ],
    [
      'a refused parameter in an answer that repeats the whole request',
      { status: 400, body: { error: { code: 'Ecs.0005', message: `invalid: ${IDS.join()}` } } },
      'unattributed',
      'Ecs.0005',
      [],
    ],
    [
      'a Nova fault about nobody inside the message',
      {
        status: 400,
        body: { error: { code: 'Ecs.1000', message: '{"badRequest":{"message":"no","code":400}}' } },
      },
      'unattributed',
      'badRequest',
      [],
    ],
    [
      'a fault about nobody that is not known',
      {
        status: 400,
        body: { error: { code: 'Ecs.1000', message: '{"computeFault":{"message":"no","code":500}}' } },
      },
      'ambiguous',
      'computeFault',
      [],
    ],
    [
      'an unknown conflict',
      { status: 409, body: { error: { code: 'Ecs.9999', message: 'no' } } },
      'unattributed',
      'Ecs.9999',
      [],
    ],
    ['a redirect', { status: 302, body: '', headers: { location: '/elsewhere' } }, 'refused', 'http-302', []],
  ]

  it.each(cases)(
    '%s is told by its class, and is not asked for again',
    async (_what, reply, kind, code, serverIds) => {
      const wire = await aWireCloud(() => reply)
      const { details } = await cloudErrorOf(stop(wire))
      expect(details).toEqual({
        class: kind,
        code,
        status: reply.status ?? 200,
        requestId: 'f'.repeat(32),
        retryAfterSeconds: null,
        serverIds,
        ...causeNamed(code),
      })
      expect([wire.received.length, wire.waitsMs]).toEqual([1, []])
    },
  )

  it.each([
    ['is cut', 'cut', 'connection-lost'],
    ['is cut in the middle', 'half', 'connection-lost'],
    ['is no HTTP', 'garbage', 'connection-lost'],
    ['never comes', 'silence', 'timeout'],
  ] as const)('that %s leaves it open whether it was carried out', async (_what, instead, code) => {
    const wire = await aWireCloud(() => ({ instead, body: 'no HTTP\r\n\r\n' }), { timeoutMs: 1000 })
    const { details } = await cloudErrorOf(stop(wire))
    expect(details).toMatchObject({ class: 'ambiguous', code, status: 0, requestId: null })
    expect(wire.received).toHaveLength(1)
  })

  it('cannot come from a port where nobody listens: nothing was sent', async () => {
    const cloud = createCloud({
      connection: wireConnection(await deadOrigin()),
      secret: KEY,
      timeoutMs: 5000,
      now: () => NOW,
      random: () => 0,
      sleep: async () => undefined,
    })
    const { details, message } = await cloudErrorOf(
      cloud.request('ecs', { action: 'stop', mode: 'soft' }, IDS),
    )
    expect(details).toMatchObject({ class: 'unavailable', code: 'not-connected' })
    expect(message).toContain('ECONNREFUSED')
  })

  it('cannot come from a host that has no address: nothing was sent', async () => {
    denyInvalidHosts()
    const wire = await aWireCloud(() => ({}), {
      connection: { endpoints: { ecs: 'http://curfew-nowhere.invalid' } },
      timeoutMs: 20_000,
    })
    const { details, message } = await cloudErrorOf(stop(wire))
    expect(details).toMatchObject({ class: 'unavailable', code: 'no-such-host' })
    expect(message).toContain('curfew-nowhere.invalid')
    expect(message).toMatch(/\. No such host: check `region`, or name `endpoints`\.$/)
  })
})

describe('an answer that is packed, though nobody asked for it', () => {
  const packed = (pack: (text: string) => Buffer, encoding: string, text = JSON.stringify(JOB)) =>
    aWireCloud(() => ({ body: pack(text), headers: { 'content-encoding': encoding } }))

  it.each([
    [gzipSync, 'gzip'],
    [gzipSync, ' X-GZIP'],
    [deflateSync, 'deflate'],
    [brotliCompressSync, 'br'],
    [(text: string) => Buffer.from(text), 'identity'],
  ])('is read (%#)', async (pack, encoding) => {
    expect(await read(await packed(pack, encoding))).toMatchObject({ status: 'running' })
  })

  it.each<[string, (text: string) => Buffer, string, string]>([
    ['is more than 32 MB when unpacked', gzipSync, 'gzip', ' '.repeat(33 * 1024 * 1024)],
    ['is packed in a way nobody knows', gzipSync, 'zip', '{}'],
    ['is not what it says', text => Buffer.from(text), 'gzip', '{}'],
  ])(
    'and %s may come right the next time, and leaves it open whether a stop was carried out',
    async (_, ...how) => {
      const wire = await packed(...how)
      expect((await cloudErrorOf(read(wire))).details).toMatchObject({
        class: 'unavailable',
        code: 'unreadable',
      })
      expect((await cloudErrorOf(stop(wire))).details).toMatchObject({
        class: 'ambiguous',
        code: 'unreadable',
      })
    },
  )
})

it('an answer that has no end is given up', async () => {
  const wire = await aWireCloud(() => ({ body: ' '.repeat(33 * 1024 * 1024) }))
  const { details, message } = await cloudErrorOf(stop(wire))
  expect(details).toMatchObject({ class: 'ambiguous', code: 'unreadable' })
  expect(message).toContain('expected an answer of at most')
})

describe('a request that waits for a free connection', () => {
  it('and is given up meanwhile is never sent, and says so', async () => {
    const most = 32
    const wire = await aWireCloud(
      (_received, n) => (n <= most ? { instead: 'silence' } : { body: { job_id: 'j' } }),
      {
        timeoutMs: 5000,
      },
    )
    const hasty = aHastyCloud(wire.origin)
    const silent = Array.from({ length: most }, () => cloudErrorOf(stop(wire)))
    expect(
      (await cloudErrorOf(hasty.request('ecs', { action: 'stop', mode: 'soft' }, IDS))).details,
    ).toMatchObject({
      class: 'unavailable',
      code: 'not-connected',
    })
    const codes = (await Promise.all(silent)).map(({ details }) => `${details.class} ${details.code}`)
    expect(new Set(codes)).toEqual(new Set(['ambiguous timeout']))
    await stop(wire)
    expect(wire.received).toHaveLength(most + 1)
  })
})

describe('connections', () => {
  it('are kept for reads', async () => {
    const wire = await aWireCloud(() => ({ body: JOB }))
    for (let n = 1; n <= 10; n++) await read(wire)
    // Not one: a socket is free again only a turn after its answer ended.
    expect(Math.max(...wire.received.map(({ socket }) => socket))).toBe(2)
  })

  it('are new for each stop: one that died idle would leave it open what was carried out', async () => {
    const wire = await aWireCloud(({ method }) => ({ body: method === 'GET' ? JOB : { job_id: 'j' } }))
    await read(wire)
    await stop(wire)
    await stop(wire)
    expect(wire.received.map(({ socket }) => socket)).toEqual([1, 2, 3])
  })
})

describe('a read', () => {
  const failures: [string, Reply][] = [
    ['throttled by the gateway', { status: 429, body: { error_code: 'APIGW.0308', error_msg: 'x' } }],
    ['throttled under 202', { status: 202, body: { error: { code: 'Common.0024', message: 'x' } } }],
    ['throttled under 200', { status: 200, body: { error_code: 'APIGW.0308', error_msg: 'x' } }],
    ['answered 503', { status: 503, body: '' }],
    ['answered 500', { status: 500, body: { error: { code: 'Common.0001', message: 'x' } } }],
    ['answered a page', { status: 502, body: PAGE }],
    ['cut', { instead: 'cut' }],
    ['answered by half', { instead: 'half' }],
    ['never answered', { instead: 'silence' }],
  ]

  it.each(failures)('that is %s is tried again', async (_what, reply) => {
    const wire = await aWireCloud((_received, n) => (n === 1 ? reply : { body: JOB }), { timeoutMs: 1000 })
    expect(await read(wire)).toMatchObject({ status: 'running' })
    expect([wire.received.length, wire.waitsMs]).toEqual([2, [500]])
  })

  it.each(failures.slice(0, 7))('that is always %s fails after four attempts', async (_what, reply) => {
    const wire = await aWireCloud(() => reply)
    const { message, details } = await cloudErrorOf(read(wire))
    expect(['throttled', 'unavailable']).toContain(details.class)
    expect(message).toContain('(after 4 attempts)')
    expect([wire.received.length, wire.waitsMs]).toEqual([4, [500, 1000, 2000]])
  })

  it('is signed anew for each attempt', async () => {
    let nowMs = NOW
    const wire = await aWireCloud((_received, n) => (n < 3 ? { status: 503 } : { body: JOB }))
    const cloud = createCloud({
      connection: wireConnection(wire.origin),
      secret: KEY,
      timeoutMs: 5000,
      now: () => nowMs,
      random: () => 0,
      sleep: async () => {
        nowMs += 1000
      },
    })
    await cloud.job('ecs', 'j')
    expect(wire.received.map(({ headers }) => headers['x-sdk-date'])).toEqual([
      '20261121T120000Z',
      '20261121T120001Z',
      '20261121T120002Z',
    ])
  })

  it.each([
    ['seconds', '3'],
    ['a date', 'Sat, 21 Nov 2026 12:00:03 GMT'],
  ])('waits as long as the cloud asks in %s', async (_form, retryAfter) => {
    const wire = await aWireCloud((_received, n) =>
      n === 1 ? { status: 429, headers: { 'retry-after': retryAfter } } : { body: JOB },
    )
    await read(wire)
    expect(wire.waitsMs).toEqual([3000])
  })

  it('that should wait longer than a function can is given up at once, and says how long', async () => {
    const wire = await aWireCloud(() => ({ status: 429, headers: { 'retry-after': '120' } }))
    const { details } = await cloudErrorOf(read(wire))
    expect(details).toMatchObject({ class: 'throttled', retryAfterSeconds: 120 })
    expect(wire.received).toHaveLength(1)
  })

  it.each([
    [
      'with a refused key',
      { status: 401, body: { error_code: 'APIGW.0301', error_msg: 'x' } },
      'credentials',
    ],
    ['without rights', { status: 403, body: { error_code: 'APIGW.0302', error_msg: 'x' } }, 'refused'],
    ['that is answered with something else', { status: 200, body: { state: 'PAUSED' } }, 'refused'],
  ] as const)('%s is not tried again', async (_what, reply, kind) => {
    const wire = await aWireCloud(() => reply)
    expect((await cloudErrorOf(read(wire))).details.class).toBe(kind)
    expect(wire.received).toHaveLength(1)
  })

  it.each([
    ['a page', PAGE],
    ['JSON that ends in its middle', '{"status": "SUC'],
  ])('that is answered with %s may come whole the next time', async (_what, body) => {
    const wire = await aWireCloud((_received, n) => (n === 1 ? { status: 200, body } : { body: JOB }))
    await read(wire)
    expect(wire.received).toHaveLength(2)
  })

  it('that is answered with something else says what was expected', async () => {
    const wire = await aWireCloud(() => ({ body: { servers: 'none' } }))
    const { details, message } = await cloudErrorOf(wire.cloud.servers('ecs').next())
    expect(details).toMatchObject({ class: 'refused', code: 'unexpected-answer', status: 200 })
    expect(message).toContain('expected servers: ')
  })
})

describe('what is sent', () => {
  it('goes to the path behind a proxy’s own, whose path is signed too', async () => {
    const wire = await aWireCloud(() => ({ body: JOB }))
    const cloud = createCloud({
      connection: wireConnection(`${wire.origin}/huawei/ecs/`),
      secret: KEY,
      timeoutMs: 5000,
      now: () => NOW,
      random: () => 0,
      sleep: async () => undefined,
    })
    await cloud.job('ecs', 'j')
    expect(wire.received[0]?.path).toBe(`/huawei/ecs/v1/${PROJECT}/jobs/j`)
  })

  it('has an odd job id encoded', async () => {
    const wire = await aWireCloud(() => ({ body: JOB }))
    await wire.cloud.job('ecs', '../a b?c')
    expect(wire.received[0]?.target).toBe(`/v1/${PROJECT}/jobs/..%2Fa%20b%3Fc`)
  })
})

describe('an error', () => {
  it.each([
    ['Common.0018', ' It will be refused again as it is: change it, or what the project allows.'],
    ['Ecs.0605', ''],
    ['Ecs.0219', ''],
  ])(
    'says what was asked of whom, what came (%s) and what to do, where it is no server’s',
    async (code, next) => {
      const wire = await aWireCloud(() => ({ status: 400, body: { error: { code, message: 'no' } } }))
      const { message } = await cloudErrorOf(stop(wire))
      expect(message).toBe(
        `Connection prod: SOFT stop of 2 ECS servers (POST ${wire.origin}/v1/${PROJECT}/cloudservers/action): ` +
          `400 ${code} came, "no", request ${'f'.repeat(32)}.${next}`,
      )
    },
  )

  it('over a wrong clock says so', async () => {
    const wire = await aWireCloud(() => ({ status: 401, body: { error_code: 'APIGW.0305', error_msg: 'x' } }))
    const { message, details } = await cloudErrorOf(read(wire))
    expect(details.class).toBe('credentials')
    expect(message).toContain('Check the clock of this machine')
  })

  it('takes the request id of a cloud that has another header for it', async () => {
    const headers = { 'x-request-id': '', 'x-openstack-request-id': 'req-1' }
    const wire = await aWireCloud(() => ({ status: 404, headers }))
    expect((await cloudErrorOf(stop(wire))).details.requestId).toBe('req-1')
  })

  const TOKEN = 'gQpjbi1ub3J0aC00EXAMPLE/TOKEN+=='
  const PARTS = [KEY.accessKey, KEY.secretKey, TOKEN]
  const told = (text: string): string =>
    `${text} ${PARTS.join(' ')} ${PARTS.map(encodeURIComponent).join(' ')} ${text.repeat(200)}`
  const tellTales: [string, Reply][] = [
    ['in a message', { status: 401, body: { error_code: 'APIGW.0301', error_msg: told('ak') } }],
    [
      'where the message is cut',
      { status: 401, body: { error_code: 'X.1', error_msg: `${'x'.repeat(490)}${PARTS.join('')}` } },
    ],
    ['in a page', { status: 502, body: `<p>${told('<b>x</b>')}` }],
    ['in JSON with escaped slashes', { status: 200, body: JSON.stringify(told('x')).replaceAll('/', '\\/') }],
    [
      'in details',
      { status: 400, body: { error: { code: 'A.1', message: 'x', details: [{ message: told('y') }] } } },
    ],
    ['in bytes that are no HTTP', { instead: 'garbage', body: told('HTTP/9.9') }],
  ]

  it.each(tellTales)(
    'holds no part of the key, even where the cloud repeats it %s',
    async (_where, reply) => {
      const wire = await aWireCloud(() => reply, { secret: { ...KEY, securityToken: TOKEN } })
      const errors = [await cloudErrorOf(read(wire)), await cloudErrorOf(stop(wire))]
      const sent = wire.received[0]?.headers
      expect(PARTS.some(part => JSON.stringify(sent).includes(part))).toBe(true)
      for (const error of errors) {
        const shown = `${inspect(error, { depth: null, showHidden: true })} ${JSON.stringify(error)} ${error.stack}`
        for (const part of PARTS) expect(shown).not.toContain(part.slice(0, 8))
        expect(shown).not.toContain('Signature=')
      }
    },
  )
})
