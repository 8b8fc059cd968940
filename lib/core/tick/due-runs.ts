import type { Policy, StoredPolicy } from '../model/model.ts'
import { newRun, type Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'
import { dueTimes, nextDueAt } from '../schedule/schedule.ts'

/** Of more due times than this that have passed, the oldest leave no run of their own: the first one kept says how many. */
const MAX_PASSED = 100

interface DueRuns {
  /** Runs to be made, oldest first: at most one is pending, the others are ended. */
  runs: Run[]
  /** When the policy is due next; `null` = never again. */
  nextDueAt: string | null
}

const compactInstant = (ms: number): string => isoInstant(ms).replace(/[-:]|\.\d+/g, '')

/** The id of a policy's run at a due time: the same however often it is made. */
export const scheduledRunId = (policyId: string, dueMs: number): string =>
  `${policyId}.${compactInstant(dueMs)}`

/** An edit this long after a due time may have come too late for its run. */
const JUST_DUE_MS = 120_000

/** Ids of the runs that a policy's due times of the last two minutes have. */
export function justDueRunIds({ id, schedule, nextDueAt: dueAt }: StoredPolicy, nowMs: number): string[] {
  const range = { afterMs: nowMs - JUST_DUE_MS - 1, untilMs: nowMs, most: 10 }
  const stored = dueAt !== null && Date.parse(dueAt) <= nowMs ? [Date.parse(dueAt)] : []
  return [...new Set([...dueTimes(schedule, range), ...stored])].map(dueMs => scheduledRunId(id, dueMs))
}

/** The nth run of a due time, from 2: earlier ones were made before its time, by a clock that ran ahead. */
export const repeatedRunId = (id: string, number: number): string => `${id}.${number}`

/** The first due time after `now` of a policy that may act at all; `null` when it is disabled or never due again. */
export function firstDueAt(policy: Pick<Policy, 'enabled' | 'schedule'>, nowMs: number): string | null {
  const due = policy.enabled ? nextDueAt(policy.schedule, nowMs) : null
  return due === null ? null : isoInstant(due)
}

function scheduledRun(policy: Policy, dueMs: number, nowMs: number): Run {
  return {
    ...newRun(policy),
    action: 'stop',
    id: scheduledRunId(policy.id, dueMs),
    policyId: policy.id,
    trigger: 'schedule',
    dueAt: isoInstant(dueMs),
    createdAt: isoInstant(nowMs),
    dryRun: false,
    overrideLimits: false,
  }
}

function endedRun(run: Run, status: 'missed' | 'cancelled', reason: string): Run {
  return { ...run, status, reason, endedAt: run.createdAt }
}

function missedReason(lateMs: number, policy: Policy, more: number): string {
  const late = `due ${Math.round(lateMs / 60_000)} minutes before it could be looked at`
  const rest = more > 0 ? `; ${more} earlier due times were missed as well` : ''
  return `${late}; a later due time runs instead, or catchUpMinutes (${policy.schedule.catchUpMinutes}) was over${rest}`
}

/** All due times that have passed, oldest first; the count stays bounded after any outage. */
function passedDueTimes(policy: StoredPolicy, nowMs: number): { times: number[]; more: number } {
  const first = policy.nextDueAt === null ? Number.POSITIVE_INFINITY : Date.parse(policy.nextDueAt)
  if (first > nowMs) return { times: [], more: 0 }
  const times = [first, ...dueTimes(policy.schedule, { afterMs: first, untilMs: nowMs, most: 600_000 })]
  const kept = times.slice(-MAX_PASSED)
  return { times: kept, more: times.length - kept.length }
}

/**
 * What a tick at `now` makes of a policy: a run for the latest due time that passed, if it may still start; a missed one for
 * each of the others; a cancelled one for each that a snooze covers. The stored `nextDueAt` counts, whatever the schedule says by now.
 */
export function dueRuns(policy: StoredPolicy, nowMs: number): DueRuns {
  const { times, more } = passedDueTimes(policy, nowMs)
  const latest = times.at(-1)
  const runs = times.map((dueMs, index) => {
    const run = scheduledRun(policy, dueMs, nowMs)
    if (!policy.enabled) return endedRun(run, 'cancelled', 'the policy was disabled before its run was made')
    if (policy.snoozedUntil !== null && dueMs < Date.parse(policy.snoozedUntil))
      return endedRun(
        run,
        'cancelled',
        `snoozed until ${policy.snoozedUntil}: ${policy.snoozeReason ?? 'no reason given'}`,
      )
    const inTime = nowMs - dueMs <= policy.schedule.catchUpMinutes * 60_000
    if (dueMs === latest && inTime) return run
    return endedRun(run, 'missed', missedReason(nowMs - dueMs, policy, index === 0 ? more : 0))
  })
  return { runs, nextDueAt: latest === undefined ? policy.nextDueAt : firstDueAt(policy, nowMs) }
}

export const POLICY_DELETED = 'the policy was deleted before its run began'

/** A run that is made later than this is caught up. */
const ON_TIME_MS = 120_000

/**
 * What to do where a run of this due time is there. `withdraw`: it was made right before the edit that cancels it, and was not begun.
 * `repeat`: it was made before its time. One that acted all the same is repeated on time alone: it was the clock's step back that may
 * have been wrong.
 */
export function onExisting(wanted: Run, existing: Run | null): 'withdraw' | 'repeat' | 'keep' {
  if (existing === null) return 'keep'
  if (existing.prematureAt === undefined)
    return wanted.status === 'cancelled' && existing.status === 'pending' ? 'withdraw' : 'keep'
  if (wanted.status === 'cancelled') return 'keep'
  const hasActed = existing.planning > 0
  const isOnTime = Date.parse(wanted.createdAt) - Date.parse(wanted.dueAt) <= ON_TIME_MS
  return !hasActed || (wanted.status === 'pending' && isOnTime) ? 'repeat' : 'keep'
}
