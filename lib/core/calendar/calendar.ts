/** A calendar: the events of an iCalendar text, which stands in it or is fetched. */
import * as z from 'zod'
import { Instant, ManagedBy, Stamps } from '../model/model.ts'
import { CalendarId, Cover } from '../schedule/calendars.ts'
import { isoInstant } from '../schedule/instant.ts'

/** What a calendar covers lies beside each policy that uses it. */
export const MAX_COVER_BYTES = 48_000

const MAX_ICS_BYTES = 200 * 1024
const byteLength = (text: string): number => new TextEncoder().encode(text).length

export const calendarFields = {
  id: CalendarId.describe('Lower-case letters, digits and dashes.'),
  description: z.string().max(1000).default('').describe('For people.'),
  url: z
    .url({ protocol: /^https$/, error: 'expected a URL that begins with https://' })
    .max(2048)
    .optional()
    .describe(
      'Where it is fetched from, once a day: https only, and public addresses only. Redirects are not followed. 2 MB at most.',
    ),
  ics: z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const bytes = byteLength(text)
      const message = `expected at most ${MAX_ICS_BYTES} bytes, got ${bytes}`
      if (bytes > MAX_ICS_BYTES) context.addIssue({ code: 'custom', message, input: text })
    })
    .optional()
    .describe('The calendar itself (RFC 5545), 200 KB at most.'),
  managedBy: ManagedBy,
}

/** One of both is there. */
export function calendarProblems(
  { url, ics }: { url?: string | undefined; ics?: string | undefined },
  context: z.RefinementCtx,
): void {
  if ((url === undefined) !== (ics === undefined)) return
  const message = `expected one of url and ics, got ${url === undefined ? 'neither' : 'both'}`
  context.addIssue({ code: 'custom', path: ['url'], message, input: url })
}

export const Calendar = z.strictObject(calendarFields).superRefine(calendarProblems)
export type Calendar = z.infer<typeof Calendar>

/** What Curfew itself keeps beside a calendar. */
export const CalendarState = z.object({
  ...Stamps.shape,
  /** When what it covers was read last; `null`: never. */
  fetchedAt: Instant.nullable(),
  /** Why the latest try failed; `null`: it did not. */
  lastError: z.string().nullable(),
  nextFetchAt: Instant,
  /** Tries in a row that failed. */
  failures: z.int().min(0),
  events: z.int().min(0),
  /** `null`: it could never be read. */
  cover: Cover.nullable(),
  /** The revision of the cover that all policies which use the calendar have. */
  spread: z.int(),
  /** What the next request sends, so that the server can say that nothing has changed. */
  etag: z.string().optional(),
  lastModified: z.string().optional(),
})
export type CalendarState = z.infer<typeof CalendarState>
export type StoredCalendar = Calendar & CalendarState

/** What is known of a calendar before it is read for the first time. */
export const newCalendarState = (now: number): Omit<CalendarState, keyof Stamps> => ({
  fetchedAt: null,
  lastError: null,
  nextFetchAt: isoInstant(now),
  failures: 0,
  events: 0,
  cover: null,
  spread: 0,
})

export const isFetchDue = ({ nextFetchAt }: CalendarState, now: number): boolean =>
  Date.parse(nextFetchAt) <= now

/** Whether all policies that use the calendar know what it covers. */
export const isSpread = ({ cover, spread }: CalendarState): boolean =>
  cover === null || cover.revision === spread

/** When it needs attention next. */
export const calendarDueAt = (calendar: CalendarState, now: number): string =>
  isSpread(calendar) ? calendar.nextFetchAt : isoInstant(now)
