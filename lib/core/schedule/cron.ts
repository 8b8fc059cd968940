/** Crons on a wall clock: which days and minutes they name. */
import { FIELDS, fieldProblem, type Value, valuesOf } from './cron-field.ts'

/** A parsed cron: the wall times it names. */
export interface Cron {
  /** For each minute of the day, 0 to 1439: the first due one not before it; -1 if the day has no more. */
  nextTimes: Int16Array
  /** The hour field begins with `*`: due whenever, and as often as, the clock on the wall shows such a time. */
  followsClock: boolean
  months: Set<Value>
  /** 1 to 31 and `L`. */
  dates: Set<Value>
  /** 0 (Sunday) to 6, `0L` to `6L`, `0#1` to `6#5`; a 7 stands beside a 0 only. */
  weekdays: Set<Value>
  /** Both day fields are restricted: either is enough. */
  eitherDay: boolean
  /** Months and dates do not matter, nor which weekday of the month it is. */
  onlyWeekdays: boolean
}

const DAY_MS = 86_400_000
const MINUTES_OF_DAY = 1440
const MAX_CRON_LENGTH = 500
/** How far ahead a due time is looked for: 50 years. The longest wait is 40, for a 29 February on one weekday. */
export const HORIZON_DAYS = 18_263

/**
 * Null for a cron that Curfew follows; else what is wrong with it: the field, what was expected and what came.
 *
 * Five fields: numbers, names in any case, `*`, lists, ranges that go up, steps of `*` or of a range, `L` (the last
 * day of the month), `5L` (its last Friday), `5#2` (its second Friday). Sunday is 0 or 7, and SUN may end a range.
 * Everything else is refused, and so is a cron that is never due within 50 years, such as 30 February.
 */
export function cronProblem(text: string): string | null {
  const cron = cronOrProblem(text)
  return typeof cron === 'string' ? cron : null
}

/** The cron of a text in which `cronProblem` finds nothing wrong. Throws a plain error for any other. */
export function parseCron(text: string): Cron {
  const cron = cronOrProblem(text)
  if (typeof cron === 'string') throw new Error(`cron: ${cron}`)
  return cron
}

/** cron-parser parses, but takes nearly everything: what it is given is judged first. */
function cronOrProblem(text: string): Cron | string {
  if (text.length > MAX_CRON_LENGTH)
    return `expected at most ${MAX_CRON_LENGTH} characters, got ${text.length}`
  const parts = text.trim().split(/\s+/)
  if (parts.length !== FIELDS.length) return partsProblem(text, parts.length)
  const [problem] = FIELDS.flatMap((field, index) => fieldProblem(field, parts[index]!) ?? [])
  if (problem !== undefined) return problem
  const cron = cronOf(parts)
  return nextDay(cron, { fromDay: 0, lastDay: HORIZON_DAYS }) === null
    ? `expected a date that comes within 50 years, got "${text}", which never does`
    : cron
}

/** The first minute of the day that two crons name on the same day; null if no day has one. */
export function sharedMinute(one: Cron, other: Cron): number | null {
  const minute = one.nextTimes.findIndex(
    (time, minute) => time === minute && other.nextTimes[minute] === minute,
  )
  return minute >= 0 && shareDay(one, other) ? minute : null
}

/** In 28 years without a skipped leap year every date comes on every weekday: these 50 hold such 28. */
function shareDay(one: Cron, other: Cron): boolean {
  let day: number | null = 0
  for (;;) {
    const first = nextDay(one, { fromDay: day, lastDay: HORIZON_DAYS })
    day = first === null ? null : nextDay(other, { fromDay: first, lastDay: HORIZON_DAYS })
    if (day === null) return false
    if (day === first) return true
  }
}

function partsProblem(text: string, count: number): string {
  const expected = 'expected five fields, minute hour day-of-month month day-of-week, such as "0 20 * * 1-5"'
  if (text.trim() === '') return `${expected}, got nothing`
  const got = `${expected}, got "${text}"`
  if (text.trim().startsWith('@')) return `${got}; names with @ are not accepted`
  if (text.includes('?') || text.includes('('))
    return `${got}; this looks like the form of AWS: leave out cron() and the year, write * for ?, and count from Sunday as 0`
  return count === 6 ? `${got}; there are no seconds and no years here` : got
}

function cronOf(parts: string[]): Cron {
  const [minutes, hours, dates, months, weekdays] = FIELDS.map((field, index) =>
    valuesOf(field, parts[index]!),
  )
  const [, hourPart, datePart, , weekdayPart] = parts.map(part => part.startsWith('*'))
  return {
    nextTimes: nextTimes(minutes!, hours!),
    followsClock: hourPart!,
    months: months!,
    dates: dates!,
    weekdays: weekdays!,
    eitherDay: !datePart && !weekdayPart,
    onlyWeekdays: months!.size === 12 && parts[2] === '*' && [...weekdays!].every(Number.isInteger),
  }
}

function nextTimes(minutes: Set<Value>, hours: Set<Value>): Int16Array {
  const times = new Int16Array(MINUTES_OF_DAY)
  let next = -1
  for (let time = MINUTES_OF_DAY - 1; time >= 0; time -= 1) {
    if (minutes.has(time % 60) && hours.has(Math.floor(time / 60))) next = time
    times[time] = next
  }
  return times
}

/** The first due day of `fromDay` to `lastDay`, both counted from 1970-01-01 as 0; null if none is. */
export function nextDay(
  cron: Cron,
  { fromDay, lastDay }: { fromDay: number; lastDay: number },
): number | null {
  let day = fromDay
  while (day <= lastDay) {
    const next = dueOrLater(cron, day)
    if (next === day) return day
    day = next
  }
  return null
}

/** The day itself if it is due, else the next day that may be. */
function dueOrLater(cron: Cron, day: number): number {
  // Most crons name weekdays only, and those need no date, which is the slow part.
  if (cron.onlyWeekdays) return cron.weekdays.has(weekdayOf(day)) ? day : day + 1
  const date = new Date(day * DAY_MS)
  if (!cron.months.has(date.getUTCMonth() + 1)) return nextMonth(date)
  return isDueOn(cron, date) ? day : day + 1
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7

const nextMonth = (date: Date): number => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) / DAY_MS

function isDueOn({ dates, weekdays, eitherDay }: Cron, day: Date): boolean {
  const date = day.getUTCDate()
  const weekday = day.getUTCDay()
  const dateIsDue = dates.has(date) || (dates.has('L') && isOfLast(1, day))
  const weekdayIsDue =
    weekdays.has(weekday) ||
    weekdays.has(`${weekday}#${Math.ceil(date / 7)}`) ||
    (weekdays.has(`${weekday}L`) && isOfLast(7, day))
  return eitherDay ? dateIsDue || weekdayIsDue : dateIsDue && weekdayIsDue
}

/** Whether a day is among the last `days` of its month. */
const isOfLast = (days: number, day: Date): boolean =>
  new Date(day.getTime() + days * DAY_MS).getUTCMonth() !== day.getUTCMonth()
