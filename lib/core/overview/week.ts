/** A policy in a week: what is due, what was, and when its servers are off by it. */
import { shownPolicy } from '../documents/documents.ts'
import { ACTIONS, Action } from '../model/action.ts'
import type { StoredPolicy } from '../model/model.ts'
import type { Run } from '../model/run.ts'
import { skippedDays } from '../schedule/calendars.ts'
import { namedTimes, previousDueAt } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { localTime } from '../schedule/zone.ts'
import type { DueAction } from '../tick/due-runs.ts'
import { type CalendaredDue, type Switches, skippedBecause } from '../tick/next-stop.ts'
import { datesWithin, isCovered, type LocalDay, localDays, mondayBefore, type TimeRange } from './days.ts'

/** Due times still to come of one policy that are shown. */
export const MAX_MARKS = 500
/** Each mark says it: of a long reason the beginning. */
export const MAX_REASON_LENGTH = 200
/** A start that meets a stop is left out: so many due times in a row are not. */
const MAX_LOOKBACK = 10

interface DaysQuery {
  /** A local date; `null`: Monday of this week. */
  from: string | null
  days: number
  /** Of all rows; `null`: each policy's own. */
  timeZone: string | null
}

export interface WeekContext {
  query: DaysQuery
  switches: Switches
  now: number
  /** The policy's runs that were due within the days, as far as they are shown. */
  runs: Run[]
  /** Its latest ones before those. */
  earlier: Run[]
  /** Of the runs only those that were due from here on are there; `null`: all are. */
  runsSince: string | null
}

interface Mark extends DueAction {
  skippedBecause: string | null
  runId: string | null
}

const zoneOfWeek = ({ schedule }: StoredPolicy, { timeZone }: DaysQuery): string =>
  timeZone ?? schedule.timeZone

/** The days of a policy's row. */
export function daysOfWeek(policy: StoredPolicy, query: DaysQuery, now: number): LocalDay[] {
  const timeZone = zoneOfWeek(policy, query)
  return localDays(query.from ?? mondayBefore(now, timeZone), query.days, timeZone)
}

/** From the first day to the last. */
export const rangeOfDays = (days: LocalDay[]): TimeRange => ({
  fromMs: days[0]!.fromMs,
  untilMs: days.at(-1)!.untilMs,
})

const byTime = (one: DueAction, other: DueAction): number => one.dueMs - other.dueMs

/** Runs of the schedule, those aside that a clock which ran ahead made. */
export const isScheduled = (run: Run): boolean => run.trigger === 'schedule' && run.prematureAt === undefined

const turnOf = ({ action, dueAt }: Run): DueAction => ({ action, dueMs: Date.parse(dueAt) })

/** Why a run did nothing at its due time, not even in part; `null` where it did something, or was to. */
export function passedBecause({ status, startedAt, reason }: Run): string | null {
  const isPassed = status === 'missed' || (status === 'cancelled' && startedAt === undefined)
  return isPassed ? (reason ?? status) : null
}

/** What the runs of due times that have passed say of them. */
const pastMarks = ({ runs, now }: WeekContext): Mark[] =>
  runs
    .filter(run => isScheduled(run) && Date.parse(run.dueAt) <= now)
    .map(run => ({ ...turnOf(run), skippedBecause: passedBecause(run), runId: run.id }))

/** A due time that has passed and waits for the tick to make its run. */
function waitingMark(
  policy: StoredPolicy,
  action: Action,
  { now, runs }: Pick<WeekContext, 'now' | 'runs'>,
): CalendaredDue[] {
  const dueMs = Date.parse(policy[ACTIONS[action].dueField] ?? '')
  const isMade = runs.some(
    run => isScheduled(run) && run.action === action && Date.parse(run.dueAt) === dueMs,
  )
  return dueMs <= now && !isMade ? [{ action, dueMs, leftOutBecause: null }] : []
}

/** What is due from now on by the schedules. */
export function comingMarks(
  policy: StoredPolicy,
  { fromMs, untilMs }: TimeRange,
  context: Pick<WeekContext, 'now' | 'switches' | 'runs'>,
): Mark[] {
  const { now, switches } = context
  const range = { afterMs: Math.max(now, fromMs - 1), untilMs: untilMs - 1, most: MAX_MARKS + 1 }
  const due = Action.options.flatMap(action => {
    const schedule = ACTIONS[action].scheduleOf(policy)
    const times = schedule ? namedTimes(schedule, range).map(one => ({ ...one, action })) : []
    return [...waitingMark(policy, action, context), ...times]
  })
  return due
    .filter(({ dueMs }) => dueMs >= fromMs && dueMs < untilMs)
    .toSorted(byTime)
    .map(one => ({
      action: one.action,
      dueMs: one.dueMs,
      runId: null,
      skippedBecause: skippedBecause(policy, one, switches),
    }))
}

/** Whether a run changed whether servers are on: what it was to do, it did, wholly or in part, or does. */
const hasActed = ({ dryRun, status, prematureAt }: Run): boolean =>
  !dryRun && prematureAt === undefined && ['pending', 'running', 'succeeded', 'partial'].includes(status)

/** The last due time between now and an instant that will act. */
function lastComing(policy: StoredPolicy, untilMs: number, { now, switches }: WeekContext): DueAction[] {
  return Action.options.flatMap(action => {
    const schedule = ACTIONS[action].scheduleOf(policy)
    let dueMs = schedule && previousDueAt(schedule, untilMs)
    for (let tries = 0; schedule && dueMs !== null && dueMs > now && tries < MAX_LOOKBACK; tries++) {
      if (skippedBecause(policy, { action, dueMs }, switches) === null) return [{ action, dueMs }]
      dueMs = previousDueAt(schedule, dueMs - 1)
    }
    return []
  })
}

/** From each stop that acts to the next start that does. */
function offWindows(
  policy: StoredPolicy,
  coming: Mark[],
  known: TimeRange & { context: WeekContext },
): TimeRange[] {
  const { fromMs, untilMs, context } = known
  if (policy.start === null) return []
  const turns = [
    ...[...context.earlier, ...context.runs].filter(hasActed).map(turnOf),
    ...lastComing(policy, fromMs - 1, context),
    ...coming.filter(mark => mark.skippedBecause === null),
  ].toSorted(byTime)
  const windows: TimeRange[] = []
  let offMs: number | null = null
  for (const { action, dueMs } of turns) {
    if (action === 'stop') offMs ??= dueMs
    else if (offMs !== null) {
      windows.push({ fromMs: offMs, untilMs: dueMs })
      offMs = null
    }
  }
  if (offMs !== null) windows.push({ fromMs: offMs, untilMs })
  return windows
    .map(one => ({ fromMs: Math.max(one.fromMs, fromMs), untilMs: Math.min(one.untilMs, untilMs) }))
    .filter(one => one.fromMs < one.untilMs)
}

/** Why nothing is due on some of a policy's dates. */
function skippedText({ schedule, covers }: StoredPolicy, dates: string[]): string {
  const byDate = dates.filter(date => schedule.skipDates.includes(date))
  const byCalendar = skippedDays({ ...schedule, covers }).filter(
    ({ date }) => dates.includes(date) && !byDate.includes(date),
  )
  const named = byDate.length > 0 ? [`skipDates has ${byDate.join(' and ')}`] : []
  return [...new Set([...named, ...byCalendar.map(({ because }) => because)])].join(' and ')
}

/** Days on which nothing is due, by dates that the policy or its calendars skip. */
function daysShown(policy: StoredPolicy, days: LocalDay[]) {
  const { schedule, covers } = policy
  const byCalendar = skippedDays({ ...schedule, covers }).map(({ date }) => date)
  const all = [...schedule.skipDates, ...byCalendar]
  const skipped = datesWithin(all, rangeOfDays(days), schedule.timeZone)
  return days.map(day => {
    const isSkipped = isCovered(day, skipped)
    const dates = skipped.filter(one => one.fromMs < day.untilMs && one.untilMs > day.fromMs)
    const named = dates.map(({ date }) => date)
    return {
      date: day.date,
      from: isoInstant(day.fromMs),
      to: isoInstant(day.untilMs),
      skippedBecause: isSkipped ? skippedText(policy, named) : null,
    }
  })
}

const shownRange = ({ fromMs, untilMs }: TimeRange) => ({ from: isoInstant(fromMs), to: isoInstant(untilMs) })

/** The row of a policy, without its runs. */
export function weekRow(policy: StoredPolicy, context: WeekContext) {
  const { query, now, runsSince } = context
  const timeZone = zoneOfWeek(policy, query)
  const days = daysOfWeek(policy, query, now)
  const range = rangeOfDays(days)
  const coming = comingMarks(policy, range, context)
  const marks = coming.slice(0, MAX_MARKS)
  const marksUntilMs = coming.length > marks.length ? marks.at(-1)!.dueMs : null
  const known = {
    fromMs: runsSince === null ? range.fromMs : Date.parse(runsSince),
    untilMs: marksUntilMs ?? range.untilMs,
  }
  const { id, description, enabled, connection, connections, kind, schedule } = policy
  const { snoozedUntil, snoozedAt, snoozeReason } = shownPolicy(policy, now)
  return {
    policyId: id,
    description,
    enabled,
    connection,
    connections,
    kind,
    timeZone,
    policyTimeZone: schedule.timeZone,
    days: daysShown(policy, days),
    marks: [...pastMarks(context), ...marks].toSorted(byTime).map(({ dueMs, ...mark }) => ({
      at: isoInstant(dueMs),
      local: localTime(dueMs, timeZone),
      ...mark,
      skippedBecause: mark.skippedBecause?.slice(0, MAX_REASON_LENGTH) ?? null,
    })),
    marksUntil: marksUntilMs === null ? null : isoInstant(marksUntilMs),
    off: offWindows(policy, marks, { ...known, context }).map(shownRange),
    snooze: snoozedUntil === null ? null : { from: snoozedAt, until: snoozedUntil, reason: snoozeReason },
  }
}
