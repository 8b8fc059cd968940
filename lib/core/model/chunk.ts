/** A chunk: what is kept of it, of the requests sent for it, and of its servers. */
import * as z from 'zod'
import { RefusalCause } from './errors.ts'
import { Instant, Mode, type RunPolicy } from './model.ts'
import type { Settled } from './outcome.ts'
import { isEnded, type Run } from './run.ts'

/** A server as a run remembers it. */
export interface Member {
  id: string
  name: string
}

const Count = z.int().min(0)
/** Members are named by their place in the chunk's list of servers. */
const Members = z.array(Count)

/** The cloud refused a request for a cause that lies in its members. */
const Refusal = z.object({
  code: z.string(),
  /** Absent where the cloud named none. */
  cause: RefusalCause.optional(),
  message: z.string(),
  /** By the native call, for each server alone: there is no other call to try. */
  native: z.literal(true).optional(),
})
export type Refusal = z.infer<typeof Refusal>

/** Something still to be asked of the cloud. */
export const Ask = z.object({
  members: Members,
  mode: Mode,
  escalation: z.boolean(),
  /** A request was refused because of one of them at least, and it is not known which. */
  suspect: z.boolean().optional(),
  /** Of suspects: the code of the refusal, which lays it to no server, and the requests in a row that met it. */
  unattributed: z.object({ code: z.string(), requests: Count }).optional(),
  /** A request was refused because of each of them: they are to be read and settled instead of asked. */
  refusal: Refusal.optional(),
  /** Each is to be asked by a request of its own. */
  alone: z.literal(true).optional(),
  /** Each is to be asked by the native call, for the other refused it without a cause that shows: its words. */
  native: z.string().optional(),
})
export type Ask = z.infer<typeof Ask>

/** Members that were asked before, and could not be asked once more: it counts as a try. */
export const RefusedTry = z.object({ members: Members, escalation: z.boolean() })
export type RefusedTry = z.infer<typeof RefusedTry>

/**
 * One call of the cloud. `pending`: we meant to send it and do not know whether we did, or what came of it.
 * `accepted`: the cloud took it. `lost`: it may have been carried out, the answer never came. `deferred`: it is to be
 * asked later, for the cloud had no room for its servers, or, without a refusal, their stop is still under way.
 */
export const Request = z.object({
  members: Members,
  mode: Mode,
  escalation: z.boolean(),
  /** As in the ask. */
  native: z.string().optional(),
  sentAt: Instant,
  answer: z.enum(['pending', 'accepted', 'lost', 'deferred']),
  /** Why it was deferred. */
  refusal: Refusal.optional(),
  jobId: z.string().nullable(),
  requestId: z.string().nullable(),
  /** `ended`: its job was seen ended, or it never had one. `gone`: the cloud does not know the job. */
  job: z.enum(['running', 'ended', 'gone']),
  /** When it was published: hard stops after soft ones are, and starts that there is no room for. */
  toldAt: Instant.optional(),
})
export type Request = z.infer<typeof Request>

/**
 * `waiting`: something is to be asked. `sending`: the last request is pending.
 * `following`: all is asked, not all is settled. `done`: every member is settled.
 */
const ChunkStatus = z.enum(['waiting', 'sending', 'following', 'done'])

/** The part of a chunk that changes. Its servers never do; what became of them lies beside it. */
export const Chunk = z.object({
  runId: z.string(),
  planning: z.int(),
  number: z.int(),
  size: z.int(),
  status: ChunkStatus,
  /** How often a step took it up: of two that hold the same number, one wins. */
  attempt: Count,
  owner: z.string(),
  /** When its servers were last read, before anything is asked of them. */
  readAt: Instant,
  todo: z.array(Ask),
  requests: z.array(Request),
  refused: z.array(RefusedTry),
  /** Looks at its jobs or servers since the last request, one that is going on included: later ones come more slowly. */
  looks: Count,
  /** How often in a row the cloud could not be asked. */
  troubles: Count,
})
export type Chunk = z.infer<typeof Chunk>

/** A chunk with all that lies beside it: its servers, and what became of those that are settled, by their place. */
export interface WholeChunk {
  chunk: Chunk
  servers: Member[]
  settled: Map<number, Settled>
}

/** Taken up only while the chunk's `attempt` is this one: an older message's work is done or another's. */
export const ChunkMessage = Chunk.pick({ runId: true, planning: true, number: true, attempt: true })
export type ChunkMessage = z.infer<typeof ChunkMessage>

/** The message that takes a chunk up as it is now. */
export const messageOf = ({ runId, planning, number, attempt }: ChunkMessage): ChunkMessage => ({
  runId,
  planning,
  number,
  attempt,
})
/** The message that begins a chunk of a planned run. */
export const firstMessage = ({ id, planning }: Run, number: number): ChunkMessage => ({
  runId: id,
  planning,
  number,
  attempt: 0,
})

/** Whether a message is about what is still to be done: not for a planning that was given up, nor for work that is done or another's. */
export const isCurrent = (message: ChunkMessage, run: Run, chunk: Chunk): boolean =>
  !isEnded(run) &&
  run.chunks !== undefined &&
  run.planning === message.planning &&
  chunk.attempt === message.attempt &&
  chunk.status !== 'done'

/** A chunk, and the run it belongs to with its policy as it was when due. */
export interface ChunkInRun {
  run: Run
  policy: RunPolicy
  whole: WholeChunk
}

/** A start of servers whose stop is still under way: not sent yet. */
const deferredStart = (of: Pick<Request, 'members' | 'mode' | 'sentAt'>): Request => ({
  ...of,
  escalation: false,
  answer: 'deferred',
  jobId: null,
  requestId: null,
  job: 'ended',
})

/** Whether a start waits for the stop of its servers: nothing was sent for them. */
export const awaitsStop = ({ answer, refusal }: Pick<Request, 'answer' | 'refusal'>): boolean =>
  answer === 'deferred' && refusal === undefined

/** `awaiting`: members whose stop is still under way. */
export function newChunk(
  run: Run,
  number: number,
  { size, mode, readAt, awaiting = [] }: Pick<Chunk, 'size' | 'readAt'> & { mode: Mode; awaiting?: number[] },
): Chunk {
  const members = Array.from({ length: size }, (_, member) => member)
  const ask = { members: members.filter(member => !awaiting.includes(member)), mode, escalation: false }
  return {
    runId: run.id,
    planning: run.planning,
    number,
    size,
    status: 'waiting',
    attempt: 0,
    owner: '',
    readAt,
    todo: ask.members.length > 0 ? [ask] : [],
    requests: awaiting.length > 0 ? [deferredStart({ members: awaiting, mode, sentAt: readAt })] : [],
    refused: [],
    looks: 0,
    troubles: 0,
  }
}
