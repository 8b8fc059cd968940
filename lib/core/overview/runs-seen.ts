/** Runs of an overview: those under way, and those that ended in the last day. */
import { isEnded, type Run } from '../model/run.ts'
import { endedAtOf } from './attention.ts'

const MAX_UNDER_WAY = 50
const MAX_LATEST = 50
const LATEST_MS = 86_400_000
/** A run may end long after it was due. */
const OLDEST_DUE_MS = 2 * LATEST_MS

/** Runs that were due before this are read only where the to-do list names them. */
export const oldestDueMs = (now: number): number => now - OLDEST_DUE_MS

const newestFirst = (runs: Run[]): Run[] =>
  runs.toSorted((one, other) => (one.dueAt > other.dueAt ? -1 : one.dueAt < other.dueAt ? 1 : 0))

/** Both newest first, by when they were due, as lists of runs are. */
export function runsSeen(runs: Run[], now: number): { underWay: Run[]; latest: Run[] } {
  const isLatest = (run: Run): boolean => isEnded(run) && now - Date.parse(endedAtOf(run)) <= LATEST_MS
  return {
    underWay: newestFirst(runs.filter(run => !isEnded(run))).slice(0, MAX_UNDER_WAY),
    latest: newestFirst(runs.filter(isLatest)).slice(0, MAX_LATEST),
  }
}

/** Whether there are as many as are shown: older ones would not be. */
export const areRunsEnough = (runs: Run[], now: number): boolean =>
  runsSeen(runs, now).latest.length === MAX_LATEST
