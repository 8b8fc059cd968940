/** Which runs have lines in a stretch of time, in which order, and which may have stopped the same servers at once. */

import type { Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'
import type { SavingsLine } from './line.ts'
import { MAX_LOOK_DAYS } from './looks.ts'

/** Seconds since the epoch, the end not in it. */
export type LedgerRange = Pick<SavingsLine, 'from' | 'to'>

const DAY_SECONDS = 86_400

/** Runs that were due before this have no lines in the range: they are not looked at for so long. */
export const ledgerSince = ({ from }: LedgerRange): string =>
  isoInstant((from - (MAX_LOOK_DAYS + 1) * DAY_SECONDS) * 1000)

/** Whether a run may have a line in the range: it stopped someone, and was looked at since. */
export function isInLedger(
  { action, summary, endedAt, lookedAt, recheckedAt }: Run,
  { from, to }: LedgerRange,
): boolean {
  const latest = lookedAt ?? recheckedAt
  if (action !== 'stop' || summary.stopped === 0 || endedAt === undefined || latest === undefined)
    return false
  return Date.parse(latest) > from * 1000 && Date.parse(endedAt) < (to + DAY_SECONDS) * 1000
}

/** In this order the first that stopped a server has its line. */
export const compareRuns = (a: Pick<Run, 'dueAt' | 'id'>, b: Pick<Run, 'dueAt' | 'id'>): number =>
  a.dueAt.localeCompare(b.dueAt) || a.id.localeCompare(b.id)

/** Runs whose lines may be about the same servers. */
export const fleetKey = ({ connection, kind }: Pick<Run, 'connection' | 'kind'>): string =>
  `${connection} ${kind}`

/**
 * Whether a run was under way when another was due. Of two that were not, the later stopped servers that were on: the line of the earlier
 * had ended by then.
 */
export const wasUnderWay = ({ endedAt }: Run, other: Pick<Run, 'dueAt'>): boolean =>
  endedAt !== undefined && endedAt >= other.dueAt
