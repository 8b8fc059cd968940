/** The calendar of the world that all examples are of. */
import { CREATED_AT, EXAMPLES_AT, newStamps, stamps } from './documents.ts'

export const CALENDAR_BODY = {
  description: 'Days on which nobody works',
  ics: `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//holidays//EN
BEGIN:VEVENT
UID:new-year@holidays.example
DTSTAMP:20261101T000000Z
DTSTART;VALUE=DATE:20270101
DTEND;VALUE=DATE:20270104
SUMMARY:New Year
END:VEVENT
END:VCALENDAR
`,
}
const readOfCalendar = {
  lastError: null,
  events: 1,
  covered: [{ from: '2027-01-01', until: '2027-01-04', event: 'New Year' }],
}
export const CALENDAR = {
  id: 'cn-holidays',
  ...CALENDAR_BODY,
  managedBy: null,
  ...stamps,
  ...readOfCalendar,
  fetchedAt: CREATED_AT,
  nextFetchAt: '2026-11-03T08:30:00.000Z',
  knownUntil: '2027-12-05T00:00:00.000Z',
}
const readNow = { fetchedAt: EXAMPLES_AT, nextFetchAt: '2026-11-21T09:00:00.000Z' }
export const CALENDAR_CREATED = {
  ...CALENDAR,
  id: 'de-holidays',
  ...newStamps,
  ...readNow,
  knownUntil: '2027-12-23T00:00:00.000Z',
}
export const CALENDAR_REFRESHED = { ...CALENDAR, ...readNow }
