/** What reading a calendar anew makes of it. */

import type { Cover, CoveredTime } from '../schedule/calendars.ts'
import { isoInstant } from '../schedule/instant.ts'
import type { StoredCalendar } from './calendar.ts'
import { DAY_MS } from './calendar-times.ts'
import { type CalendarRead, readCalendar } from './cover.ts'
import { type Fetched, RENEW_MS } from './fetch.ts'
import { CalendarProblem } from './lines.ts'

const REFRESH_MS = DAY_MS
/** Tries come in pairs: a second one soon after a first that failed, before the alarm rings; the next pair some hours later. */
const AGAIN_MS = 120_000
const LATER_MS = 6 * 3_600_000
const MAX_ERROR_LENGTH = 500

const roughMs = (text: string): number =>
  Date.parse(text.endsWith('Z') ? text : `${text.slice(0, 10)}T00:00:00Z`)

/** The times still to come, up to an instant, as text to compare. Ends beyond these are left out: each reading cuts long events elsewhere. */
function comingTimes(times: CoveredTime[], { now, untilMs }: { now: number; untilMs: number }): string {
  const range = { fromMs: now - 2 * DAY_MS, untilMs: untilMs - 2 * DAY_MS }
  const coming = times.filter(
    ({ from, until }) => roughMs(until) > range.fromMs && roughMs(from) < range.untilMs,
  )
  const cut = coming.map(({ from, until, event }) => [
    roughMs(from) < range.fromMs ? null : from,
    roughMs(until) > range.untilMs ? null : until,
    event,
  ])
  return JSON.stringify(cut.map(one => JSON.stringify(one)).toSorted())
}

/** The new cover, or the earlier one where both say the same: then no policy needs to be told. */
function coverAfter(
  { id, cover }: { id: string; cover: Cover | null },
  { knownUntil, times }: CalendarRead,
  now: number,
): Cover {
  const next = { calendar: id, revision: (cover?.revision ?? 0) + 1, knownUntil, times }
  if (cover === null || Date.parse(cover.knownUntil) < now + RENEW_MS) return next
  const range = { now, untilMs: Date.parse(cover.knownUntil) }
  return comingTimes(cover.times, range) === comingTimes(times, range) ? cover : next
}

const EMPTY = 'expected events, as there were before, got none'

function failedState(before: StoredCalendar, problem: string, now: number): StoredCalendar {
  const failures = before.failures + 1
  const pauseMs = failures > 0 && failures % 2 === 0 ? LATER_MS : AGAIN_MS
  return {
    ...before,
    failures,
    lastError: problem.slice(0, MAX_ERROR_LENGTH),
    nextFetchAt: isoInstant(now + pauseMs),
  }
}

const markRead = (before: StoredCalendar, now: number): StoredCalendar => ({
  ...before,
  failures: 0,
  lastError: null,
  fetchedAt: isoInstant(now),
  nextFetchAt: isoInstant(now + REFRESH_MS),
})

function textState(
  before: StoredCalendar,
  { bytes, etag, lastModified }: Extract<Fetched, { kind: 'text' }>,
  now: number,
): StoredCalendar {
  const read = readOrProblem(bytes, now)
  if ('problem' in read) return failedState(before, read.problem, now)
  if (read.events === 0 && before.events > 0) return failedState(before, EMPTY, now)
  const { etag: _, lastModified: __, ...after } = markRead(before, now)
  return {
    ...after,
    events: read.events,
    cover: coverAfter(before, read, now),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

function readOrProblem(bytes: Uint8Array, now: number): CalendarRead | { problem: string } {
  try {
    return readCalendar(bytes, now)
  } catch (error) {
    if (error instanceof CalendarProblem) return { problem: error.message }
    throw error
  }
}

/** A calendar after a try to read it. The last good copy stays while no better one comes. */
export function refreshedCalendar(before: StoredCalendar, fetched: Fetched, now: number): StoredCalendar {
  switch (fetched.kind) {
    case 'text':
      return textState(before, fetched, now)
    case 'unchanged':
      return markRead(before, now)
    case 'failed':
      return failedState(before, fetched.problem, now)
  }
}
