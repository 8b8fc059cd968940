/** Routes of calendars. */
import type { Calendar, StoredCalendar } from '../../../core/calendar/calendar.ts'
import { beforeAsked } from '../../../core/calendar/fetch.ts'
import { plainCalendar, shownCalendar } from '../../../core/documents/calendar.ts'
import { webhookUrlProblem } from '../../../core/notify/webhook-address.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { refreshCalendar } from '../../../steps/calendars/refresh.ts'
import { etagHeader, refuseOtherId, retryOnConflict } from '../../edits/edit.ts'
import { removeUsed } from '../../edits/used-document.ts'
import { paginate } from '../../lists/lists.ts'
import { throwNotFound, throwUnprocessable } from '../../problem.ts'
import { type Answer, defineRoute, jsonAnswer } from '../../route.ts'
import { CalendarBody, CalendarDocument } from '../../schemas/calendar-schemas.ts'
import { Empty } from '../../schemas/preview-schemas.ts'
import { IF_MATCH, IF_NONE_MATCH, ListQuery, listSchema, PathId } from '../../schemas/schemas.ts'
import { CALENDAR_EXAMPLES } from './examples.ts'
import { saveCalendar, tellPolicies } from './save.ts'

/** The calendar of that id. Throws 404. */
async function existingCalendar(id: string, { store }: HttpServices): Promise<StoredCalendar> {
  return (await store.calendar(id)) ?? throwNotFound('calendar', id)
}

const calendarAnswer = (calendar: StoredCalendar, status = 200): Answer =>
  jsonAnswer(shownCalendar(calendar), status, etagHeader(calendar))

const usedCalendars = ({ store }: HttpServices) => ({
  kind: 'calendar' as const,
  named: 'calendars' as const,
  async kept(id: string) {
    const kept = await store.keptCalendar(id)
    return kept && plainCalendar(kept)
  },
  remove: store.removeCalendar,
})

function refuseAddress({ url }: Calendar): void {
  const message = url === undefined ? null : webhookUrlProblem(url)
  if (message !== null) throwUnprocessable([{ path: 'url', message }])
}

/** Reads it now, whenever it is due; as often as it is edited meanwhile. */
async function refreshNow(id: string, services: HttpServices): Promise<StoredCalendar> {
  const after = await retryOnConflict(async () =>
    refreshCalendar(beforeAsked(await existingCalendar(id, services)), services),
  )
  await tellPolicies(after, services)
  return after
}

export const calendarRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/calendars',
    operation: 'calendars',
    examples: CALENDAR_EXAMPLES.calendars,
    summary: 'All calendars, by id',
    description: 'What cannot be read is left out, and its id is told in `unreadable`.',
    query: ListQuery,
    answers: { 200: { description: 'A page of them.', schema: listSchema(CalendarDocument) } },
    run: ({ query }, { store }) =>
      paginate({
        list: 'calendars',
        ...query,
        page: (most, after) => store.calendars({ most, after }),
        shown: shownCalendar,
      }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/calendars/{id}',
    operation: 'calendar',
    versioned: true,
    examples: CALENDAR_EXAMPLES.calendar,
    summary: 'One calendar',
    description: 'With what it covers, and how old that is. `ETag` is its version, for `If-Match`.',
    params: PathId,
    answers: { 200: { description: 'The calendar.', schema: CalendarDocument } },
    run: async ({ params }, services) => calendarAnswer(await existingCalendar(params.id, services)),
  }),
  defineRoute({
    method: 'PUT',
    needs: 'admin',
    path: '/v1/calendars/{id}',
    operation: 'saveCalendar',
    examples: CALENDAR_EXAMPLES.saveCalendar,
    summary: 'Create or replace a calendar',
    description:
      'It is read at once. What came and cannot be read is 422, with its line. Where nothing came, the calendar is saved with `lastError`, and asked for again; until it could be read once, no policy can use it.',
    params: PathId,
    body: { schema: CalendarBody },
    headers: { ...IF_MATCH, ...IF_NONE_MATCH },
    answers: {
      200: { description: 'It was replaced.', schema: CalendarDocument },
      201: { description: 'It was created.', schema: CalendarDocument },
    },
    run: async (asked, services) => {
      const { params, body } = asked
      refuseOtherId(body, params.id)
      const wanted: Calendar = { ...body, id: params.id }
      refuseAddress(wanted)
      const { calendar, isNew } = await saveCalendar(wanted, asked, services)
      return calendarAnswer(calendar, isNew ? 201 : 200)
    },
  }),
  defineRoute({
    method: 'DELETE',
    needs: 'admin',
    path: '/v1/calendars/{id}',
    operation: 'deleteCalendar',
    examples: CALENDAR_EXAMPLES.deleteCalendar,
    summary: 'Delete a calendar that no policy uses',
    description: 'Nothing else goes with it.',
    params: PathId,
    headers: IF_MATCH,
    answers: { 204: { description: 'It is gone.' } },
    problems: { 409: 'Policies use it.' },
    run: async (asked, services) => {
      await removeUsed(asked.params.id, { asked, of: usedCalendars(services) }, services)
      return { status: 204 }
    },
  }),
  defineRoute({
    method: 'POST',
    needs: 'operate',
    path: '/v1/calendars/{id}/refresh',
    operation: 'refreshCalendar',
    examples: CALENDAR_EXAMPLES.refreshCalendar,
    summary: 'Read a calendar anew, now',
    description: 'Where that fails, `lastError` says why, and what it covered before still holds.',
    params: PathId,
    body: { schema: Empty, optional: true },
    answers: { 200: { description: 'The calendar as it is now.', schema: CalendarDocument } },
    run: async ({ params }, services) => calendarAnswer(await refreshNow(params.id, services)),
  }),
]
