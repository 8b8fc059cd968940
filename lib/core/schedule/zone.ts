/** Time zones: which clock a zone shows at an instant, and when a clock shows a time. */
import { memoiseAnswers } from './memoised.ts'

/** A stretch of time with one offset: the clock on the wall shows `ms + offsetMs`. `untilMs` is outside it. */
interface Span {
  fromMs: number
  untilMs: number
  offsetMs: number
}
/** The span around an instant. Where one ends the next begins; neighbours may have the same offset. */
export type Zone = (ms: number) => Span

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** No clock has been further from UTC since 1900: the farthest were 15:13 behind it. */
const FARTHEST_MS = 16 * HOUR_MS
/** Spans are worked out in windows of this length, as they are asked for. */
const WINDOW_MS = 500 * DAY_MS
/** Shorter than the shortest time for which a clock was ever put forward or back, which is close to 7 days. */
const SAMPLE_MS = 5 * DAY_MS

/** Abbreviations that are IANA names. Others that Intl knows mean several clocks: its CST is Chicago's, not Shanghai's. */
const ABBREVIATIONS = new Set('CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET'.split(' '))

const formatter = memoiseAnswers(
  50,
  (timeZone: string) => new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }),
)

/** Null for an IANA time zone name that this runtime knows, in any case; else what is wrong with it. */
export function timeZoneProblem(timeZone: string): string | null {
  if (isName(timeZone)) {
    try {
      formatter(timeZone)
      return null
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
  return `expected an IANA time zone such as Asia/Shanghai, Europe/Berlin or UTC, no offset and no abbreviation, got "${timeZone}"`
}

const isName = (text: string): boolean =>
  /^[a-z]/i.test(text) &&
  !/^SystemV\//i.test(text) &&
  (!/^[a-z]{3}$/i.test(text) || ABBREVIATIONS.has(text.toUpperCase()))

/** The zone of that name; the same one when asked again. Throws a plain error for what `timeZoneProblem` refuses. */
export const zoneNamed: (timeZone: string) => Zone = memoiseAnswers(600, timeZone => {
  const problem = timeZoneProblem(timeZone)
  if (problem !== null) throw new Error(`time zone: ${problem}`)
  const window = memoiseAnswers(200, (index: number) => zoneSpans(timeZone, index * WINDOW_MS))
  return (ms: number) => window(Math.floor(ms / WINDOW_MS)).find(span => ms < span.untilMs)!
})

function zoneSpans(timeZone: string, startMs: number): Span[] {
  const found: Span[] = []
  const endMs = startMs + WINDOW_MS
  let fromMs = startMs
  while (fromMs < endMs) {
    const untilMs = nextChange(timeZone, fromMs, endMs)
    found.push({ fromMs, untilMs, offsetMs: offsetAt(timeZone, fromMs) })
    fromMs = untilMs
  }
  return found
}

/** The first instant after `fromMs` with another offset, to the second; `endMs` if there is none before it. */
function nextChange(timeZone: string, fromMs: number, endMs: number): number {
  const offsetMs = offsetAt(timeZone, fromMs)
  for (let sameMs = fromMs; sameMs < endMs; sameMs += SAMPLE_MS) {
    const sampleMs = Math.min(sameMs + SAMPLE_MS, endMs)
    if (offsetAt(timeZone, sampleMs) !== offsetMs) return changeBetween(timeZone, sameMs, sampleMs)
  }
  return endMs
}

function changeBetween(timeZone: string, beforeMs: number, afterMs: number): number {
  const offsetMs = offsetAt(timeZone, beforeMs)
  let same = beforeMs / SECOND_MS
  let other = afterMs / SECOND_MS
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2)
    if (offsetAt(timeZone, middle * SECOND_MS) === offsetMs) same = middle
    else other = middle
  }
  return other * SECOND_MS
}

function offsetAt(timeZone: string, ms: number): number {
  const shown = formatter(timeZone).format(ms)
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(shown) ?? []
  if (sign === undefined) return 0
  const offsetMs = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS
  return sign === '-' ? -offsetMs : offsetMs
}

/**
 * The first instant at which the clock on the wall shows `wallMs` or later: the time itself, the first time if it
 * comes twice, the instant of the jump if the clock jumps over it. Wall times are written as if they were UTC.
 */
export function instantOf(zone: Zone, wallMs: number): number {
  let span = zone(wallMs - FARTHEST_MS)
  while (span.untilMs + span.offsetMs <= wallMs) span = zone(span.untilMs)
  return Math.max(span.fromMs, wallMs - span.offsetMs)
}

/** The first whole minute that the clock on the wall had not shown up to `ms`, not even before it was put back. */
export function unseenWallMs(zone: Zone, ms: number): number {
  let span = zone(ms)
  let wallMs = nextMinuteMs(ms + span.offsetMs)
  while (span.fromMs > ms - 2 * FARTHEST_MS) {
    span = zone(span.fromMs - 1)
    wallMs = Math.max(wallMs, minuteFromMs(span.untilMs + span.offsetMs))
  }
  return wallMs
}

/** The first whole minute later than `ms`. */
export const nextMinuteMs = (ms: number): number => (Math.floor(ms / MINUTE_MS) + 1) * MINUTE_MS

/** The first whole minute not before `ms`. */
export const minuteFromMs = (ms: number): number => Math.ceil(ms / MINUTE_MS) * MINUTE_MS

/** The wall clock at an instant, to the minute, with its offset from UTC: `2026-11-21 20:00 +08:00 Asia/Shanghai`. */
export function localTime(ms: number, timeZone: string): string {
  const { offsetMs } = zoneNamed(timeZone)(ms)
  const [date, time] = new Date(ms + offsetMs).toISOString().split('T')
  const offset = new Date(Math.abs(offsetMs)).toISOString().slice(11, 16)
  return `${date} ${time?.slice(0, 5)} ${offsetMs < 0 ? '-' : '+'}${offset} ${timeZone}`
}
