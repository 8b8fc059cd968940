/** The times that properties of a calendar name. */
import type { Zone } from '../schedule/zone.ts'
import { instantOf, zoneNamed } from '../schedule/zone.ts'
import type { PropertyRead } from './components.ts'
import { CalendarProblem } from './lines.ts'

/** A date, or a time on the clock of a zone, or on the clock of the policy that asks. */
export interface CalendarTime {
  /** As if the clock were UTC, ms since 1970. */
  wallMs: number
  /** `null`: that of the policy that asks; dates have none either. */
  zone: Zone | null
  isDate: boolean
}
export type ZoneReader = (name: string, line: number) => Zone

export const DAY_MS = 86_400_000
/** Asked for when needed: the first zone takes 13 ms, which a start should not pay. */
const utc = (): Zone => zoneNamed('UTC')
const DATE = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/

/** Of a time that the clock jumps over: as the clock would have shown it without the jump (RFC 5545, 3.3.5). */
export function instantIn(zone: Zone, wallMs: number): number {
  const ms = instantOf(zone, wallMs)
  const isThere = ms + zone(ms).offsetMs === wallMs
  return isThere ? ms : wallMs - zone(ms - 1).offsetMs
}

/** The instant; without a zone, the time on the clock as if that were UTC. */
export const calendarMs = ({ wallMs, zone }: CalendarTime): number =>
  zone === null ? wallMs : instantIn(zone, wallMs)

/** Which of three forms it has: times of different forms cannot be compared. */
const formOf = ({ isDate, zone }: CalendarTime): string =>
  isDate ? 'a date' : zone === null ? 'a time without a zone' : 'an instant'

/** The same for the same time, however it is written. */
export const timeKey = (time: CalendarTime): string => `${formOf(time)} ${calendarMs(time)}`

export const isLikeTime = (one: CalendarTime, other: CalendarTime): boolean => formOf(one) === formOf(other)

function wallOf(text: string, { line, name }: PropertyRead): number {
  const isForm = DATE.test(text) || TIME.test(text)
  const ms = isForm ? Date.parse(text.endsWith('Z') || DATE.test(text) ? text : `${text}Z`) : Number.NaN
  // A 30 February is read as a day in March.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, DAY_OF_MONTH))) return ms
  throw new CalendarProblem(
    line,
    `${name}: expected a date such as 20261001 or a time such as 20261001T090000Z, got "${text}"`,
  )
}
const DAY_OF_MONTH = '2026-10-01'.length

/** The time that a value of a property names. */
export function calendarTime(value: unknown, property: PropertyRead, zoneOf: ZoneReader): CalendarTime {
  const text = String(value)
  const wallMs = wallOf(text, property)
  if (DATE.test(text)) return { wallMs, zone: null, isDate: true }
  const { tzid } = property.parameters
  const zone = text.endsWith('Z') ? utc() : tzid === undefined ? null : zoneOf(String(tzid), property.line)
  return { wallMs, zone, isDate: false }
}

/** All of them; a period is there by its beginning. */
export const timesOf = (properties: PropertyRead[], zoneOf: ZoneReader): CalendarTime[] =>
  properties.flatMap(property =>
    property.values.map(value => calendarTime(Array.isArray(value) ? value[0] : value, property, zoneOf)),
  )
