/** Calls to a cloud that is reached through a proxy alone. */
import { setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { OutgoingProxy } from '../../lib/core/documents/proxy.ts'
import { aCertificate } from '../certificate.ts'
import { startProxy } from '../proxy.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import { cloudErrorOf, KEY, NOW, startWire, wireConnection } from './wire.ts'

const HOST = 'ecs.nowhere-1.test'
const identity = aCertificate(Date.now(), [HOST])
let receiver: Receiver
beforeAll(() => setDefaultCACertificates([identity.cert]))
beforeEach(async () => {
  receiver = await startReceiver(identity)
})
afterEach(() => receiver.close())

const aCloud = (proxy: OutgoingProxy | null, origin = `https://${HOST}`) =>
  createCloud({
    connection: wireConnection(origin),
    secret: KEY,
    timeoutMs: 5000,
    proxy,
    now: () => NOW,
    random: () => 0,
    sleep: async () => undefined,
  })

test('a read and a stop reach it through a tunnel each, under its own name', async () => {
  const proxy = await startProxy(receiver.port)
  const cloud = aCloud({ url: proxy.url.replace('//', '//ann:pass%20word@'), exceptions: [] })
  await cloudErrorOf(cloud.job('ecs', 'j'))
  await cloudErrorOf(cloud.request('ecs', { action: 'stop', mode: 'soft' }, ['a']))
  expect(proxy.tunnels.length).toBeGreaterThanOrEqual(2)
  expect(new Set(proxy.tunnels.map(({ target, user }) => `${target} ${user}`))).toEqual(
    new Set([`${HOST}:443 ann:pass word`]),
  )
  expect(receiver.received.at(-1)).toMatchObject({
    path: expect.stringContaining('/cloudservers/action'),
    headers: { host: HOST },
  })
  expect(receiver.received.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true)
})

test('a stop gets a tunnel of its own: none that has been idle', async () => {
  const proxy = await startProxy(receiver.port)
  const cloud = aCloud({ url: proxy.url, exceptions: [] })
  for (let n = 1; n <= 3; n++)
    await cloudErrorOf(cloud.request('ecs', { action: 'stop', mode: 'soft' }, ['a']))
  expect(proxy.tunnels).toHaveLength(3)
})

test('a host that NO_PROXY names is asked without it', async () => {
  const proxy = await startProxy(receiver.port)
  const { details } = await cloudErrorOf(aCloud({ url: proxy.url, exceptions: ['.test'] }).job('ecs', 'j'))
  expect(details.code).toBe('no-such-host')
  expect(proxy.tunnels).toEqual([])
})

test('a cloud on this machine is never asked through it', async () => {
  const proxy = await startProxy(receiver.port)
  const { origin, received } = await startWire(() => ({ body: { status: 'RUNNING' } }))
  await aCloud({ url: proxy.url, exceptions: [] }, origin).job('ecs', 'j')
  expect([received.length, proxy.tunnels.length]).toEqual([1, 0])
})

test.each(['407 Proxy Authentication Required', '403 Forbidden', '502 Bad Gateway'])(
  'a proxy that answers %s sent nothing on: it is asked again later, and the proxy is named without its password',
  async refusal => {
    const proxy = await startProxy(receiver.port, refusal)
    const url = proxy.url.replace('//', '//ann:s3cret@')
    const error = await cloudErrorOf(
      aCloud({ url, exceptions: [] }).request('ecs', { action: 'stop', mode: 'soft' }, ['a']),
    )
    expect(error.details).toMatchObject({ class: 'unavailable', code: 'not-connected' })
    expect(error.message).toContain(refusal.slice(0, 3))
    expect(error.message).toContain(`through the proxy ${new URL(url).host}`)
    expect(`${error.message} ${error.cause}`).not.toContain('s3cret')
  },
)

test('a proxy that is not there sent nothing on', async () => {
  const url = 'http://proxy.nowhere-1.test:3128'
  const error = await cloudErrorOf(
    aCloud({ url, exceptions: [] }).request('ecs', { action: 'stop', mode: 'soft' }, ['a']),
  )
  expect(error.details).toMatchObject({ class: 'unavailable', code: 'not-connected' })
  expect(error.message).not.toContain('check `region`')
})
