/** Sends requests to Curfew, and tells what went wrong with them. */
import { isLoopback } from '../lib/core/documents/connection.ts'
import { Problem } from '../lib/http/schemas/schemas.ts'
import { authorizationFor, authorize, type Sent, type Variables } from './authorize.ts'

/** API Gateway gives up at 30 s. */
const PATIENCE_MS = 35_000

const Told = Problem.pick({ detail: true, errors: true })

/** No answer came: the request may have been carried out. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
}

/** Curfew, or what stands before it, answered with 400 or above. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  readonly detail: string
  /** What is wrong with each field. */
  readonly errors: { path: string; message: string }[]
  constructor(what: string, { status, text }: { status: number; text: string }) {
    const told = Told.safeParse(parsedJson(text))
    const detail = told.success ? told.data.detail : text.slice(0, 200)
    super(`${what}: ${status} ${detail}`)
    this.status = status
    this.detail = detail
    this.errors = (told.success && told.data.errors) || []
  }
}

/** `undefined` for what is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface SendOptions {
  env: Variables
  /** Ends the wait for an answer. */
  ended?: AbortSignal
}

/** The answer's body, `null` where it has none. Throws `NoAnswer`, `Refused` and `NoCredentials`. */
export async function send(sent: Sent, { env, ended }: SendOptions): Promise<unknown> {
  const { method, url, body } = sent
  const headers = await authorize(sent, env)
  const what = `${method} ${url.pathname}`
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const signal = ended ? AbortSignal.any([patience, ended]) : patience
  const answer = async () => {
    const response = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) })
    return { ok: response.ok, status: response.status, text: await response.text() }
  }
  const { ok, status, text } = await answer().catch(cause => {
    throw new NoAnswer(`${what}: nobody answers at ${url.origin} (CURFEW_URL)`, { cause })
  })
  if (!ok) throw new Refused(what, { status, text })
  const value = text === '' ? null : parsedJson(text)
  if (value !== undefined) return value
  throw new Error(
    `${what}: expected JSON, got "${text.slice(0, 80)}": is Curfew at ${url.origin} (CURFEW_URL)?`,
  )
}

/** What to do about an error, where that is known. */
export function adviceFor(error: unknown, url: URL, env: Variables): string[] {
  const { kind } = authorizationFor(url, env)
  if (error instanceof NoAnswer)
    return isLoopback(url.hostname)
      ? ['Start it on this machine with `npm start`, or say in CURFEW_URL where it is.']
      : ['Check the address in CURFEW_URL, and that this machine reaches it.']
  if (!(error instanceof Refused)) return []
  if (error.status === 401)
    return ['Give the token in CURFEW_TOKEN, or run the command where the folder .curfew is that holds it.']
  if (error.status === 403 && kind === 'iam')
    return ['The request was signed with your AWS credentials: they need execute-api:Invoke on this API.']
  return []
}
