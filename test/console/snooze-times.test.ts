import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { snoozeChoices, snoozeUntilProblem } from '../../console/policies/snooze-times.ts'
import { instantOfWall, wallDate, wallTime } from '../../console/words/wall-time.ts'
import { localTime } from '../../lib/core/schedule/zone.ts'

const ZONES = [
  'Asia/Shanghai',
  'Europe/Berlin',
  'America/St_Johns',
  'Pacific/Kiritimati',
  'UTC',
  'Australia/Lord_Howe',
]
const aMoment = fc.record({
  ms: fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') }),
  timeZone: fc.constantFrom(...ZONES),
})
const text = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

describe('the clock on the wall of a zone', () => {
  property.prop([aMoment])('shows what the server says it shows', ({ ms, timeZone }) => {
    expect(wallTime(ms, timeZone).replace('T', ' ')).toBe(localTime(ms, timeZone).slice(0, 16))
  })

  property.prop([aMoment])(
    'a time that it shows is found again, the first time that it comes',
    ({ ms, timeZone }) => {
      const wall = wallTime(ms, timeZone)
      const found = instantOfWall(wall, timeZone)!
      expect(wallTime(found, timeZone)).toBe(wall)
      expect(found).toBeLessThanOrEqual(ms)
    },
  )

  test.each([
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-11-21T09:00', 'Asia/Shanghai', '2026-11-21T01:00:00.000Z'],
    ['tomorrow', 'UTC', null],
    ['2026-13-40T09:00', 'UTC', null],
  ])('%s in %s is %s', (wall, timeZone, expected) => {
    expect(text(instantOfWall(wall, timeZone))).toBe(expected)
  })

  test('a date goes on over the end of a month, by the calendar of the zone', () => {
    expect(wallDate(Date.parse('2026-11-30T17:00Z'), 'Asia/Shanghai', 1)).toBe('2026-12-02')
    expect(wallDate(Date.parse('2026-11-30T15:00Z'), 'Asia/Shanghai', 1)).toBe('2026-12-01')
  })
})

describe('a snooze of one click', () => {
  const now = Date.parse('2026-11-20T10:00Z')
  const schedule = { cron: '0 20 * * *', timeZone: 'Asia/Shanghai', skipDates: [], catchUpMinutes: 60 }
  const due = (nextStopAt: string | null, nextDueAt = nextStopAt) => ({ nextStopAt, nextDueAt, schedule })
  const first = (policy: ReturnType<typeof due>) => snoozeChoices(policy, now)[0]!

  test('tonight lasts until a minute after the next stop, so that the one after it acts', () => {
    const { label, until } = first(due('2026-11-20T12:00:00.000Z'))
    expect([label, text(until)]).toEqual(['Tonight', '2026-11-20T12:01:00.000Z'])
  })

  test('a stop that is days away is not tonight', () => {
    expect(first(due('2026-11-24T12:00:00.000Z')).label).toBe('The next stop')
  })

  test('what the API would refuse cannot be chosen, and says why', () => {
    expect(first(due('2027-01-24T12:00:00.000Z'))).toMatchObject({
      until: null,
      hint: expect.stringContaining('30 days'),
    })
    expect(first(due(null))).toMatchObject({ until: null, hint: 'no stop is due' })
  })

  test('of a policy whose stops do not act, the next due time counts', () => {
    expect(text(first(due(null, '2026-11-20T12:00:00.000Z')).until)).toBe('2026-11-20T12:01:00.000Z')
  })

  test("tomorrow 09:00 is the policy's", () => {
    expect(text(snoozeChoices(due(null), now)[1]!.until)).toBe('2026-11-21T01:00:00.000Z')
    const night = Date.parse('2026-11-20T17:00Z')
    expect(text(snoozeChoices(due(null), night)[1]!.until)).toBe('2026-11-22T01:00:00.000Z')
  })

  test.each([
    [null, 'Choose a day and a time.'],
    [now, 'Choose a time that is not past.'],
    [now + 31 * 86_400_000, 'Choose a time at most 30 days ahead.'],
    [now + 30 * 86_400_000, null],
  ])('%s: %s', (until, problem) => {
    expect(snoozeUntilProblem(until, now)).toBe(problem)
  })
})
