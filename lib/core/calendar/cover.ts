/** Works out what a calendar covers, from two months ago to a year and a month ahead. */

import type { CoveredTime } from '../schedule/calendars.ts'
import { isoInstant } from '../schedule/instant.ts'
import { MAX_COVER_BYTES } from './calendar.ts'
import { type CalendarTime, DAY_MS, instantIn } from './calendar-times.ts'
import { zonesOf } from './calendar-zones.ts'
import { componentsOf } from './components.ts'
import { type CalendarEvent, eventsOf, isLeftOut } from './events.ts'
import { CalendarProblem } from './lines.ts'
import { type CalendarRange, type CalendarWork, MAX_STEPS, recurringTimes } from './recurrence.ts'

/** A start may take back a stop of 40 days ago: what was left out since then must be known. */
const BEFORE_DAYS = 60
const AHEAD_DAYS = 400
/** A margin for clocks that show the day before, or the next. */
const CLOCK_MS = 2 * DAY_MS

export interface CalendarRead {
  events: number
  knownUntil: string
  times: CoveredTime[]
}

interface Covering {
  range: CalendarRange
  work: CalendarWork
  zoneOf: ReturnType<typeof zonesOf>
}

/** When an event begins, each time it comes, within the range. */
function beginnings(event: CalendarEvent, { range, work, zoneOf }: Covering): CalendarTime[] {
  const { start, lengthMs, rules, moreTimes } = event
  const wide = { fromMs: range.fromMs - lengthMs - CLOCK_MS, untilMs: range.untilMs + CLOCK_MS }
  const byRule = rules.flatMap(rule => recurringTimes(rule, { start, range: wide, zoneOf, work }))
  const recurring = byRule.map(wallMs => ({ ...start, wallMs }))
  return [start, ...recurring, ...moreTimes].filter(time => !isLeftOut(event, time))
}

const localText = (wallMs: number): string => isoInstant(wallMs).slice(0, '2026-10-01T09:00:00'.length)
const instantText = (ms: number): string => `${localText(ms)}Z`
const dateText = (wallMs: number): string => isoInstant(wallMs).slice(0, '2026-10-01'.length)

/** A time of an event as it is kept; `null` where it lies outside. Long ones are cut. */
function coveredTime(
  { wallMs, zone, isDate }: CalendarTime,
  { lengthMs, name: event }: CalendarEvent,
  { range }: Covering,
): CoveredTime | null {
  const begunMs = zone === null ? wallMs : instantIn(zone, wallMs)
  const fromMs = Math.max(begunMs, range.fromMs)
  const untilMs = Math.min(begunMs + lengthMs, range.untilMs)
  if (fromMs >= untilMs) return null
  if (isDate) return { from: dateText(fromMs), until: dateText(untilMs + DAY_MS - 1), event }
  const text = zone === null ? localText : instantText
  return { from: text(fromMs), until: text(untilMs), event }
}

/** In order, each once. */
function orderedTimes(times: CoveredTime[]): CoveredTime[] {
  const known = new Map(times.map(time => [`${time.from} ${time.until} ${time.event}`, time]))
  return [...known.keys()].toSorted().map(text => known.get(text)!)
}

function refuseTooMuch(times: CoveredTime[]): void {
  const bytes = new TextEncoder().encode(JSON.stringify(times)).length
  if (bytes > MAX_COVER_BYTES)
    throw new CalendarProblem(
      1,
      `expected events that take up at most ${MAX_COVER_BYTES} bytes within ${AHEAD_DAYS} days, got ${times.length} that take up ${bytes}`,
    )
}

/** Throws `CalendarProblem` for what cannot be read, or would be too much to work out or to keep. */
export function readCalendar(bytes: Uint8Array, now: number): CalendarRead {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  const range = { fromMs: today - BEFORE_DAYS * DAY_MS, untilMs: today + AHEAD_DAYS * DAY_MS }
  const work = { steps: MAX_STEPS }
  const components = componentsOf(bytes)
  const zoneOf = zonesOf(components, { range, work })
  const events = eventsOf(components, zoneOf)
  const covering = { range, work, zoneOf }
  const all = events
    .filter(({ isCancelled }) => !isCancelled)
    .flatMap(event => beginnings(event, covering).flatMap(time => coveredTime(time, event, covering) ?? []))
  const times = orderedTimes(all)
  refuseTooMuch(times)
  // Less than the range: a clock ahead of UTC shows its end earlier.
  return { events: events.length, knownUntil: isoInstant(range.untilMs - CLOCK_MS), times }
}
