/** What Curfew keeps of its own work: runs, their chunks, the requests sent for them, and what became of each server. */
import * as z from 'zod'
import { Id, Instant, Kind, Mode } from './model.ts'
import { OutcomeCode } from './outcome-codes.ts'

// --- outcome ------------------------------------------------------------------------------------------------

export const OutcomeStatus = z.enum(['stopped', 'skipped', 'failed', 'unconfirmed'])
export type OutcomeStatus = z.infer<typeof OutcomeStatus>

/** What became of one server, without the server itself: equal for most of a chunk, and kept once for all of them. */
export const Settled = z.object({
  status: OutcomeStatus,
  code: OutcomeCode,
  reason: z.string(),
  mode: Mode.nullable(),
  jobId: z.string().nullable(),
  requestId: z.string().nullable(),
  requestedAt: Instant.nullable(),
  endedAt: Instant,
  restartedAt: Instant.optional(),
})
export type Settled = z.infer<typeof Settled>

export const Outcome = z.object({ serverId: z.string(), name: z.string(), ...Settled.shape })
export type Outcome = z.infer<typeof Outcome>

// --- run ----------------------------------------------------------------------------------------------------

export const RunStatus = z.enum([
  'pending',
  'running',
  'succeeded',
  'partial',
  'failed',
  'blocked',
  'missed',
  'cancelled',
])
export type RunStatus = z.infer<typeof RunStatus>

const Count = z.int().min(0)
export const Summary = z.object({
  matched: Count,
  targets: Count,
  skipped: Count,
  stopped: Count,
  failed: Count,
  unconfirmed: Count,
})
export type Summary = z.infer<typeof Summary>
export const NO_SERVERS: Summary = {
  matched: 0,
  targets: 0,
  skipped: 0,
  stopped: 0,
  failed: 0,
  unconfirmed: 0,
}

/** Why targets that were never asked are left: the code of their outcomes, and the words. */
export const Withheld = z.object({
  code: OutcomeCode.extract([
    'blocked',
    'dry-run',
    'cancelled',
    'halted',
    'too-late',
    'connection-disabled',
    'stops-disabled',
  ]),
  reason: z.string(),
})
export type Withheld = z.infer<typeof Withheld>

/** Of a chunk that is not done: how many of its targets came to a bad end for a cause of ours or the cloud's. */
const Failing = z.object({ bad: Count, of: Count })
export type Failing = z.infer<typeof Failing>

/** The part of a run that changes; the policy as it was when due lies beside it and never does. */
export const Run = z.object({
  id: z.string(),
  policyId: Id.optional(),
  connection: Id,
  kind: Kind,
  trigger: z.enum(['schedule', 'manual']),
  actor: z.string().optional(),
  dueAt: Instant,
  createdAt: Instant,
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  status: RunStatus,
  reason: z.string().optional(),
  dryRun: z.boolean(),
  overrideLimits: z.boolean(),
  /** Of a manual request under an `Idempotency-Key`: tells whether another one under the same key is the same. */
  bodyHash: z.string().optional(),
  summary: Summary,
  /** Outcomes by `codeKey`, as far as they are settled. */
  codes: z.record(z.string(), Count),
  /** Matched servers less excluded ones: what the guard by history compares. */
  scope: Count,
  /** The number of the latest planning; its chunks are the run's, those of earlier ones are waste. 0 = none yet. */
  planning: Count,
  /** Who claimed that planning. */
  owner: z.string(),
  /** The planning waits to be gone on with, by whoever comes first. */
  paused: z.literal(true).optional(),
  /** How many chunks the planning made; absent until it is complete. */
  chunks: Count.optional(),
  /** All servers of the kind that the planning's listing showed. */
  fleet: Count,
  doneChunks: z.set(z.int()),
  /** By the chunk's number; chunks that are done by now no longer count here. */
  failing: z.record(z.string(), Failing).optional(),
  withheld: Withheld.optional(),
  cancel: z.object({ at: Instant, actor: z.string(), reason: z.string() }).optional(),
  /** Its policy wants its end sent to a webhook. */
  webhook: z.literal(true).optional(),
  /** When its end was counted; telling it comes after. */
  countedAt: Instant.optional(),
  /** When its end was told to whoever listens; until then it stays on the to-do list. */
  announcedAt: Instant.optional(),
  /** When the servers that it stopped were looked at once more. */
  recheckedAt: Instant.optional(),
})
export type Run = z.infer<typeof Run>

/** What a run keeps of its policy's webhook: that there is one. */
export const wantsWebhook = ({ webhook }: { webhook: unknown }): Pick<Run, 'webhook'> =>
  webhook === null ? {} : { webhook: true }

/** How outcomes are counted: such as `skipped/locked`. */
export const codeKey = (status: OutcomeStatus, code: string): string => `${status}/${code}`

export const isEnded = (run: Pick<Run, 'status'>): boolean =>
  run.status !== 'pending' && run.status !== 'running'

// --- chunk --------------------------------------------------------------------------------------------------

/** A server as a run remembers it. */
export interface Member {
  id: string
  name: string
}

/** Members are named by their place in the chunk's list of servers. */
const Members = z.array(z.int().min(0))

/** The cloud refused a request for a cause that lies in its members. */
const Refusal = z.object({
  code: z.string(),
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
  /** A request was refused because of each of them: they are to be read and settled instead of asked. */
  refusal: Refusal.optional(),
  /** Each is to be asked by the native call, for the other refused it without a cause that shows: its words. */
  native: z.string().optional(),
})
export type Ask = z.infer<typeof Ask>

/** Members that were asked before, and could not be asked once more: it counts as a try. */
export const RefusedTry = z.object({ members: Members, escalation: z.boolean() })
export type RefusedTry = z.infer<typeof RefusedTry>

/**
 * One os-stop call. `pending`: we meant to send it and do not know whether we did, or what came of it.
 * `accepted`: the cloud took it. `lost`: it may have been carried out, the answer never came.
 */
export const Request = z.object({
  members: Members,
  mode: Mode,
  escalation: z.boolean(),
  /** As in the ask. */
  native: z.string().optional(),
  sentAt: Instant,
  answer: z.enum(['pending', 'accepted', 'lost']),
  jobId: z.string().nullable(),
  requestId: z.string().nullable(),
  /** `ended`: its job was seen ended, or it never had one. `gone`: the cloud does not know the job. */
  job: z.enum(['running', 'ended', 'gone']),
  /** When whoever listens was told of it; hard stops after soft ones alone are told of. */
  toldAt: Instant.optional(),
})
export type Request = z.infer<typeof Request>

/**
 * `waiting`: something is to be asked. `sending`: the last request is pending.
 * `following`: all is asked, not all is settled. `done`: every member is settled.
 */
export const ChunkStatus = z.enum(['waiting', 'sending', 'following', 'done'])

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
  /** Looks at its jobs or servers since the last request: later ones come more slowly. */
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

// --- messages -----------------------------------------------------------------------------------------------

export const PlanMessage = z.object({ runIds: z.array(z.string()).min(1) })
export type PlanMessage = z.infer<typeof PlanMessage>
/** Taken up only while the chunk's `attempt` is this one: an older message's work is done or another's. */
export const ChunkMessage = z.object({ runId: z.string(), chunk: z.int(), attempt: z.int() })
export type ChunkMessage = z.infer<typeof ChunkMessage>
