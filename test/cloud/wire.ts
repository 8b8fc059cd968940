import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { Cloud } from '../../lib/core/model/cloud.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import { CloudError } from '../../lib/core/model/errors.ts'

/** What came over the wire. */
export interface Received {
  method: string
  /** Path and query as sent. */
  target: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: string
  /** Counts connections from 1. */
  socket: number
}
export interface Reply {
  status?: number
  /** Texts and bytes are sent as they are, all else as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** Instead of an answer: none ever, the connection cut, half an answer and then a cut, the body alone. */
  instead?: 'silence' | 'cut' | 'half' | 'garbage'
}
interface Wire {
  origin: string
  received: Received[]
}
/** The nth request, from 1. */
type Script = (received: Received, n: number) => Reply | Promise<Reply>

/** A cloud on loopback that answers as its script says, until the test ends. */
export async function startWire(script: Script): Promise<Wire> {
  const received: Received[] = []
  const sockets = new Map<unknown, number>()
  const server = createServer(async (request, response) => {
    if (!sockets.has(request.socket)) sockets.set(request.socket, sockets.size + 1)
    const one = await receivedFrom(request, sockets.get(request.socket)!)
    received.push(one)
    send(response, await script(one, received.length))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

async function receivedFrom(request: IncomingMessage, socket: number): Promise<Received> {
  const body = await text(request)
  const url = new URL(request.url!, 'http://wire')
  return {
    method: request.method!,
    target: request.url!,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers as Record<string, string>,
    body,
    socket,
  }
}

function send(response: ServerResponse, { status = 200, body = {}, headers = {}, instead }: Reply): void {
  if (instead === 'silence') return
  if (instead === 'cut') return void response.socket?.destroy()
  if (instead === 'garbage') return void response.socket?.end(String(body))
  if (instead === 'half') {
    response.writeHead(status, { 'content-length': '1000' })
    response.write('{"job_id":"half', () => response.socket?.destroy())
    return
  }
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-request-id': 'f'.repeat(32),
    ...headers,
  })
  response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))
}

export const PROJECT = '0123456789abcdef0123456789abcdef'
export const KEY = { accessKey: 'AKEXAMPLE0000000000X', secretKey: 'exampleSecretKey/0123456789+ABCDEF42' }
export const NOW = Date.parse('2026-11-21T12:00:00Z')

/** A connection whose services are all at one origin. */
export const wireConnection = (origin: string, overrides: Partial<Connection> = {}): Connection => ({
  id: 'prod',
  api: 'huaweicloud',
  region: 'cn-north-4',
  projectId: PROJECT,
  endpoints: { ecs: origin, bms: origin, as: origin },
  credentials: { source: 'secretsManager', name: 'curfew/prod' },
  maxServersPerMinute: { ecs: 1000, bms: null },
  assume: null,
  scalingGroups: 'guard',
  enabled: true,
  managedBy: null,
  ...overrides,
})

export interface WireCloud extends Wire {
  cloud: Cloud
  /** How long it waited between attempts, in order. */
  waitsMs: number[]
}
interface WireOptions {
  secret?: unknown
  timeoutMs?: number
  random?: number
  connection?: Partial<Connection>
  /** IAM and STS are at the wire, too. */
  identity?: boolean
  /** So is BSS. */
  bss?: boolean
}

/** A cloud of ours before a scripted one; its waits are noted and take no time. */
export async function aWireCloud(script: Script, options: WireOptions = {}): Promise<WireCloud> {
  const wire = await startWire(script)
  const waitsMs: number[] = []
  const cloud = createCloud({
    connection: wireConnection(wire.origin, { ...identityAt(wire, options), ...options.connection }),
    secret: options.secret ?? KEY,
    timeoutMs: options.timeoutMs ?? 5000,
    now: () => NOW,
    random: () => options.random ?? 0.5,
    sleep: async ms => void waitsMs.push(ms),
  })
  return { ...wire, cloud, waitsMs }
}

function identityAt({ origin }: Wire, { identity = false, bss = false }: WireOptions): Partial<Connection> {
  if (bss) return { endpoints: { ecs: origin, bss: origin } }
  return identity ? { endpoints: { ecs: origin, iam: origin, sts: origin } } : {}
}

/** The `CloudError` that a call ends in. */
export async function cloudErrorOf(call: Promise<unknown>): Promise<CloudError> {
  const outcome = await call.then(
    value => value,
    (error: unknown) => error,
  )
  if (outcome instanceof CloudError) return outcome
  throw new Error(`expected a CloudError, got ${JSON.stringify(outcome) ?? outcome}`, { cause: outcome })
}

/** What ECS and Nova say of a server alike. */
export const listedServer = (id: string) => ({
  id,
  name: `name-${id}`,
  status: 'ACTIVE',
  'OS-EXT-STS:vm_state': 'active',
  'OS-EXT-STS:task_state': null,
  'OS-EXT-STS:power_state': 1,
  locked: false,
  tags: ['env=dev'],
})

/** A server's JSON as ECS lists it. */
export const wireServer = (id: string, overrides: Record<string, unknown> = {}) => ({
  ...listedServer(id),
  enterprise_project_id: '0',
  metadata: { charging_mode: '0', EcmResStatus: 'normal' },
  flavor: { id: 's6.xlarge.4', name: 's6.xlarge.4', vcpus: '4', ram: '16384', disk: '0' },
  ...overrides,
})

/** The items of an async generator. */
export const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(items)
