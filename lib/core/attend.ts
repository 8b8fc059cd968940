/** What a tick does about work that was left lying: a run or a chunk whose lease ran out. */
import { type Ending, ending } from './run.ts'
import { type Chunk, isEnded, type Run } from './work.ts'

/** Something on the to-do list, by its key alone: what it needs is decided by reading it. */
export type Due =
  | { kind: 'policy'; id: string; dueAt: string }
  | { kind: 'run'; id: string; dueAt: string }
  | { kind: 'chunk'; runId: string; number: number; planning: number; dueAt: string }
  | { kind: 'webhook'; runId: string; dueAt: string }
export type DueWork = Exclude<Due, { kind: 'policy' }>

/** How long after a message was sent again it may be sent once more. */
export const RESEND_SECONDS = 120

export type RunAttention =
  | { kind: 'plan' }
  | { kind: 'sweep' }
  | { kind: 'end'; ending: Ending }
  | { kind: 'announce' }
  | { kind: 'recheck' }
  | { kind: 'none' }

/** How long after its end the servers that a run stopped are looked at once more. */
const RECHECK_MINUTES = 60

/** When an announced run needs attention once more; `null` = never. */
export function recheckAt(run: Run): string | null {
  if (run.endedAt === undefined || run.summary.stopped === 0) return null
  return new Date(Date.parse(run.endedAt) + RECHECK_MINUTES * 60_000).toISOString()
}

function endedAttention(run: Run): RunAttention {
  if (run.announcedAt === undefined) return { kind: 'announce' }
  return run.recheckedAt === undefined && recheckAt(run) !== null ? { kind: 'recheck' } : { kind: 'none' }
}

/** A run is planned anew, ended, told of, looked at once more, or its chunks are looked through for what got lost. */
export function runAttention(run: Run): RunAttention {
  if (isEnded(run)) return endedAttention(run)
  if (run.chunks === undefined) return { kind: 'plan' }
  const end = ending(run)
  return end ? { kind: 'end', ending: end } : { kind: 'sweep' }
}

export interface Sweep {
  /** Chunks that are done, and not yet counted in their run. */
  uncounted: Chunk[]
  /** The chunk whose turn it is, where nobody was told so. */
  start: Chunk | null
}

/** Chunks of a run that nobody will come back to by themselves: done but not counted, or never begun while none other waits. */
export function sweep(run: Run, chunks: Chunk[]): Sweep {
  const waiting = chunks.filter(chunk => chunk.status === 'waiting')
  const begun = waiting.some(chunk => chunk.attempt > 0)
  return {
    uncounted: chunks.filter(chunk => chunk.status === 'done' && !run.doneChunks.has(chunk.number)),
    start: begun ? null : (waiting[0] ?? null),
  }
}

export type ChunkAttention = { kind: 'stop' } | { kind: 'follow' } | { kind: 'none' }

/** Which step a chunk is waiting for. */
export function chunkAttention(chunk: Chunk): ChunkAttention {
  switch (chunk.status) {
    case 'waiting':
    case 'sending':
      return { kind: 'stop' }
    case 'following':
      return { kind: 'follow' }
    case 'done':
      return { kind: 'none' }
  }
}
