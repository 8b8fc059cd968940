import { expect, test } from 'vitest'
import { readCalendar } from '../../../lib/core/calendar/cover.ts'
import { START } from '../../makers.ts'
import { APPLE, bytesOf, GOOGLE, OUTLOOK, officeHolidays } from './programs.ts'

/** `from until event` from the day of the tests to the end of March. */
const covered = (bytes: Uint8Array): string[] =>
  readCalendar(bytes, START)
    .times.filter(({ until, from }) => until > '2026-11-21' && from < '2027-04')
    .map(({ from, until, event }) => `${from} ${until} ${event}`)

test('a web calendar is read with what was moved, cancelled and left out of what comes again', () => {
  expect(covered(bytesOf(GOOGLE))).toEqual([
    '2026-11-24T17:00:00Z 2026-11-24T21:00:00Z Release night, nobody stops',
    '2026-12-09T18:00:00Z 2026-12-09T22:00:00Z Release night, a day later',
    '2026-12-24 2026-12-27 Christmas',
    '2027-01-19T17:00:00Z 2027-01-19T21:00:00Z Release night, nobody stops',
    '2027-02-02T17:00:00Z 2027-02-02T21:00:00Z Release night, nobody stops',
    '2027-02-16T17:00:00Z 2027-02-16T21:00:00Z Release night, nobody stops',
    '2027-03-02T17:00:00Z 2027-03-02T21:00:00Z Release night, nobody stops',
    '2027-03-16T17:00:00Z 2027-03-16T21:00:00Z Release night, nobody stops',
    // In summer time, and the last: its UNTIL is this instant.
    '2027-03-30T16:00:00Z 2027-03-30T20:00:00Z Release night, nobody stops',
  ])
})

test('an office suite is read by zones that only it knows', () => {
  expect(covered(bytesOf(OUTLOOK))).toEqual([
    '2026-12-04T16:00:00Z 2026-12-06T16:00:00Z Umzug',
    '2027-01-31T09:00:00Z 2027-01-31T11:00:00Z Wartung',
    '2027-02-28T09:00:00Z 2027-02-28T11:00:00Z Wartung',
    // The clocks have gone forward that very night.
    '2027-03-28T08:00:00Z 2027-03-28T10:00:00Z Wartung',
  ])
})

test('a desktop calendar is read with durations, further dates, and times without a zone', () => {
  expect(covered(bytesOf(APPLE))).toEqual([
    '2026-11-26 2026-11-27 Thanksgiving',
    '2026-12-01T03:00:00Z 2026-12-01T06:00:00Z Batch run',
    '2026-12-03T03:00:00Z 2026-12-03T06:00:00Z Batch run',
    '2026-12-03T11:30:00 2026-12-03T13:00:00 Lunch; everywhere at noon',
    '2027-03-15T02:00:00Z 2027-03-15T05:00:00Z Batch run',
  ])
})

test('a list of holidays is read though it folds a character in its middle, and ends a day when it begins', () => {
  expect(covered(officeHolidays())).toEqual(['2027-01-01 2027-01-02 元旦', '2027-02-05 2027-02-12 春节'])
})
