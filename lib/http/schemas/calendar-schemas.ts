/** Calendars as they are sent and shown. */
import * as z from 'zod'
import { type Calendar, calendarFields, calendarProblems } from '../../core/calendar/calendar.ts'
import { Instant, Stamps } from '../../core/model/model.ts'
import { CalendarId, CoveredTime } from '../../core/schedule/calendars.ts'
import { omitFields, readOnly } from './schemas.ts'

const BodyId = CalendarId.optional().meta({
  description: 'May be absent; if there, it equals the one of the path.',
})

/** What is worked out of a calendar; read-only. */
const calendarView = {
  fetchedAt: Instant.nullable().describe(
    'Read-only. When it was read last, and could be: what it covers is as it was then; `null`: never.',
  ),
  lastError: z.string().nullable().describe('Read-only. Why the latest try failed; `null`: it did not.'),
  nextFetchAt: Instant.describe('Read-only. When it is read again.'),
  events: z.int().describe('Read-only. How many events stand in it.'),
  knownUntil: Instant.nullable().describe('Read-only. What it covers later is not known.'),
  covered: z
    .array(CoveredTime)
    .describe(
      'Read-only. What its events cover, from two months ago on, the ends not in it: dates; times on the clock of the policy; instants, which end in `Z`.',
    ),
}
/** What Curfew keeps beside a calendar, as far as it is shown. */
export const CALENDAR_STATE = { ...Stamps.shape, ...calendarView }

export const CalendarBody = z
  .strictObject({ ...calendarFields, id: BodyId, ...readOnly(CALENDAR_STATE) })
  .superRefine(calendarProblems)
  .meta({ id: 'CalendarBody' })
  .transform(body => omitFields(body, CALENDAR_STATE) as Omit<Calendar, 'id'> & { id?: string })

export const CalendarDocument = z
  .object({ ...calendarFields, ...CALENDAR_STATE })
  .meta({ id: 'Calendar', description: 'Events by which due times are left out, or days added.' })
