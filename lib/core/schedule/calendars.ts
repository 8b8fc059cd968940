/** What calendars do to due times: they leave some out, or make further dates count as days of a cron. */
import * as z from 'zod'
import { instantOf, localTime, type Zone, zoneNamed } from './zone.ts'

export const CalendarId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'expected 1 to 63 lower-case letters, digits and dashes, the first no dash',
})

export const UsedCalendar = z.strictObject({
  id: CalendarId.describe('Id of a calendar.'),
  effect: z
    .enum(['skip', 'also'])
    .describe(
      '`skip`: nothing is due at what an event of it covers. `also`: a date that an event of it covers counts as a day of the cron. Where both cover a time, `skip` counts.',
    ),
})
export type UsedCalendar = z.infer<typeof UsedCalendar>

const Instant = z.iso.datetime()

/**
 * What one event covers, its end not in it: dates (`2026-10-01`), times on the clock of the policy (`2026-10-01T09:00:00`), or
 * instants, which end in `Z`.
 */
export const CoveredTime = z.object({
  from: z.string(),
  until: z.string(),
  event: z.string().describe('Its name.'),
})
export type CoveredTime = z.infer<typeof CoveredTime>

/** What a calendar covers, worked out ahead. */
export const Cover = z.object({
  calendar: CalendarId,
  /** Another one for each other content. */
  revision: z.int(),
  /** What it covers later is not known. */
  knownUntil: Instant,
  times: z.array(CoveredTime),
})
export type Cover = z.infer<typeof Cover>

/** The parts of a policy that its calendars act by. */
export interface Calendared {
  timeZone: string
  calendars?: UsedCalendar[]
  covers?: Cover[] | undefined
}

interface CoveredRange {
  fromMs: number
  untilMs: number
  event: string
}

/** A cover on the clock of a zone. */
interface ZonedCover {
  calendar: string
  /** Events by the dates that they cover, as the number of days since 1970. */
  dates: Map<number, string>
  /** In order of their beginnings. */
  ranges: CoveredRange[]
  /** Dates that an event covers in part or whole, in order. */
  touched: number[]
}

const DAY_MS = 86_400_000
const DATE_LENGTH = '2026-10-01'.length

const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS

function coveredRange({ from, until, event }: CoveredTime, zone: Zone): CoveredRange {
  const ms = (text: string) =>
    text.endsWith('Z') ? Date.parse(text) : instantOf(zone, Date.parse(`${text}Z`))
  return { fromMs: ms(from), untilMs: ms(until), event }
}

const localDay = (zone: Zone, ms: number): number => Math.floor((ms + zone(ms).offsetMs) / DAY_MS)

const daysBetween = (from: number, until: number): number[] =>
  Array.from({ length: Math.max(0, until - from) }, (_, n) => from + n)

function zonedCover({ calendar, times }: Cover, timeZone: string): ZonedCover {
  const zone = zoneNamed(timeZone)
  const isDate = ({ from }: CoveredTime): boolean => from.length === DATE_LENGTH
  const dates = new Map<number, string>()
  for (const { from, until, event } of times.filter(isDate))
    for (const day of daysBetween(dayOf(from), dayOf(until))) if (!dates.has(day)) dates.set(day, event)
  const ranges = times
    .filter(time => !isDate(time))
    .map(time => coveredRange(time, zone))
    .filter(({ fromMs, untilMs }) => fromMs < untilMs)
    .toSorted((one, other) => one.fromMs - other.fromMs)
  const inPart = ranges.flatMap(({ fromMs, untilMs }) =>
    daysBetween(localDay(zone, fromMs), localDay(zone, untilMs - 1) + 1),
  )
  const touched = [...new Set([...dates.keys(), ...inPart])].toSorted((one, other) => one - other)
  return { calendar, dates, ranges, touched }
}

/** A policy asks again and again, and its covers stay the same. */
const known = new WeakMap<Cover, Map<string, ZonedCover>>()

function coverIn(cover: Cover, timeZone: string): ZonedCover {
  const zones = known.get(cover) ?? new Map<string, ZonedCover>()
  const zoned = zones.get(timeZone) ?? zonedCover(cover, timeZone)
  known.set(cover, zones.set(timeZone, zoned))
  return zoned
}

/** The calendars of a policy by what they do. */
export interface CalendarRules {
  skip: ZonedCover[]
  also: ZonedCover[]
}

const NO_CALENDARS: CalendarRules = { skip: [], also: [] }

export function calendarRules({ timeZone, calendars = [], covers = [] }: Calendared): CalendarRules {
  if (calendars.length === 0) return NO_CALENDARS
  const of = (effect: UsedCalendar['effect']) =>
    calendars
      .filter(used => used.effect === effect)
      .flatMap(({ id }) => covers.filter(({ calendar }) => calendar === id))
      .map(cover => coverIn(cover, timeZone))
  return { skip: of('skip'), also: of('also') }
}

export const isDaySkipped = ({ skip }: CalendarRules, day: number): boolean =>
  skip.some(({ dates }) => dates.has(day))

/** The end of an event that covers an instant; `null` where none does. */
export function skippedUntil({ skip }: CalendarRules, ms: number): number | null {
  if (skip.length === 0) return null
  const found = skip.flatMap(({ ranges }) => rangeAt(ranges, ms) ?? [])
  return found.length === 0 ? null : Math.max(...found.map(({ untilMs }) => untilMs))
}

const rangeAt = (ranges: CoveredRange[], ms: number): CoveredRange | undefined =>
  ranges.find(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs)

/** The first date from one on that counts as a day of the cron, whatever the cron says; `null`: there is none. */
export function nextAlsoDay(
  { also }: CalendarRules,
  { fromDay, lastDay }: { fromDay: number; lastDay: number },
): number | null {
  if (also.length === 0) return null
  const days = also.flatMap(({ touched }) => touched.find(day => day >= fromDay) ?? [])
  const day = Math.min(...days)
  return days.length > 0 && day <= lastDay ? day : null
}

/** The events by which calendars leave out an instant, and the date that it has on the clock. */
export function skippingEvents(of: Calendared, ms: number): string[] {
  const day = localDay(zoneNamed(of.timeZone), ms)
  return calendarRules(of).skip.flatMap(({ calendar, dates, ranges }) => {
    const event = dates.get(day) ?? rangeAt(ranges, ms)?.event
    return event === undefined ? [] : [`calendar ${calendar}: ${event}`]
  })
}

/** Dates on which nothing is due by calendars, each with the event that covers it whole. */
export const skippedDays = (of: Calendared): { date: string; because: string }[] =>
  calendarRules(of).skip.flatMap(({ calendar, dates }) =>
    [...dates].map(([day, event]) => ({
      date: new Date(day * DAY_MS).toISOString().slice(0, DATE_LENGTH),
      because: `calendar ${calendar}: ${event}`,
    })),
  )

/** Calendars of which nothing is known at an instant or later. */
export const unknownFrom = ({ timeZone, calendars = [], covers = [] }: Calendared, ms: number): string[] =>
  covers
    .filter(({ calendar }) => calendars.some(({ id }) => id === calendar))
    .filter(({ knownUntil }) => Date.parse(knownUntil) <= ms)
    .map(
      ({ calendar, knownUntil }) =>
        `calendar ${calendar} is known until ${localTime(Date.parse(knownUntil), timeZone)}`,
    )
