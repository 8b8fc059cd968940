import { createCloud } from '../../lib/cloud/registry.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import { listedServer, NOW, PROJECT, type Received, type Reply, startWire, wireConnection } from './wire.ts'

export const PASSWORD = { username: 'curfew', password: 'examplePass0/word', domainName: 'Default' }
export const TOKEN_LIFE_MS = 3_600_000

/** Keystone's answer: a token that is named by its number, from 1. */
export function tokenReply(n: number, overrides: Record<string, unknown> = {}): Reply {
  const instant = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z')
  const token = {
    methods: ['password'],
    issued_at: instant(NOW),
    expires_at: instant(NOW + TOKEN_LIFE_MS),
    project: { id: PROJECT },
    ...overrides,
  }
  return { status: 201, body: { token }, headers: { 'x-subject-token': `gAAAAAtoken-${n}` } }
}

/** A server's JSON as Nova lists it under microversion 2.26. */
export const novaServer = (id: string, overrides: Record<string, unknown> = {}) => ({
  ...listedServer(id),
  metadata: {},
  flavor: { id: 'm1.small', links: [] },
  ...overrides,
})

interface NovaWire {
  /** Everything but tokens, which are answered by themselves. */
  nova?: (received: Received, n: number) => Reply | Promise<Reply>
  keystone?: (received: Received, n: number) => Reply
  secret?: unknown
  connection?: Partial<Connection>
  timeoutMs?: number
  /** ms since the epoch; held unless a test moves it. */
  now?: () => number
}

let connections = 0

/** An OpenStack of ours before a scripted one; each has a connection of its own, for tokens are kept by connection. */
export async function aNovaWire({
  nova = () => ({}),
  keystone = (_, n) => tokenReply(n),
  ...rest
}: NovaWire) {
  const tokens: Received[] = []
  const calls: Received[] = []
  const wire = await startWire(received => {
    const isToken = received.path === '/v3/auth/tokens'
    const seen = isToken ? tokens : calls
    seen.push(received)
    return isToken ? keystone(received, tokens.length) : nova(received, calls.length)
  })
  const waitsMs: number[] = []
  const connection = wireConnection(wire.origin, {
    id: `nova-${++connections}`,
    api: 'openstack',
    endpoints: { identity: `${wire.origin}/v3`, compute: `${wire.origin}/v2.1` },
    ...rest.connection,
  })
  const open = () =>
    createCloud({
      connection,
      secret: rest.secret ?? PASSWORD,
      timeoutMs: rest.timeoutMs ?? 5000,
      now: rest.now ?? (() => NOW),
      random: () => 0.5,
      sleep: async ms => void waitsMs.push(ms),
    })
  return { ...wire, connection, tokens, calls, waitsMs, open, cloud: open() }
}
