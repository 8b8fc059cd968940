/** What happens to a chunk while its servers are asked: each decision and each answer gives the chunk as it is then. */
import type { CloudError } from './errors.ts'
import type { Server } from './model.ts'
import { isOff, NO_FORCE_TAG, type Selecting, selection } from './select.ts'
import type { Ask, Chunk, Request, Settled, WholeChunk } from './work.ts'

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

const everAsked = (chunk: Chunk): Set<number> => new Set(chunk.requests.flatMap(request => request.members))

const settle = (outcome: Omit<Settled, 'mode' | 'jobId' | 'requestId' | 'requestedAt'>): Settled => ({
  ...outcome,
  mode: null,
  jobId: null,
  requestId: null,
  requestedAt: null,
})

const resting = (chunk: Chunk): Chunk => ({
  ...chunk,
  status: chunk.todo.length > 0 ? 'waiting' : 'following',
})

/** Nothing of the to-do list is asked: what was never asked is settled so; what was, is only followed. */
export function leaveAll(
  { chunk }: WholeChunk,
  left: { status: 'skipped' | 'failed'; code: string; reason: string },
  now: number,
): Advance {
  const asked = everAsked(chunk)
  const members = chunk.todo.flatMap(ask => ask.members).filter(member => !asked.has(member))
  const outcome = settle({ ...left, endedAt: iso(now) })
  return {
    chunk: { ...chunk, todo: [], status: 'following' },
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

/** Whether a member that was asked before may be asked so again, as its server is now. */
export function mayAskAgain(server: Server, escalation: boolean): boolean {
  if (isOff(server) || server.locked || server.frozen || server.status !== 'ACTIVE') return false
  if (!escalation) return server.taskState === null
  return !(NO_FORCE_TAG in server.tags) && (server.taskState === null || server.taskState === 'powering-off')
}

/** The servers as they are now, right before asking: who must not be asked any more is settled or dropped. */
export function reread(
  whole: WholeChunk,
  { servers, selecting, now }: { servers: Map<string, Server>; selecting: Selecting; now: number },
): Advance {
  const { chunk } = whole
  const select = selection(selecting, now)
  const asked = everAsked(chunk)
  const settled = new Map<number, Settled>()
  const keeps = (ask: Ask, member: number): boolean => {
    const server = servers.get(whole.servers[member]!.id)
    const decision = server
      ? select(server)
      : { kind: 'left' as const, code: 'not-found', reason: 'it is gone' }
    if (asked.has(member))
      return server !== undefined && canRepeat(decision) && mayAskAgain(server, ask.escalation)
    if (decision?.kind === 'target') return true
    const left = decision ?? { code: 'no-longer-matches', reason: 'the selector no longer matches it' }
    settled.set(
      member,
      settle({ status: 'skipped', code: left.code, reason: left.reason, endedAt: iso(now) }),
    )
    return false
  }
  const todo = chunk.todo.map(ask => ({ ...ask, members: ask.members.filter(member => keeps(ask, member)) }))
  return {
    chunk: resting({ ...chunk, readAt: iso(now), todo: todo.filter(ask => ask.members.length > 0) }),
    settled,
  }
}

/** What a person did since (protected, excluded, snoozed) holds for a second request too; its own state is judged apart. */
const canRepeat = (decision: ReturnType<ReturnType<typeof selection>>): boolean =>
  decision !== null && (decision.kind === 'target' || ['busy', 'already-stopped'].includes(decision.code))

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

const halves = (ask: Ask): Ask[] => {
  const middle = Math.ceil(ask.members.length / 2)
  return [
    { ...ask, members: ask.members.slice(0, middle) },
    { ...ask, members: ask.members.slice(middle) },
  ]
}

/** A request refused because of its members: those the answer names are settled by a read, else the request is halved. */
function parted(whole: WholeChunk, ask: Ask, error: CloudError): Ask[] {
  const refusal = { code: error.details.code, message: error.message }
  const named = ask.members.filter(member => error.details.serverIds.includes(whole.servers[member]!.id))
  const others = ask.members.filter(member => !named.includes(member))
  if (named.length > 0)
    return [
      { ...ask, members: named, refusal },
      { ...ask, members: others },
    ].filter(part => part.members.length > 0)
  return ask.members.length === 1 ? [{ ...ask, refusal }] : halves(ask)
}

/** How long to wait after the nth trouble in a row, in seconds. */
export const troubleDelaySeconds = (troubles: number): number =>
  Math.min(TROUBLE_MAX_SECONDS, TROUBLE_FIRST_SECONDS * 2 ** Math.max(0, troubles - 1))

/** What it makes of a chunk that the cloud could not even be asked about its to-do list; the class of the error decides. */
export function troubled(whole: WholeChunk, error: CloudError, now: number): Refused {
  const troubles = whole.chunk.troubles + 1
  const { class: kind, retryAfterSeconds } = error.details
  const passes = kind !== 'credentials' && kind !== 'refused'
  if (passes && troubles <= MOST_TROUBLES) {
    const delaySeconds = retryAfterSeconds ?? troubleDelaySeconds(troubles)
    return { kind: 'again', chunk: resting({ ...whole.chunk, troubles }), delaySeconds }
  }
  const advance = leaveAll(whole, { status: 'failed', code: kind, reason: error.message }, now)
  return { kind: 'advance', advance }
}

/** What the cloud's refusal of the last request makes of its chunk; the class of the error decides. */
export function refused(whole: WholeChunk, error: CloudError, now: number): Refused {
  const keeping = (chunk: Chunk): Refused => ({ kind: 'advance', advance: { chunk, settled: new Map() } })
  const before = withdrawn(whole.chunk)
  switch (error.details.class) {
    case 'ambiguous':
      return keeping(recovered(whole.chunk))
    case 'member': {
      const [ask, ...others] = before.todo
      return keeping(resting({ ...before, todo: [...parted(whole, ask!, error), ...others] }))
    }
    case 'throttled':
    case 'unavailable':
    case 'credentials':
    case 'refused':
      return troubled({ ...whole, chunk: before }, error, now)
  }
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

/** What a fresh read makes of members for whose sake a request was refused. */
export function judged(
  whole: WholeChunk,
  ask: Ask,
  { servers, now }: { servers: Map<string, Server>; now: number },
): Advance {
  const asked = everAsked(whole.chunk)
  const refusal = `${ask.refusal!.code}: ${ask.refusal!.message}`
  const members = ask.members.filter(member => !asked.has(member))
  const outcome = (member: number): Settled => {
    const server = servers.get(whole.servers[member]!.id)
    if (server && isOff(server) && server.taskState === null)
      return settle({ status: 'skipped', code: 'already-stopped', reason: refusal, endedAt: iso(now) })
    return settle({ status: 'failed', code: refusedCode(server), reason: refusal, endedAt: iso(now) })
  }
  const todo = whole.chunk.todo.slice(1)
  return {
    chunk: resting({ ...whole.chunk, todo }),
    settled: new Map(members.map(member => [member, outcome(member)])),
  }
}

function refusedCode(server: Server | undefined): string {
  if (!server) return 'not-found'
  if (server.locked) return 'locked'
  if (server.frozen) return 'frozen'
  return server.taskState === null ? 'refused' : 'busy'
}
