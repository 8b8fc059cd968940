/** The times of a rule that recurs, as far as they are asked for. However a rule is written, the work is bounded. */
import ICAL from 'ical.js'
import type { CalendarTime } from './calendar-times.ts'
import { calendarMs, calendarTime, DAY_MS, type ZoneReader } from './calendar-times.ts'
import type { PropertyRead } from './components.ts'
import { CalendarProblem } from './lines.ts'

/** What may still be spent on the rules of one calendar. */
export interface CalendarWork {
  steps: number
}
/** Steps for all rules of a calendar: less than a second. */
export const MAX_STEPS = 20_000
/** The library goes over a long pause month by month, where nothing can stop it. */
const MAX_INTERVAL = 100_000
const MONTH_STEPS = 5
const YEAR_STEPS = 20

export interface CalendarRange {
  fromMs: number
  untilMs: number
}

interface RecurringFrom {
  start: CalendarTime
  /** The times on the clock that are asked for. */
  range: CalendarRange
  zoneOf: ZoneReader
  work: CalendarWork
}

class PastRange extends Error {}

const LENGTH_MS: Record<string, number> = {
  SECONDLY: 1000,
  MINUTELY: 60_000,
  HOURLY: 3_600_000,
  DAILY: DAY_MS,
  WEEKLY: 7 * DAY_MS,
}

function libraryTime(wallMs: number, isDate: boolean): InstanceType<typeof ICAL.Time> {
  const date = new Date(wallMs)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  if (isDate) return ICAL.Time.fromData({ year, month, day, isDate })
  const [hour, minute, second] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
  return ICAL.Time.fromData({ year, month, day, hour, minute, second })
}

const wallMsOf = ({ year, month, day, hour, minute, second }: InstanceType<typeof ICAL.Time>): number =>
  Date.UTC(year, month - 1, day, hour, minute, second)

const monthsOf = (ms: number): number => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth()

/** A later start, by whole steps and on the same day of the month; at least 13 months before the range, so that its first year is whole. */
function nearMonth(startMs: number, stepMonths: number, fromMs: number): number {
  const months = monthsOf(fromMs) - 13 - monthsOf(startMs)
  const start = new Date(startMs)
  for (let steps = Math.floor(months / stepMonths); steps > 0; steps--) {
    const moved = new Date(startMs)
    moved.setUTCMonth(start.getUTCMonth() + steps * stepMonths)
    if (moved.getUTCDate() === start.getUTCDate()) return moved.getTime()
  }
  return startMs
}

/** A start close to the range, for a rule may be fifty years old; the rule's own where it counts its times. */
function nearStart(rule: InstanceType<typeof ICAL.Recur>, startMs: number, fromMs: number): number {
  if (rule.count !== null || startMs >= fromMs) return startMs
  const { freq, interval } = rule
  // The weekday of the start may count there.
  const isByWeek = Object.hasOwn(rule.parts, 'BYWEEKNO')
  if (freq === 'MONTHLY' || (freq === 'YEARLY' && !isByWeek))
    return nearMonth(startMs, freq === 'YEARLY' ? 12 * interval : interval, fromMs)
  const lengthMs = (LENGTH_MS[freq ?? ''] ?? 0) * interval
  return lengthMs === 0 ? startMs : startMs + Math.floor((fromMs - startMs) / lengthMs) * lengthMs
}

/** The parts of the library's iterator that are watched. Some rules would keep it busy for ever between two times. */
interface Watched {
  last: { year: number }
  init(): void
  next(): InstanceType<typeof ICAL.Time> | null
  check_contracting_rules(): boolean
  expand_year_days(year: number): number
  increment_month(): void
}

function watchIterator(iterator: Watched, spend: (steps: number) => void, lastYear: number): void {
  const { check_contracting_rules, expand_year_days, increment_month } = iterator
  const check = (steps: number, year: number): void => {
    spend(steps)
    if (year > lastYear) throw new PastRange()
  }
  iterator.check_contracting_rules = () => {
    check(1, iterator.last.year)
    return check_contracting_rules.call(iterator)
  }
  iterator.expand_year_days = year => {
    check(YEAR_STEPS, year)
    return expand_year_days.call(iterator, year)
  }
  iterator.increment_month = () => {
    check(MONTH_STEPS, iterator.last.year)
    increment_month.call(iterator)
  }
}

function iteratorOf(
  rule: InstanceType<typeof ICAL.Recur>,
  startMs: number,
  { start, range, work, line }: RecurringFrom & { line: number },
): Watched {
  const dtstart = libraryTime(startMs, start.isDate)
  const iterator = new ICAL.RecurIterator({ rule, dtstart, initialized: true }) as unknown as Watched
  const spend = (steps: number): void => {
    work.steps -= steps
    if (work.steps < 0)
      throw new CalendarProblem(line, 'RRULE: expected rules that recur less often, got too much to work out')
  }
  watchIterator(iterator, spend, new Date(range.untilMs).getUTCFullYear() + 1)
  return iterator
}

function ruleOfProperty({ line, values, name }: PropertyRead): {
  rule: InstanceType<typeof ICAL.Recur>
  until: string | null
} {
  const { until = null, ...parts } = values[0] as { until?: string; freq?: string }
  if (parts.freq === undefined) throw new CalendarProblem(line, `${name}: expected FREQ, got none`)
  const rule = ICAL.Recur.fromData(parts)
  if (rule.interval > MAX_INTERVAL)
    throw new CalendarProblem(
      line,
      `${name}: expected INTERVAL of at most ${MAX_INTERVAL}, got ${rule.interval}`,
    )
  return { rule, until: until && String(until) }
}

/** Whether a time is not after UNTIL; a date there is its whole day. */
function untilTest(
  until: string | null,
  property: PropertyRead,
  { start, zoneOf }: RecurringFrom,
): (wallMs: number) => boolean {
  if (until === null) return () => true
  const end = calendarTime(until, property, zoneOf)
  if (end.isDate) return wallMs => wallMs < end.wallMs + DAY_MS
  const inZone = end.zone !== null && start.zone !== null
  return wallMs => (inZone ? calendarMs({ ...start, wallMs }) : wallMs) <= calendarMs(end)
}

function* timesByRule(iterator: Watched, range: CalendarRange): Generator<number> {
  try {
    iterator.init()
    for (let time = iterator.next(); time !== null; time = iterator.next()) {
      const wallMs = wallMsOf(time)
      if (wallMs >= range.untilMs) return
      yield wallMs
    }
  } catch (error) {
    if (!(error instanceof PastRange)) throw error
  }
}

/** Whether a time is in a month of the rule: the library takes a 30 February for a day in March. */
function monthTest({ parts }: InstanceType<typeof ICAL.Recur>): (wallMs: number) => boolean {
  const months = (parts as { BYMONTH?: number[] }).BYMONTH
  return wallMs => months === undefined || months.includes(new Date(wallMs).getUTCMonth() + 1)
}

/** The times on the clock that a rule gives within the range, in order; the start is not always among them. */
export function recurringTimes(property: PropertyRead, from: RecurringFrom): number[] {
  const { rule, until } = ruleOfProperty(property)
  const isInTime = untilTest(until, property, from)
  const isInMonth = monthTest(rule)
  const startMs = nearStart(rule, from.start.wallMs, from.range.fromMs)
  const iterator = iteratorOf(rule, startMs, { ...from, line: property.line })
  const times: number[] = []
  try {
    for (const wallMs of timesByRule(iterator, from.range)) {
      if (!isInTime(wallMs)) break
      if (wallMs >= from.range.fromMs && isInMonth(wallMs)) times.push(wallMs)
    }
  } catch (error) {
    if (error instanceof CalendarProblem) throw error
    throw new CalendarProblem(property.line, `RRULE cannot be followed: ${(error as Error).message}`)
  }
  return times
}
