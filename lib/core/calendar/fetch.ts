/** What a try to read a calendar asks for, and what may come of it. */
import type { Calendar, StoredCalendar } from './calendar.ts'

/** What came of a try: the bytes of a calendar, the word that it is as it was, or why there is nothing. */
export type Fetched =
  | { kind: 'text'; bytes: Uint8Array; etag?: string | undefined; lastModified?: string | undefined }
  | { kind: 'unchanged' }
  | { kind: 'failed'; problem: string }

/** What is known for less long is worked out anew, though nothing has changed. */
export const RENEW_MS = 370 * 86_400_000

/** By which a calendar that has not changed may be answered in short; nothing where its text is needed anyway. */
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

/** Before a try that a person asked for, and sees fail: those of the timer count anew. */
export const beforeAsked = (calendar: StoredCalendar): StoredCalendar => ({ ...calendar, failures: -1 })

/** The text that stands in a calendar; `null`: it is fetched. */
export const ownText = ({ ics }: Calendar): Fetched | null =>
  ics === undefined ? null : { kind: 'text', bytes: new TextEncoder().encode(ics) }
