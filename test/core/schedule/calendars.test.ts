import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { readCalendar } from '../../../lib/core/calendar/cover.ts'
import type { Cover, CoveredTime, UsedCalendar } from '../../../lib/core/schedule/calendars.ts'
import { dueTimes, namedTimes, nextDueAt, previousDueAt } from '../../../lib/core/schedule/due-times.ts'
import type { Times } from '../../../lib/core/schedule/schedule.ts'
import { localTime } from '../../../lib/core/schedule/zone.ts'
import { at } from '../../makers.ts'
import { aCalendar, anEvent, bytesOf } from '../calendar/programs.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const DAY_MS = 86_400_000

const aCover = (calendar: string, times: Omit<CoveredTime, 'event'>[]): Cover => ({
  calendar,
  revision: 1,
  knownUntil: '2028-01-01T00:00:00Z',
  times: times.map(time => ({ ...time, event: `event of ${calendar}` })),
})
const SKIP: UsedCalendar = { id: 'holidays', effect: 'skip' }
const ALSO: UsedCalendar = { id: 'workdays', effect: 'also' }

/** Every working day at eight in the evening. */
const times = (covers: Cover[], overrides: Partial<Times> = {}): Times => ({
  cron: '0 20 * * 1-5',
  timeZone: 'Asia/Shanghai',
  skipDates: [],
  calendars: [SKIP, ALSO],
  covers,
  ...overrides,
})
const days = (schedule: Times, until = '2026-12-08T00:00:00Z'): string[] =>
  dueTimes(schedule, {
    afterMs: Date.parse('2026-11-30T00:00:00Z'),
    untilMs: Date.parse(until),
    most: 50,
  }).map(ms => localTime(ms, schedule.timeZone).slice(5, 16))

describe('a calendar that skips', () => {
  test('leaves out the dates of an event, the end not in it', () => {
    const holiday = aCover('holidays', [{ from: '2026-12-01', until: '2026-12-04' }])
    expect(days(times([holiday]))).toEqual(['11-30 20:00', '12-04 20:00', '12-07 20:00'])
  })

  test('leaves out instants from the beginning of an event on, and not its end', () => {
    const release = aCover('holidays', [
      { from: '2026-12-01T12:00:00.000Z', until: '2026-12-02T12:00:00.000Z' },
    ])
    expect(days(times([release]))).toEqual([
      ...['11-30 20:00', '12-02 20:00', '12-03 20:00', '12-04 20:00', '12-07 20:00'],
    ])
  })

  test('reads a time without a zone on the clock of the policy', () => {
    const evening = aCover('holidays', [{ from: '2026-12-01T19:00:00', until: '2026-12-01T21:00:00' }])
    for (const timeZone of ['Asia/Shanghai', 'America/New_York'])
      expect(days(times([evening], { timeZone }))).not.toContain('12-01 20:00')
  })

  test('is asked about the time that a stop had before it was moved', () => {
    const fromMs = Date.parse('2026-12-01T12:00:00Z')
    const moved = [{ fromMs, toMs: fromMs + 3_600_000 }]
    const free = times([aCover('holidays', [])], { moved })
    expect(days(free)).toContain('12-01 21:00')
    const holiday = aCover('holidays', [{ from: '2026-12-01', until: '2026-12-02' }])
    expect(days(times([holiday], { moved }))).not.toContain('12-01 21:00')
  })

  test('holds for what looks back, too', () => {
    const holiday = aCover('holidays', [{ from: '2026-12-01', until: '2026-12-04' }])
    const before = previousDueAt(times([holiday]), Date.parse('2026-12-04T00:00:00Z'))
    expect(at(before!)).toBe('2026-11-30T12:00:00.000Z')
  })
})

describe('a calendar that adds', () => {
  const saturday = aCover('workdays', [{ from: '2026-12-05', until: '2026-12-06' }])

  test('makes a date a day of the cron, whatever its day fields say', () => {
    expect(days(times([saturday]))).toContain('12-05 20:00')
    expect(days(times([saturday], { cron: '30 6,20 1 1 *' }))).toEqual(['12-05 06:30', '12-05 20:30'])
  })

  test('does so for each date that an event touches', () => {
    const night = aCover('workdays', [{ from: '2026-12-05T22:00:00', until: '2026-12-06T02:00:00' }])
    expect(days(times([night]))).toEqual(expect.arrayContaining(['12-05 20:00', '12-06 20:00']))
  })

  test('gives way to what skips: a calendar, or a date of the policy', () => {
    const holiday = aCover('holidays', [{ from: '2026-12-05', until: '2026-12-06' }])
    expect(days(times([saturday, holiday]))).not.toContain('12-05 20:00')
    expect(days(times([saturday], { skipDates: ['2026-12-05'] }))).not.toContain('12-05 20:00')
  })

  test('adds nothing where the cron has no later time on that date', () => {
    const afterMs = Date.parse('2026-12-05T12:00:00Z')
    expect(at(nextDueAt(times([saturday]), afterMs)!)).toBe('2026-12-07T12:00:00.000Z')
  })
})

test('a calendar that the schedule does not name does nothing', () => {
  const other = aCover('other', [{ from: '2026-11-30', until: '2027-01-01' }])
  expect(days(times([other]))).toHaveLength(6)
})

test('what is left out is named with its calendar and event', () => {
  const holiday = aCover('holidays', [{ from: '2026-12-01', until: '2026-12-02' }])
  const range = {
    afterMs: Date.parse('2026-11-30T00:00:00Z'),
    untilMs: Date.parse('2026-12-03T00:00:00Z'),
    most: 9,
  }
  expect(namedTimes(times([holiday]), range).map(({ leftOutBecause }) => leftOutBecause)).toEqual([
    null,
    'calendar holidays: event of holidays',
    null,
  ])
})

describe('a year of due times, with two calendars, equals a naive count', () => {
  const holidays = aCalendar(
    ...anEvent('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20270103', 'SUMMARY:Year end'),
    ...anEvent('DTSTART;VALUE=DATE:20200501', 'RRULE:FREQ=YEARLY', 'SUMMARY:May day'),
    ...anEvent(
      ...['DTSTART;TZID=Europe/Berlin:20260105T190000', 'DTEND;TZID=Europe/Berlin:20260105T233000'],
      ...['RRULE:FREQ=MONTHLY;BYDAY=1MO', 'EXDATE;TZID=Europe/Berlin:20270201T190000', 'SUMMARY:Release'],
    ),
    ...anEvent(
      'DTSTART:20260107T190000',
      'DURATION:PT2H',
      'RRULE:FREQ=WEEKLY;INTERVAL=3',
      'SUMMARY:Training',
    ),
  )
  const workdays = aCalendar(
    ...anEvent('DTSTART;VALUE=DATE:20260110', 'RRULE:FREQ=MONTHLY;BYDAY=2SA', 'SUMMARY:Worked'),
    ...anEvent('DTSTART;VALUE=DATE:20261227', 'DTEND;VALUE=DATE:20261229', 'SUMMARY:Worked after all'),
  )
  const coverOf = (calendar: string, text: string): Cover => ({
    calendar,
    revision: 1,
    ...readCalendar(bytesOf(text), NOW),
  })
  const covers = [coverOf('holidays', holidays), coverOf('workdays', workdays)]

  const plain = (text: string) => Temporal.PlainDate.from(text)
  const isNth = (date: Temporal.PlainDate, nth: number, weekday: number): boolean =>
    date.dayOfWeek === weekday && Math.ceil(date.day / 7) === nth
  const isIn = (date: Temporal.PlainDate, from: string, until: string): boolean =>
    Temporal.PlainDate.compare(date, plain(from)) >= 0 && Temporal.PlainDate.compare(date, plain(until)) < 0

  /** Whether the events above cover a time, told without any code that is tested. */
  function isHoliday(time: Temporal.ZonedDateTime): boolean {
    const date = time.toPlainDate()
    if (isIn(date, '2026-12-24', '2027-01-03') || (date.month === 5 && date.day === 1)) return true
    const berlin = time.withTimeZone('Europe/Berlin')
    const minutes = berlin.hour * 60 + berlin.minute
    const isRelease = isNth(berlin.toPlainDate(), 1, 1) && minutes >= 19 * 60 && minutes < 23 * 60 + 30
    if (isRelease && berlin.toPlainDate().toString() !== '2027-02-01') return true
    const weeks = date.since(plain('2026-01-07')).days / 21
    return Number.isInteger(weeks) && (time.hour === 19 || time.hour === 20)
  }
  const isWorkday = (date: Temporal.PlainDate): boolean =>
    isNth(date, 2, 6) || isIn(date, '2026-12-27', '2026-12-29')

  function naive(timeZone: string): string[] {
    const found: string[] = []
    for (let day = 1; day <= 365; day++) {
      const date = plain('2026-11-22').add({ days: day })
      for (const hour of [9, 20]) {
        const time = date.toZonedDateTime({ timeZone, plainTime: { hour, minute: 30 } })
        const isDay = date.dayOfWeek <= 5 || isWorkday(date)
        if (isDay && !isHoliday(time)) found.push(at(time.epochMilliseconds))
      }
    }
    return found
  }

  test.each([
    ...['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'],
    ...['Pacific/Kiritimati', 'Africa/Casablanca'],
  ])('in %s', timeZone => {
    const schedule = times(covers, { cron: '30 9,20 * * 1-5', timeZone })
    const zone = (date: string) => plain(date).toZonedDateTime(timeZone).epochMilliseconds
    const due = dueTimes(schedule, {
      afterMs: zone('2026-11-23') - 1,
      untilMs: zone('2026-11-23') + 365 * DAY_MS - 1,
      most: 1000,
    })
    expect(due.map(at)).toEqual(naive(timeZone))
  })
})
