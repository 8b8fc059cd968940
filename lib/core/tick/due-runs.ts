/** Decides which runs a policy's due times make, and when it is due next. */
import { ACTIONS, Action } from '../model/action.ts'
import { unmatchedText } from '../model/connection.ts'
import type { Policy, PolicyState, StoredPolicy } from '../model/model.ts'
import { newRun, type Run } from '../model/run.ts'
import { withEnd } from '../plan/rules.ts'
import { dueTimes, nextDueAt } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { delaysInForce, type Schedules } from '../schedule/start.ts'
import { warnTimeAfter } from '../schedule/warn.ts'

/** Of more due times than this that have passed, the oldest leave no run of their own: the first one kept says how many. */
const MAX_PASSED = 100
/** The same where a due time makes many runs: what an outage leaves behind is no more than this, as far as one due time allows. */
const MAX_PASSED_RUNS = 20_000

/** When a policy is due next, by the fields of its state; `null`, or absent = never again. */
export type DueTimes = Pick<PolicyState, 'nextDueAt' | 'nextStartDueAt' | 'nextWarnAt'>

/** Delays that are over for longer are kept no more. */
const KEEP_DELAYS_MS = 600_000

interface DueRuns extends DueTimes {
  /** What the policy needs to keep no longer. */
  spent?: 'delays'
  /** Runs to be made, oldest first: those of one due time at most are pending, the others are ended. */
  runs: Run[]
}

/** A due time of one of a policy's actions. */
export interface DueAction {
  action: Action
  dueMs: number
}

/** A due time of a policy in one of its connections, `null` where it has none. */
interface DueThere extends DueAction {
  connection: string | null
}

/** The id of a policy's run at a due time: the same however often it is made. */
export function scheduledRunId(
  { id, connections }: Pick<Policy, 'id' | 'connections'>,
  { action, dueMs, connection }: DueThere,
): string {
  const end = connections === undefined || connection === null ? '' : `.${connection}`
  return `${id}.${isoInstant(dueMs).replace(/[-:]|\.\d+/g, '')}${ACTIONS[action].idEnd}${end}`
}

/** An edit this long after a due time may have come too late for its run. */
const JUST_DUE_MS = 120_000

interface JustDue {
  actions: Action[]
  /** Ids of the connections that the policy is about now. */
  connections: string[]
}

/** Ids of the runs that a policy's due times of the last two minutes have. */
export function justDueRunIds(
  policy: StoredPolicy,
  nowMs: number,
  { actions, connections }: JustDue,
): string[] {
  const range = { afterMs: nowMs - JUST_DUE_MS - 1, untilMs: nowMs, most: 10 }
  return actions.flatMap(action => {
    const schedule = ACTIONS[action].scheduleOf(policy)
    const stored = passedFirst(policy, action, nowMs)
    const times = [...(schedule ? dueTimes(schedule, range) : []), ...(stored === null ? [] : [stored])]
    return [...new Set(times)].flatMap(dueMs =>
      connections.map(connection => scheduledRunId(policy, { action, dueMs, connection })),
    )
  })
}

type Scheduled = Pick<Policy, 'enabled' | 'warn'> & Pick<PolicyState, 'warnsEarly'> & Schedules & Snoozed

function firstDueAt(policy: Scheduled, action: Action, nowMs: number): string | null {
  const schedule = policy.enabled ? ACTIONS[action].scheduleOf(policy) : null
  const due = schedule && nextDueAt(schedule, nowMs)
  return due === null ? null : isoInstant(due)
}

/** The first due times after `now` of a policy that may act at all; `null` when it is disabled or never due again. */
export const firstDueTimes = (policy: Scheduled, nowMs: number): DueTimes => ({
  nextDueAt: firstDueAt(policy, 'stop', nowMs),
  nextStartDueAt: firstDueAt(policy, 'start', nowMs),
  ...warnTimeAfter(policy, nowMs),
})

/** When the schedule names a stop that was delayed. */
function delayedFrom(policy: StoredPolicy, { action, dueMs }: DueAction): Pick<Run, 'delayedFrom'> {
  const delays = action === 'stop' ? delaysInForce(policy) : []
  const delay = delays.find(({ until }) => Date.parse(until) === dueMs)
  return delay ? { delayedFrom: delay.dueAt } : {}
}

function scheduledRun(policy: StoredPolicy, due: DueThere, nowMs: number): Run {
  const { action, dueMs, connection } = due
  const run = {
    ...newRun(policy, connection ?? unmatchedText(policy)),
    id: scheduledRunId(policy, due),
    action,
    policyId: policy.id,
    trigger: 'schedule',
    dueAt: isoInstant(dueMs),
    ...delayedFrom(policy, due),
    createdAt: isoInstant(nowMs),
    dryRun: false,
    overrideLimits: false,
  } as const
  return withEnd(run, policy)
}

/** How a run ends that is not to begin. */
type EarlyEnd = Required<Pick<Run, 'reason'>> & { status: 'missed' | 'cancelled' | 'failed' }

const NONE_MATCHES: EarlyEnd = {
  status: 'failed',
  reason: "no connection matches the policy's connections: nothing could be carried out",
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

const mostPassed = (connections: string[]): number =>
  Math.max(1, Math.min(MAX_PASSED, Math.floor(MAX_PASSED_RUNS / Math.max(1, connections.length))))

/** Due times that have passed; the count stays bounded after any outage. */
function passedDueTimes(policy: StoredPolicy, action: Action, { connections, nowMs }: DueContext): Passed {
  const first = passedFirst(policy, action, nowMs)
  if (first === null) return { action, times: [], more: 0 }
  const schedule = ACTIONS[action].scheduleOf(policy)
  const later = schedule ? dueTimes(schedule, { afterMs: first, untilMs: nowMs, most: 600_000 }) : []
  const kept = [first, ...later].slice(-mostPassed(connections))
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

function missedReason(
  { action, lateMs }: Pick<DueAction, 'action'> & { lateMs: number },
  policy: Policy,
  more: number,
): string {
  const late = `due ${Math.round(lateMs / 60_000)} minutes before it could be looked at`
  const rest = more > 0 ? `; ${more} earlier due times were missed as well` : ''
  const { catchUpMinutes } = ACTIONS[action].scheduleOf(policy)!
  return `${late}; a later due time runs instead, or catchUpMinutes (${catchUpMinutes}) was over${rest}`
}

/** What becomes of a due time that has passed. */
interface Fate extends DueAction {
  /** `null`: its runs are to begin. */
  end: EarlyEnd | null
}

function passedFates(policy: StoredPolicy, crossing: Crossing, nowMs: number): Fate[] {
  const { action, times, more, rivals } = crossing
  const schedule = ACTIONS[action].scheduleOf(policy)
  const latest = times.at(-1)!
  const isLast = rivals.every(rivalMs => rivalMs <= latest)
  return times.map((dueMs, index) => {
    const meetsStop = action === 'start' && rivals.includes(dueMs)
    const cancelled = cancelledBecause(policy, { action, dueMs }) ?? (meetsStop ? STOP_AT_ONCE : null)
    if (cancelled !== null) return { action, dueMs, end: { status: 'cancelled', reason: cancelled } }
    const lateMs = nowMs - dueMs
    const isInTime = lateMs <= schedule!.catchUpMinutes * 60_000
    if (dueMs === latest && isLast && isInTime) return { action, dueMs, end: null }
    const reason = missedReason({ action, lateMs }, policy, index === 0 ? more : 0)
    return { action, dueMs, end: { status: 'missed', reason } }
  })
}

/** A due time leaves a run in each of the policy's connections; where it has none, one that says so. */
function runsOfFate(policy: StoredPolicy, { end, ...due }: Fate, { connections, nowMs }: DueContext): Run[] {
  const places = connections.length > 0 ? connections : [null]
  return places.map(connection => {
    const run = scheduledRun(policy, { ...due, connection }, nowMs)
    const ending = end ?? (connection === null ? NONE_MATCHES : null)
    return ending === null ? run : { ...run, ...ending, endedAt: run.createdAt }
  })
}

/** What a tick knows besides the policy. */
interface DueContext {
  /** Ids of the connections that the policy is about now. */
  connections: string[]
  nowMs: number
}

/**
 * What a tick makes of a policy: runs for the latest due time that passed, if they may still start; missed ones for each of the others;
 * cancelled ones for each that a snooze covers. The stored due times count, whatever the schedule says by now.
 */
export function dueRuns(policy: StoredPolicy, around: DueContext): DueRuns {
  const { nowMs } = around
  const passed = Action.options.map(action => passedDueTimes(policy, action, around))
  const acting = ({ action, times }: Passed) =>
    times.filter(dueMs => cancelledBecause(policy, { action, dueMs }) === null)
  const fates = passed.flatMap(own => {
    const rivals = passed.filter(other => other !== own).flatMap(acting)
    return passedFates(policy, { ...own, rivals }, nowMs)
  })
  if (fates.length === 0) {
    const { nextDueAt: stopAt, nextStartDueAt } = policy
    return { runs: [], nextDueAt: stopAt, nextStartDueAt }
  }
  return {
    runs: fates
      .toSorted((one, other) => one.dueMs - other.dueMs)
      .flatMap(fate => runsOfFate(policy, fate, around)),
    ...firstDueTimes(policy, nowMs),
    ...(areDelaysOver(policy, nowMs) ? { spent: 'delays' } : {}),
  }
}

const areDelaysOver = ({ delays = [] }: StoredPolicy, nowMs: number): boolean =>
  delays.length > 0 && delays.every(({ until }) => Date.parse(until) < nowMs - KEEP_DELAYS_MS)
