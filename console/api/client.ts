/** Requests to the API, and their answers or errors as values that a screen can show. */
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

export interface ApiAnswer<T> {
  status: number
  /** `null` where the answer has no body, or nothing changed since the `etag` that was sent. */
  data: T | null
  etag: string | null
}

const NO_ANSWER =
  'Curfew does not answer. It may be restarting, or the network is gone: check that it runs, then try again.'

/** Told when an answer was 401: the token is missing or wrong. */
export const signIn = new EventTarget()

function headersOf({ body, headers = {} }: ApiRequest): Record<string, string> {
  const token = readToken()
  return {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...headers,
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const problem: Partial<Problem> & { message?: string } = await response.json().catch(() => ({}))
  const message =
    problem.detail ?? problem.message ?? `Curfew answered ${response.status} without saying why.`
  return new ApiError(response.status, message, problem.errors)
}

/** Sends one request. Throws `ApiError` alone, and `AbortError` where its signal ends it. */
export async function sendRequest<T>(request: ApiRequest): Promise<ApiAnswer<T>> {
  const { method = 'GET', path, body, signal } = request
  const response = await fetch(path, {
    method,
    headers: headersOf(request),
    cache: 'no-store',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch(error => {
    if (signal?.aborted) throw error
    throw new ApiError(null, NO_ANSWER)
  })
  const etag = response.headers.get('etag')
  if (response.status === 304 || response.status === 204) return { status: response.status, data: null, etag }
  if (response.status === 401) signIn.dispatchEvent(new Event('asked'))
  if (!response.ok) throw await errorOf(response)
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
