/** A feed as iCalendar (RFC 5545) writes it. */
import { printableLines } from '../../model/printable.ts'
import { isoInstant } from '../../schedule/instant.ts'
import { localTime } from '../../schedule/zone.ts'
import { MAX_REASON_LENGTH } from '../week.ts'
import type { FeedMark } from './marks.ts'

interface FeedHead {
  /** What the calendar is called. */
  name: string
  /** What a reader has to know of it. */
  notes: string[]
  /** Where its links lead. */
  publicUrl: string
}

/** Section 3.1; in UTF-8, without the line's end. */
const MAX_LINE_OCTETS = 75
/** Calendars look again so often, where they ask at all. */
const REFRESH = 'PT1H'
/** A `SEQUENCE` counts up from here, and has 31 bits. */
const FIRST_YEAR_MS = Date.UTC(2020)

function octetsOf(character: string): number {
  const code = character.codePointAt(0)!
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}

/** A line goes on in the next one, which begins with a space; no character is torn apart. */
function foldLine(line: string): string {
  let folded = ''
  let octets = 0
  for (const character of line) {
    const more = octetsOf(character)
    if (octets + more > MAX_LINE_OCTETS) {
      folded += '\r\n '
      octets = 1
    }
    folded += character
    octets += more
  }
  return folded
}

/** A value of the type TEXT: section 3.3.11. */
const textValue = (text: string): string =>
  printableLines(text.replaceAll(/\r\n?/g, '\n'))
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n')

/** A value of the type DATE-TIME in UTC: section 3.3.5. */
const timeValue = (ms: number): string => isoInstant(ms).replaceAll(/[-:]|\.\d+/g, '')

const linesOf = (lines: string[]): string => lines.map(line => `${foldLine(line)}\r\n`).join('')

const shorten = (text: string): string => [...text].slice(0, MAX_REASON_LENGTH).join('')

function describeMark(mark: FeedMark): string {
  const { dueMs, namedMs, timeZone, delayedBecause, skippedBecause, description } = mark
  const delayed = delayedBecause ? `: ${delayedBecause}` : ''
  return [
    localTime(dueMs, timeZone),
    ...(skippedBecause === null ? [] : [`Skipped: ${skippedBecause}`]),
    ...(namedMs === dueMs ? [] : [`Delayed from ${localTime(namedMs, timeZone)}${delayed}`]),
    ...(description === '' ? [] : [description]),
  ]
    .map(shorten)
    .join('\n')
}

/** One due time. Many programs show what is cancelled as if it were not: its title says it, too. */
function eventText(mark: FeedMark, { publicUrl }: FeedHead): string {
  const { id, policyId, action, dueMs, skippedBecause, changedMs } = mark
  const isSkipped = skippedBecause !== null
  return linesOf([
    'BEGIN:VEVENT',
    `UID:${id}@${new URL(publicUrl).host}`,
    `DTSTAMP:${timeValue(changedMs)}`,
    `LAST-MODIFIED:${timeValue(changedMs)}`,
    `SEQUENCE:${Math.max(0, Math.floor((changedMs - FIRST_YEAR_MS) / 1000))}`,
    `STATUS:${isSkipped ? 'CANCELLED' : 'CONFIRMED'}`,
    `DTSTART:${timeValue(dueMs)}`,
    'TRANSP:TRANSPARENT',
    `SUMMARY:${textValue(`${isSkipped ? 'Skipped: ' : ''}${action} ${policyId}`)}`,
    `DESCRIPTION:${textValue(describeMark(mark))}`,
    `URL:${publicUrl}/#/policies/${policyId}`,
    'END:VEVENT',
  ])
}

function headText({ name, notes }: FeedHead): string {
  const title = textValue(name)
  const about = textValue(notes.join('\n'))
  return linesOf([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Curfew//Due stops and starts//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    // RFC 7986, and the older names of the same that most programs read.
    `NAME:${title}`,
    `X-WR-CALNAME:${title}`,
    ...(about === '' ? [] : [`DESCRIPTION:${about}`, `X-WR-CALDESC:${about}`]),
    `REFRESH-INTERVAL;VALUE=DURATION:${REFRESH}`,
    `X-PUBLISHED-TTL:${REFRESH}`,
  ])
}

/** The first of the marks whose text has at most so many characters together; the calendar says until when it goes. */
export function feedText(head: FeedHead, marks: FeedMark[], maxLength: number): string {
  const events: string[] = []
  let length = 0
  for (const mark of marks) {
    const event = eventText(mark, head)
    length += event.length
    if (length > maxLength) break
    events.push(event)
  }
  const [cut] = marks.slice(events.length)
  const notes = cut ? [`There are too many: none is shown from ${isoInstant(cut.dueMs)} on.`] : []
  return [headText({ ...head, notes: [...head.notes, ...notes] }), ...events, 'END:VCALENDAR\r\n'].join('')
}
