import { fc, test as property } from '@fast-check/vitest'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { checkInput } from '../../../lib/core/documents/problem.ts'
import { Policy } from '../../../lib/core/model/model.ts'
import { dueTimes, previousDueAt } from '../../../lib/core/schedule/due-times.ts'
import { aPolicyBody } from '../../makers.ts'
import { anAcceptedCron, aSparseCron, every } from './schedule-crons.ts'
import { ALL, aSchedule } from './schedule-due.ts'

const problems = (cron: string, start: unknown) => {
  const checked = checkInput(
    Policy,
    aPolicyBody({ schedule: { cron, timeZone: 'Europe/Berlin' }, start: start as object }),
  )
  return checked.ok ? [] : checked.errors
}

describe('when a policy starts again', () => {
  test('has defaults for all but its cron', () => {
    expect(Policy.parse(aPolicyBody({ start: { cron: '0 7 * * 1-5' } })).start).toEqual({
      cron: '0 7 * * 1-5',
      servers: 'stopped',
      catchUpMinutes: 240,
      retryMinutes: 120,
    })
    expect(Policy.parse(aPolicyBody()).start).toBeNull()
  })

  test.each([
    ['cron', { cron: '0 7 30 2 *' }, 'a date that comes within 50 years'],
    ['cron', { cron: '0 7 * * 1-5 *' }, 'five fields'],
    ['cron', {}, 'a text'],
    ['servers', { cron: '0 7 * * *', servers: 'all' }, '"stopped" or "selected"'],
    ['catchUpMinutes', { cron: '0 7 * * *', catchUpMinutes: 0 }, 'at least 1'],
    ['retryMinutes', { cron: '0 7 * * *', retryMinutes: -1 }, 'at least 0'],
    ['retryMinutes', { cron: '0 7 * * *', retryMinutes: 0.5 }, 'a whole number'],
    ['retryMinutes', { cron: '0 7 * * *', retryMinutes: 1441 }, 'at most 1440'],
    ['timeZone', { cron: '0 7 * * *', timeZone: 'UTC' }, 'unknown field'],
  ])('is refused for its %s: %j', (field, start, expected) => {
    expect(problems('0 20 * * *', start)).toMatchObject([
      { path: `start.${field}`, message: expect.stringContaining(expected) },
    ])
  })

  test('is refused where it names a minute of a day at which something is stopped', () => {
    expect(problems('0 20 * * 1-5', { cron: '0 7,20 * * 5' })).toEqual([
      {
        path: 'start.cron',
        message:
          'expected no time at which schedule.cron stops, got "0 7,20 * * 5": it and "0 20 * * 1-5" both name 20:00 of the same day',
      },
    ])
  })
  test('a cron that cannot be read is the one problem there is', () => {
    expect(problems('0 20 * *', { cron: '0 20 * * *' })).toMatchObject([{ path: 'schedule.cron' }])
    expect(problems('0 20 * * *', { cron: '0 20 * *' })).toMatchObject([{ path: 'start.cron' }])
  })

  test.each([
    ['0 20 * * 1-5', '0 20 * * 6,0', true],
    ['0 20 * * 1-5', '0 20 * * FRI-SUN', false],
    ['0 20 * * *', '1 20 * * *', true],
    ['0 20 L * *', '0 20 31 * *', false],
    ['0 20 L * *', '0 20 29 2 *', false],
    ['0 20 L * *', '0 20 28 2 *', false],
    ['0 20 L * *', '0 20 1-27 * *', true],
    ['0 20 * * 5L', '0 20 * * 5#4', false],
    ['0 20 * * 5L', '0 20 * * 5#3', true],
    ['0 20 * * 5#5', '0 20 29 2 *', false],
    ['0 20 13 * 5', '0 20 * * 5', false],
    ['0 20 13 * 5', '0 20 14 * 6', false],
    ['0 20 13 * *', '0 20 14 * *', true],
    ['*/15 * * * *', '5-59/15 * * * *', true],
    ['* * * * *', '0 7 29 2 1', false],
  ])('beside a stop at %s a start at %s is taken: %s', (stop, start, isTaken) => {
    expect(problems(stop, { cron: start }).length === 0).toBe(isTaken)
  })

  const dates = every(2001, 2028).flatMap(year => {
    const first = Temporal.PlainDate.from({ year, month: 1, day: 1 })
    return Array.from({ length: first.daysInYear }, (_, days) => first.add({ days }))
  })
  property.prop([anAcceptedCron, anAcceptedCron], { numRuns: 200 })(
    'is refused exactly where some minute of some day is in both crons',
    (stop, start) => {
      const sharesMinute =
        [...stop.minutes].some(minute => start.minutes.has(minute)) &&
        [...stop.hours].some(hour => start.hours.has(hour))
      const sharesDay = () => dates.some(date => stop.isDueOn(date) && start.isDueOn(date))
      expect(problems(stop.text, { cron: start.text }).length > 0).toBe(sharesMinute && sharesDay())
    },
  )
})

describe('the latest due time', () => {
  const zone = fc.constantFrom(
    'UTC',
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
  )
  const instant = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2028, 0) })

  property.prop([fc.oneof(anAcceptedCron, aSparseCron), zone, instant, fc.array(fc.nat(400))], {
    numRuns: 300,
  })('is the last one of those up to the instant', ({ text }, timeZone, untilMs, skipped) => {
    const skipDates = skipped.map(days => new Date(untilMs - days * 86_400_000).toISOString().slice(0, 10))
    const schedule = aSchedule({ cron: text, timeZone, skipDates })
    const found = previousDueAt(schedule, untilMs)
    const afterMs = found === null ? untilMs - 40 * 365 * 86_400_000 : found - 1
    expect(dueTimes(schedule, { afterMs, untilMs, most: ALL })).toEqual(found === null ? [] : [found])
  })

  test.each([
    ['0 20 * * *', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00.000Z'],
    ['0 20 * * *', '2026-11-21T11:59:59.999Z', '2026-11-20T12:00:00.000Z'],
    ['0 20 29 2 *', '2026-11-21T12:00:00Z', '2024-02-29T12:00:00.000Z'],
    ['0 20 29 2 1', '2026-11-21T12:00:00Z', '2026-02-23T12:00:00.000Z'],
    ['* * * * *', '2026-11-21T12:00:30Z', '2026-11-21T12:00:00.000Z'],
  ])('of %s up to %s is %s', (cron, until, expected) => {
    const found = previousDueAt(aSchedule({ cron }), Date.parse(until))
    expect(new Date(found!).toISOString()).toBe(expected)
  })

  test('is none where skipDates left none for generations', () => {
    const skipDates = every(1930, 2026).map(year => `${year}-02-29`)
    const schedule = aSchedule({ cron: '0 20 29 2 *', skipDates })
    expect(previousDueAt(schedule, Date.parse('2026-11-21T12:00:00Z'))).toBeNull()
  })
})
