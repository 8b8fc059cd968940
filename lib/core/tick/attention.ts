/** What a tick does about work that was left lying: a run or a chunk whose lease ran out. */

import { endingOf } from '../follow/ending.ts'
import type { Chunk } from '../model/chunk.ts'
import { isEnded, type Run } from '../model/run.ts'
import { needsNotify } from '../notify/notify.ts'

/** Something on the to-do list, by its key alone: what it needs is decided by reading it. */
export type DueItem =
  | { kind: 'policy'; id: string; dueAt: string }
  | { kind: 'run'; id: string; dueAt: string }
  | { kind: 'chunk'; runId: string; number: number; planning: number; dueAt: string }
  | { kind: 'webhook'; runId: string; dueAt: string }
  | { kind: 'delivery'; key: string; channel: string; dueAt: string }
  | { kind: 'warning'; policyId: string; stopAt: string; dueAt: string }
  | { kind: 'calendar'; id: string; dueAt: string }
export type DueWork = Exclude<DueItem, { kind: 'policy' }>

/** How long after a message was sent again it may be sent once more. */
export const RESEND_SECONDS = 120

/** What a run is waiting for. */
type RunAttention = 'plan' | 'sweep' | 'end' | 'notify' | 'look' | 'none'

/** A run is planned anew, ended, given to notify to be told of or looked at, or its chunks are looked through for what got lost. */
export function runAttention(run: Run, now: number): RunAttention {
  if (isEnded(run) && !needsNotify(run, now)) return 'none'
  if (isEnded(run)) return run.announcedAt === undefined ? 'notify' : 'look'
  if (run.chunks === undefined) return 'plan'
  return endingOf(run) ? 'end' : 'sweep'
}

interface Sweep {
  /** Chunks that are done, and not yet counted in their run. */
  uncounted: Chunk[]
  /** The chunk whose turn it is, if its message got lost. */
  start: Chunk | null
}

/** Finds abandoned chunks of a run: done but not counted, or never begun while no other waits. */
export function findAbandonedChunks(run: Run, chunks: Chunk[]): Sweep {
  const waiting = chunks.filter(chunk => chunk.status === 'waiting')
  const begun = waiting.some(chunk => chunk.attempt > 0)
  return {
    uncounted: chunks.filter(chunk => chunk.status === 'done' && !run.doneChunks.has(chunk.number)),
    start: begun ? null : (waiting[0] ?? null),
  }
}

/** Which step a chunk is waiting for. */
export function chunkAttention(chunk: Chunk): 'stop' | 'follow' | 'none' {
  switch (chunk.status) {
    case 'waiting':
    case 'sending':
      return 'stop'
    case 'following':
      return 'follow'
    case 'done':
      return 'none'
  }
}
