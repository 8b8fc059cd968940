/** Runs as they are shown: without what only the steps need. */
import type { Chunk } from '../model/chunk.ts'
import type { RunPolicy } from '../model/model.ts'
import { codeOf } from '../model/outcome.ts'
import { type Run, RunView, type Summary } from '../model/run.ts'

const VIEW_FIELDS = Object.keys(RunView.shape) as (keyof RunView)[]
interface ShownRun extends Omit<RunView, 'undoes'> {
  undoes: string | null
  /** `waiting`: targets that are still to be asked, or followed to their end. */
  summary: Summary & { waiting: number }
  policy?: RunPolicy
}

export function shownRun(run: Run, policy?: RunPolicy): ShownRun {
  const fields = VIEW_FIELDS.filter(field => run[field] !== undefined).map(field => [field, run[field]])
  const { targets, stopped, started, failed, unconfirmed } = run.summary
  const summary = { ...run.summary, waiting: targets - stopped - started - failed - unconfirmed }
  const undoes = run.undoes ?? null
  return { ...(Object.fromEntries(fields) as ShownRun), undoes, summary, ...(policy ? { policy } : {}) }
}

/** How far a chunk is, and what is settled of it by `codeKey`. */
export interface ChunkCounts extends Pick<Chunk, 'number' | 'status'> {
  codes: Record<string, number>
}

/** A run that goes on, with what is settled of its chunks that are not done. */
export function countedSoFar(run: Run, chunks: ChunkCounts[]): Run {
  const summary = { ...run.summary }
  const codes = { ...run.codes }
  const settled = chunks.filter(({ number }) => !run.doneChunks.has(number))
  for (const [key, count] of settled.flatMap(chunk => Object.entries(chunk.codes))) {
    const { status } = codeOf(key)
    codes[key] = (codes[key] ?? 0) + count
    summary[status] += count
    if (status === 'skipped') summary.targets -= count
  }
  return { ...run, summary, codes }
}

/** How many chunks of a run are sent, and followed to their end; `undefined` until it is planned. `heads`: those of a run that goes on. */
export function progressOf(
  { chunks, doneChunks }: Pick<Run, 'chunks' | 'doneChunks'>,
  heads: Pick<ChunkCounts, 'status'>[],
): { chunks: number; sent: number; followed: number } | undefined {
  if (chunks === undefined) return undefined
  const sent = heads.filter(({ status }) => status === 'following' || status === 'done').length
  return { chunks, sent: Math.max(sent, doneChunks.size), followed: doneChunks.size }
}
