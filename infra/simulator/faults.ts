/** Requests that fail on purpose: which do, and what comes of them. */
import type { Kind } from '../../lib/core/model/model.ts'
import { type Answer, gatewayRefusal, refusal } from './route.ts'
import type { State } from './world/state.ts'
import type { Fault, FaultKind, RandomFaults, RouteName } from './world/switches/faults.ts'
import type { UnnamedRefusal } from './world/switches/requests.ts'
import type { Switches } from './world/switches/switches.ts'
import { isAmong } from './world/switches/which.ts'

/** What goes out: an answer, half of one, nothing, or nothing for ever. */
export type Outcome = { kind: 'answer' | 'half'; answer: Answer } | { kind: 'cut' } | { kind: 'silence' }

const CARRIED_OUT: readonly FaultKind[] = ['resetAfter', 'hangAfter', 'wrongJson']
const BY_CHANCE: FaultKind[] = [
  'throttle429',
  'flow202',
  'busy503',
  'html502',
  'resetBefore',
  'resetAfter',
  'wrongJson',
]
const HTML = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n'

interface Asked {
  route: RouteName
  kind: Kind | undefined
}
const fits = ({ match }: { match?: Fault['match'] | undefined }, { route, kind }: Asked): boolean =>
  (match?.route ?? route) === route && (match?.kind === undefined || match.kind === kind)

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Which fault a request meets: one that was ordered, else one by chance. */
export function createFaults(switches: Switches): (asked: Asked) => Fault | null {
  const sequences = new WeakMap<RandomFaults, () => number>()

  function byChance(asked: Asked): Fault | null {
    const { randomFaults } = switches
    if (randomFaults === null || !fits(randomFaults, asked)) return null
    const next = sequences.get(randomFaults) ?? random(randomFaults.seed)
    sequences.set(randomFaults, next)
    if (next() >= randomFaults.share) return null
    const kinds = randomFaults.kinds ?? BY_CHANCE
    const kind = kinds[Math.floor(next() * kinds.length)]
    return kind === undefined ? null : { match: {}, times: 1, kind }
  }

  return asked => {
    const ordered = switches.faults.find(fault => fault.times > 0 && fits(fault, asked))
    if (ordered === undefined) return byChance(asked)
    ordered.times -= 1
    return ordered
  }
}

const UNNAMED_REFUSALS: Record<UnnamedRefusal, Answer> = {
  ecs0219: refusal(400, 'Ecs.0219', 'Failed to operate the cloud server'),
  ecs1000: refusal(
    400,
    'Ecs.1000',
    JSON.stringify({ badRequest: { message: 'The request is invalid.', code: 400 } }),
  ),
  ecs0005: refusal(400, 'Ecs.0005', 'The request parameter is invalid'),
  conflict: refusal(409, 'Ecs.9999', 'The resource is in conflict with the request'),
}

/** The refusal of a request for the sake of a server that it does not name; null where there is none among them. */
export function unnamedRefusal(
  ids: string[],
  { state, switches, now }: { state: State; switches: Switches; now: number },
): Answer | null {
  const { unnamed } = switches
  const isBad = (id: string) => unnamed !== null && isAmong(unnamed.servers, id, () => state.view(id, now))
  return unnamed !== null && ids.some(isBad) ? UNNAMED_REFUSALS[unnamed.as] : null
}

const isCarriedOut = (fault: Fault): boolean => CARRIED_OUT.includes(fault.kind) || fault.executed === true

/** What the cloud, or its gateway, says instead of an answer. */
export function faultAnswer({ kind, status, body }: Pick<Fault, 'kind' | 'status' | 'body'>): Answer {
  if (kind === 'status') return { status: status ?? 500, body: body ?? '' }
  if (kind === 'html502') return { status: 502, body: HTML, headers: { 'Content-Type': 'text/html' } }
  if (kind === 'flow202')
    return refusal(202, 'Common.0024', 'exceeds flow over limit, please try again later')
  if (kind === 'busy503') return refusal(503, 'Common.1503', 'The API is flow controlled, try again later')
  return gatewayRefusal(
    429,
    'APIGW.0308',
    'The throttling threshold has been reached: policy user over ratelimit,limit:200,time:1 second',
  )
}

function spoilt(fault: Fault, real: Answer | null): Outcome {
  if (fault.kind === 'resetBefore' || fault.kind === 'resetAfter') return { kind: 'cut' }
  if (fault.kind === 'hangBefore' || fault.kind === 'hangAfter') return { kind: 'silence' }
  if (fault.kind === 'wrongJson' && real !== null) return { kind: 'half', answer: real }
  const retryAfter = fault.retryAfterSeconds
  const answer = faultAnswer(fault)
  if (retryAfter === undefined) return { kind: 'answer', answer }
  return {
    kind: 'answer',
    answer: { ...answer, headers: { ...answer.headers, 'Retry-After': String(retryAfter) } },
  }
}

/** What becomes of a request under a fault; `carryOut` is called where the fault lets it through. */
export function underFault(
  fault: Fault | null,
  carryOut: () => Answer,
): { outcome: Outcome; jobId?: string } {
  if (fault === null) return { outcome: { kind: 'answer', answer: carryOut() } }
  const real = isCarriedOut(fault) ? carryOut() : null
  const outcome = spoilt(fault, real)
  return real?.jobId === undefined ? { outcome } : { outcome, jobId: real.jobId }
}
