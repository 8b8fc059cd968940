import { createHmac } from 'node:crypto'
import { setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addressProblem } from '../../lib/core/notify/webhook-address.ts'
import { createWebhook, type OutgoingWebhook, type WebhookOptions } from '../../lib/runtime/webhook.ts'
import { aCertificate } from '../certificate.ts'
import { START } from '../makers.ts'
import { startProxy } from '../proxy.ts'
import { type Receiver, startReceiver } from '../receiver.ts'

const HOST = 'hooks.nowhere-1.test'
const identity = aCertificate(Date.now(), ['localhost', HOST])
let receiver: Receiver
beforeAll(() => setDefaultCACertificates([identity.cert]))
beforeEach(async () => {
  receiver = await startReceiver(identity)
})
afterEach(() => receiver.close())

const anywhere = () => null
const sends = (options: Partial<WebhookOptions> = {}) =>
  createWebhook({ addressProblem: anywhere, timeoutMs: 5000, now: () => START, ...options })
const anOutgoing = (overrides: Partial<OutgoingWebhook> = {}): OutgoingWebhook => ({
  url: `https://localhost:${receiver.port}/hook/s3cret?x=y`,
  id: 'nightly-dev.20261121T120000Z.ended',
  body: '{"text":"✅ done"}',
  ...overrides,
})

describe('a webhook', () => {
  test('is posted as it is, over TLS, under its own id', async () => {
    expect(await sends()(anOutgoing())).toBeNull()
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = receiver.received
    expect({ path, body }).toEqual({ path: '/hook/s3cret?x=y', body: '{"text":"✅ done"}' })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': 'nightly-dev.20261121T120000Z.ended',
      'webhook-timestamp': '1795262400',
    })
    expect(headers['webhook-signature']).toBeUndefined()
  })

  test.each([
    ['plain text', 'a secret, plainly', Buffer.from('a secret, plainly')],
    ['base64 behind its mark', 'whsec_AAECAwQFBgcICQ==', Buffer.from('00010203040506070809', 'hex')],
  ])('is signed with a secret that is %s, so that who knows it can tell', async (_, secret, key) => {
    await sends()(anOutgoing({ secret }))
    const { headers, body } = receiver.received[0]!
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const signature = createHmac('sha256', key).update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
  })

  test.each([
    ['http://example.com/hook', 'expected https, got http'],
    ['https://me:pw@example.com/hook', 'expected no user and no password in it'],
    ['hook', 'expected a URL such as https://example.com/hook'],
  ])('that was stored with the URL %s is not sent', async (url, problem) => {
    expect(await sends()(anOutgoing({ url }))).toBe(problem)
    expect(receiver.received).toEqual([])
  })

  test.each([200, 201, 204, 299])('that is answered %i is taken', async status => {
    receiver.answer = { status }
    expect(await sends()(anOutgoing())).toBeNull()
  })

  test.each([400, 404, 410, 429, 500, 503])('that is answered %i is not taken', async status => {
    receiver.answer = { status }
    expect(await sends()(anOutgoing())).toBe(`it answered ${status}`)
  })

  test.each([301, 302, 307, 308])('that is answered %i is not followed', async status => {
    receiver.answer = { status, headers: { location: `https://localhost:${receiver.port}/other` } }
    expect(await sends()(anOutgoing())).toBe(`it answered ${status}, and redirects are not followed`)
    expect(receiver.received).toHaveLength(1)
  })

  test('that nobody answers in time is not taken', async () => {
    receiver.answer = null
    expect(await sends({ timeoutMs: 300 })(anOutgoing())).toBe('no answer within 300 ms')
  })

  test('is not sent to someone whose certificate nobody vouches for', async () => {
    const stranger = await startReceiver(aCertificate(Date.now()))
    const reason = await sends()(anOutgoing({ url: `https://localhost:${stranger.port}/hook` }))
    expect(reason).toContain('localhost: ')
    expect(stranger.received).toEqual([])
    await stranger.close()
  })

  test('that cannot be delivered says why, and never where to, for that may be the secret', async () => {
    await receiver.close()
    const reason = await sends()(anOutgoing())
    expect(reason).toContain('ECONNREFUSED')
    expect(reason).not.toContain('s3cret')
    receiver = await startReceiver(identity)
  })
})

describe('through a proxy', () => {
  const url = `https://${HOST}:8443/hook/s3cret`
  const options = (proxyUrl: string, ...addresses: string[]): Partial<WebhookOptions> => ({
    addressProblem,
    proxy: { url: proxyUrl.replace('//', '//ann:word@'), exceptions: ['straight.test'] },
    addressesOf: async () => addresses,
  })

  test('a webhook is sent to the address that was checked here, under its name', async () => {
    const proxy = await startProxy(receiver.port)
    expect(await sends(options(proxy.url, '93.184.216.34'))(anOutgoing({ url }))).toBeNull()
    expect(proxy.tunnels).toEqual([{ target: '93.184.216.34:8443', user: 'ann:word' }])
    const [{ path, headers } = { path: '', headers: {} }] = receiver.received
    expect([path, headers.host]).toEqual(['/hook/s3cret', `${HOST}:8443`])
  })

  test.each([['10.0.0.7'], ['93.184.216.34', '169.254.169.254'], ['::1']])(
    'nothing is asked of it for a name that leads to %s',
    async (...addresses) => {
      const proxy = await startProxy(receiver.port)
      const reason = await sends(options(proxy.url, ...addresses))(anOutgoing({ url }))
      expect(reason).toContain('is no public address')
      expect(proxy.tunnels).toEqual([])
    },
  )

  test('another certificate than one for its name is not taken', async () => {
    const proxy = await startProxy(receiver.port)
    const other = 'https://elsewhere.nowhere-1.test/hook'
    const reason = await sends(options(proxy.url, '93.184.216.34'))(anOutgoing({ url: other }))
    expect(reason).toContain('elsewhere.nowhere-1.test')
    expect(receiver.received).toEqual([])
  })

  test('a name that is never looked up in time is given up', async () => {
    const stuck = { ...options('http://127.0.0.1:1'), addressesOf: () => new Promise<never>(() => undefined) }
    expect(await sends({ ...stuck, timeoutMs: 50 })(anOutgoing({ url }))).toBe('no answer within 50 ms')
  })

  test('that refuses, it says so, without the password and where the message went', async () => {
    const proxy = await startProxy(receiver.port, '403 Forbidden')
    const reason = await sends(options(proxy.url, '93.184.216.34'))(anOutgoing({ url }))
    expect(reason).toMatch(/403 Forbidden.*\(through the proxy 127\.0\.0\.1:\d+\)/)
    expect(reason).not.toMatch(/ann|word|s3cret/)
  })
})

describe('nothing is sent', () => {
  test.each(['localhost', '127.0.0.1', '2130706433', '0x7f.1'])(
    'to %s: not even a connection is made',
    async host => {
      const url = `https://${host}:${receiver.port}/`
      const reason = await sends({ addressProblem })(anOutgoing({ url }))
      expect(reason).toMatch(/(127\.0\.0\.1|::1) is no public address/)
      expect(receiver.connections()).toBe(0)
    },
  )

  test.each(['[::1]', '[::ffff:127.0.0.1]'])('to %s', async host => {
    const reason = await sends({ addressProblem })(anOutgoing({ url: `https://${host}:${receiver.port}/` }))
    expect(reason).toContain('is no public address')
  })

  test('over a connection that leads elsewhere than its name did', async () => {
    const seen = new Set<string>()
    // The name is judged first, then the connection that was made.
    const looked = (address: string) => {
      const again = seen.has(address)
      seen.add(address)
      return again ? `${address} is no public address (loopback)` : null
    }
    const reason = await sends({ addressProblem: looked })(anOutgoing())
    expect(reason).toContain('is no public address (loopback)')
    expect(receiver.received).toEqual([])
  })
})
