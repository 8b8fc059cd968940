/** What an edit makes of a calendar, and what its cover makes of a policy that uses it. */
import { type Calendar, CalendarState, newCalendarState, type StoredCalendar } from '../calendar/calendar.ts'
import { Stamps, type StoredPolicy } from '../model/model.ts'
import type { Cover } from '../schedule/calendars.ts'
import { isoInstant } from '../schedule/instant.ts'
import type { DueTimes } from '../tick/due-runs.ts'
import { dueAfterEdit, type Edit, type KeptDocument, stampEdit, withoutState } from './documents.ts'

type KeptCalendar = KeptDocument<CalendarState> & { url?: unknown; ics?: unknown }

/** Whether what a calendar is read from is as it was, and could be read. */
export const isReadAlready = ({ url, ics }: Calendar, before: KeptCalendar | null): boolean =>
  before !== null && before.cover !== null && before.url === url && before.ics === ics

/** A calendar in place of another, or of none: what the other one covered stays until this one is read. */
export function editedCalendar(calendar: Calendar, before: KeptCalendar | null, edit: Edit): StoredCalendar {
  const state = before === null ? newCalendarState(edit.now) : CalendarState.parse(before)
  const edited = { ...calendar, ...state, ...stampEdit(before, edit) }
  if (isReadAlready(calendar, before)) return edited
  const { etag: _, lastModified: __, ...unread } = edited
  // A text that a person writes may be without events; what is fetched may not lose them.
  return calendar.ics === undefined ? unread : { ...unread, events: 0 }
}

/** A calendar as its history knows it. */
export const plainCalendar = (kept: KeptCalendar): KeptDocument<Stamps> => ({
  ...withoutState(kept, CalendarState.shape),
  ...Stamps.parse(kept),
  id: kept.id,
})

/** A calendar as it is shown: what Curfew needs to fetch it again is left out. */
export function shownCalendar(calendar: StoredCalendar) {
  const { cover, failures: _, spread: __, etag: ___, lastModified: ____, ...shown } = calendar
  return { ...shown, knownUntil: cover?.knownUntil ?? null, covered: cover?.times ?? [] }
}

/** Its covers in the order of its calendars; `null`: it does not use the calendar, or has this cover, or a later one. */
function coversWith({ schedule, covers = [] }: StoredPolicy, cover: Cover): Cover[] | null {
  const { calendar, revision } = cover
  const has = covers.find(one => one.calendar === calendar)
  const isNews = has === undefined || has.revision < revision
  if (!isNews || !schedule.calendars.some(({ id }) => id === calendar)) return null
  const known = new Map([...covers, cover].map(one => [one.calendar, one]))
  return schedule.calendars.flatMap(({ id }) => known.get(id) ?? [])
}

/** When a policy is due by another cover; due times that have passed stay. `null`: it is no news to it. */
export function dueByCover(
  policy: StoredPolicy,
  cover: Cover,
  now: number,
): (DueTimes & { covers: Cover[]; coversAt: string }) | null {
  const covers = coversWith(policy, cover)
  return covers && { covers, coversAt: isoInstant(now), ...dueAfterEdit({ ...policy, covers }, policy, now) }
}
