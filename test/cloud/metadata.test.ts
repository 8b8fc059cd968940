/** The key of the server that Curfew runs on. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import { readConfig } from '../../lib/runtime/config.ts'
import { startProxy } from '../proxy.ts'
import { cloudErrorOf, KEY, NOW, type Received, type Reply, startWire, wireConnection } from './wire.ts'

const HOUR_MS = 3_600_000
const givenKey = (n: number, at: number): Reply => ({
  body: {
    credential: {
      access: `HSTSERVER${n}0000000000`,
      secret: `serverSecret${n}`,
      securitytoken: `server-token-${n}`,
      expires_at: new Date(at + HOUR_MS).toISOString().replace('Z', '000Z'),
    },
  },
  headers: { date: new Date(at).toUTCString() },
})

const QUEUES = ['PLAN', 'STOP', 'FOLLOW', 'NOTIFY'].map(name => [`${name}_QUEUE_URL`, 'http://127.0.0.1:1/q'])
const embeddedVariables = { TABLE_NAME: 'curfew', ...Object.fromEntries(QUEUES) }

interface MetadataWire {
  metadata?: (received: Received, n: number) => Reply
  cloud?: (received: Received) => Reply
}

/** A server's metadata, and its cloud elsewhere. */
async function aMetadataWire({ metadata, cloud = () => ({ body: { job_id: 'j' } }) }: MetadataWire = {}) {
  const clock = { now: NOW }
  const server = await startWire((received, n) => metadata?.(received, n) ?? givenKey(n, clock.now))
  const project = await startWire(cloud)
  const open = () =>
    createCloud({
      connection: wireConnection(project.origin, { credentials: { source: 'metadata', name: '' } }),
      secret: undefined,
      metadataOrigin: server.origin,
      timeoutMs: 60_000,
      now: () => clock.now,
      random: () => 0,
      sleep: async () => undefined,
    })
  const stop = () => open().request('ecs', { action: 'stop', mode: 'soft' }, ['a'])
  return { server, project, clock, open, stop }
}
const tokens = (received: Received[]) => received.map(({ headers }) => headers['x-security-token'])

describe('the key of the server', () => {
  it('is asked for once, with nothing but the question, and once more when it is about to end', async () => {
    const wire = await aMetadataWire()
    await Promise.all(Array.from({ length: 20 }, () => wire.stop()))
    expect(wire.server.received).toMatchObject([{ method: 'GET', target: '/openstack/latest/securitykey' }])
    expect(Object.keys(wire.server.received[0]!.headers).toSorted()).toEqual(['connection', 'host'])
    wire.clock.now += HOUR_MS - 120_000
    await wire.stop()
    expect(tokens(wire.project.received)).toEqual([...Array(20).fill('server-token-1'), 'server-token-2'])
  })

  it('is asked for anew once the cloud refuses it', async () => {
    const wire = await aMetadataWire({
      cloud: ({ headers }) =>
        headers['x-security-token'] === 'server-token-1'
          ? { status: 401, body: { error_code: 'APIGW.0301', error_msg: 'the security token has expired' } }
          : { body: { job_id: 'j' } },
    })
    await wire.stop()
    expect(tokens(wire.project.received)).toEqual(['server-token-1', 'server-token-2'])
  })

  it('is asked for at the link-local address of IPv4, and never through the proxy that everything else goes through', async () => {
    const proxy = await startProxy(1)
    const environment = readConfig({
      ...embeddedVariables,
      HTTPS_PROXY: proxy.url,
      NO_PROXY: 'other.example',
    })
    const { Agent, ProxyAgent } = await import('undici')
    const through = vi.spyOn(ProxyAgent.prototype, 'dispatch')
    const sent: string[] = []
    const straight = vi.spyOn(Agent.prototype, 'dispatch').mockImplementation(options => {
      sent.push(`${options.origin}${options.path}`)
      throw new Error('sent')
    })
    onTestFinished(() => [through, straight].forEach(spy => void spy.mockRestore()))
    const open = (secret: unknown, overrides: Partial<Connection> = {}) =>
      createCloud({
        connection: wireConnection('https://ecs.nowhere-1.test', overrides),
        secret,
        timeoutMs: 1000,
        proxy: environment.proxy,
        now: () => NOW,
        random: () => 0,
        sleep: async () => undefined,
      })
    const byServer = open(undefined, { credentials: { source: 'metadata', name: '' } })
    await expect(byServer.job('ecs', 'j')).rejects.toThrow()
    expect(new Set(sent)).toEqual(new Set(['http://169.254.169.254/openstack/latest/securitykey']))
    expect(through).not.toHaveBeenCalled()
    straight.mockRestore()
    await cloudErrorOf(open(KEY).job('ecs', 'j'))
    expect(new Set(proxy.tunnels.map(({ target }) => target))).toEqual(new Set(['ecs.nowhere-1.test:443']))
  })

  it('is not taken from where a redirect leads', async () => {
    const elsewhere = await startWire((_, n) => givenKey(n, NOW))
    const wire = await aMetadataWire({
      metadata: () => ({ status: 302, body: '', headers: { location: `${elsewhere.origin}/key` } }),
    })
    const { message, details } = await cloudErrorOf(wire.stop())
    expect(details).toMatchObject({ class: 'credentials', status: 302 })
    expect(message).toContain('key of the server that Curfew runs on')
    expect([elsewhere.received, wire.project.received]).toEqual([[], []])
  })

  it('that is not there is missed in words that say what to do', async () => {
    const wire = await aMetadataWire({ metadata: () => ({ status: 404, body: 'Not Found' }) })
    const { message, details } = await cloudErrorOf(wire.stop())
    expect(details).toMatchObject({ class: 'credentials', status: 404 })
    expect(message).toContain('Give the server an agency')
    expect(wire.project.received).toEqual([])
  })
})
