/** What a tick makes of its clock, beside the latest time that was noted, and of what a clock that ran ahead left behind. */

import type { StoredPolicy } from '../model/model.ts'
import { isEnded, type Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'
import type { DueItem } from './attention.ts'
import { type DueTimes, firstDueTimes } from './due-runs.ts'

/** Clocks of machines that are in order differ by less: a larger step back is a correction. */
const MAX_DRIFT_MS = 60_000
/** Each tick notes its time, for its absence to be seen; of two at once one does. */
const NOTE_EVERY_MS = 30_000
/** Two ticks may be lost, or late. */
const MAX_SILENCE_MS = 3 * 60_000
/** No lease, pause or later look is longer: what lies further ahead was written by a clock that ran ahead. */
const MAX_LEASE_MS = 2 * 3_600_000
/** Before the first version was written: a machine that has not set its clock yet. */
const FIRST_VERSION_MS = Date.parse('2026-01-01T00:00:00Z')

/** `unset`: no run can be made by it. `behind`: the noted time, or this one, is wrong. `to-note`: the noted time is old. */
type ClockState = 'unset' | 'behind' | 'to-note' | 'right'

export function clockState(notedAt: string | null, now: number): ClockState {
  if (now < FIRST_VERSION_MS) return 'unset'
  if (notedAt === null) return 'to-note'
  const aheadMs = Date.parse(notedAt) - now
  if (aheadMs > MAX_DRIFT_MS) return 'behind'
  return aheadMs < -NOTE_EVERY_MS ? 'to-note' : 'right'
}

/** Whether ticks come, by the latest time that one noted; where none did, by the time since which one is waited for. */
export const isTicking = (since: string, now: number): boolean =>
  Math.abs(now - Date.parse(since)) < MAX_SILENCE_MS

const earlierOf = (stored: string | null, first: string | null): string | null =>
  first !== null && stored !== null && Date.parse(first) < Date.parse(stored) ? first : stored

/** When a policy is due, where that lies further ahead than its own schedule says; else `null`: it stays as it is. */
export function earlierDueTimes(policy: StoredPolicy, now: number): DueTimes | null {
  const first = firstDueTimes(policy, now)
  const earlier = (field: keyof DueTimes) => earlierOf(policy[field] ?? null, first[field] ?? null)
  const warnAt = earlier('nextWarnAt')
  const times: DueTimes = {
    nextDueAt: earlier('nextDueAt'),
    nextStartDueAt: earlier('nextStartDueAt'),
    ...(warnAt === null ? {} : { nextWarnAt: warnAt }),
  }
  const fields = ['nextDueAt', 'nextStartDueAt', 'nextWarnAt'] as const
  return fields.every(field => times[field] === policy[field]) ? null : times
}

/** Whether something waits for longer than any lease is. */
export const isLeaseTooLong = ({ dueAt }: Pick<DueItem, 'dueAt'>, now: number): boolean =>
  Date.parse(dueAt) - now > MAX_LEASE_MS

const BEFORE_ITS_TIME = 'a clock that ran ahead made this run before its time; its due time makes another'

/** What is noted of a run that was made before its time. */
export type SetAside = Pick<Run, 'prematureAt'> &
  Partial<Pick<Run, 'status' | 'reason' | 'endedAt' | 'cancel'>>

/**
 * What becomes of a run whose due time is still to come; `null` for every other one. One that was not begun ends, and what was not sent
 * of one that goes on is not sent. It stands in the way of no other run.
 */
export function setAside(run: Run, now: number): SetAside | null {
  const isPremature = run.trigger === 'schedule' && Date.parse(run.dueAt) > now
  if (!isPremature || run.prematureAt !== undefined) return null
  const at = isoInstant(now)
  const hasBegun = run.planning > 0
  if (!hasBegun && run.status === 'pending')
    return { prematureAt: at, status: 'cancelled', reason: BEFORE_ITS_TIME, endedAt: at }
  if (!hasBegun && run.status === 'missed')
    return { prematureAt: at, status: 'cancelled', reason: BEFORE_ITS_TIME }
  if (isEnded(run)) return { prematureAt: at }
  return { prematureAt: at, cancel: run.cancel ?? { at, actor: 'curfew', reason: BEFORE_ITS_TIME } }
}
