import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { dueTimes, nextDueAt } from '../../../lib/core/schedule/due-times.ts'
import { localTime, timeZoneProblem } from '../../../lib/core/schedule/zone.ts'
import { anAcceptedCron } from './schedule-crons.ts'
import { ALL, aSchedule, due, iso } from './schedule-due.ts'

describe('a cron', () => {
  test('is due by the clock of its zone', () => {
    const weekdays = { cron: '0 20 * * 1-5', timeZone: 'Asia/Shanghai' }
    expect(due(weekdays, '2026-11-19T00:00Z', '2026-11-24T00:00Z')).toEqual([
      '2026-11-19T12:00Z',
      '2026-11-20T12:00Z',
      '2026-11-23T12:00Z',
    ])
  })

  const november = ['2026-10-31T12:00Z', '2026-11-30T12:00Z'] as const
  const dates = (cron: string): string[] =>
    due({ cron, timeZone: 'UTC' }, ...november).map(at => at.slice(8, 10))
  test.each([
    ['on a weekday by number', '0 0 * * 1', ['02', '09', '16', '23', '30']],
    ['on a weekday by name, in any case', '0 0 * * Mon', ['02', '09', '16', '23', '30']],
    ['on Sunday as 0', '0 0 * * 0', ['01', '08', '15', '22', '29']],
    ['on Sunday as 7', '0 0 * * 7', ['01', '08', '15', '22', '29']],
    ['from Saturday to Sunday by numbers', '0 0 8-15 * */6,6-7', ['08', '14', '15']],
    ['from Saturday to Sunday by names', '0 0 8-15 * */6,SAT-SUN', ['08', '14', '15']],
    [
      'on Sunday alone in a range from Sunday to Sunday',
      '0 0 * * SUN-sun,0-SUN',
      ['01', '08', '15', '22', '29'],
    ],
    ['on the last day of the month', '0 0 L * *', ['30']],
    ['on the last Friday', '0 0 * * 5L', ['27']],
    ['on the second Friday', '0 0 * * FRI#2', ['13']],
    ['on the first and the third Friday', '0 0 * * 5#1,5#3', ['06', '20']],
    ['not on a fifth Friday that does not come', '0 0 * * 5#5', []],
    ['on either day when both day fields are restricted', '0 0 10 * 5', ['06', '10', '13', '20', '27']],
    ['on both days when the weekday begins with *', '0 0 8-14 * */7', ['08']],
    ['on both days when the day of month begins with *', '0 0 */7 * 0', ['01', '08', '15', '22', '29']],
    ['in steps of a range from its start', '0 0 10-20/5 * *', ['10', '15', '20']],
    ['in its months only', '0 0 10 dec,1-3 *', []],
    ['in months by name', '0 0 10 oct-DEC *', ['10']],
    ['by numbers with a leading zero', '00 00 09 * *', ['09']],
  ])('is due %s: %s', (_, cron, expected) => {
    expect(dates(cron)).toEqual(expected)
  })

  test('is due on 29 February in leap years', () => {
    expect(due({ cron: '0 0 29 2 *', timeZone: 'UTC' }, '2096-01-01T00:00Z', '2105-01-01T00:00Z')).toEqual([
      '2096-02-29T00:00Z',
      '2104-02-29T00:00Z',
    ])
  })
})

describe('the next due time', () => {
  const at = Date.parse('2026-11-20T12:00Z')
  test.each([
    ['a millisecond before a due time is that due time', at - 1, '2026-11-20T12:00Z'],
    ['at a due time is the following one', at, '2026-11-21T12:00Z'],
    ['a millisecond after a due time is the following one', at + 1, '2026-11-21T12:00Z'],
  ])('%s', (_, afterMs, expected) => {
    expect(iso(nextDueAt(aSchedule(), afterMs)!)).toBe(expected)
  })

  test('is null when none comes within 50 years', () => {
    const leapDays = Array.from({ length: 13 }, (_, index) => `${2028 + 4 * index}-02-29`)
    const schedule = aSchedule({ cron: '0 0 29 2 *', timeZone: 'UTC', skipDates: leapDays })
    expect(nextDueAt(schedule, Date.parse('2026-01-01T00:00Z'))).toBeNull()
    expect(nextDueAt({ ...schedule, cron: '0 * 29 2 *' }, Date.parse('2026-01-01T00:00Z'))).toBeNull()
    expect(iso(nextDueAt(schedule, Date.parse('2031-01-01T00:00Z'))!)).toBe('2080-02-29T00:00Z')
  })

  test('is the one that comes as the 50 years end, and not one that comes after them', () => {
    const skipDates = Array.from({ length: 49 }, (_, index) => `${2027 + index}-01-01`)
    const schedule = aSchedule({ cron: '0 0 1 1 *', timeZone: 'UTC', skipDates })
    expect(iso(nextDueAt(schedule, Date.parse('2026-01-01T00:00Z'))!)).toBe('2076-01-01T00:00Z')
    const before = { ...schedule, skipDates: ['2026-01-01', ...skipDates] }
    expect(nextDueAt(before, Date.parse('2025-12-30T00:00Z'))).toBeNull()
  })

  test('is refused for a cron that is no cron', () => {
    expect(() => nextDueAt(aSchedule({ cron: '0 24 * * *' }), 0)).toThrow(
      'cron: hour: expected *, a number from 0 to 23, a range such as 8-18 or a step such as */2, got "24"',
    )
  })

  test('is refused for a zone that is no zone', () => {
    expect(() => nextDueAt(aSchedule({ timeZone: '+08:00' }), 0)).toThrow(
      'time zone: expected an IANA time zone such as Asia/Shanghai, Europe/Berlin or UTC, ' +
        'no offset and no abbreviation, got "+08:00"',
    )
  })
})

describe('due times', () => {
  test('are later than afterMs, and up to and with untilMs', () => {
    expect(due({}, '2026-11-20T12:00Z', '2026-11-22T12:00Z')).toEqual([
      '2026-11-21T12:00Z',
      '2026-11-22T12:00Z',
    ])
  })

  test('are the first ones when there are more than asked for', () => {
    const window = {
      afterMs: Date.parse('2026-11-20T12:00Z'),
      untilMs: Date.parse('2027-11-20T12:00Z'),
      most: 2,
    }
    expect(dueTimes(aSchedule(), window).map(iso)).toEqual(['2026-11-21T12:00Z', '2026-11-22T12:00Z'])
    expect(dueTimes(aSchedule(), { ...window, most: 0 })).toEqual([])
  })

  const zone = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Shanghai')
  const afterMs = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2040, 0) })
  test.prop([anAcceptedCron, zone, afterMs], { numRuns: 300 })(
    'rise, and each is the next after the one before',
    ({ text }, timeZone, afterMs) => {
      const schedule = aSchedule({ cron: text, timeZone })
      const found = dueTimes(schedule, { afterMs, untilMs: ALL, most: 20 })
      for (const [index, dueMs] of found.entries()) {
        const before = found[index - 1] ?? afterMs
        expect(dueMs).toBeGreaterThan(before)
        expect(nextDueAt(schedule, before)).toBe(dueMs)
        expect(nextDueAt(schedule, dueMs - 1)).toBe(dueMs)
      }
    },
  )
})

describe('the local time', () => {
  test.each([
    ['2026-11-21T12:00:00Z', 'Asia/Shanghai', '2026-11-21 20:00 +08:00 Asia/Shanghai'],
    ['2026-11-21T12:00:59Z', 'UTC', '2026-11-21 12:00 +00:00 UTC'],
    ['2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25 02:30 +02:00 Europe/Berlin'],
    ['2026-10-25T01:30:00Z', 'Europe/Berlin', '2026-10-25 02:30 +01:00 Europe/Berlin'],
    ['2026-01-01T02:00:00Z', 'America/St_Johns', '2025-12-31 22:30 -03:30 America/St_Johns'],
    ['2026-01-01T00:00:00Z', 'Asia/Kathmandu', '2026-01-01 05:45 +05:45 Asia/Kathmandu'],
    ['2000-10-10T12:00:00Z', 'America/Noronha', '2000-10-10 11:00 -01:00 America/Noronha'],
  ])('of %s in %s is %s', (instant, timeZone, expected) => {
    expect(localTime(Date.parse(instant), timeZone)).toBe(expected)
  })
})

describe('a time zone', () => {
  test.each([
    'Asia/Shanghai',
    'asia/shanghai',
    'Asia/Kolkata',
    'Europe/Kyiv',
    'UTC',
    'GMT',
    'EST',
    'PRC',
    'Etc/GMT-8',
  ])('may be %s', timeZone => expect(timeZoneProblem(timeZone)).toBeNull())

  test.each([
    '+08:00',
    '-05',
    'GMT+8',
    'CST',
    'ist',
    'PST',
    'SystemV/EST5',
    'Beijing',
    'Asia/Peking',
    ' UTC',
    'local',
    '',
  ])('may not be "%s"', timeZone =>
    expect(timeZoneProblem(timeZone)).toBe(
      'expected an IANA time zone such as Asia/Shanghai, Europe/Berlin or UTC, ' +
        `no offset and no abbreviation, got "${timeZone}"`,
    ),
  )

  test('of every name that the runtime lists is accepted', () => {
    expect(Intl.supportedValuesOf('timeZone').filter(timeZone => timeZoneProblem(timeZone) !== null)).toEqual(
      [],
    )
  })
})
