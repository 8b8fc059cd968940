/** What of a run is shown: without what only its steps need. */
import type { Chunk } from '../model/chunk.ts'
import type { RunPolicy } from '../model/model.ts'
import type { Run } from '../model/run.ts'

const RUN_FIELDS = [
  'id',
  'policyId',
  'connection',
  'kind',
  'trigger',
  'actor',
  'dueAt',
  'createdAt',
  'startedAt',
  'endedAt',
  'status',
  'reason',
  'dryRun',
  'overrideLimits',
  'summary',
  'codes',
  'cancel',
] as const satisfies (keyof Run)[]
type ShownRun = Pick<Run, (typeof RUN_FIELDS)[number]> & { policy?: RunPolicy }

export function shownRun(run: Run, policy?: RunPolicy): ShownRun {
  const fields = RUN_FIELDS.filter(field => run[field] !== undefined).map(field => [field, run[field]])
  return { ...(Object.fromEntries(fields) as ShownRun), ...(policy ? { policy } : {}) }
}

/** How many chunks of a run are sent, and followed to their end; `undefined` until it is planned. `heads`: those of a run that goes on. */
export function progress(
  { chunks, doneChunks }: Pick<Run, 'chunks' | 'doneChunks'>,
  heads: Pick<Chunk, 'status'>[],
): { chunks: number; sent: number; followed: number } | undefined {
  if (chunks === undefined) return undefined
  const sent = heads.filter(({ status }) => status === 'following' || status === 'done').length
  return { chunks, sent: Math.max(sent, doneChunks.size), followed: doneChunks.size }
}
