import { createHash, createHmac } from 'node:crypto'
import { onTestFinished, vi } from 'vitest'
import {
  type Key,
  type SeedServer,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../infra/simulator/index.ts'
import type { Kind } from '../../lib/core/model/model.ts'

export const PROJECT = '0123456789abcdef0123456789abcdef'
export const KEY: Key = {
  accessKey: 'AKEXAMPLE0000000000X',
  secretKey: 'exampleSecretKey0123456789abcdefABCDEF42',
}

/** A simulator that is closed when the test ends. */
export async function aSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ projectId: PROJECT, keys: [{ ...KEY }], ...options })
  onTestFinished(() => simulator.close())
  return simulator
}

export const ecs = (overrides: Partial<SeedServer> = {}): SeedServer => ({ kind: 'ecs', ...overrides })
export const bms = (overrides: Partial<SeedServer> = {}): SeedServer => ({ kind: 'bms', ...overrides })

/** Holds the clock at an instant; the returned function moves it on. */
export function holdClock(iso = '2026-11-21T12:00:00.000Z'): (seconds: number) => void {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(iso) })
  onTestFinished(() => void vi.useRealTimers())
  return seconds => void vi.setSystemTime(Date.now() + seconds * 1000)
}

export interface Call {
  method?: string
  path: string
  query?: Record<string, string> | [string, string][]
  /** Sent as JSON, or as it is when a string. */
  body?: unknown
  key?: Key
  /** The instant in the signature, ms since the epoch. */
  at?: number
  /** Sent and signed. */
  headers?: Record<string, string>
  /** Sent in the place of the body that was signed. */
  sentBody?: string
  /** Names not to sign. */
  unsigned?: string[]
  timeoutMs?: number
}
interface Item {
  id: string
  name: string
  status: string
  tags: string[]
  metadata: Record<string, string>
  [field: string]: unknown
}
interface SubJobBody {
  status: string
  entities: { server_id: string; errorcode_message?: string }
  begin_time: string
  end_time: string
  error_code?: string | null
}
/** What the answers of the cloud hold, as far as a test looks at it. */
interface Body {
  count?: number
  servers?: Item[]
  server?: Item
  request_id?: string
  job_id?: string
  status?: string
  entities?: { sub_jobs_total: number; sub_jobs: SubJobBody[] }
  error?: { code: string; message: string }
  flavors?: { id: string; os_extra_specs: Record<string, string> }[]
  error_code?: string | null
  error_msg?: string
}
export interface Reply {
  status: number
  headers: Headers
  text: string
  /** Empty where the answer is no JSON. */
  body: Body
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** The query with its names, then its values, in the order of their code units. */
function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
}

/** What is sent beside the body: SDK-HMAC-SHA256, of a code of its own. */
function signed({ method = 'GET', key = KEY, unsigned = [], ...call }: Call, url: URL, body: string) {
  const at = new Date(call.at ?? Date.now()).toISOString().replace(/[-:]|\.\d+/g, '')
  const sent: Record<string, string> = {
    'x-sdk-date': at,
    'content-type': 'application/json',
    ...call.headers,
  }
  if (key.securityToken !== undefined) sent['x-security-token'] = key.securityToken
  const all: Record<string, string> = { host: url.host, ...sent }
  const names = Object.keys(all).sort()
  const signedNames = names.filter(name => !unsigned.includes(name))
  const canonical = [
    method,
    `${url.pathname}/`,
    canonicalQuery(url.searchParams),
    signedNames.map(name => `${name}:${all[name]}\n`).join(''),
    signedNames.join(';'),
    sha256(body),
  ].join('\n')
  const text = `SDK-HMAC-SHA256\n${at}\n${sha256(canonical)}`
  const signature = createHmac('sha256', key.secretKey).update(text).digest('hex')
  const signedBy = `Access=${key.accessKey}, SignedHeaders=${signedNames.join(';')}, Signature=${signature}`
  return { ...sent, authorization: `SDK-HMAC-SHA256 ${signedBy}` }
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** One signed request to `base`, a simulator's url. */
export async function call(base: string, request: Call): Promise<Reply> {
  const { method = 'GET', path, query, body, timeoutMs = 5000 } = request
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const url = new URL(path, base)
  url.search = new URLSearchParams(query).toString()
  const sent = {
    method,
    headers: signed(request, url, text),
    signal: AbortSignal.timeout(timeoutMs),
    ...(method === 'POST' ? { body: request.sentBody ?? text } : {}),
  }
  const response = await fetch(url, sent)
  const answer = await response.text()
  return { status: response.status, headers: response.headers, text: answer, body: parsed(answer) }
}

const PATHS: Record<Kind, string> = { ecs: 'cloudservers', bms: 'baremetalservers' }

export const list = (simulator: Simulator, query: Call['query'] = {}, kind: Kind = 'ecs'): Promise<Reply> =>
  call(simulator.url, { path: `/v1/${PROJECT}/${PATHS[kind]}/detail`, query })

interface Asked {
  kind?: Kind
  type?: string
}
/** One call for many servers. */
const asking =
  (name: 'os-stop' | 'os-start') =>
  (simulator: Simulator, ids: string[], { kind = 'ecs', type }: Asked = {}): Promise<Reply> => {
    const body = { [name]: { ...(type === undefined ? {} : { type }), servers: ids.map(id => ({ id })) } }
    return call(simulator.url, { method: 'POST', path: `/v1/${PROJECT}/${PATHS[kind]}/action`, body })
  }
export const stop = asking('os-stop')
export const start = asking('os-start')

export const job = (simulator: Simulator, jobId = ''): Promise<Reply> =>
  call(simulator.url, { path: `/v1/${PROJECT}/jobs/${jobId}` })

export const server = (simulator: Simulator, id: string, kind: Kind = 'ecs'): Promise<Reply> =>
  call(simulator.url, { path: `/v1/${PROJECT}/${PATHS[kind]}/${id}` })

export const ids = ({ body }: Reply): string[] => (body.servers ?? []).map(({ id }) => id)
export const names = ({ body }: Reply): string[] => (body.servers ?? []).map(({ name }) => name)
/** What became of each server of a job. */
export const subJobs = ({ body }: Reply): Record<string, string> =>
  Object.fromEntries(
    (body.entities?.sub_jobs ?? []).map(sub => [sub.entities.server_id, sub.error_code ?? sub.status]),
  )
