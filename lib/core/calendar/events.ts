/** The events of a calendar as it writes them: when they begin, how long they last, when they come again. */
import ICAL from 'ical.js'
import { printable } from '../model/printable.ts'
import {
  type CalendarTime,
  calendarMs,
  calendarTime,
  DAY_MS,
  isLikeTime,
  timeKey,
  timesOf,
  type ZoneReader,
} from './calendar-times.ts'
import { type Component, type PropertyRead, propertiesOf, propertyOf, propertyText } from './components.ts'
import { CalendarProblem } from './lines.ts'

export interface CalendarEvent {
  line: number
  uid: string
  name: string
  start: CalendarTime
  /** In whole days where it begins on a date. */
  lengthMs: number
  /** It covers nothing: it only takes the place of one time of a recurring event. */
  isCancelled: boolean
  rules: PropertyRead[]
  moreTimes: CalendarTime[]
  /** Keys of times at which it does not come, and of dates on which it does not. */
  except: ReadonlySet<string>
  /** Keys of its times that other events with its id replace. */
  replaced: ReadonlySet<string>
  /** The key of the time that it replaces of another event with its id; `null`: none. */
  replaces: string | null
}

const MAX_NAME = 60
const NONE: ReadonlySet<string> = new Set()
const WITHOUT_NAME = 'an event without a name'

const eventName = (component: Component): string =>
  [...printable(propertyText(component, 'SUMMARY')).replaceAll(/\s+/g, ' ').trim()]
    .slice(0, MAX_NAME)
    .join('') || WITHOUT_NAME

/** Counts a day of a duration as a day on the clock. */
function durationMs(property: PropertyRead): number {
  const text = String(property.values[0])
  if (/^[+-]?P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)$/.test(text)) {
    const ms = ICAL.Duration.fromString(text).toSeconds() * 1000
    if (ms >= 0) return ms
  }
  throw new CalendarProblem(property.line, `DURATION: expected one such as P1D or PT90M, got "${text}"`)
}

/** As other programs read it: a date without an end, or that ends when it begins, is one day. */
function lengthOf(component: Component, start: CalendarTime, zoneOf: ZoneReader): number {
  const least = start.isDate ? DAY_MS : 0
  const ended = propertyOf(component, 'DTEND')
  if (!ended) {
    const duration = propertyOf(component, 'DURATION')
    return duration ? Math.max(least, durationMs(duration)) : least
  }
  const end = calendarTime(ended.values[0], ended, zoneOf)
  if (!isLikeTime(start, end))
    throw new CalendarProblem(ended.line, 'DTEND: expected a time of the form of DTSTART, got another')
  const lengthMs = calendarMs(end) - calendarMs(start)
  if (lengthMs < 0)
    throw new CalendarProblem(ended.line, 'DTEND: expected a time after DTSTART, got one before')
  return Math.max(least, lengthMs)
}

const dateKey = (wallMs: number): string => `date ${Math.floor(wallMs / DAY_MS)}`

/** Some programs name the date alone of an event that has a time. */
const exceptionKey = (time: CalendarTime, start: CalendarTime): string =>
  time.isDate && !start.isDate ? dateKey(time.wallMs) : timeKey(time)

export const isLeftOut = ({ except, replaced }: CalendarEvent, time: CalendarTime): boolean =>
  [timeKey(time), dateKey(time.wallMs)].some(key => except.has(key) || replaced.has(key))

/** Times at which an event does not come, as keys. */
function exceptions(component: Component, start: CalendarTime, zoneOf: ZoneReader): string[] {
  return propertiesOf(component, 'EXDATE').flatMap(property =>
    timesOf([property], zoneOf).map(time => {
      if (!time.isDate && !isLikeTime(time, start))
        throw new CalendarProblem(
          property.line,
          'EXDATE: expected a time of the form of DTSTART, got another',
        )
      return exceptionKey(time, start)
    }),
  )
}

function replacedTime(component: Component, start: CalendarTime, zoneOf: ZoneReader): string | null {
  const property = propertyOf(component, 'RECURRENCE-ID')
  if (!property) return null
  if (property.parameters.range !== undefined)
    throw new CalendarProblem(property.line, 'RECURRENCE-ID: expected one time, got RANGE')
  return exceptionKey(calendarTime(property.values[0], property, zoneOf), start)
}

function refuseExrule(component: Component): void {
  const [exrule] = component.lines.filter(({ name }) => name === 'EXRULE')
  if (exrule) throw new CalendarProblem(exrule.number, 'expected EXDATE, got EXRULE, which is of the past')
}

function eventOf(component: Component, zoneOf: ZoneReader): CalendarEvent {
  const started = propertyOf(component, 'DTSTART')
  if (!started) throw new CalendarProblem(component.line, 'expected DTSTART in VEVENT, got none')
  refuseExrule(component)
  const start = calendarTime(started.values[0], started, zoneOf)
  return {
    line: component.line,
    uid: propertyText(component, 'UID'),
    name: eventName(component),
    start,
    lengthMs: lengthOf(component, start, zoneOf),
    isCancelled: propertyText(component, 'STATUS').toUpperCase() === 'CANCELLED',
    rules: propertiesOf(component, 'RRULE'),
    moreTimes: timesOf(propertiesOf(component, 'RDATE'), zoneOf),
    except: new Set(exceptions(component, start, zoneOf)),
    replaced: NONE,
    replaces: replacedTime(component, start, zoneOf),
  }
}

/** The events of a calendar; each recurring one knows which of its times others replace. */
export function eventsOf(components: Component[], zoneOf: ZoneReader): CalendarEvent[] {
  const events = components.filter(({ name }) => name === 'VEVENT').map(one => eventOf(one, zoneOf))
  const standIns = events.filter(({ replaces }) => replaces !== null)
  const replaced = new Map(
    [...Map.groupBy(standIns, ({ uid }) => uid)].map(([uid, all]) => [
      uid,
      new Set(all.map(({ replaces }) => replaces!)),
    ]),
  )
  return events.map(event =>
    event.replaces === null ? { ...event, replaced: replaced.get(event.uid) ?? NONE } : event,
  )
}
