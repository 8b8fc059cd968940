/** Decides whether the rest of a run is not sent, because too much of it failed. */
import type { WholeChunk } from '../model/chunk.ts'
import { badEnds, countOutcomes } from '../model/outcome.ts'
import type { Failing, Run } from '../model/run.ts'

/** Fewer failures than this never halt a run. */
const MIN_FAILURES = 5
/** Codes of failures that lie with the server, not with us or the cloud. */
const OWN_FAULT = new Set(['locked', 'frozen', 'not-found', 'busy', 'still-running'])

/** How many targets failed, or are unconfirmed, for a cause of ours or the cloud's. */
const systemFailures = (codes: Run['codes']): number =>
  badEnds(codes).reduce((sum, { code, count }) => (OWN_FAULT.has(code) ? sum : sum + count), 0)

/** The failures of a chunk that is not done, which count for its run; `null` where there are none. */
export function chunkFailures({ chunk, settled }: WholeChunk): Failing | null {
  const bad = systemFailures(countOutcomes(settled.values()).codes)
  return bad === 0 ? null : { bad, of: chunk.size }
}

/** Why a run is halted; `null`: it is not. Of chunks that are not done, those with failures count, with all their targets. */
export function haltReason(
  { summary, codes, doneChunks, failing = {} }: Pick<Run, 'summary' | 'codes' | 'doneChunks' | 'failing'>,
  haltShare: number | null,
): string | null {
  if (haltShare === null) return null
  const open = Object.entries(failing).flatMap(([number, one]) => (doneChunks.has(Number(number)) ? [] : one))
  const bad = open.reduce((sum, one) => sum + one.bad, systemFailures(codes))
  const sent = open.reduce((sum, one) => sum + one.of, summary.stopped + summary.failed + summary.unconfirmed)
  if (bad < MIN_FAILURES || bad <= haltShare * sent) return null
  return `${bad} of the first ${sent} targets failed, more than haltShare ${haltShare}`
}
