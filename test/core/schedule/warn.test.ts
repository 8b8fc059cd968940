import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueTimes } from '../../../lib/core/schedule/due-times.ts'
import { beforeQuiet } from '../../../lib/core/schedule/quiet.ts'
import { dueWarning, warnTimeAfter } from '../../../lib/core/schedule/warn.ts'
import { aPolicy, at, START } from '../../makers.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WARN = { minutesBefore: 30, maxSnoozeHours: 12 }
/** Due at 20:00 each day, and warned of at 19:30. */
const nightly = (overrides: Record<string, unknown> = {}) =>
  aPolicy({ warn: WARN, notify: [{ channel: 'ops', on: ['warning'] }], ...overrides })
const STOP = START + 8 * HOUR
const WARN_AT = STOP - 30 * MINUTE

describe('a policy warns', () => {
  test('so many minutes before its next stop', () => {
    expect(warnTimeAfter(nightly(), START)).toEqual({ nextWarnAt: at(WARN_AT) })
    expect(warnTimeAfter(nightly({ warn: { minutesBefore: 5 } }), START)).toEqual({
      nextWarnAt: at(STOP - 5 * MINUTE),
    })
  })
  test('late rather than not at all, once less time than that is left', () => {
    expect(warnTimeAfter(nightly(), STOP - MINUTE)).toEqual({ nextWarnAt: at(WARN_AT) })
  })
  test('never where nobody asked for it, nor while it is disabled', () => {
    expect(warnTimeAfter(aPolicy(), START)).toEqual({})
    expect(warnTimeAfter(nightly({ enabled: false }), START)).toEqual({})
  })
  test('of no stop that a snooze skips', () => {
    const snoozed = nightly({ snoozedUntil: at(STOP + MINUTE) })
    expect(warnTimeAfter(snoozed, START)).toEqual({ nextWarnAt: at(WARN_AT + DAY) })
    expect(warnTimeAfter(nightly({ snoozedUntil: at(STOP) }), START)).toEqual({ nextWarnAt: at(WARN_AT) })
  })
  test('before full and half hours, where a tool asks to keep off them', () => {
    const early = (minutesBefore: number) => {
      const policy = { ...nightly({ warn: { minutesBefore } }), warnsEarly: true as const }
      return warnTimeAfter(policy, START).nextWarnAt
    }
    const minutes = [5, 26, 27, 28, 30, 33, 34, 63].map(before => [before, early(before)])
    const minute = (before: number) => [before, at(STOP - before * MINUTE)]
    expect(minutes).toEqual([
      ...[5, 26, 27].map(minute),
      ...[28, 30, 33].map(before => [before, at(STOP - 33 * MINUTE)]),
      ...[34, 63].map(minute),
    ])
  })
  test('of a delayed stop before its new time', () => {
    const delays = [{ dueAt: at(STOP), until: at(STOP + HOUR), reason: 'a demo' }]
    expect(warnTimeAfter({ ...nightly(), delays }, START)).toEqual({ nextWarnAt: at(WARN_AT + HOUR) })
  })
})

describe('what a tick makes of the time of a warning', () => {
  const waiting = (overrides: Record<string, unknown> = {}) => ({
    ...nightly(overrides),
    nextWarnAt: at(WARN_AT),
  })

  test('nothing before it has come', () => {
    expect(dueWarning(waiting(), WARN_AT - 1)).toBeNull()
    expect(dueWarning(nightly(), WARN_AT)).toBeNull()
  })
  test('a warning of that stop, and the time of the next one', () => {
    const next = { stops: [at(STOP)], nextWarnAt: at(WARN_AT + DAY) }
    expect(dueWarning(waiting(), WARN_AT)).toEqual(next)
    expect(dueWarning(waiting(), STOP - 1)).toEqual(next)
  })
  test('no warning once the stop is due, however late the tick is', () => {
    expect(dueWarning(waiting(), STOP)).toEqual({ stops: [], nextWarnAt: at(WARN_AT + DAY) })
    expect(dueWarning(waiting(), STOP + DAY - 10 * MINUTE)).toEqual({
      stops: [at(STOP + DAY)],
      nextWarnAt: at(WARN_AT + 2 * DAY),
    })
  })
  test('none any more of a policy that does not warn by now', () => {
    expect(dueWarning(waiting({ warn: null }), WARN_AT)).toEqual({ stops: [] })
    expect(dueWarning(waiting({ enabled: false }), WARN_AT)).toEqual({ stops: [] })
  })

  const crons = ['*/2 * * * *', '0 20 * * *', '*/10 * * * *', '0 */2 * * *', '30 2 * * *', '0 9,10 * * 1-5']
  property.prop([
    fc.constantFrom(...crons),
    fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
    fc.integer({ min: 5, max: 240 }),
    fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 20, maxLength: 60 }),
    fc.constantFrom(true as const, undefined),
  ])(
    'each stop is warned of once, before it is due, by whatever ticks there are',
    (cron, timeZone, minutesBefore, gaps, warnsEarly) => {
      const policy = { ...nightly({ schedule: { cron, timeZone }, warn: { minutesBefore } }), warnsEarly }
      const warnMs = (stopMs: number) =>
        warnsEarly ? beforeQuiet(stopMs - minutesBefore * MINUTE) : stopMs - minutesBefore * MINUTE
      let state = { ...policy, ...warnTimeAfter(policy, START) }
      const warned: number[] = []
      let now = START
      for (const gap of gaps) {
        now += gap * MINUTE
        for (let due = dueWarning(state, now); due !== null; due = dueWarning(state, now)) {
          const { nextWarnAt: _, ...rest } = state
          state = { ...rest, ...(due.nextWarnAt ? { nextWarnAt: due.nextWarnAt } : {}) } as typeof state
          for (const stopMs of due.stops.map(Date.parse)) {
            expect(stopMs).toBeGreaterThan(now)
            expect(warnMs(stopMs)).toBeLessThanOrEqual(now)
            warned.push(stopMs)
          }
        }
      }
      expect(warned).toEqual([...new Set(warned)].toSorted((one, other) => one - other))
      const ticks = gaps.map((_, index) => START + gaps.slice(0, index + 1).reduce((a, b) => a + b) * MINUTE)
      const stops = dueTimes(policy.schedule, { afterMs: START, untilMs: now, most: 10_000 })
      const inTime = (stopMs: number) => ticks.some(tick => tick >= warnMs(stopMs) && tick < stopMs)
      expect(warned.filter(stopMs => stopMs <= now)).toEqual(stops.filter(inTime))
    },
  )
})
