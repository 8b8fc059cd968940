/** Reads a calendar anew, once a day, and tells the policies that use it. */
import { isFetchDue, isSpread, type StoredCalendar } from '../../core/calendar/calendar.ts'
import { type Fetched, fetchConditions, ownText } from '../../core/calendar/fetch.ts'
import type { BaseServices } from '../../runtime/services/base.ts'
import type { CalendarServices } from '../../runtime/services/calendar.ts'
import { spreadCover } from './spread.ts'

type RefreshServices = BaseServices & CalendarServices

/** The calendar as a try to read it leaves it. What reads it is loaded when first needed: a start should not pay for that. */
export async function readAnew(
  before: StoredCalendar,
  fetched: Fetched,
  now: number,
): Promise<StoredCalendar> {
  const { refreshedCalendar } = await import('../../core/calendar/refresh.ts')
  return refreshedCalendar(before, fetched, now)
}

/** Tries to read a calendar, and saves the result; `null` when it was edited, or read by another function, meanwhile. */
export async function refreshCalendar(
  before: StoredCalendar,
  { store, fetchCalendar, log, now }: RefreshServices,
): Promise<StoredCalendar | null> {
  const fetched = ownText(before) ?? (await fetchCalendar(before.url!, fetchConditions(before, now())))
  const after = await readAnew(before, fetched, now())
  if (!(await store.saveFetched(after, before))) return null
  const { id: calendar, events, lastError, nextFetchAt } = after
  log.info('calendar read', { calendar, kind: fetched.kind, events, lastError, nextFetchAt })
  return after
}

/** Deals with a calendar that a tick found due; after a crash it is still on the to-do list. */
export async function attendCalendar(id: string, services: RefreshServices): Promise<void> {
  const { store, now } = services
  const calendar = await store.calendar(id)
  if (calendar === null) return
  const fresh = isFetchDue(calendar, now()) ? await refreshCalendar(calendar, services) : calendar
  if (fresh === null) return
  if (fresh !== calendar && fresh.lastError !== null) await reportUnread(fresh, services)
  if (!isSpread(fresh)) await spreadCover(fresh, services)
  // It came too early, by a clock that was set back since: it is put back under its own time.
  else if (fresh === calendar) await store.markSpread(fresh)
}

/** The last good copy stays in use. Where the next try, minutes later, fails too, an alarm rings. */
async function reportUnread(
  { id, lastError, failures }: StoredCalendar,
  services: RefreshServices,
): Promise<void> {
  const { log, emitMetrics, queue } = services
  const what = { kind: 'calendar', id, error: lastError, failures }
  log.error('a due item cannot be dealt with; the others go on', what)
  emitMetrics({ DueItemsFailed: 1 })
  const reason = lastError ?? ''
  await queue.notify({ alarm: { name: 'DueItemFailed', about: `calendar ${id}`, reason } })
}
