/** The zones that a calendar names: IANA's, or its own ones. */
import { timeZoneProblem, type Zone, zoneNamed } from '../schedule/zone.ts'
import { calendarTime, DAY_MS, timesOf, type ZoneReader } from './calendar-times.ts'
import { type Component, propertiesOf, propertyOf, propertyText } from './components.ts'
import { CalendarProblem } from './lines.ts'
import { type CalendarRange, type CalendarWork, recurringTimes } from './recurrence.ts'

/** An instant from which a zone has another offset. */
interface ZoneChange {
  atMs: number
  beforeMs: number
  offsetMs: number
}

interface ZonesAsked {
  range: CalendarRange
  work: CalendarWork
}

/** Before the range, too: which offset it begins with. */
const MARGIN_MS = 800 * DAY_MS
const EVER = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY }

function offsetOf(component: Component, name: string): number {
  const property = propertyOf(component, name)
  const [, sign, hours, minutes, seconds = '0'] =
    /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(String(property?.values[0])) ?? []
  if (sign === undefined)
    throw new CalendarProblem(
      property?.line ?? component.line,
      `${name}: expected an offset such as +0800, got ${property ? `"${property.values[0]}"` : 'none'}`,
    )
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -ms : ms
}

const noZones: ZoneReader = (name, line) => {
  throw new CalendarProblem(line, `expected a time without TZID in a VTIMEZONE, got ${name}`)
}

/** When one observance of a zone, such as its summer time, begins. */
function zoneChanges(observance: Component, { range, work }: ZonesAsked): ZoneChange[] {
  const started = propertyOf(observance, 'DTSTART')
  if (!started) throw new CalendarProblem(observance.line, `expected DTSTART in ${observance.name}, got none`)
  const beforeMs = offsetOf(observance, 'TZOFFSETFROM')
  const offsetMs = offsetOf(observance, 'TZOFFSETTO')
  // Each of its onsets is on the clock as it was before.
  const zone: Zone = () => ({ ...EVER, offsetMs: beforeMs })
  const start = { ...calendarTime(started.values[0], started, noZones), zone }
  const wide = { fromMs: range.fromMs - MARGIN_MS, untilMs: range.untilMs + MARGIN_MS }
  const asked = { start, range: wide, zoneOf: noZones, work }
  const byRule = propertiesOf(observance, 'RRULE').flatMap(rule => recurringTimes(rule, asked))
  const byDate = timesOf(propertiesOf(observance, 'RDATE'), noZones).map(({ wallMs }) => wallMs)
  return [...new Set([start.wallMs, ...byRule, ...byDate])].map(wallMs => ({
    atMs: wallMs - beforeMs,
    beforeMs,
    offsetMs,
  }))
}

/** The first that ends later; they are in order. */
function spanAt(spans: ReturnType<Zone>[], ms: number): ReturnType<Zone> {
  let low = 0
  let high = spans.length - 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (ms < spans[middle]!.untilMs) high = middle
    else low = middle + 1
  }
  return spans[low]!
}

function zoneOfChanges(changes: ZoneChange[]): Zone {
  const sorted = changes.toSorted((one, other) => one.atMs - other.atMs)
  const later = sorted.map(({ atMs, offsetMs }, n) => ({
    fromMs: atMs,
    untilMs: sorted[n + 1]?.atMs ?? Number.POSITIVE_INFINITY,
    offsetMs,
  }))
  const [first] = sorted as [ZoneChange]
  const before = {
    fromMs: Number.NEGATIVE_INFINITY,
    untilMs: first.atMs,
    offsetMs: first.beforeMs,
  }
  const spans = [before, ...later]
  return ms => spanAt(spans, ms)
}

function ownZone(component: Component, asked: ZonesAsked): Zone {
  const observances = component.parts.filter(({ name }) => name === 'STANDARD' || name === 'DAYLIGHT')
  if (observances.length === 0)
    throw new CalendarProblem(component.line, 'expected STANDARD or DAYLIGHT in VTIMEZONE, got none')
  return zoneOfChanges(observances.flatMap(observance => zoneChanges(observance, asked)))
}

/** By the name of a zone: IANA's own one before the calendar's, which may know the rules of one year alone. */
export function zonesOf(components: Component[], asked: ZonesAsked): ZoneReader {
  const own = new Map(
    components.filter(({ name }) => name === 'VTIMEZONE').map(one => [propertyText(one, 'TZID'), one]),
  )
  const known = new Map<string, Zone>()
  return (name, line) => {
    const component = own.get(name)
    const isIana = timeZoneProblem(name) === null
    if (!isIana && !component)
      throw new CalendarProblem(line, `TZID: expected an IANA zone or one with a VTIMEZONE, got "${name}"`)
    const zone = known.get(name) ?? (isIana ? zoneNamed(name) : ownZone(component!, asked))
    known.set(name, zone)
    return zone
  }
}
