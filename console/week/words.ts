/** The stops and starts of a week in words: for tooltips, for lists, and for those who cannot see the chart. */
import type { Run, WeekItem } from '../api/types.ts'
import { isSnoozedRun, numbersText, statusTone, type Tone } from '../words/run.ts'
import { clockTime, dayAndTime, durationText, formatDate, zoneName } from '../words/time.ts'
import type { Moment } from './layout.ts'

/** How a run ended, as a shape and a colour show it. */
interface Ending {
  tone: Tone
  word: string
}

export const endingOf = (run: Run): Ending => ({
  tone: statusTone(run.status),
  word: isSnoozedRun(run) ? 'snoozed' : run.status,
})

/** What will be, or was, done: `stop`, `start`, `stop by hand`. */
export const actText = ({ action, isDue }: Pick<Moment, 'action' | 'isDue'>): string =>
  isDue ? action : `${action} by hand`

/** What became of it, or will: `succeeded, 200 of 208 off`, `skipped: a skip date`. */
export function fateText({ run, runId, skippedBecause }: Moment): string {
  if (run) {
    const { word } = endingOf(run)
    if (run.summary.matched > 0) return `${word}, ${numbersText(run)}`
    return run.reason ? `${word}: ${run.reason}` : word
  }
  if (skippedBecause !== null) return `skipped: ${skippedBecause}`
  return runId === null ? 'due' : 'ran'
}

/** All of it in one sentence: `Stop, Fri, 20 Nov, 20:00 Shanghai: succeeded, 200 of 208 off`. */
export function momentText(moment: Moment, timeZone: string): string {
  const act = actText(moment)
  const when = `${dayAndTime(moment.at, timeZone)} ${zoneName(timeZone)}`
  return `${act[0]!.toUpperCase()}${act.slice(1)}, ${when}: ${fateText(moment)}`
}

/** `Off from Fri, 20 Nov, 20:00 to Mon, 23 Nov, 07:00 (2 days 11 h)` */
export function offText({ from, to }: { from: string; to: string }, timeZone: string): string {
  const length = durationText(Date.parse(to) - Date.parse(from))
  return `Off from ${dayAndTime(from, timeZone)} to ${dayAndTime(to, timeZone)} (${length})`
}

export const snoozeText = ({ until, reason }: SnoozeWords, timeZone: string): string =>
  `Snoozed until ${dayAndTime(until, timeZone)}${reason ? `: ${reason}` : ''}`
type SnoozeWords = Pick<NonNullable<WeekItem['snooze']>, 'until' | 'reason'>

/** What is missing of a row, and why. */
export function gapTexts({ marksUntil, runsSince, unreadableRuns = [], timeZone }: WeekItem): string[] {
  return [
    marksUntil === null
      ? ''
      : `Due times after ${dayAndTime(marksUntil, timeZone)} are left out: they are too many.`,
    runsSince === null
      ? ''
      : `Runs before ${dayAndTime(runsSince, timeZone)} are left out: they are too many.`,
    unreadableRuns.length === 0 ? '' : `Not readable by this version: ${unreadableRuns.join(', ')}.`,
  ].filter(Boolean)
}

/** A date of no zone, as the reader writes it. */
const calendarDate = (date: string, options: Intl.DateTimeFormatOptions): string =>
  formatDate(Date.parse(date), { timeZone: 'UTC', ...options })

/** The head of a day's column: `Mon 23`. */
export const dayHead = (date: string): string => calendarDate(date, { weekday: 'short', day: 'numeric' })

/** `Monday, 23 November` */
export const dayTitle = (date: string): string =>
  calendarDate(date, { weekday: 'long', day: 'numeric', month: 'long' })

/** The head of a week: `23–29 November 2026`. */
export function weekTitle(first: string, last: string): string {
  const format = new Intl.DateTimeFormat(undefined, {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
  return format.formatRange(Date.parse(first), Date.parse(last))
}

/** What a day that a clock change made longer or shorter says of it: `25 h`. */
export const hoursText = (hours: number): string => (hours === 24 ? '' : `${hours.toLocaleString()} h`)

/** By how much clocks are set back: Lord Howe by half an hour, Troll by two. */
const SET_BACK_HOURS = [0.5, 1, 2]

/** The time of day, with the offset where a clock that went back shows it twice. */
export function timeOfDay(at: string, timeZone: string): string {
  const time = clockTime(at, timeZone)
  const ms = Date.parse(at)
  const isTwice = SET_BACK_HOURS.some(hours =>
    [ms - hours * 3_600_000, ms + hours * 3_600_000].some(other => clockTime(other, timeZone) === time),
  )
  return isTwice ? `${time} ${offsetText(ms, timeZone)}` : time
}

const offsetText = (ms: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' })
    .formatToParts(ms)
    .find(({ type }) => type === 'timeZoneName')!.value
