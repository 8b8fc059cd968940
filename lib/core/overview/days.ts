/** Days on the clock of a zone: 23, 24 or 25 hours long, or what its changes make of them. */
import { isoInstant } from '../schedule/instant.ts'
import { instantOf, zoneNamed } from '../schedule/zone.ts'

const DAY_MS = 86_400_000

/** A stretch of time, the end not in it; ms since the epoch. */
export interface TimeRange {
  fromMs: number
  untilMs: number
}
/** A date on the clock of a zone. */
export interface LocalDay extends TimeRange {
  date: string
}

/** A date as the number of days since 1970. */
const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS
const dateOf = (day: number): string => isoInstant(day * DAY_MS).slice(0, 10)

/** The Monday before an instant, or on its date, on the clock of the zone. */
export function mondayBefore(ms: number, timeZone: string): string {
  const { offsetMs } = zoneNamed(timeZone)(ms)
  const day = Math.floor((ms + offsetMs) / DAY_MS)
  // The epoch was a Thursday.
  return dateOf(day - ((((day + 3) % 7) + 7) % 7))
}

/** So many days from a date on. A date that the clock skips altogether is there, and has no length. */
export function localDays(from: string, days: number, timeZone: string): LocalDay[] {
  const zone = zoneNamed(timeZone)
  const first = dayNumber(from)
  const starts = Array.from({ length: days + 1 }, (_, n) => instantOf(zone, (first + n) * DAY_MS))
  return starts
    .slice(0, days)
    .map((fromMs, n) => ({ date: dateOf(first + n), fromMs, untilMs: starts[n + 1]! }))
}

/** The dates, of those given, that reach into a stretch of time. */
export function datesWithin(dates: string[], { fromMs, untilMs }: TimeRange, timeZone: string): LocalDay[] {
  // No clock is a day ahead of UTC, or behind it.
  const first = fromMs / DAY_MS - 2
  const last = untilMs / DAY_MS + 1
  return [...new Set(dates)]
    .filter(date => dayNumber(date) >= first && dayNumber(date) <= last)
    .toSorted()
    .flatMap(date => localDays(date, 1, timeZone))
    .filter(day => day.untilMs > fromMs && day.fromMs < untilMs)
}

/** Whether these stretches, in order, cover another one wholly. */
export function isCovered({ fromMs, untilMs }: TimeRange, by: TimeRange[]): boolean {
  let coveredMs = fromMs
  for (const range of by) if (range.fromMs <= coveredMs) coveredMs = Math.max(coveredMs, range.untilMs)
  return fromMs < untilMs && coveredMs >= untilMs
}
