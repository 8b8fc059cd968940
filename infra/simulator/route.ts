/** Finds the call that a request is, and the usual answers to it. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Kind } from '../../lib/core/model/model.ts'
import type { SentAction } from './world/ledger.ts'
import type { RouteName } from './world/switches/faults.ts'

export interface Request {
  method: string
  /** Percent-encoded, without the query. */
  path: string
  rawQuery: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
  /** The service whose host was asked; null where one host serves all. */
  service: Kind | null
  requestId: string
  /** When it came, ms since the epoch. */
  now: number
}

export interface Answer {
  status: number
  /** A string is sent as it is, everything else as JSON; undefined: no body. */
  body?: unknown
  headers?: Record<string, string>
  /** It comes without the headers of the gateway. */
  bare?: true
  /** For the ledger. */
  code?: string
  jobId?: string
}

/** One call of the cloud. `path` has `:name` for each part that varies; the first route that fits is taken. */
export interface Route {
  name: RouteName
  /** Undefined where the path does not tell. */
  kind?: Kind
  method: string
  path: string
  /** Credentials, project, throttling: an answer here is the last. */
  guard(request: Request, params: Params, route: Route): Answer | null
  answer(request: Request, params: Params): Answer
  /** What a request for a stop or a start asks for, read before anything else, for the ledger. */
  asks?(request: Request): SentAction | undefined
  /** Of several routes with one path, which requests are its; absent: all. */
  takes?(request: Request): boolean
}
export type Params = Record<string, string>

export interface Found {
  route: Route
  params: Params
}

export function paramsOf(pattern: string, path: string): Params | null {
  const expected = pattern.split('/')
  const actual = path.split('/')
  if (expected.length !== actual.length) return null
  const params: Params = {}
  for (const [index, part] of expected.entries()) {
    const value = actual[index] ?? ''
    if (part.startsWith(':') && value !== '') params[part.slice(1)] = value
    else if (part !== value) return null
  }
  return params
}

export function routeOf(routes: readonly Route[], request: Request): Found | null {
  const { method, path, service } = request
  for (const route of routes) {
    if (route.method !== method || (service !== null && route.kind !== undefined && route.kind !== service))
      continue
    const params = paramsOf(route.path, path)
    if (params !== null && route.takes?.(request) !== false) return { route, params }
  }
  return null
}

/** An answer that no gateway had a hand in. */
export const bare = (status: number, body: unknown, headers: Record<string, string>): Answer => ({
  status,
  body,
  headers,
  bare: true,
})

/** A refusal by ECS or BMS themselves. */
export const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  code,
  body: { error: { code, message } },
})

/** A refusal by the API gateway in front of them. */
export const gatewayRefusal = (status: number, code: string, message: string): Answer => ({
  status,
  code,
  body: { error_msg: message, error_code: code },
})

/** 429; the message tells the limit and the window, as the gateway's does. */
export const throttled = (limit: number): Answer =>
  gatewayRefusal(
    429,
    'APIGW.0308',
    `The throttling threshold has been reached: policy user over ratelimit,limit:${limit},time:1 minute`,
  )
