import type { CloudErrorClass } from '../model/errors.ts'
import type { OutcomeCode } from '../model/outcome.ts'

/** `unclear`: it may have been carried out; `parameter`: refused, and the fault of a server where the answer names one. */
type Meaning = CloudErrorClass | 'unclear' | 'parameter'

/** Codes that the HTTP status alone would misjudge (ECS and BMS API reference, "Error Codes"; API gateway, "Error Codes"). */
const CODES: Partial<Record<Meaning, string>> = {
  throttled: 'APIGW.0308 Common.0024 Common.1503 BMS.0212',
  unavailable: 'not-connected no-such-host APIGW.0613 BMS.0006 Common.0025 Ecs.0301 Ecs.1100',
  unclear: `timeout connection-lost Common.0001 Common.0020 Common.0021 Common.0022 Common.0999 Ecs.0002 Ecs.0226
    Ecs.0227 Ecs.1000 Ecs.1001 Ecs.1002 BMS.1006 BMS.1007`,
  credentials: 'APIGW.0301 APIGW.0303 APIGW.0305 APIGW.0307 Common.0013 BMS.0032',
  member: `Ecs.0030 Ecs.0100 Ecs.0110 Ecs.0114 Ecs.0118 Ecs.0603 Ecs.0605 Ecs.0611 Ecs.0614 BMS.0035 BMS.0036 BMS.0037
    BMS.0039 BMS.0040 BMS.0205 BMS.0288 BMS.0360 BMS.0605 Pdp.0001 itemNotFound conflictingRequest`,
  parameter: 'Ecs.0000 Ecs.0005 BMS.0001 BMS.0018 BMS.0022 badRequest forbidden',
  refused: `Common.0002 Common.0018 Ecs.0003 Ecs.0023 Ecs.0066 Ecs.0067 Ecs.0068 Ecs.0069 Ecs.0070 Ecs.0071
    BMS.0002 BMS.0004 BMS.0005 BMS.0033`,
}

/** Codes that name their cause, and the outcome of a server that they are about: another try changes nothing. */
const CAUSES: Record<string, Extract<OutcomeCode, 'locked' | 'frozen' | 'not-found'>> = {
  'Ecs.0605': 'locked',
  'BMS.0605': 'locked',
  'Ecs.0030': 'frozen',
  'BMS.0360': 'frozen',
  'Ecs.0114': 'not-found',
  'Ecs.0614': 'not-found',
  'BMS.0040': 'not-found',
}

/** The cause that a code names; `null` where it names none. */
export const causeOfCode = (code: string): (typeof CAUSES)[string] | null => CAUSES[code] ?? null

/** A request that names more servers than the cloud takes: smaller ones it takes. */
export const isTooMany = (code: string): boolean => code === 'Ecs.0118' || code === 'BMS.0205'

const MEANINGS = new Map(
  (Object.keys(CODES) as Meaning[]).flatMap(meaning =>
    (CODES[meaning] ?? '').split(/\s+/).map(code => [code, meaning] as const),
  ),
)

/** Some regions' gateways write `APIG` where the others write `APIGW`. */
const meaningOf = (code: string | null | undefined): Meaning | undefined =>
  MEANINGS.get((code ?? '').replace(/^APIG\./, 'APIGW.'))

/** What the filter in front of a Nova says, which lets nothing through then; it has no code of its own. */
const KEYSTONE_GONE = /keystone service is temporarily unavailable/i

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
  /** Those of the servers asked for that the answer names. */
  serverIds?: string[]
}

/** What can be done about an answer that is no acceptance; by code first, then by status. */
export function errorClass(answer: CloudAnswer): CloudErrorClass {
  const meaning = meaningByCode(answer) ?? meaningByStatus(answer)
  if (!answer.changing) return whenReading(meaning)
  if (isSuccess(answer.status)) return meaning === 'throttled' ? 'throttled' : 'ambiguous'
  if (meaning === 'unclear') return 'ambiguous'
  if (meaning === 'parameter') return answer.serverIds?.length ? 'member' : 'unattributed'
  return meaning
}

function meaningByCode({ status, code, innerCode, message }: CloudAnswer): Meaning | undefined {
  if (status === 401) return 'credentials'
  if (status === 429) return 'throttled'
  const known = meaningOf(innerCode) ?? meaningOf(code)
  if (known !== undefined) return known
  if (status === 503 && KEYSTONE_GONE.test(message)) return 'unavailable'
  return status >= 400 && status < 500 && isClockProblem({ code, message }) ? 'credentials' : undefined
}

/** The gateway refuses a request before any server is looked at. */
const isFromGateway = (code: string | null): boolean => /^APIGW?\./.test(code ?? '')

function meaningByStatus({ status, code }: CloudAnswer): Meaning {
  if (isSuccess(status) && code === 'no-json') return 'unclear'
  if (status === 0 || status === 408 || status >= 500) return 'unclear'
  return [400, 403, 404, 409].includes(status) && !isFromGateway(code) ? 'parameter' : 'refused'
}

/** A read changed nothing, and has no members to blame. */
function whenReading(meaning: Meaning): CloudErrorClass {
  if (meaning === 'unclear' || meaning === 'ambiguous') return 'unavailable'
  return meaning === 'member' || meaning === 'parameter' ? 'refused' : meaning
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** Whether a refused key is no fault of the key: the gateway takes signatures of the last 15 minutes only. */
export function isClockProblem({ code, message }: { code: string | null; message: string }): boolean {
  if (code !== null && /^APIGW?\.0305$/.test(code)) return true
  // A refused signature is answered with the whole canonical request, x-sdk-date and all.
  const [own = ''] = message.split(/canonicalRequest/i)
  return /signature (has )?expired|x-sdk-date|timestamp|\bclock\b/i.test(own)
}

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
