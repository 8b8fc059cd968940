/** Calendars: documents that policies name, and that are fetched again and again. */
import {
  Calendar,
  type CalendarState,
  calendarDueAt,
  type StoredCalendar,
} from '../../../core/calendar/calendar.ts'
import type { Change } from '../../../core/documents/change.ts'
import type { KeptDocument } from '../../../core/documents/documents.ts'
import { CALENDARS, calendarKey, dueAt } from '../../keys.ts'
import type { Item, PageStart, Table } from '../../table.ts'
import type { SaveChanged } from './changes.ts'
import { withoutDefaults } from './defaults.ts'
import { type DocumentRow, documentList, readDocumentPage } from './document-list.ts'
import { hasDocument, keptCalendar, NO_VERSION, storedCalendar, versionIs } from './stored-documents.ts'

/** Holds as long as it was neither edited nor fetched since. */
const unchangedSince = ({ version, nextFetchAt, spread }: CalendarState) => [
  ...versionIs(version),
  { path: 'doc.nextFetchAt', is: nextFetchAt },
  { path: 'doc.spread', is: spread },
]

export function calendarsStore(table: Table, { saveChanged, removeChanged }: SaveChanged, now: () => number) {
  const list = documentList(table)
  return {
    /** Throws `Unreadable`. */
    async calendar(id: string): Promise<StoredCalendar | null> {
      const item = await table.item(calendarKey(id))
      return hasDocument(item) ? storedCalendar(item) : null
    },
    /** The same, whatever else it holds: to be replaced or removed. */
    async keptCalendar(id: string): Promise<KeptDocument<CalendarState> | null> {
      const item = await table.item(calendarKey(id))
      return hasDocument(item) ? keptCalendar(item) : null
    },
    calendars: (page: { most: number; after?: PageStart }) =>
      list({ listKey: CALENDARS, read: storedCalendar }, page),
    /** Reads these calendars as far as they exist. */
    async calendarsByIds(ids: string[]): Promise<DocumentRow<StoredCalendar>[]> {
      const items = await table.items(ids.map(calendarKey))
      const placeOf = ({ pk, sk }: Item): PageStart => ({ pk, sk })
      return readDocumentPage(items.filter(hasDocument), { placeOf, read: storedCalendar }).rows
    },

    /** `before`: what it replaces, null for nothing. False when that was edited or fetched since. */
    saveCalendar(calendar: StoredCalendar, before: CalendarState | null, change?: Change): Promise<boolean> {
      const key = calendarKey(calendar.id)
      const place = { listKey: CALENDARS, listAt: calendar.id }
      const when =
        before === null ? versionIs(null) : before.version === NO_VERSION ? [] : unchangedSince(before)
      const due = dueAt(calendarDueAt(calendar, now()), key)
      return saveChanged({ ...key, ...place, ...due, doc: withoutDefaults(calendar, Calendar) }, when, change)
    },
    /** `mark`: as `markDeleting` gave it. False where a policy took it away, or it is another version by now. */
    removeCalendar(
      id: string,
      { version, mark }: { version: number; mark: string },
      change: Change,
    ): Promise<boolean> {
      return removeChanged(calendarKey(id), [...versionIs(version), { path: 'deleting', is: mark }], change)
    },

    /** What a fetch made of it; false when it was edited, or fetched by another, meanwhile. */
    async saveFetched(after: StoredCalendar, before: StoredCalendar): Promise<boolean> {
      const key = calendarKey(after.id)
      const set = { doc: withoutDefaults(after, Calendar), ...dueAt(calendarDueAt(after, now()), key) }
      return (await table.change(key, { set, when: unchangedSince(before) })) !== null
    },
    /** All policies that use it know what it covers; false when it covers something else by now. */
    async markSpread(calendar: StoredCalendar): Promise<boolean> {
      const key = calendarKey(calendar.id)
      const spread = calendar.cover?.revision ?? 0
      const set = { 'doc.spread': spread, ...dueAt(calendar.nextFetchAt, key) }
      return (await table.change(key, { set, when: unchangedSince(calendar) })) !== null
    },
  }
}
