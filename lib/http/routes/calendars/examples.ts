/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer, refusedAnswer } from '../../examples/answers.ts'
import { CALENDAR, CALENDAR_BODY, CALENDAR_CREATED, CALENDAR_REFRESHED } from '../../examples/calendar.ts'
import type { Example } from '../../route.ts'

const calendar = { id: CALENDAR.id }

export const CALENDAR_EXAMPLES = {
  calendars: {
    first: { summary: 'The first page', query: { limit: '100' }, answer: listAnswer(CALENDAR) },
  },
  calendar: { found: { summary: 'One that is there', params: calendar, answer: okAnswer(CALENDAR) } },
  saveCalendar: {
    create: {
      summary: 'A new one, with its text',
      params: { id: CALENDAR_CREATED.id },
      body: CALENDAR_BODY,
      answer: { status: 201, body: CALENDAR_CREATED },
    },
    unreadable: {
      summary: 'A page in place of a calendar',
      params: calendar,
      body: { ics: '<html>\n' },
      answer: refusedAnswer('ics', 'line 1: expected a property such as SUMMARY:text, got "<html>"'),
    },
    neither: {
      summary: 'Neither a text nor a URL',
      params: calendar,
      body: { description: 'Days on which nobody works' },
      answer: refusedAnswer('url', 'expected one of url and ics, got neither'),
    },
  },
  deleteCalendar: {
    unused: { summary: 'One that no policy uses', params: calendar, answer: { status: 204 } },
  },
  refreshCalendar: {
    now: { summary: 'Worked out anew', params: calendar, answer: okAnswer(CALENDAR_REFRESHED) },
  },
} satisfies Record<string, Record<string, Example>>
