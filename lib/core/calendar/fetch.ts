/** What a try to read a calendar asks for, and what may come of it. */
import type { Calendar, StoredCalendar } from './calendar.ts'

/** What a try to read a calendar gave: its bytes, that it has not changed, or why it failed. */
export type Fetched =
  | { kind: 'text'; bytes: Uint8Array; etag?: string | undefined; lastModified?: string | undefined }
  | { kind: 'unchanged' }
  | { kind: 'failed'; problem: string }

/** A cover that is known for less long is worked out anew, though its calendar has not changed. */
export const RENEW_MS = 370 * 86_400_000

/** Headers by which a server may answer that the calendar has not changed; none where its text is needed anyway. */
export function fetchConditions(
  { cover, etag, lastModified, lastError }: StoredCalendar,
  now: number,
): Record<string, string> {
  if (cover === null || lastError !== null || Date.parse(cover.knownUntil) < now + RENEW_MS) return {}
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  }
}

/** Lets the next try not count as a failure: a person asked for it, and sees it fail. */
export const beforeAsked = (calendar: StoredCalendar): StoredCalendar => ({ ...calendar, failures: -1 })

/** The text that stands in a calendar; `null`: it is fetched. */
export const ownText = ({ ics }: Calendar): Fetched | null =>
  ics === undefined ? null : { kind: 'text', bytes: new TextEncoder().encode(ics) }
