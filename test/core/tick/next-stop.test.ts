import { describe, expect, test } from 'vitest'
import { justDueRunIds } from '../../../lib/core/tick/due-runs.ts'
import { nextStartAt, nextStopAt, skippedBecause } from '../../../lib/core/tick/next-stop.ts'
import { aPolicy, at, START } from '../../makers.ts'

const HOUR = 3_600_000
const ON = { connection: { enabled: true }, stopsEnabled: true, startsEnabled: true }
const stopAt = (dueMs: number) => ({ action: 'stop' as const, dueMs })
const hourly = (overrides: Record<string, unknown> = {}, schedule: object = {}) =>
  aPolicy({ schedule: { cron: '0 * * * *', timeZone: 'UTC', ...schedule }, ...overrides })

test('the next stop is the next due time where nothing holds it back', () => {
  expect(nextStopAt(hourly(), ON)).toBe(at(START))
})

test.each([
  [at(START), at(START)],
  [at(START + 1), at(START + HOUR)],
  [at(START + HOUR), at(START + HOUR)],
])('snoozed until %s it is the first due time that is not before that', (snoozedUntil, expected) => {
  expect(nextStopAt(hourly({ snoozedUntil }), ON)).toBe(expected)
})

test('a snooze that ends on a skipped date is followed by the next date that is not', () => {
  const schedule = { cron: '0 12 * * *', skipDates: ['2026-11-22', '2026-11-23'] }
  const policy = hourly({ snoozedUntil: '2026-11-22T00:00:00Z', snoozeReason: 'release' }, schedule)
  expect(nextStopAt(policy, ON)).toBe('2026-11-24T12:00:00.000Z')
})

test.each([
  ['the policy is disabled', { enabled: false }, ON],
  ['connection prod is disabled', {}, { ...ON, connection: { enabled: false } }],
  ['connection prod does not exist', {}, { ...ON, connection: null }],
  ['all stops are switched off (PUT /v1/settings)', {}, { ...ON, stopsEnabled: false }],
])('there is none while %s', (reason, overrides, switches) => {
  expect(nextStopAt(hourly(overrides), switches)).toBeNull()
  expect(skippedBecause(hourly(overrides), stopAt(START), switches)).toBe(reason)
})

test('a due time before the end of a snooze says so, one at its end does not', () => {
  const policy = hourly({ snoozedUntil: at(START + HOUR), snoozeReason: 'release' })
  expect(skippedBecause(policy, stopAt(START), ON)).toBe(`snoozed until ${at(START + HOUR)}: release`)
  expect(skippedBecause(policy, stopAt(START + HOUR), ON)).toBeNull()
})

test('one that a calendar leaves out is left out by that, snoozed or not: it leaves no run', () => {
  const policy = hourly({ snoozedUntil: at(START + HOUR), snoozeReason: 'release' })
  const due = { ...stopAt(START), leftOutBecause: 'calendar holidays: Event' }
  expect(skippedBecause(policy, due, ON)).toBe('calendar holidays: Event')
})

const JUST = { actions: ['stop' as const], connections: ['prod'] }

test('a run is of a moment ago for two minutes, whatever the schedule says by now', () => {
  const policy = hourly({ nextDueAt: at(START + HOUR) })
  expect(justDueRunIds(policy, START + 120_000, JUST)).toEqual(['nightly-dev.20261121T120000Z'])
  expect(justDueRunIds(policy, START + 120_001, JUST)).toEqual([])
  const edited = hourly({ nextDueAt: at(START) }, { cron: '30 3 * * *' })
  expect(justDueRunIds(edited, START + 1000, JUST)).toEqual(['nightly-dev.20261121T120000Z'])
})

describe('the next start', () => {
  const overnight = { cron: '0 20 * * 1-5', timeZone: 'Asia/Shanghai' }
  const morning = { cron: '0 7 * * 1-5' }
  const policy = (overrides: Record<string, unknown> = {}) =>
    aPolicy({
      schedule: overnight,
      start: morning,
      nextDueAt: '2026-11-23T12:00:00.000Z',
      nextStartDueAt: '2026-11-22T23:00:00.000Z',
      ...overrides,
    })

  test('is the next due time of the start, whatever is snoozed', () => {
    expect(nextStartAt(policy(), ON)).toBe('2026-11-22T23:00:00.000Z')
    const snoozed = policy({ snoozedUntil: '2026-12-01T00:00:00.000Z', snoozeReason: 'release' })
    expect(nextStartAt(snoozed, ON)).toBe('2026-11-22T23:00:00.000Z')
    expect(nextStopAt(snoozed, ON)).toBe('2026-12-01T12:00:00.000Z')
  })
  test('is none of a policy that starts nothing', () => {
    expect(nextStartAt(policy({ start: null, nextStartDueAt: null }), ON)).toBeNull()
    expect(nextStartAt(policy({ start: null }), ON)).toBeNull()
  })
  test.each([
    ['the policy is disabled', { enabled: false }, ON],
    ['connection prod is disabled', {}, { ...ON, connection: { enabled: false } }],
    ['all starts are switched off (PUT /v1/settings)', {}, { ...ON, startsEnabled: false }],
  ])('is none while %s', (reason, overrides, switches) => {
    expect(nextStartAt(policy(overrides), switches)).toBeNull()
    const start = { action: 'start' as const, dueMs: START }
    expect(skippedBecause(policy(overrides), start, switches)).toBe(reason)
  })
  test('is there while stops are off', () => {
    expect(nextStartAt(policy(), { ...ON, stopsEnabled: false })).toBe('2026-11-22T23:00:00.000Z')
  })
  test('is not the one that the spring brings together with a stop', () => {
    const schedule = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
    const jump = '2026-03-29T01:00:00.000Z'
    const both = { schedule, start: { cron: '0 3 * * *' }, nextDueAt: jump, nextStartDueAt: jump }
    const start = { action: 'start' as const, dueMs: Date.parse(jump) }
    expect(nextStopAt(aPolicy(both), ON)).toBe(jump)
    expect(nextStartAt(aPolicy(both), ON)).toBe('2026-03-30T01:00:00.000Z')
    expect(skippedBecause(aPolicy(both), start, ON)).toContain('a stop of the policy is due at the same')
    const snoozed = { ...both, snoozedUntil: '2026-03-29T12:00:00.000Z', snoozeReason: 'release' }
    expect(nextStartAt(aPolicy(snoozed), ON)).toBe(jump)
    expect(skippedBecause(aPolicy(snoozed), start, ON)).toBeNull()
  })
})
