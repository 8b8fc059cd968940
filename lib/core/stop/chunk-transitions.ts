/** What happens to a chunk while its servers are asked: each decision and each answer gives the chunk as it is then. */

import type { Accepted } from '../model/accepted.ts'
import {
  type Ask,
  awaitsStop,
  type Chunk,
  type RefusedTry,
  type Request,
  type WholeChunk,
} from '../model/chunk.ts'
import { type CloudError, type CloudErrorClass, troubleDelaySeconds } from '../model/errors.ts'
import { type OutcomeCode, outcomeWithoutRequest, type Settled } from '../model/outcome.ts'
import { isoInstant } from '../schedule/instant.ts'

/** Tries in a row at which the cloud carried nothing out, before the chunk's targets are given up. */
const MAX_TROUBLES = 12

/** A chunk after something happened to it: its new head, and the members that are settled by it. */
export interface Advance {
  chunk: Chunk
  settled: Map<number, Settled>
}

/** The members for which a request was sent that the cloud may have carried out. */
export const everAsked = (chunk: Chunk): Set<number> =>
  new Set(chunk.requests.flatMap(request => (awaitsStop(request) ? [] : request.members)))

/** Whether the cloud took a request of the same form as an ask: such requests are not refused for themselves. */
export const hasTaken = ({ requests }: Chunk, { mode, native }: Ask): boolean =>
  requests.some(
    request =>
      request.answer === 'accepted' &&
      request.mode === mode &&
      (request.native === undefined) === (native === undefined),
  )

export const withIdleStatus = (chunk: Chunk): Chunk => ({
  ...chunk,
  status: chunk.todo.length > 0 ? 'waiting' : 'following',
})

/** The members of some asks that were asked before: that they cannot be asked again counts as a try. */
export function triedAgain(asks: Ask[], asked: Set<number>): RefusedTry[] {
  const again = asks.map(({ members, escalation }) => ({
    members: members.filter(member => asked.has(member)),
    escalation,
  }))
  return again.filter(({ members }) => members.length > 0)
}

/** Empties the to-do list of a chunk: members that were never asked are settled, the others are only followed. */
export function skipRemaining(
  { chunk }: WholeChunk,
  left: Pick<Settled, 'status' | 'code' | 'reason'>,
  now: number,
): Advance {
  const asked = everAsked(chunk)
  const members = chunk.todo.flatMap(ask => ask.members).filter(member => !asked.has(member))
  const outcome = outcomeWithoutRequest(left, now)
  const refused = [...chunk.refused, ...triedAgain(chunk.todo, asked)]
  return {
    chunk: { ...chunk, todo: [], refused, status: 'following' },
    settled: new Map(members.map(member => [member, outcome])),
  }
}

/** Treats a pending request as sent; the servers' state decides. */
export function markAnswerLost(chunk: Chunk): Chunk {
  const requests = chunk.requests.map(
    (request): Request =>
      request.answer === 'pending' ? { ...request, answer: 'lost', job: 'ended' } : request,
  )
  return withIdleStatus({ ...chunk, requests, looks: 0 })
}

export const removeMembers = (ask: Ask, members: number[]): Ask[] => {
  const taken = new Set(members)
  const rest = ask.members.filter(member => !taken.has(member))
  return rest.length > 0 ? [{ ...ask, members: rest }] : []
}

/** Marks the intent before the call: a step that finds the mark knows that the call may have been made. */
export function withPendingRequest(
  chunk: Chunk,
  { members, mode, escalation, native }: Ask,
  now: number,
): Chunk {
  const request: Request = {
    members,
    mode,
    escalation,
    ...(native === undefined ? {} : { native }),
    sentAt: isoInstant(now),
    answer: 'pending',
    jobId: null,
    requestId: null,
    job: 'running',
  }
  const [first, ...others] = chunk.todo
  const todo = [...(first ? removeMembers(first, members) : []), ...others]
  return { ...chunk, status: 'sending', todo, requests: [...chunk.requests, request], looks: 0 }
}

/** What an answer of the cloud makes of a chunk: it goes on at once, or comes again later by a message. */
export type CallResult =
  | { kind: 'advance'; advance: Advance }
  | { kind: 'again'; chunk: Chunk; delaySeconds: number }

const askOf = ({ members, mode, escalation, native }: Request): Ask => ({
  members,
  mode,
  escalation,
  ...(native === undefined ? {} : { native }),
})

/** A request as it was refused for those that there was no room for. */
export const deferredRequest = (sent: Request, { members, refusal }: Ask): Request => ({
  ...sent,
  members,
  refusal,
  answer: 'deferred',
  job: 'ended',
})

const ONE_REFUSAL_MS = 60_000

/** Refused in the same words a moment before: of requests for one server each, an item has no room for as many as there may be. */
function isSameRefusal(one: Request, other: Request): boolean {
  const ms = Date.parse(other.sentAt) - Date.parse(one.sentAt)
  const words = ({ mode, native, escalation, refusal }: Request) =>
    `${mode} ${native} ${escalation} ${refusal?.native} ${refusal?.code} ${refusal?.message}`
  const isUntold = one.answer === 'deferred' && one.refusal !== undefined && one.toldAt === undefined
  return isUntold && ms < ONE_REFUSAL_MS && words(one) === words(other)
}

/** Requests with one more that there was no room for; it keeps its place after all others for its servers. */
export function withDeferred(requests: Request[], deferred: Request): Request[] {
  const own = new Set(deferred.members)
  const after = requests.findLastIndex(({ members }) => members.some(member => own.has(member)))
  const place = requests.findIndex((one, at) => at > after && isSameRefusal(one, deferred))
  return place < 0
    ? [...requests, deferred]
    : requests.map((one, at) =>
        at === place ? { ...one, members: [...one.members, ...deferred.members] } : one,
      )
}

/** The request as it went out, for those it went out for: taken, or its answer lost. */
function requestsFrom(
  sent: Request,
  answer: Accepted,
  members: Record<'taken' | 'lost', number[]>,
): Request[] {
  const { jobId, requestId } = answer
  const job = jobId === null ? 'ended' : 'running'
  const taken: Request = { ...sent, jobId, requestId, members: members.taken, answer: 'accepted', job }
  const lost: Request = { ...sent, members: members.lost, answer: 'lost', job: 'ended' }
  return [taken, lost].filter(request => request.members.length > 0)
}

/**
 * The cloud took the request, but for what the answer names: refused servers are to be read once all else is asked; unsent ones
 * are asked by another message, so that no function outlasts its time.
 */
export function applyAccepted({ chunk, servers }: WholeChunk, answer: Accepted): CallResult {
  const sent = chunk.requests.at(-1)!
  const places = new Map(sent.members.map(member => [servers[member]!.id, member]))
  const among = (ids: string[]): number[] => ids.flatMap(id => places.get(id) ?? [])
  const lost = among(answer.lost)
  const unsent = among(answer.unsent)
  const refused = answer.refused.map(({ ids, code, cause, message }): Ask => {
    const refusal = { code, ...(cause && { cause }), message, native: true as const }
    return { ...askOf(sent), members: among(ids), refusal }
  })
  const left = new Set([...lost, ...unsent, ...refused.flatMap(({ members }) => members)])
  const taken = sent.members.filter(member => !left.has(member))
  const [roomless, toJudge] = [true, false].map(isRoomless =>
    refused.filter(({ refusal }) => (refusal!.cause === 'no-capacity') === isRoomless),
  ) as [Ask[], Ask[]]
  const deferred = roomless.map(ask => deferredRequest(sent, ask))
  const todo = [{ ...askOf(sent), members: unsent }, ...chunk.todo, ...toJudge]
  const next = withIdleStatus({
    ...chunk,
    requests: deferred.reduce(withDeferred, [
      ...chunk.requests.slice(0, -1),
      ...requestsFrom(sent, answer, { taken, lost }),
    ]),
    todo: todo.filter(({ members }) => members.length > 0),
    troubles: 0,
  })
  if (unsent.length === 0) return { kind: 'advance', advance: { chunk: next, settled: new Map() } }
  const { trouble } = answer
  const delaySeconds = trouble === null ? 0 : (trouble.retryAfterSeconds ?? troubleDelaySeconds(1))
  return { kind: 'again', chunk: next, delaySeconds }
}

/** The code of targets that were given up; `ambiguous`, `member` and `unattributed` are decided otherwise when servers are asked. */
const GIVEN_UP: Record<CloudErrorClass, OutcomeCode> = {
  ambiguous: 'unavailable',
  member: 'refused',
  unattributed: 'refused',
  throttled: 'throttled',
  unavailable: 'unavailable',
  credentials: 'credentials',
  refused: 'refused',
}

/** The chunk after a call that failed before anything was asked; the class of the error decides. */
export function afterFailedCall(whole: WholeChunk, error: CloudError, now: number): CallResult {
  const troubles = whole.chunk.troubles + 1
  const { class: kind, retryAfterSeconds } = error.details
  const passes = kind !== 'credentials' && kind !== 'refused' && kind !== 'unattributed'
  if (passes && troubles <= MAX_TROUBLES) {
    const delaySeconds = retryAfterSeconds ?? troubleDelaySeconds(troubles)
    return { kind: 'again', chunk: withIdleStatus({ ...whole.chunk, troubles }), delaySeconds }
  }
  const advance = skipRemaining(whole, { status: 'failed', code: GIVEN_UP[kind], reason: error.message }, now)
  return { kind: 'advance', advance }
}

/** Takes the mark of a request back that was not sent, for its grant ran out: it is to be asked again. */
export function cancelPendingRequest(chunk: Chunk): Chunk {
  return withIdleStatus({
    ...chunk,
    requests: chunk.requests.slice(0, -1),
    todo: [askOf(chunk.requests.at(-1)!), ...chunk.todo],
  })
}
