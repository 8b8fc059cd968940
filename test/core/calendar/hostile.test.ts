import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { readCalendar } from '../../../lib/core/calendar/cover.ts'
import { CalendarProblem } from '../../../lib/core/calendar/lines.ts'
import { START } from '../../makers.ts'
import { aCalendar, anEvent, bytesOf } from './programs.ts'

const read = (text: string) => readCalendar(bytesOf(text), START)
const readEvent = (...lines: string[]) => read(aCalendar(...anEvent(...lines)))
const DAY = 'DTSTART;VALUE=DATE:20261201'
const TIME = 'DTSTART:20261201T090000Z'

describe('what cannot be read is told with its line', () => {
  test.each([
    ['nothing', '', 'line 1: expected BEGIN:VCALENDAR, got nothing'],
    [
      'a page',
      '<!doctype html>\n',
      'line 1: expected a property such as SUMMARY:text, got "<!doctype html>"',
    ],
    ['another format', 'BEGIN:VCARD\nEND:VCARD\n', 'line 1: expected BEGIN:VCALENDAR, got "BEGIN:VCARD"'],
    [
      'a calendar that was cut off',
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261201T090000Z\n',
      'line 3: expected END:VEVENT, got the end of the calendar',
    ],
    [
      'components that cross',
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n',
      'line 3: expected END:VEVENT, got "END:VCALENDAR"',
    ],
    ['an event without a start', aCalendar(...anEvent()), 'line 4: expected DTSTART in VEVENT, got none'],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(CalendarProblem)
    expect(() => read(text)).toThrow(message)
  })

  test.each([
    ['DTSTART:20261301T000000Z', 'line 7: DTSTART: expected a date such as 20261001 or a time'],
    ['DTSTART;VALUE=DATE:20270230', 'got "2027-02-30"'],
    [
      'DTSTART;TZID=Moon Time:20261201T000000',
      'line 7: TZID: expected an IANA zone or one with a VTIMEZONE, got "Moon Time"',
    ],
  ])('the start %s', (line, message) => {
    expect(() => readEvent(line)).toThrow(message)
  })

  test.each([
    [TIME, 'DTEND:20261201T080000Z', 'line 8: DTEND: expected a time after DTSTART, got one before'],
    [TIME, 'DTEND:20261201T100000', 'line 8: DTEND: expected a time of the form of DTSTART, got another'],
    [DAY, 'DURATION:tomorrow', 'line 8: DURATION: expected one such as P1D or PT90M, got "tomorrow"'],
    [DAY, 'RRULE:FREQ=OFTEN', 'line 8: RRULE cannot be read: invalid frequency "OFTEN"'],
    [DAY, 'RRULE:BYDAY=MO', 'line 8: RRULE: expected FREQ, got none'],
    [DAY, 'EXRULE:FREQ=DAILY', 'line 8: expected EXDATE, got EXRULE, which is of the past'],
    [TIME, 'EXDATE:20261201T090000', 'line 8: EXDATE: expected a time of the form of DTSTART, got another'],
    [
      TIME,
      'RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T090000Z',
      'line 8: RECURRENCE-ID: expected one time, got RANGE',
    ],
    [DAY, 'SUMMARY', 'line 8: expected a property such as SUMMARY:text, got "SUMMARY"'],
  ])('%s with %s', (start, line, message) => {
    expect(() => readEvent(start, line)).toThrow(message)
  })

  test('bytes that are not UTF-8', () => {
    const bytes = new Uint8Array([...bytesOf('BEGIN:VCALENDAR\nX-NAME:'), 0xe9, 0x0a])
    expect(() => readCalendar(bytes, START)).toThrow('line 2: expected UTF-8, got other bytes')
  })

  test('a zone without an offset', () => {
    const zone = ['BEGIN:VTIMEZONE', 'TZID:Here', 'BEGIN:STANDARD', 'DTSTART:20000101T000000', 'END:STANDARD']
    const event = anEvent('DTSTART;TZID=Here:20261201T000000')
    expect(() => read(aCalendar(...zone, 'END:VTIMEZONE', ...event))).toThrow(
      'line 6: TZOFFSETFROM: expected an offset such as +0800, got none',
    )
  })
})

describe('the work is bounded', () => {
  test.each([
    'FREQ=SECONDLY',
    'FREQ=MINUTELY;INTERVAL=2',
    'FREQ=SECONDLY;COUNT=2000000000',
    'FREQ=DAILY;COUNT=2000000000;BYMONTH=2;BYMONTHDAY=30',
  ])('%s is too much, or gives nothing', rule => {
    const outcome = () => readEvent('DTSTART:19700101T000000Z', 'DURATION:PT1S', `RRULE:${rule}`).times.length
    try {
      expect(outcome()).toBe(0)
    } catch (error) {
      expect(String(error)).toMatch(
        /line 9: RRULE: expected rules that recur less often, got too much|line 1: /,
      )
    }
  })

  test('a rule that never comes true gives its start alone', () => {
    for (const rule of [
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=YEARLY;BYMONTH=4;BYDAY=1MO;BYMONTHDAY=15,16,17',
      'FREQ=MONTHLY;BYDAY=5MO;BYMONTH=2;BYMONTHDAY=1',
      'FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2',
    ])
      expect(readEvent(DAY, `RRULE:${rule}`).times).toEqual([
        { from: '2026-12-01', until: '2026-12-02', event: 'an event without a name' },
      ])
  })

  test('a rule of fifty years costs no more than one of this year', () => {
    const events = Array.from({ length: 100 }, (_, n) =>
      anEvent('DTSTART;VALUE=DATE:19700101', 'RRULE:FREQ=WEEKLY', `SUMMARY:${n % 3}`),
    ).flat()
    expect(read(aCalendar(...events)).times.length).toBeGreaterThan(100)
  })

  test('more than a policy could keep is told', () => {
    const events = Array.from({ length: 1000 }, (_, n) =>
      anEvent(
        `DTSTART:202612${String(1 + (n % 28)).padStart(2, '0')}T0${n % 9}0000Z`,
        'DURATION:PT1M',
        `SUMMARY:event ${n}`,
      ),
    ).flat()
    expect(() => read(aCalendar(...events))).toThrow(
      /expected events that take up at most 48000 bytes within 400 days, got 1000 that take up \d+/,
    )
  })

  test('events outside the time that is looked at cost nothing to keep', () => {
    const events = Array.from({ length: 10_000 }, (_, n) =>
      anEvent(`DTSTART;VALUE=DATE:${1900 + (n % 100)}0101`),
    ).flat()
    expect(read(aCalendar(...events))).toMatchObject({ events: 10_000, times: [] })
  })

  test('components in each other are followed to a depth, and told', () => {
    const deep = Array.from({ length: 10_000 }, () => 'BEGIN:X')
    expect(() => read(aCalendar(...deep))).toThrow('expected at most 8 components in each other, got more')
  })

  const part = (name: string, min: number, max: number) =>
    fc
      .uniqueArray(
        fc.integer({ min, max }).filter(n => n !== 0),
        { minLength: 1, maxLength: 3 },
      )
      .map(all => `;${name}=${all}`)
  const rules = fc
    .tuple(
      fc.constantFrom('SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
      fc.subarray(['a', 'b', 'c', 'd', 'e', 'f', 'g'], { maxLength: 3 }),
      fc.record({
        a: part('BYMONTH', 1, 12),
        b: part('BYMONTHDAY', -31, 31),
        c: fc.constantFrom(';BYDAY=MO', ';BYDAY=2TU', ';BYDAY=-1SU,FR', ';BYDAY=5MO'),
        d: part('BYSETPOS', -3, 3),
        e: part('BYYEARDAY', -366, 366),
        f: part('BYWEEKNO', -53, 53),
        g: fc.constantFrom(
          ';INTERVAL=999999999',
          ';COUNT=999999999',
          ';BYHOUR=1,2',
          ';UNTIL=20991231T000000Z',
        ),
      }),
    )
    .map(([freq, names, parts]) => `FREQ=${freq}${names.map(name => parts[name as 'a']).join('')}`)
  prop.prop([rules], { numRuns: 25 })('every rule comes to an end', rule => {
    try {
      expect(readEvent('DTSTART:19990228T235959Z', 'DURATION:PT1S', `RRULE:${rule}`).events).toBe(1)
    } catch (error) {
      expect(error).toBeInstanceOf(CalendarProblem)
    }
  })
})
