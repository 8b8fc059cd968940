/** The times of a rule that recurs, as far as they are asked for. However a rule is written, the work is bounded. */
import ICAL from 'ical.js'
import { type CalendarTime, calendarMs, calendarTime, DAY_MS, type ZoneReader } from './calendar-times.ts'
import type { PropertyRead } from './components.ts'
import { CalendarProblem } from './lines.ts'
import { type Frequency, type Recurrence, type RecurrenceWeekday, ruleTimes } from './rule-times.ts'

/** What may still be spent on the rules of one calendar. */
export interface CalendarWork {
  steps: number
}
/** Steps for all rules of a calendar: less than a second. */
export const MAX_STEPS = 50_000
const MAX_INTERVAL = 100_000

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

type LibraryRule = InstanceType<typeof ICAL.Recur>

const PARTS = ['freq', 'interval', 'count', 'until', 'wkst', 'byday', 'bymonth', 'byweekno', 'byyearday']
const MORE_PARTS = ['bymonthday', 'byhour', 'byminute', 'bysecond', 'bysetpos']
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

function weekdayOfPart(part: string): RecurrenceWeekday {
  return { nth: Number(part.slice(0, -2)), weekday: WEEKDAYS.indexOf(part.slice(-2).toUpperCase()) }
}

/** Why a rule says nothing that all programs read alike; `null`: it does. */
function ruleProblem(rule: Recurrence, parts: string[]): string | null {
  const { frequency, interval, weekdays = [] } = rule
  const foreign = parts.find(part => ![...PARTS, ...MORE_PARTS].includes(part) && !part.startsWith('x-'))
  if (foreign !== undefined) return `expected the parts of RFC 5545, got ${foreign.toUpperCase()}`
  if (interval > MAX_INTERVAL) return `expected INTERVAL of at most ${MAX_INTERVAL}, got ${interval}`
  const hasNth = weekdays.some(({ nth }) => nth !== 0)
  if (hasNth && frequency !== 'MONTHLY' && (frequency !== 'YEARLY' || rule.weeks))
    return 'expected BYDAY without numbers, which count in a month or a year alone'
  return null
}

function readRule({ line, values, name }: PropertyRead): { rule: Recurrence; until: string | null } {
  const { until = null, ...given } = values[0] as { until?: string; freq?: string }
  if (given.freq === undefined) throw new CalendarProblem(line, `${name}: expected FREQ, got none`)
  const library: LibraryRule = libraryRule(given, line)
  const by = library.parts as Partial<Record<string, number[]>> & { BYDAY?: string[] }
  const rule: Recurrence = {
    frequency: library.freq as Frequency,
    interval: library.interval,
    count: library.count,
    weekStart: library.wkst - 1,
    ...(by.BYMONTH && { months: by.BYMONTH }),
    ...(by.BYWEEKNO && { weeks: by.BYWEEKNO }),
    ...(by.BYYEARDAY && { yearDays: by.BYYEARDAY }),
    ...(by.BYMONTHDAY && { monthDays: by.BYMONTHDAY }),
    ...(by.BYDAY && { weekdays: by.BYDAY.map(weekdayOfPart) }),
    ...(by.BYHOUR && { hours: by.BYHOUR }),
    ...(by.BYMINUTE && { minutes: by.BYMINUTE }),
    ...(by.BYSECOND && { seconds: by.BYSECOND }),
    ...(by.BYSETPOS && { positions: by.BYSETPOS }),
  }
  const problem = ruleProblem(rule, Object.keys(given))
  if (problem !== null) throw new CalendarProblem(line, `${name}: ${problem}`)
  return { rule, until: until && String(until) }
}

/** The library reads the parts; it is not asked for times, which it gets wrong for rules that combine several of them. */
function libraryRule(parts: object, line: number): LibraryRule {
  try {
    return ICAL.Recur.fromData(parts)
  } catch (error) {
    throw new CalendarProblem(line, `RRULE cannot be read: ${(error as Error).message}`)
  }
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

/** The times on the clock that a rule gives within the range, in order; the start is not always among them. */
export function recurringTimes(property: PropertyRead, from: RecurringFrom): number[] {
  const { start, range, work } = from
  const { rule, until } = readRule(property)
  const isInTime = untilTest(until, property, from)
  const spend = (steps: number): void => {
    work.steps -= steps
    if (work.steps < 0)
      throw new CalendarProblem(
        property.line,
        'RRULE: expected rules that recur less often, got too much to work out',
      )
  }
  const times: number[] = []
  for (const wallMs of ruleTimes(rule, { startMs: start.wallMs, isDate: start.isDate, ...range, spend })) {
    if (!isInTime(wallMs)) break
    if (wallMs >= range.fromMs) times.push(wallMs)
  }
  return times
}
