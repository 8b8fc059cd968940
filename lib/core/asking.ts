/** What happens to a chunk while its servers are asked: each decision and each answer gives the chunk as it is then. */
import type { CloudError, CloudErrorClass } from './errors.ts'
import type { OutcomeCode } from './outcome-codes.ts'
import type { Ask, Chunk, RefusedTry, Request, Settled, WholeChunk } from './work.ts'

/** Tries in a row at which the cloud carried nothing out, before the chunk's targets are given up. */
const MOST_TROUBLES = 12
const TROUBLE_FIRST_SECONDS = 5
const TROUBLE_MAX_SECONDS = 300

const iso = (ms: number): string => new Date(ms).toISOString()

/** A chunk after something happened to it: its new head, and the members that are settled by it. */
export interface Advance {
  chunk: Chunk
  settled: Map<number, Settled>
}

/** The members for which a request was sent that the cloud may have carried out. */
export const everAsked = (chunk: Chunk): Set<number> =>
  new Set(chunk.requests.flatMap(request => request.members))

/** An outcome without a request. */
export const settle = (outcome: Omit<Settled, 'mode' | 'jobId' | 'requestId' | 'requestedAt'>): Settled => ({
  ...outcome,
  mode: null,
  jobId: null,
  requestId: null,
  requestedAt: null,
})

export const resting = (chunk: Chunk): Chunk => ({
  ...chunk,
  status: chunk.todo.length > 0 ? 'waiting' : 'following',
})

/** Those of some asks that were asked before: that they cannot be asked once more counts as a try. */
export function triedAgain(asks: Ask[], asked: Set<number>): RefusedTry[] {
  const again = asks.map(({ members, escalation }) => ({
    members: members.filter(member => asked.has(member)),
    escalation,
  }))
  return again.filter(({ members }) => members.length > 0)
}

/** Nothing of the to-do list is asked: what was never asked is settled so; what was, is only followed. */
export function leaveAll(
  { chunk }: WholeChunk,
  left: Pick<Settled, 'status' | 'code' | 'reason'>,
  now: number,
): Advance {
  const asked = everAsked(chunk)
  const members = chunk.todo.flatMap(ask => ask.members).filter(member => !asked.has(member))
  const outcome = settle({ ...left, endedAt: iso(now) })
  const refused = [...chunk.refused, ...triedAgain(chunk.todo, asked)]
  return {
    chunk: { ...chunk, todo: [], refused, status: 'following' },
    settled: new Map(members.map(member => [member, outcome])),
  }
}

/** A request whose answer nobody holds: it counts as sent, and its servers will tell. */
export function recovered(chunk: Chunk): Chunk {
  const requests = chunk.requests.map(
    (request): Request =>
      request.answer === 'pending' ? { ...request, answer: 'lost', job: 'ended' } : request,
  )
  return resting({ ...chunk, requests, looks: 0 })
}

const without = (ask: Ask, members: number[]): Ask[] => {
  const taken = new Set(members)
  const rest = ask.members.filter(member => !taken.has(member))
  return rest.length > 0 ? [{ ...ask, members: rest }] : []
}

/** The intent: written before the call, so that whoever finds it knows that it may have been made. */
export function intended(chunk: Chunk, { members, mode, escalation }: Ask, now: number): Chunk {
  const request: Request = {
    members,
    mode,
    escalation,
    sentAt: iso(now),
    answer: 'pending',
    jobId: null,
    requestId: null,
    job: 'running',
  }
  const [first, ...others] = chunk.todo
  const todo = [...(first ? without(first, members) : []), ...others]
  return { ...chunk, status: 'sending', todo, requests: [...chunk.requests, request], looks: 0 }
}

/** The cloud took the request. */
export function accepted(chunk: Chunk, answer: { jobId: string | null; requestId: string | null }): Chunk {
  const request: Request = {
    ...chunk.requests.at(-1)!,
    ...answer,
    answer: 'accepted',
    job: answer.jobId === null ? 'ended' : 'running',
  }
  return resting({ ...chunk, requests: chunk.requests.with(-1, request), troubles: 0 })
}

export type Refused =
  | { kind: 'advance'; advance: Advance }
  | { kind: 'again'; chunk: Chunk; delaySeconds: number }

/** How long to wait after the nth trouble in a row, in seconds. */
export const troubleDelaySeconds = (troubles: number): number =>
  Math.min(TROUBLE_MAX_SECONDS, TROUBLE_FIRST_SECONDS * 2 ** Math.max(0, troubles - 1))

/** The code of targets that were given up; the first two classes are decided otherwise when a stop is asked for. */
const GIVEN_UP: Record<CloudErrorClass, OutcomeCode> = {
  ambiguous: 'unavailable',
  member: 'refused',
  throttled: 'throttled',
  unavailable: 'unavailable',
  credentials: 'credentials',
  refused: 'refused',
}

/** What it makes of a chunk that the cloud could not even be asked about its to-do list; the class of the error decides. */
export function troubled(whole: WholeChunk, error: CloudError, now: number): Refused {
  const troubles = whole.chunk.troubles + 1
  const { class: kind, retryAfterSeconds } = error.details
  const passes = kind !== 'credentials' && kind !== 'refused'
  if (passes && troubles <= MOST_TROUBLES) {
    const delaySeconds = retryAfterSeconds ?? troubleDelaySeconds(troubles)
    return { kind: 'again', chunk: resting({ ...whole.chunk, troubles }), delaySeconds }
  }
  const advance = leaveAll(whole, { status: 'failed', code: GIVEN_UP[kind], reason: error.message }, now)
  return { kind: 'advance', advance }
}

/** A go came too late to be used: what was meant is to be asked again. */
export function withdrawn(chunk: Chunk): Chunk {
  const { members, mode, escalation } = chunk.requests.at(-1)!
  return resting({
    ...chunk,
    requests: chunk.requests.slice(0, -1),
    todo: [{ members, mode, escalation }, ...chunk.todo],
  })
}
