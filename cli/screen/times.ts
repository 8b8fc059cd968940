/** Times as people write them and read them. */
import { instantOf, localTime, zoneNamed } from '../../lib/core/schedule/zone.ts'
import { RequestInstant } from '../../lib/http/schemas/schemas.ts'
import { CalledWrongly } from '../authorize.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const UNIT_MS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS }
/** When a day begins for people. */
const MORNING_MINUTES = 9 * 60

interface Clock {
  now: number
  timeZone: string
}

/** The instant at which the clock of a zone shows a time of the day, so many days after today. */
function wallInstant(minutes: number, days: number, { now, timeZone }: Clock): number {
  const zone = zoneNamed(timeZone)
  const wallMs = now + zone(now).offsetMs
  return instantOf(zone, Math.floor(wallMs / DAY_MS) * DAY_MS + days * DAY_MS + minutes * MINUTE_MS)
}

/** `90m`, `2h` or `3d` in ms; `null` for anything else. */
function spanMs(text: string): number | null {
  const [, number, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? []
  return number === undefined ? null : Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS]
}

function timeOfDay(text: string): number | null {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes)
}

/** `22:00` is the next one by the clock, `tomorrow` its 09:00, `2h` from now. Throws `CalledWrongly`. */
export function untilInstant(text: string, clock: Clock): string {
  const minutes = timeOfDay(text)
  const span = spanMs(text)
  const at =
    minutes !== null
      ? [0, 1, 2].map(days => wallInstant(minutes, days, clock)).find(ms => ms > clock.now)!
      : text === 'tomorrow'
        ? wallInstant(MORNING_MINUTES, 1, clock)
        : span !== null
          ? clock.now + span
          : null
  if (at !== null) return new Date(at).toISOString()
  return instantFrom(text, '--until: expected 22:00, tomorrow, 2h, 3d')
}

/** `2h` and `7d` are so long ago. Throws `CalledWrongly`. */
export function pastInstant(text: string, { option, now }: { option: string; now: number }): string {
  const span = spanMs(text)
  return span === null ? instantFrom(text, `${option}: expected 2h, 7d`) : new Date(now - span).toISOString()
}

function instantFrom(text: string, expected: string): string {
  const instant = RequestInstant.safeParse(text)
  if (instant.success) return instant.data
  throw new CalledWrongly(`${expected} or an instant such as 2026-11-21T20:00:00+08:00, got "${text}"`)
}

/** `2026-11-21 20:00 +08:00 Asia/Shanghai`; `no` where there is none. */
export const shownAt = (at: string | null | undefined, timeZone: string, no = '—'): string =>
  at ? localTime(Date.parse(at), timeZone) : no

/** `2026-11-21 20:00`: where a column or its title names the zone. */
export const shownWall = (at: string | null, timeZone: string): string =>
  shownAt(at, timeZone).split(' ').slice(0, 2).join(' ')

/** `in 2 h 05 min`, `in 3 days`. */
export function shownIn(at: string, now: number): string {
  const minutes = Math.max(0, Math.round((Date.parse(at) - now) / MINUTE_MS))
  if (minutes < 60) return `in ${minutes} min`
  if (minutes < 48 * 60)
    return `in ${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
  return `in ${Math.round(minutes / 1440)} days`
}
