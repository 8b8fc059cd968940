/** Calls of a cloud's API: authorizes, sends, reads and judges them, and repeats reads that failed. */
import { channel } from 'node:diagnostics_channel'
import type * as z from 'zod'
import { proxyFor } from '../../core/documents/proxy.ts'
import type { CloudErrorDetails } from '../../core/model/errors.ts'
import { blamedIn, type ExchangedAnswer, headerOf, hideSecrets, retryAfterSeconds } from './answer-parts.ts'
import type { Codes } from './codes.ts'
import { errorIn, jsonOf, plainText, shortenMessage } from './error-body.ts'
import { causeOf, errorClass, readAgainAfterMs } from './error-class.ts'
import { type Failure, ownDetails, throwCloudError } from './failure.ts'
import type { CloudOptions } from './options.ts'
import { requestTarget, type Unsigned } from './target.ts'
import { type Exchanged, exchangeOnce, type OutgoingRequest } from './transport.ts'

/** One call of the cloud's API. */
interface Call<Answer> {
  /** What is asked, for people: `stop of 2 ECS servers`. */
  what: string
  method: 'GET' | 'POST'
  endpoint: string
  /** From the endpoint on, plain: encoding comes later. */
  path: string[]
  query?: Record<string, string>
  body?: string
  /** What a 2xx must hold to count: any other body is read as an error. */
  answer: z.ZodType<Answer>
  /**
   * The ids of the servers that it changes. A call with them is sent exactly once, but where it was turned away for a token
   * that has run out; one without may be repeated.
   */
  changes?: string[]
  /** What the key must be granted for it, where that has a name. */
  permission?: string | undefined
  /** A read that its caller can do without: not repeated, and not waited for long. */
  isOptional?: true
  /** For a call that gets a key: what a person is to do about a refusal, which is one of the credentials then. */
  remedy?: (refused: { status: number; message: string }) => string
  /** Whether its answer holds a key: then nothing of it is told, whatever its form. */
  isAnswerSecret?: true
}
export interface CallAnswer<Answer> {
  value: Answer
  requestId: string | null
  /** A header of the answer, by its name in lower case; `null` where it is not there. */
  header: (name: string) => string | null
}
/** Throws `CloudError`. */
export type AskCloud = <Answer>(call: Call<Answer>) => Promise<CallAnswer<Answer>>

/** Where this process hears of each answer by which a cloud throttles: of reads that are repeated, too. */
export const THROTTLED = channel('curfew:throttled')

/** How long the answer to a read is waited for that its caller can do without. */
const OPTIONAL_MS = 3000

/** What proves the caller's identity. */
export interface Credential {
  /** The headers to send, those of the call among them. */
  authorize: (unsigned: Unsigned) => Record<string, string>
  /** Texts that no error may hold. */
  secrets: string[]
  /** Called when the cloud refuses it, once a call: the next one asked for is a new one. Absent where there is none. */
  renew?: () => void
}
interface AskOptions extends Pick<CloudOptions, 'timeoutMs' | 'proxy' | 'now' | 'random' | 'sleep'> {
  connectionId: string
  /** What the cloud's codes mean. */
  codes: Codes
  /** Asked before each attempt, so that one that runs out can be renewed. */
  credential: () => Credential | Promise<Credential>
  /** Sent with every call. */
  headers: Record<string, string>
}

type Tried<Answer> = { kind: 'answered'; answered: CallAnswer<Answer> } | { kind: 'failed'; failure: Failure }

/** How a connection's calls are made: authorized, timed, parsed, and repeated where they change nothing. */
export function createAsk(options: AskOptions): AskCloud {
  return async call => {
    for (let [attempt, mayRenew] = [1, true]; ; attempt++) {
      const { authorize, secrets, renew } = await options.credential()
      const exchanged = await exchangeOnce(outgoingRequest(options, call, authorize))
      const tried = judgeExchange({ options, call, secrets }, exchanged)
      if (tried.kind === 'answered') return tried.answered
      const { details } = tried.failure
      if (details.class === 'throttled') THROTTLED.publish(options.connectionId)
      if (details.class === 'credentials' && renew && mayRenew) {
        mayRenew = false
        renew()
        continue
      }
      const isOnce = call.changes !== undefined || call.isOptional
      const waitMs = isOnce ? null : readAgainAfterMs({ ...details, attempt, jitter: options.random() })
      if (waitMs === null) throwCloudError(withAttempts(tried.failure, attempt))
      await options.sleep(waitMs)
    }
  }
}

const withAttempts = (failure: Failure, attempts: number): Failure =>
  attempts === 1 ? failure : { ...failure, came: `${failure.came} (after ${attempts} attempts)` }

function outgoingRequest(
  options: AskOptions,
  call: Call<unknown>,
  authorize: Credential['authorize'],
): OutgoingRequest {
  const { method, query = {}, body = '' } = call
  const { origin, host, pathname } = new URL(call.endpoint)
  const base = pathname.split('/').filter(Boolean).map(decodeURIComponent)
  const unsigned: Unsigned = {
    method,
    host,
    path: [...base, ...call.path],
    query,
    headers: options.headers,
    body,
  }
  return {
    method,
    origin,
    target: requestTarget(unsigned),
    headers: authorize(unsigned),
    body,
    timeoutMs: call.isOptional ? Math.min(OPTIONAL_MS, options.timeoutMs) : options.timeoutMs,
    keepAlive: !call.changes,
    proxy: proxyOf(options, call),
  }
}

const proxyOf = ({ proxy = null }: AskOptions, { endpoint }: Call<unknown>): string | null =>
  proxyFor(endpoint, proxy)

interface PendingCall<Answer> {
  options: AskOptions
  call: Call<Answer>
  secrets: string[]
}

function judgeExchange<Answer>(asking: PendingCall<Answer>, exchanged: Exchanged): Tried<Answer> {
  if (exchanged.kind === 'failed') return { kind: 'failed', failure: noAnswer(asking, exchanged) }
  const json = jsonOf(exchanged.text)
  const isSuccess = exchanged.status >= 200 && exchanged.status < 300
  // No body at all is an answer of its own; text that is no JSON is none.
  const parsed = isSuccess ? asking.call.answer.safeParse(exchanged.text === '' ? null : json) : null
  if (parsed?.success) {
    const value = parsed.data
    const requestId = requestIdOf(exchanged)
    return { kind: 'answered', answered: { value, requestId, header: name => headerOf(exchanged, name) } }
  }
  const unexpected = parsed ? `expected ${problemsOf(parsed.error)}` : null
  return { kind: 'failed', failure: refusalError(asking, { exchanged, json, unexpected }) }
}

const requestIdOf = (came: ExchangedAnswer): string | null =>
  headerOf(came, 'x-request-id') ?? headerOf(came, 'x-openstack-request-id')

function askedOf({ options, call }: PendingCall<unknown>): string {
  const { origin, pathname } = new URL(call.endpoint)
  const place = `${origin}${pathname.replace(/\/$/, '')}/${call.path.join('/')}`
  return `Connection ${options.connectionId}: ${call.what} (${call.method} ${place})`
}

const problemsOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`)
    .join('; ')

function noAnswer(
  asking: PendingCall<unknown>,
  { code, cause }: Extract<Exchanged, { kind: 'failed' }>,
): Failure {
  const words = 'code' in cause ? `${cause.message} (${cause.code})` : cause.message
  const reason = hideSecrets(asking.secrets, words)
  const proxy = proxyOf(asking.options, asking.call)
  const changing = asking.call.changes !== undefined
  const details = ownDetails({
    class: errorClass({ status: 0, code, message: '', changing }, asking.options.codes),
    code,
  })
  // A new error: that of the HTTP library may carry what was sent or what came.
  return {
    asked: askedOf(asking),
    came: `no answer came: ${code}, ${reason}${proxy === null ? '' : `, through the proxy ${new URL(proxy).host}`}`,
    details,
    cause: new Error(reason),
  }
}

/** What to call an answer that gives itself no code; one cut short holds no JSON, and may come whole the next time. */
function ownCode({ status }: ExchangedAnswer, json: unknown): string {
  if (status < 200 || status >= 300) return `http-${status}`
  return json === undefined ? 'no-json' : 'unexpected-answer'
}

/** An answer that is no acceptance: by its error where it holds one, else by what was missing from it. */
function refusalError(
  asking: PendingCall<unknown>,
  { exchanged, json, unexpected }: { exchanged: ExchangedAnswer; json: unknown; unexpected: string | null },
): Failure {
  const { status, text } = exchanged
  const { secrets, call, options } = asking
  const error = errorIn(json) ?? { code: null, innerCode: null, message: plainText(text) }
  const isTold = !call.isAnswerSecret || status >= 300
  const message = isTold ? shortenMessage(hideSecrets(secrets, error.message)) : ''
  const ownOrOuter = error.code ?? ownCode(exchanged, json)
  const code = error.innerCode ?? ownOrOuter
  const serverIds = blamedIn(text, call.changes ?? [])
  const requestId = requestIdOf(exchanged)
  const { codes: codesOf } = options
  const changing = call.changes !== undefined
  const answer = { ...error, code: ownOrOuter, status, serverIds, changing }
  const cause = causeOf(answer, codesOf)
  const isRefused = ['refused', 'credentials'].includes(errorClass(answer, codesOf))
  const remedy = isRefused ? call.remedy?.({ status, message }) : undefined
  const details: CloudErrorDetails = {
    class: remedy === undefined ? errorClass(answer, codesOf) : 'credentials',
    ...(cause && { cause }),
    code,
    status,
    requestId,
    retryAfterSeconds: retryAfterSeconds(headerOf(exchanged, 'retry-after'), options.now()),
    serverIds,
  }
  const codes = [...new Set([error.code, code])].filter(Boolean).join('/')
  const parts = [
    unexpected && hideSecrets(secrets, unexpected),
    `${status} ${codes} came`,
    message && `"${message}"`,
  ]
  const came = [...parts, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  return {
    asked: askedOf(asking),
    came,
    lacking: cause === 'forbidden' ? call.permission : undefined,
    remedy,
    atClock: details.class === 'credentials' && codesOf.isClockProblem({ code, message: came }),
    details,
  }
}
