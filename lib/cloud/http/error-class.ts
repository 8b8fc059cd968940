/** What can be done about an answer that is no acceptance, and when a read is tried again. */
import type { CloudErrorClass, RefusalCause } from '../../core/model/errors.ts'
import { saysNoCapacity, saysNoValidHost } from './capacity-words.ts'
import { type Codes, type Meaning, OWN_CAUSES, OWN_MEANINGS } from './codes.ts'

interface CloudAnswer {
  /** HTTP status; 0 where no answer came. */
  status: number
  /** The cloud's own code, else what happened: `not-connected`, `no-such-host`, `timeout`, `connection-lost`, `no-json`. */
  code: string | null
  message: string
  /** Whether the call changes something: what got no clear answer then may have been carried out. */
  changing: boolean
  /** The more precise code inside, such as that of `details`. */
  innerCode?: string | null
  /** Which of the servers asked for the answer names. */
  serverIds?: string[]
}

/** What can be done about an answer that is no acceptance; by code first, then by status. */
export function errorClass(answer: CloudAnswer, codes: Codes): CloudErrorClass {
  const meaning = meaningByCode(answer, codes) ?? meaningByStatus(answer, codes)
  if (!answer.changing) return whenReading(meaning)
  if (isSuccess(answer.status)) return meaning === 'throttled' ? 'throttled' : 'ambiguous'
  if (meaning === 'unclear') return 'ambiguous'
  if (meaning === 'parameter') return answer.serverIds?.length ? 'member' : 'unattributed'
  return meaning
}

type Refused = Pick<CloudAnswer, 'status' | 'code' | 'innerCode' | 'message'>

/** The cause of a refusal, where a code names one, or its words tell that there is no room. */
export function causeOf(answer: Refused, codes: Codes): RefusalCause | undefined {
  const causeBy = (code: string | null | undefined) =>
    codes.causes.get(code ?? '') ?? OWN_CAUSES.get(code ?? '')
  const byCode = causeBy(answer.innerCode) ?? causeBy(answer.code)
  return byCode ?? (lacksCapacity(answer, codes) ? 'no-capacity' : undefined)
}

function lacksCapacity({ status, code, innerCode, message }: Refused, { wrappers }: Codes): boolean {
  if (status < 400 || status >= 500) return false
  const isWrapped = [code, innerCode].some(one => wrappers.has(one ?? ''))
  return saysNoValidHost(message) || (isWrapped && saysNoCapacity(message))
}

function meaningByCode(answer: CloudAnswer, codes: Codes): Meaning | undefined {
  const { status, code, innerCode, message } = answer
  const { meanings, unavailableWords, isClockProblem } = codes
  if (status === 401) return 'credentials'
  if (status === 429) return 'throttled'
  if (causeOf(answer, codes) === 'no-capacity') return 'member'
  const meaningOf = (one: string | null | undefined) => meanings.get(one ?? '') ?? OWN_MEANINGS.get(one ?? '')
  const known = meaningOf(innerCode) ?? meaningOf(code)
  if (known !== undefined) return known
  if (status === 503 && unavailableWords?.test(message)) return 'unavailable'
  return status >= 400 && status < 500 && isClockProblem({ code, message }) ? 'credentials' : undefined
}

function meaningByStatus({ status, code }: CloudAnswer, { isGateway }: Codes): Meaning {
  if (isSuccess(status) && code === 'no-json') return 'unclear'
  if (status === 0 || status === 408 || status >= 500) return 'unclear'
  return [400, 403, 404, 409].includes(status) && !isGateway(code ?? '') ? 'parameter' : 'refused'
}

/** A read changed nothing, and has no members to blame. */
function whenReading(meaning: Meaning): CloudErrorClass {
  if (meaning === 'unclear' || meaning === 'ambiguous') return 'unavailable'
  return meaning === 'member' || meaning === 'parameter' ? 'refused' : meaning
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** Tries of one read, the first included. */
const MAX_READ_ATTEMPTS = 4
const FIRST_WAIT_MS = 1000
/** A function waits no longer than this; a longer wait is for a message's delay. */
const MAX_WAIT_MS = 20_000

interface FailedRead {
  class: CloudErrorClass
  attempt: number
  retryAfterSeconds: number | null
  /** Random, from 0 up to 1. */
  jitter: number
}

/** How long to wait before a failed read is tried again: exponential, with full jitter; `null` when it is not. */
export function readAgainAfterMs({
  attempt,
  retryAfterSeconds,
  jitter,
  ...failed
}: FailedRead): number | null {
  const askedMs = (retryAfterSeconds ?? 0) * 1000
  if (failed.class !== 'throttled' && failed.class !== 'unavailable') return null
  if (attempt >= MAX_READ_ATTEMPTS || askedMs > MAX_WAIT_MS) return null
  const ceilingMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
  return Math.max(askedMs, Math.floor(ceilingMs * jitter))
}
