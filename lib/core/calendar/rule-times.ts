/** The times of one rule that recurs (RFC 5545, 3.3.10), on its own clock: instants here are those of a clock without a zone. */
import { DAY_MS } from './calendar-times.ts'

/** How far a period of each frequency reaches, shortest first. */
const FREQUENCIES = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const
export type Frequency = (typeof FREQUENCIES)[number]
const LENGTH_MS = { SECONDLY: 1000, MINUTELY: 60_000, HOURLY: 3_600_000, DAILY: DAY_MS, WEEKLY: 7 * DAY_MS }

/** `nth`: of its month or year, from the end where it is negative; 0 is each. Weekdays count from Sunday, 0. */
export interface RecurrenceWeekday {
  nth: number
  weekday: number
}

export interface Recurrence {
  frequency: Frequency
  interval: number
  /** `null`: without end. */
  count: number | null
  weekStart: number
  months?: number[]
  weeks?: number[]
  yearDays?: number[]
  monthDays?: number[]
  weekdays?: RecurrenceWeekday[]
  hours?: number[]
  minutes?: number[]
  seconds?: number[]
  positions?: number[]
}

interface RuleSpan {
  startMs: number
  isDate: boolean
  fromMs: number
  untilMs: number
  /** Called with the work that is done next. */
  spend: (steps: number) => void
}

/** Years below 100 count as they are. */
function dayMs(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime()
}

const floorDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS
const yearOf = (ms: number): number => new Date(ms).getUTCFullYear()
const monthsOf = (ms: number): number => yearOf(ms) * 12 + new Date(ms).getUTCMonth()
const weekdayAt = (ms: number): number => new Date(ms).getUTCDay()
const weekStartOf = (ms: number, weekStart: number): number =>
  ms - ((weekdayAt(ms) - weekStart + 7) % 7) * DAY_MS

/** Whether a place, counted from 1, is named from the start or from the end of so many. */
const isNamedPlace = (named: number[], place: number, size: number): boolean =>
  named.includes(place) || named.includes(place - size - 1)

/** The first day of week 1 of a year, the first week with four days of it. */
const firstWeekOf = (year: number, weekStart: number): number => weekStartOf(dayMs(year, 0, 4), weekStart)

function isInWeeks(day: number, weeks: number[], weekStart: number): boolean {
  // The week belongs to the year of its fourth day.
  const year = yearOf(weekStartOf(day, weekStart) + 3 * DAY_MS)
  const first = firstWeekOf(year, weekStart)
  const next = firstWeekOf(year + 1, weekStart)
  return isNamedPlace(
    weeks,
    Math.floor((day - first) / LENGTH_MS.WEEKLY) + 1,
    (next - first) / LENGTH_MS.WEEKLY,
  )
}

/** What the start says where the rule does not. */
function completed(rule: Recurrence, startMs: number): Recurrence {
  const { frequency, months, weeks, yearDays, monthDays, weekdays } = rule
  if (yearDays || monthDays || weekdays) return rule
  const start = new Date(startMs)
  if (frequency === 'WEEKLY' || weeks) return { ...rule, weekdays: [{ nth: 0, weekday: start.getUTCDay() }] }
  const days = { monthDays: [start.getUTCDate()] }
  if (frequency === 'MONTHLY') return { ...rule, ...days }
  return frequency === 'YEARLY' ? { ...rule, ...days, months: months ?? [start.getUTCMonth() + 1] } : rule
}

function dayTest(rule: Recurrence): (day: number) => boolean {
  const { frequency, months, weeks, yearDays, monthDays, weekdays, weekStart } = rule
  const isOfYear = frequency === 'YEARLY' && !months
  return day => {
    const date = new Date(day)
    const year = date.getUTCFullYear()
    const month = date.getUTCMonth()
    if (months && !months.includes(month + 1)) return false
    if (weeks && !isInWeeks(day, weeks, weekStart)) return false
    const yearStart = dayMs(year, 0, 1)
    const yearEnd = dayMs(year + 1, 0, 1)
    const monthStart = dayMs(year, month, 1)
    const monthEnd = dayMs(year, month + 1, 1)
    const place = (start: number, end: number): [number, number] => [
      (day - start) / DAY_MS + 1,
      (end - start) / DAY_MS,
    ]
    if (yearDays && !isNamedPlace(yearDays, ...place(yearStart, yearEnd))) return false
    if (monthDays && !isNamedPlace(monthDays, ...place(monthStart, monthEnd))) return false
    if (!weekdays) return true
    const [at, size] = isOfYear ? place(yearStart, yearEnd) : place(monthStart, monthEnd)
    const nths = [0, Math.ceil(at / 7), -Math.ceil((size - at + 1) / 7)]
    return weekdays.some(({ nth, weekday }) => weekday === date.getUTCDay() && nths.includes(nth))
  }
}

/** The start of a period and of the one after it. */
function periodAt({ frequency, interval, weekStart }: Recurrence, startMs: number, n: number) {
  const steps = n * interval
  if (frequency === 'YEARLY') {
    const year = yearOf(startMs) + steps
    return { from: dayMs(year, 0, 1), until: dayMs(year + 1, 0, 1) }
  }
  if (frequency === 'MONTHLY') {
    const months = monthsOf(startMs) + steps
    return { from: dayMs(0, months, 1), until: dayMs(0, months + 1, 1) }
  }
  const length = LENGTH_MS[frequency]
  const first =
    frequency === 'WEEKLY' ? weekStartOf(floorDay(startMs), weekStart) : Math.floor(startMs / length) * length
  const from = first + steps * length
  return { from, until: from + length }
}

/** The first period that may reach the range: none before is worked out, unless times are counted. */
function firstPeriod({ frequency, interval, count }: Recurrence, { startMs, fromMs }: RuleSpan): number {
  if (count !== null || fromMs <= startMs) return 0
  const periods =
    frequency === 'YEARLY'
      ? yearOf(fromMs) - yearOf(startMs)
      : frequency === 'MONTHLY'
        ? monthsOf(fromMs) - monthsOf(startMs)
        : (fromMs - startMs) / LENGTH_MS[frequency]
  return Math.max(0, Math.floor(periods / interval) - 1)
}

const byNumber = (one: number, other: number): number => one - other

/** The times of a day that a rule names, ms since its midnight; of frequencies below a day those of the period alone. */
function timesOfDay(rule: Recurrence, { startMs, isDate }: RuleSpan): (periodMs: number) => number[] {
  if (isDate) return () => [0]
  const { frequency, hours, minutes, seconds } = rule
  const rank = FREQUENCIES.indexOf(frequency)
  const units = [
    { named: hours, of: (ms: number) => new Date(ms).getUTCHours(), ms: 3_600_000, finest: 2 },
    { named: minutes, of: (ms: number) => new Date(ms).getUTCMinutes(), ms: 60_000, finest: 1 },
    { named: seconds, of: (ms: number) => new Date(ms).getUTCSeconds(), ms: 1000, finest: 0 },
  ]
  return periodMs =>
    units
      .reduce(
        (times, { named, of, ms, finest }) => {
          // A unit that the frequency steps through is the period's, and what is named only narrows it.
          const now = of(rank <= finest ? periodMs : startMs)
          const values = rank > finest ? (named ?? [now]) : !named || named.includes(now) ? [now] : []
          return times.flatMap(time => values.map(value => time + value * ms))
        },
        [0],
      )
      .toSorted(byNumber)
}

/** In order, from the range on where none is counted; none at or after the range's end. */
export function* ruleTimes(given: Recurrence, span: RuleSpan): Generator<number> {
  const rule = completed(given, span.startMs)
  const isDay = dayTest(rule)
  const timesAt = timesOfDay(rule, span)
  let left = rule.count ?? Number.POSITIVE_INFINITY
  for (let n = firstPeriod(rule, span); left > 0; n++) {
    const { from, until } = periodAt(rule, span.startMs, n)
    if (from >= span.untilMs) return
    span.spend(1 + Math.round((until - from) / DAY_MS / 10))
    const found: number[] = []
    const times = timesAt(from)
    for (let day = floorDay(from); day < until; day += DAY_MS)
      if (isDay(day)) {
        span.spend(times.length)
        found.push(...times.map(time => day + time))
      }
    const { positions } = rule
    const chosen = positions ? found.filter((_, at) => isNamedPlace(positions, at + 1, found.length)) : found
    for (const time of chosen) {
      if (time >= span.untilMs || left === 0) return
      if (time < span.startMs) continue
      left -= 1
      yield time
    }
  }
}
