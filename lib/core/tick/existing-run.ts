/** What becomes of runs that were made before: by a tick that ran out of time, right before an edit, by a clock that ran ahead. */
import type * as z from 'zod'
import { Run } from '../model/run.ts'

export const CONNECTION_LEFT =
  'the policy was edited before its run began: it is not about this connection any more'
export const POLICY_DELETED = 'the policy was deleted before its run began'

/** A run that is made later than this is caught up. */
const ON_TIME_MS = 120_000

/** How far a run came. */
export const RunProgress = Run.pick({ status: true, planning: true, prematureAt: true })
export type RunProgress = z.infer<typeof RunProgress>

/** The id of the nth run of a due time, from 1: all but the last were made before its time, by a clock that ran ahead. */
export const nthRunId = (id: string, number: number): string => (number === 1 ? id : `${id}.${number}`)

/**
 * What to do where a run of this due time is there. `withdraw`: it was made right before the edit that cancels it, and was not begun.
 * `repeat`: it was made before its time. One that acted all the same is repeated on time alone: it was the clock's step back that may
 * have been wrong.
 */
export function onExisting(wanted: Run, existing: RunProgress | null): 'withdraw' | 'repeat' | 'keep' {
  if (existing === null) return 'keep'
  if (existing.prematureAt === undefined)
    return wanted.status === 'cancelled' && existing.status === 'pending' ? 'withdraw' : 'keep'
  if (wanted.status === 'cancelled') return 'keep'
  const hasActed = existing.planning > 0
  const isOnTime = Date.parse(wanted.createdAt) - Date.parse(wanted.dueAt) <= ON_TIME_MS
  return !hasActed || (wanted.status === 'pending' && isOnTime) ? 'repeat' : 'keep'
}

/** Whether the run of a due time is there, by what is known of those that are, and stays as it is. */
export function isMade(wanted: Run, there: ReadonlyMap<string, RunProgress>): boolean {
  for (let number = 1; ; number++) {
    const existing = there.get(nthRunId(wanted.id, number))
    if (existing === undefined) return false
    const step = onExisting(wanted, existing)
    if (step !== 'repeat') return step === 'keep'
  }
}
