import { describe, expect, test } from 'vitest'
import { dueTimes, nextDueAt } from '../../../lib/core/schedule/due-times.ts'
import { localTime } from '../../../lib/core/schedule/zone.ts'
import { ALL, aSchedule, due, iso } from './schedule-due.ts'

describe('where the clock is put forward', () => {
  test.each([
    ['Europe/Berlin', '30 2 * * *', ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['America/New_York', '30 2 * * *', ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z']],
    ['Australia/Lord_Howe', '15 2 * * *', ['2026-10-02T15:45Z', '2026-10-03T15:30Z', '2026-10-04T15:15Z']],
    ['America/Havana', '0 0 * * *', ['2026-03-07T05:00Z', '2026-03-08T05:00Z', '2026-03-09T04:00Z']],
    ['Atlantic/Azores', '30 0 * * *', ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['Africa/Cairo', '0 0 * * *', ['2026-04-22T22:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z']],
    ['Asia/Beirut', '59 0 * * *', ['2026-03-27T22:59Z', '2026-03-28T22:00Z', '2026-03-29T21:59Z']],
    ['Antarctica/Troll', '30 2 * * *', ['2026-03-28T02:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['America/Scoresbysund', '30 23 * * *', ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']],
  ])('in %s, %s is due at the instant of the jump', (timeZone, cron, expected) => {
    const first = Date.parse(expected[0]!)
    const schedule = aSchedule({ cron, timeZone })
    expect(dueTimes(schedule, { afterMs: first - 1, untilMs: ALL, most: 3 }).map(iso)).toEqual(expected)
  })

  test('several due times of one jump, and one at its instant, are one', () => {
    const schedule = { cron: '*/15 2,3 * * *', timeZone: 'Europe/Berlin' }
    expect(due(schedule, '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T01:15Z',
      '2026-03-29T01:30Z',
      '2026-03-29T01:45Z',
    ])
  })

  test('hours that begin with * have no due times in the jump', () => {
    const hours = ['2026-03-29T00:00Z', '2026-03-29T02:00Z'] as const
    const berlin = { timeZone: 'Europe/Berlin' }
    expect(due({ ...berlin, cron: '30 * * * *' }, ...hours)).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:30Z',
    ])
    expect(due({ ...berlin, cron: '30 */2 * * *' }, ...hours)).toEqual([])
    expect(due({ ...berlin, cron: '30 0-23/2 * * *' }, ...hours)).toEqual(['2026-03-29T01:00Z'])
  })

  test('a date that is skipped as a whole is due as its first instant passes', () => {
    const apia = { cron: '0 20 * * *', timeZone: 'Pacific/Apia' }
    expect(due(apia, '2011-12-30T00:00Z', '2011-12-31T12:00Z')).toEqual([
      '2011-12-30T06:00Z',
      '2011-12-30T10:00Z',
      '2011-12-31T06:00Z',
    ])
    expect(due({ ...apia, cron: '0 */20 * * *' }, '2011-12-30T00:00Z', '2011-12-31T12:00Z')).toEqual([
      '2011-12-30T06:00Z',
      '2011-12-30T10:00Z',
      '2011-12-31T06:00Z',
      '2011-12-31T10:00Z',
    ])
  })

  test('the weekday of a due time is the one the cron names, also when the jump moves it to the next date', () => {
    const saturdays = { cron: '30 23 * * SAT', timeZone: 'America/Scoresbysund' }
    expect(due(saturdays, '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual(['2026-03-29T01:00Z'])
    expect(localTime(Date.parse('2026-03-29T01:00Z'), 'America/Scoresbysund')).toBe(
      '2026-03-29 00:00 -01:00 America/Scoresbysund',
    )
  })
})

describe('where the clock is put back', () => {
  test.each([
    ['Europe/Berlin', '30 2 * * *', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['America/New_York', '30 1 * * *', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', ['2026-04-04T14:45Z', '2026-04-05T15:15Z']],
    ['America/Havana', '0 0 * * *', ['2026-11-01T04:00Z', '2026-11-02T05:00Z']],
    ['Atlantic/Azores', '0 0 * * *', ['2026-10-25T00:00Z', '2026-10-26T01:00Z']],
    ['Africa/Cairo', '30 23 * * *', ['2026-10-29T20:30Z', '2026-10-30T21:30Z']],
    ['Asia/Beirut', '30 23 * * *', ['2026-10-24T20:30Z', '2026-10-25T21:30Z']],
    ['Antarctica/Troll', '30 1 * * *', ['2026-10-24T23:30Z', '2026-10-26T01:30Z']],
  ])('in %s, %s is due the first time only', (timeZone, cron, expected) => {
    const first = Date.parse(expected[0]!)
    const schedule = aSchedule({ cron, timeZone })
    expect(dueTimes(schedule, { afterMs: first - 1, untilMs: ALL, most: 2 }).map(iso)).toEqual(expected)
    expect(iso(nextDueAt(schedule, first + 3_600_000 - 1)!)).toBe(expected[1])
  })

  const both = ['2026-10-25T00:00Z', '2026-10-25T02:00Z'] as const
  test.each([
    ['30 * * * *', ['2026-10-25T00:30Z', '2026-10-25T01:30Z']],
    ['0 */2 * * *', ['2026-10-25T01:00Z']],
    ['*/30 * * * *', ['2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z', '2026-10-25T02:00Z']],
  ])('%s, whose hour begins with *, is due both times', (cron, expected) => {
    expect(due({ cron, timeZone: 'Europe/Berlin' }, ...both)).toEqual(expected)
  })

  test('an hour that begins with * is due the second time even if it is never due again', () => {
    const skipDates = Array.from({ length: 60 }, (_, index) => `${2027 + index}-11-01`)
    const schedule = aSchedule({ cron: '30 */24 1 11 *', timeZone: 'America/Havana', skipDates })
    expect(iso(nextDueAt(schedule, Date.parse('2026-11-01T04:30Z'))!)).toBe('2026-11-01T05:30Z')
    expect(nextDueAt(schedule, Date.parse('2026-11-01T05:30Z'))).toBeNull()
  })

  test('a list or range of hours is due the first time only, whatever its minutes', () => {
    const schedule = { cron: '*/30 0-23 * * *', timeZone: 'Europe/Berlin' }
    expect(due(schedule, ...both)).toEqual(['2026-10-25T00:30Z', '2026-10-25T02:00Z'])
  })
})

describe('skip dates', () => {
  test('are dates in the zone of the schedule', () => {
    const schedule = { cron: '0 7 * * *', skipDates: ['2026-10-01'] }
    expect(due(schedule, '2026-09-28T23:00Z', '2026-10-02T00:00Z')).toEqual([
      '2026-09-29T23:00Z',
      '2026-10-01T23:00Z',
    ])
  })

  test('hold for hours that begin with * too', () => {
    const schedule = { cron: '0 */12 * * *', timeZone: 'UTC', skipDates: ['2026-10-01', '2026-10-02'] }
    expect(due(schedule, '2026-09-30T00:00Z', '2026-10-03T00:00Z')).toEqual([
      '2026-09-30T12:00Z',
      '2026-10-03T00:00Z',
    ])
  })

  test('count the date the cron names when a jump moves a due time to the next date', () => {
    const saturdays = { cron: '30 23 * * SAT', timeZone: 'America/Scoresbysund' }
    const weekend = ['2026-03-28T12:00Z', '2026-03-30T12:00Z'] as const
    expect(due({ ...saturdays, skipDates: ['2026-03-28'] }, ...weekend)).toEqual([])
    expect(due({ ...saturdays, skipDates: ['2026-03-29'] }, ...weekend)).toEqual(['2026-03-29T01:00Z'])
  })
})
