/** When a schedule is due: by its cron on the clock of its zone, by its dates and calendars, and by what was moved. */
import {
  type CalendarRules,
  calendarRules,
  isDaySkipped,
  nextAlsoDay,
  skippedUntil,
  skippingEvents,
} from './calendars.ts'
import { type Cron, HORIZON_DAYS, nextDay, parseCron } from './cron.ts'
import { memoiseAnswers } from './memoised.ts'
import type { MovedDue, Times } from './schedule.ts'
import { instantOf, minuteFromMs, nextMinuteMs, unseenWallMs, type Zone, zoneNamed } from './zone.ts'

interface Rule {
  cron: Cron
  zone: Zone
  skipDates: ReadonlySet<string>
  calendars: CalendarRules
  moved: MovedDue[]
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const NEVER = Number.POSITIVE_INFINITY

const NO_DATES: ReadonlySet<string> = new Set()

const cronOf = memoiseAnswers(1000, parseCron)

const NOT_MOVED: MovedDue[] = []

function ruleOf(times: Times): Rule {
  const { cron, timeZone, skipDates, moved = NOT_MOVED } = times
  return {
    cron: cronOf(cron),
    zone: zoneNamed(timeZone),
    skipDates: skipDates.length === 0 ? NO_DATES : new Set(skipDates),
    calendars: calendarRules(times),
    moved,
  }
}

/**
 * The first due instant later than `afterMs`; null if none comes within 50 years. Instants are ms since 1970 UTC.
 *
 * A due time that the clock jumps over is due at the instant of the jump; one that comes twice, the first time only.
 * Where the hour field begins with `*`, the clock on the wall is followed instead: both times are due, and one that
 * is jumped over is not. No two due times fall on one instant: the due times of one jump are one.
 * Nothing is due on a date of `skipDates`; the date of a due time is the one the cron names, also when a jump moves it.
 * When both day fields are restricted either is enough, else both must hold; one that begins with `*` is not restricted.
 * A due time that was moved is due at its new instant alone; calendars and `skipDates` are asked about the one it had.
 * A date that an `also` calendar covers is a day of the cron; `skipDates` and `skip` calendars hold for it, too.
 *
 * Throws a plain error for a cron or time zone that `cronProblem` or `timeZoneProblem` refuses.
 */
export function nextDueAt(schedule: Times, afterMs: number): number | null {
  return nextDue(ruleOf(schedule), afterMs)
}

/**
 * The due instants later than `afterMs` up to and with `untilMs`, in order, the first `most` of them.
 * The rules and what it throws are those of `nextDueAt`.
 */
export function dueTimes(
  schedule: Times,
  { afterMs, untilMs, most }: { afterMs: number; untilMs: number; most: number },
): number[] {
  const rule = ruleOf(schedule)
  const times: number[] = []
  let dueMs = nextDue(rule, afterMs)
  while (dueMs !== null && dueMs <= untilMs && times.length < most) {
    times.push(dueMs)
    dueMs = nextDue(rule, dueMs)
  }
  return times
}

/**
 * The latest due instant up to and with `untilMs`; null if none came for at least 50 years.
 * The rules and what it throws are those of `nextDueAt`.
 */
export function previousDueAt(schedule: Times, untilMs: number): number | null {
  const rule = ruleOf(schedule)
  // The clock on the wall is a day ahead at most.
  const lastDay = Math.floor(untilMs / DAY_MS) + 1
  const dueAfter = (afterMs: number): number | null => {
    const due = nextDue(rule, afterMs, lastDay)
    return due !== null && due <= untilMs ? due : null
  }
  let due = lookBack(dueAfter, untilMs)
  // The answer is `due`, or a later time up to `toMs`.
  for (let toMs = untilMs; due !== null; ) {
    const next = dueAfter(due)
    if (next === null) return due
    const middleMs = Math.floor((next + toMs) / 2)
    const later = dueAfter(middleMs)
    if (later === null) toMs = middleMs
    due = later ?? next
  }
  return null
}

/** Looks back a day, two, four, and so on, until something is due: most crons are due within a week. */
function lookBack(dueAfter: (afterMs: number) => number | null, untilMs: number): number | null {
  for (let days = 1; days < 2 * HORIZON_DAYS; days *= 2) {
    const due = dueAfter(untilMs - days * DAY_MS)
    if (due !== null) return due
  }
  return null
}

/** The first one by the cron, and by what was moved of it. A move of what the cron does not name, or no more, is none. */
function nextDue(rule: Rule, afterMs: number, lastDay?: number): number | null {
  if (rule.moved.length === 0) return nextByCron(rule, afterMs, lastDay)
  const isMoved = (ms: number): boolean => rule.moved.some(({ fromMs }) => fromMs === ms)
  let due = nextByCron(rule, afterMs, lastDay)
  while (due !== null && isMoved(due)) due = nextByCron(rule, due, lastDay)
  const later = rule.moved
    .filter(({ fromMs, toMs }) => toMs > afterMs && nextByCron(rule, fromMs - 1) === fromMs)
    .map(({ toMs }) => toMs)
  return due === null && later.length === 0 ? null : Math.min(due ?? NEVER, ...later)
}

/** By the cron, and by what its calendars say of it. */
function nextByCron(
  rule: Rule,
  afterMs: number,
  lastDay = Math.floor(afterMs / DAY_MS) + HORIZON_DAYS,
): number | null {
  let due = nextOnDays(rule, afterMs, lastDay)
  for (let untilMs: number | null = null; due !== null; due = nextOnDays(rule, untilMs - 1, lastDay)) {
    untilMs = skippedUntil(rule.calendars, due)
    if (untilMs === null) return due
  }
  return null
}

function nextOnDays(rule: Rule, afterMs: number, lastDay: number): number | null {
  if (rule.cron.followsClock) return nextOnClock(rule, { afterMs, lastDay })
  const wallMs = nextWallMs(rule, { fromMs: unseenWallMs(rule.zone, afterMs), lastDay })
  return wallMs === NEVER ? null : instantOf(rule.zone, wallMs)
}

/** Goes from span to span, for each shows its own wall times, some of them again. */
function nextOnClock(rule: Rule, { afterMs, lastDay }: { afterMs: number; lastDay: number }): number | null {
  let span = rule.zone(afterMs)
  let wallMs = nextWallMs(rule, { fromMs: nextMinuteMs(afterMs + span.offsetMs), lastDay })
  while (wallMs - span.offsetMs >= span.untilMs) {
    if (span.untilMs > lastDay * DAY_MS) return null
    span = rule.zone(span.untilMs)
    wallMs = nextWallMs(rule, { fromMs: minuteFromMs(span.fromMs + span.offsetMs), lastDay })
  }
  return wallMs - span.offsetMs
}

/** The first due wall time from `fromMs` on, written as if it were UTC. */
function nextWallMs(rule: Rule, { fromMs, lastDay }: { fromMs: number; lastDay: number }): number {
  const { cron } = rule
  const fromDay = Math.floor(fromMs / DAY_MS)
  let day = nextRuleDay(rule, { fromDay, lastDay })
  while (day !== null) {
    const minute = day === fromDay ? (fromMs - day * DAY_MS) / MINUTE_MS : 0
    const time = cron.nextTimes[minute]!
    if (time >= 0 && !isSkipped(rule, day)) return day * DAY_MS + time * MINUTE_MS
    day = nextRuleDay(rule, { fromDay: day + 1, lastDay })
  }
  return NEVER
}

/** A day of the cron, or one that counts as such. */
function nextRuleDay({ cron, calendars }: Rule, range: { fromDay: number; lastDay: number }): number | null {
  const also = nextAlsoDay(calendars, range)
  return nextDay(cron, also === null ? range : { ...range, lastDay: also }) ?? also
}

const isSkipped = ({ skipDates, calendars }: Rule, day: number): boolean =>
  isDaySkipped(calendars, day) ||
  (skipDates.size > 0 && skipDates.has(new Date(day * DAY_MS).toISOString().slice(0, 10)))

interface NamedTime {
  dueMs: number
  /** The calendars and events that leave it out; `null`: it is due. */
  leftOutBecause: string | null
}

/** The due times, and with them those that calendars leave out. The rules and what it throws are those of `dueTimes`. */
export function namedTimes(schedule: Times, range: Parameters<typeof dueTimes>[1]): NamedTime[] {
  const skips = (schedule.calendars ?? []).filter(({ effect }) => effect === 'skip')
  if (skips.length === 0) return dueTimes(schedule, range).map(dueMs => ({ dueMs, leftOutBecause: null }))
  // One that calendars leave out is shown where the cron names it, wherever it was moved.
  const moved = schedule.moved?.filter(
    ({ fromMs }) => nextDueAt({ ...schedule, moved: [] }, fromMs - 1) === fromMs,
  )
  const calendars = schedule.calendars?.filter(({ effect }) => effect !== 'skip')
  const unskipped = { ...schedule, calendars, ...(moved && { moved }) }
  return dueTimes(unskipped, range).map(dueMs => {
    if (nextDueAt(schedule, dueMs - 1) === dueMs) return { dueMs, leftOutBecause: null }
    const events = skippingEvents(schedule, dueMs)
    const named = events.length > 0 ? events : skips.map(({ id }) => `calendar ${id}`)
    return { dueMs, leftOutBecause: named.join(' and ') }
  })
}
