/** Requests to the API, and their answers or errors as values that a screen can show. */
import { askToSignIn, authorization, signInWay } from './session.ts'
import { readToken } from './token.ts'
import type { Problem } from './types.ts'

interface FieldError {
  path: string
  message: string
}

/** What the API answered with 400 or above, or why it did not answer. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** `null`: no answer came. */
  readonly status: number | null
  readonly fields: FieldError[]
  constructor(status: number | null, message: string, fields: FieldError[] = []) {
    super(message)
    this.status = status
    this.fields = fields
  }
}

export interface ApiRequest {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below the base, with its query: `/v1/runs?limit=5`. */
  path: string
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

interface ApiAnswer<T> {
  status: number
  /** `null` where the answer has no body, or nothing changed since the `etag` that was sent. */
  data: T | null
  etag: string | null
}

const NO_ANSWER =
  'Curfew does not answer. It may be restarting, or the network is gone: check that it runs, then try again.'

const SIGNED_OUT = 'Nobody is logged in.'

/** Throws `ApiError` where nobody could log in; whoever reads this is asked to. */
async function authorizedOrAsked(): ReturnType<typeof authorization> {
  try {
    return await authorization()
  } catch (error) {
    const reason = error instanceof Error ? error.message : SIGNED_OUT
    askToSignIn({ kind: 'issuer', reason })
    throw new ApiError(401, reason)
  }
}

/** 401 wants a token; a 403 that is none of the API's own comes from IAM, which a browser cannot sign for. */
async function askAfter(error: ApiError, isOwn: boolean): Promise<void> {
  if (error.status === 401) askToSignIn(await signInWay(null))
  if (error.status === 403 && !isOwn && readToken() === null) askToSignIn({ kind: 'command', reason: null })
}

async function errorOf(response: Response): Promise<ApiError> {
  const problem: Partial<Problem> & { message?: string } = await response.json().catch(() => ({}))
  const message =
    problem.detail ?? problem.message ?? `Curfew answered ${response.status} without saying why.`
  return new ApiError(response.status, message, problem.errors)
}

/** The gateway of AWS gives up before that: what is not answered by then never will be. */
const MAX_WAIT_MS = 40_000

/** Sends one request. Throws `ApiError` alone, and `AbortError` where its signal ends it. */
export async function sendRequest<T>(request: ApiRequest): Promise<ApiAnswer<T>> {
  const { method = 'GET', path, body, signal } = request
  const { base, headers } = await authorizedOrAsked()
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...request.headers,
    },
    cache: 'no-store',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.any([AbortSignal.timeout(MAX_WAIT_MS), ...(signal ? [signal] : [])]),
  }).catch(error => {
    if (signal?.aborted) throw error
    throw new ApiError(null, NO_ANSWER)
  })
  const etag = response.headers.get('etag')
  if (response.status === 304 || response.status === 204) return { status: response.status, data: null, etag }
  if (!response.ok) {
    const error = await errorOf(response)
    const isOwn = /problem\+json/.test(response.headers.get('content-type') ?? '')
    await askAfter(error, isOwn)
    throw error
  }
  return { status: response.status, data: await readJson<T>(response), etag }
}

async function readJson<T>(response: Response): Promise<T> {
  try {
    return await response.json()
  } catch {
    throw new ApiError(null, 'The answer was cut off, or does not come from Curfew. Try again.')
  }
}

/** Sends one request whose answer has a body. */
export async function fetchData<T>(request: ApiRequest): Promise<T> {
  const { data } = await sendRequest<T>(request)
  return data as T
}

/** A path with its query; empty values are left out, lists are repeated. */
export function withQuery(
  path: string,
  query: Record<string, string | number | string[] | null | undefined>,
): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap(one => (one === '' ? [] : [[name, String(one)]])),
  )
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}
