import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import type { StoredCalendar } from '../../../lib/core/calendar/calendar.ts'
import { readCalendar } from '../../../lib/core/calendar/cover.ts'
import { refreshedCalendar } from '../../../lib/core/calendar/refresh.ts'
import { at, START } from '../../makers.ts'
import { aCalendar, anEvent, bytesOf } from './programs.ts'

const DAY_MS = 86_400_000
const read = (...lines: string[]) => readCalendar(bytesOf(aCalendar(...lines)), START)
const dayText = (ms: number): string => at(ms).slice(0, 10)

/** As Outlook writes the zones of a calendar. */
const outlookZone = (name: string): string[] => [
  ...['BEGIN:VTIMEZONE', `TZID:${name}`],
  ...['BEGIN:STANDARD', 'DTSTART:16010101T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100'],
  ...['RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10', 'END:STANDARD'],
  ...['BEGIN:DAYLIGHT', 'DTSTART:16010101T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'],
  ...['RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3', 'END:DAYLIGHT', 'END:VTIMEZONE'],
]

describe('rules that began long ago', () => {
  test('are read in the zones of Outlook, however many a calendar has', () => {
    const names = Array.from({ length: 20 }, (_, n) => `Zone ${n} Standard Time`)
    const events = names.flatMap((name, n) =>
      anEvent(`DTSTART;TZID=${name}:202${n % 2 ? '61201' : '70701'}T0900${10 + n}`, 'DURATION:PT1H'),
    )
    const { times } = read(...names.flatMap(outlookZone), ...events)
    expect(times).toHaveLength(20)
    expect(times[0]!.from).toBe('2026-12-01T08:00:11Z')
    expect(times[19]!.from).toBe('2027-07-01T07:00:28Z')
  })

  test.each([
    ['a hundred holidays since 1970', 100, '1970', 'FREQ=YEARLY'],
    ['fifty first Mondays since 1990', 50, '1990', 'FREQ=MONTHLY;BYDAY=1MO'],
  ])('%s', (_, count, year, rule) => {
    const two = (n: number) => String(n).padStart(2, '0')
    const events = Array.from({ length: count }, (_, n) =>
      anEvent(
        `DTSTART;VALUE=DATE:${year}${two(1 + (n % 12))}${two(1 + (n % 28))}`,
        `RRULE:${rule}`,
        `SUMMARY:${n}`,
      ),
    )
    expect(read(...events.flat()).times.length).toBeGreaterThanOrEqual(count)
  })

  const parts = fc.constantFrom(
    ...[
      '',
      ';BYMONTH=2',
      ';BYMONTH=1,10;BYDAY=-1SU',
      ';BYDAY=1MO',
      ';BYMONTHDAY=29,31',
      ';BYDAY=MO;BYSETPOS=1',
    ],
    ...[';BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', ';BYMONTH=5;BYDAY=3WE'],
  )
  const starts = fc.integer({ min: Date.UTC(1970, 0, 1) / DAY_MS, max: Date.UTC(2026, 0, 1) / DAY_MS })
  const odd = fc.constantFrom(...['1972-02-29', '1996-02-29', '2020-02-29', '1999-08-31', '2003-01-30'])
  property.prop(
    [fc.constantFrom('YEARLY', 'MONTHLY'), fc.integer({ min: 1, max: 7 }), parts, fc.oneof(starts, odd)],
    {
      numRuns: 40,
    },
  )('come as if each time since their start had been worked out', (freq, interval, more, start) => {
    const first = typeof start === 'string' ? start : dayText(start * DAY_MS)
    const text = `FREQ=${freq};INTERVAL=${interval}${more}`
    const from = (rule: string) =>
      read(...anEvent(`DTSTART;VALUE=DATE:${first.replaceAll('-', '')}`, `RRULE:${rule}`)).times
    // What is counted is worked out from the start on.
    expect(from(text)).toEqual(from(`${text};COUNT=99999`))
  })
})

test('an event that lasts for years is no other one each day', () => {
  const text = aCalendar(
    ...anEvent('DTSTART;VALUE=DATE:20260101', 'DTEND;VALUE=DATE:20300101', 'SUMMARY:freeze'),
    ...anEvent('DTSTART:20260101T090000', 'DTEND:20300101T090000', 'SUMMARY:other'),
  )
  const stamps = { managedBy: null, createdAt: at(START), updatedAt: at(START), version: 1 }
  let calendar: StoredCalendar = {
    id: 'freeze',
    url: 'https://example.com/freeze.ics',
    description: '',
    ...stamps,
    fetchedAt: null,
    lastError: null,
    nextFetchAt: at(START),
    failures: 0,
    events: 0,
    cover: null,
  } as StoredCalendar
  const revisions: (number | undefined)[] = []
  for (let day = 0; day < 30; day++) {
    const now = START + day * DAY_MS
    const fetched = day < 20 ? text : text.replaceAll('20300101', '20270301')
    calendar = refreshedCalendar(calendar, { kind: 'text', bytes: bytesOf(fetched) }, now)
    revisions.push(calendar.cover?.revision)
  }
  expect([revisions[0], revisions[19], revisions[20], revisions[29]]).toEqual([1, 1, 2, 2])
})

describe('a calendar of two megabytes', () => {
  test.each(['A:\n', '\n', ' \n'])('of lines such as %j is refused', line => {
    const text = `BEGIN:VCALENDAR\nX:${line}${line.repeat(2_000_000 / line.length)}END:VCALENDAR\n`
    expect(() => readCalendar(bytesOf(text), START)).toThrow(
      'line 100001: expected at most 100000 lines, got more',
    )
  })
})
