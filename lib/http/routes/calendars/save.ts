/** Saves calendars: what they cover is worked out before, and told to the policies that use them after. */
import {
  type Calendar,
  CalendarState,
  isSpread,
  type StoredCalendar,
} from '../../../core/calendar/calendar.ts'
import { beforeAsked, type Fetched, ownText } from '../../../core/calendar/fetch.ts'
import { editedCalendar, isReadAlready } from '../../../core/documents/calendar.ts'
import { isSame, withoutState } from '../../../core/documents/documents.ts'
import { errorFields } from '../../../runtime/log.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { readAnew } from '../../../steps/calendars/refresh.ts'
import { spreadCover } from '../../../steps/calendars/spread.ts'
import { saveWithAudit } from '../../edits/changed.ts'
import { checkPreconditions, retryOnConflict } from '../../edits/edit.ts'
import { throwUnprocessable } from '../../problem.ts'
import type { Asked } from '../../route.ts'

type FetchText = () => Promise<Fetched>

/** Asked for once, however often the edit is repeated. */
function fetchOnce(calendar: Calendar, { fetchCalendar }: HttpServices): FetchText {
  let fetched: Promise<Fetched> | undefined
  return () => {
    fetched ??= Promise.resolve(ownText(calendar) ?? fetchCalendar(calendar.url!, {}))
    return fetched
  }
}

/** Throws 422 for what came and cannot be read. What did not come is tried again. */
async function readEdited(
  edited: StoredCalendar,
  fetchText: FetchText,
  { now }: HttpServices,
): Promise<StoredCalendar> {
  const fetched = await fetchText()
  const after = await readAnew(beforeAsked(edited), fetched, now())
  if (fetched.kind === 'text' && after.lastError !== null)
    throwUnprocessable([{ path: edited.ics === undefined ? 'url' : 'ics', message: after.lastError }])
  return after
}

interface CalendarEdit {
  asked: Pick<Asked, 'headers' | 'actor'>
  fetchText: FetchText
  /** After the first try, what we meant to write may stand there already: written by us, the answer lost. */
  tries: number
}
interface SavedCalendar {
  calendar: StoredCalendar
  isNew: boolean
}

/** One try of a PUT; `null` when another edit, or a fetch, came between. */
async function tryToSave(
  calendar: Calendar,
  { asked, fetchText, tries }: CalendarEdit,
  services: HttpServices,
): Promise<SavedCalendar | null> {
  const { store, now } = services
  const before = await store.keptCalendar(calendar.id)
  const plain = before && withoutState(before, CalendarState.shape)
  const isDone = plain !== null && isSame(plain, calendar)
  if (!isDone || tries === 0) checkPreconditions(asked.headers, before)
  if (isDone) return { calendar: { ...calendar, ...CalendarState.parse(before) }, isNew: false }
  const { actor } = asked
  const edited = editedCalendar(calendar, before, { actor, now: now() })
  const after = isReadAlready(calendar, before) ? edited : await readEdited(edited, fetchText, services)
  const { id, version } = after
  const what = before === null ? 'created' : 'edited'
  const edit = { of: { kind: 'calendar', id }, what, actor, version, before: plain, after: calendar } as const
  const saved = await saveWithAudit(edit, services, change => store.saveCalendar(after, before, change))
  return saved && { calendar: after, isNew: before === null }
}

/** Tells the policies that use it; what is left undone is the next tick's. */
export async function tellPolicies(calendar: StoredCalendar, services: HttpServices): Promise<void> {
  if (isSpread(calendar)) return
  await spreadCover(calendar, services).catch(error =>
    services.log.warn('a calendar waits for the next tick', { calendar: calendar.id, ...errorFields(error) }),
  )
}

/** Creates or replaces a calendar, unless it says already what is wanted. */
export async function saveCalendar(
  calendar: Calendar,
  asked: Pick<Asked, 'headers' | 'actor'>,
  services: HttpServices,
): Promise<SavedCalendar> {
  const fetchText = fetchOnce(calendar, services)
  const saved = await retryOnConflict(tries => tryToSave(calendar, { asked, fetchText, tries }, services))
  await tellPolicies(saved.calendar, services)
  return saved
}
