import { ACTIONS, Action } from '../model/action.ts'
import type { Policy, PolicyState, StoredPolicy } from '../model/model.ts'
import { newRun, type Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'
import { dueTimes, nextDueAt } from '../schedule/schedule.ts'
import type { Schedules } from '../schedule/start.ts'

/** Of more due times than this that have passed, the oldest leave no run of their own: the first one kept says how many. */
const MAX_PASSED = 100

/** When a policy is due next, by the fields of its state; `null` = never again. */
export type DueTimes = Pick<PolicyState, 'nextDueAt' | 'nextStartDueAt'>

/** Delays that are over for longer are kept no more. */
const KEEP_DELAYS_MS = 600_000

interface DueRuns extends DueTimes {
  /** What the policy needs to keep no longer. */
  spent?: 'delays'
  /** Runs to be made, oldest first: at most one is pending, the others are ended. */
  runs: Run[]
}

/** A due time of one of a policy's actions. */
export interface DueAction {
  action: Action
  dueMs: number
}

/** The id of a policy's run at a due time: the same however often it is made. */
export const scheduledRunId = (policyId: string, { action, dueMs }: DueAction): string =>
  `${policyId}.${isoInstant(dueMs).replace(/[-:]|\.\d+/g, '')}${ACTIONS[action].idEnd}`

/** An edit this long after a due time may have come too late for its run. */
const JUST_DUE_MS = 120_000

/** Ids of the runs that a policy's due times of the last two minutes have. */
export function justDueRunIds(policy: StoredPolicy, nowMs: number, actions: Action[]): string[] {
  const range = { afterMs: nowMs - JUST_DUE_MS - 1, untilMs: nowMs, most: 10 }
  return actions.flatMap(action => {
    const schedule = ACTIONS[action].scheduleOf(policy)
    const stored = passedFirst(policy, action, nowMs)
    const times = [...(schedule ? dueTimes(schedule, range) : []), ...(stored === null ? [] : [stored])]
    return [...new Set(times)].map(dueMs => scheduledRunId(policy.id, { action, dueMs }))
  })
}

/** The nth run of a due time, from 2: earlier ones were made before its time, by a clock that ran ahead. */
export const repeatedRunId = (id: string, number: number): string => `${id}.${number}`

type Scheduled = Pick<Policy, 'enabled'> & Schedules

function firstDueAt(policy: Scheduled, action: Action, nowMs: number): string | null {
  const schedule = policy.enabled ? ACTIONS[action].scheduleOf(policy) : null
  const due = schedule && nextDueAt(schedule, nowMs)
  return due === null ? null : isoInstant(due)
}

/** The first due times after `now` of a policy that may act at all; `null` when it is disabled or never due again. */
export const firstDueTimes = (policy: Scheduled, nowMs: number): DueTimes => ({
  nextDueAt: firstDueAt(policy, 'stop', nowMs),
  nextStartDueAt: firstDueAt(policy, 'start', nowMs),
})

/** When a policy is due next to do anything. */
export const earliestDueAt = ({ nextDueAt: stopAt, nextStartDueAt: startAt }: DueTimes): string | null =>
  stopAt !== null && (startAt === null || stopAt < startAt) ? stopAt : startAt

function scheduledRun(policy: Policy, { action, dueMs }: DueAction, nowMs: number): Run {
  return {
    ...newRun(policy),
    id: scheduledRunId(policy.id, { action, dueMs }),
    action,
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

/** The stored due time, once it has passed: it counts, whatever the schedule says by now. */
function passedFirst(policy: StoredPolicy, action: Action, nowMs: number): number | null {
  const dueAt = policy[ACTIONS[action].dueField]
  return dueAt !== null && Date.parse(dueAt) <= nowMs ? Date.parse(dueAt) : null
}

interface Passed {
  action: Action
  /** The latest of them, oldest first. */
  times: number[]
  /** How many more there were before them. */
  more: number
}

/** Due times that have passed; the count stays bounded after any outage. */
function passedDueTimes(policy: StoredPolicy, action: Action, nowMs: number): Passed {
  const first = passedFirst(policy, action, nowMs)
  if (first === null) return { action, times: [], more: 0 }
  const schedule = ACTIONS[action].scheduleOf(policy)
  const later = schedule ? dueTimes(schedule, { afterMs: first, untilMs: nowMs, most: 600_000 }) : []
  const kept = [first, ...later].slice(-MAX_PASSED)
  return { action, times: kept, more: later.length + 1 - kept.length }
}

/** What is known of a policy's snooze. */
export interface Snoozed {
  snoozedUntil?: string | null
  snoozeReason?: string | null
}

/** The words of the snooze that skips a due time of a policy; `null` when none does. */
export function snoozedBecause(
  { snoozedUntil = null, snoozeReason }: Snoozed,
  { action, dueMs }: DueAction,
): string | null {
  if (!ACTIONS[action].isSnoozed || snoozedUntil === null || dueMs >= Date.parse(snoozedUntil)) return null
  return `snoozed until ${snoozedUntil}: ${snoozeReason ?? 'no reason given'}`
}

/** Why a due time that has passed does nothing, whatever else has passed; `null` when it may act. */
function cancelledBecause(policy: StoredPolicy, due: DueAction): string | null {
  if (!policy.enabled) return 'the policy was disabled before its run was made'
  if (ACTIONS[due.action].scheduleOf(policy) === null)
    return `the policy was made to ${due.action} nothing before its run was made`
  return snoozedBecause(policy, due)
}

/** Why a start is left out that a change of the clock brings together with a stop of its policy. */
export const STOP_AT_ONCE = 'a stop of the policy is due at the same instant, and the stop counts'

/** What has passed of one action, and the due times of the other one that act. */
interface Crossing extends Passed {
  rivals: number[]
}

function missedReason(run: Run, policy: Policy, more: number): string {
  const lateMs = Date.parse(run.createdAt) - Date.parse(run.dueAt)
  const late = `due ${Math.round(lateMs / 60_000)} minutes before it could be looked at`
  const rest = more > 0 ? `; ${more} earlier due times were missed as well` : ''
  const { catchUpMinutes } = ACTIONS[run.action].scheduleOf(policy)!
  return `${late}; a later due time runs instead, or catchUpMinutes (${catchUpMinutes}) was over${rest}`
}

function passedRuns(policy: StoredPolicy, crossing: Crossing, nowMs: number): Run[] {
  const { action, times, more, rivals } = crossing
  const schedule = ACTIONS[action].scheduleOf(policy)
  const latest = times.at(-1)!
  const isLast = rivals.every(rivalMs => rivalMs <= latest)
  return times.map((dueMs, index) => {
    const run = scheduledRun(policy, { action, dueMs }, nowMs)
    const meetsStop = action === 'start' && rivals.includes(dueMs)
    const cancelled = cancelledBecause(policy, { action, dueMs }) ?? (meetsStop ? STOP_AT_ONCE : null)
    if (cancelled !== null) return endedRun(run, 'cancelled', cancelled)
    const inTime = nowMs - dueMs <= schedule!.catchUpMinutes * 60_000
    if (dueMs === latest && isLast && inTime) return run
    return endedRun(run, 'missed', missedReason(run, policy, index === 0 ? more : 0))
  })
}

/**
 * What a tick at `now` makes of a policy: a run for the latest due time that passed, if it may still start; a missed one for
 * each of the others; a cancelled one for each that a snooze covers. The stored due times count, whatever the schedule says by now.
 */
export function dueRuns(policy: StoredPolicy, nowMs: number): DueRuns {
  const passed = Action.options.map(action => passedDueTimes(policy, action, nowMs))
  const acting = ({ action, times }: Passed) =>
    times.filter(dueMs => cancelledBecause(policy, { action, dueMs }) === null)
  const runs = passed.flatMap(own => {
    const rivals = passed.filter(other => other !== own).flatMap(acting)
    return passedRuns(policy, { ...own, rivals }, nowMs)
  })
  if (runs.length === 0) {
    const { nextDueAt: stopAt, nextStartDueAt } = policy
    return { runs, nextDueAt: stopAt, nextStartDueAt }
  }
  return {
    runs: runs.toSorted((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt)),
    ...firstDueTimes(policy, nowMs),
    ...(areDelaysOver(policy, nowMs) ? { spent: 'delays' } : {}),
  }
}

const areDelaysOver = ({ delays = [] }: StoredPolicy, nowMs: number): boolean =>
  delays.length > 0 && delays.every(({ until }) => Date.parse(until) < nowMs - KEEP_DELAYS_MS)

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
