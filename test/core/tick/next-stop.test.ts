import { expect, test } from 'vitest'
import { justDueRunIds } from '../../../lib/core/tick/due-runs.ts'
import { nextStopAt, skippedBecause } from '../../../lib/core/tick/next-stop.ts'
import { aPolicy, at, START } from '../../makers.ts'

const HOUR = 3_600_000
const ON = { connection: { enabled: true }, stopsEnabled: true }
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
  expect(skippedBecause(hourly(overrides), START, switches)).toBe(reason)
})

test('a due time before the end of a snooze says so, one at its end does not', () => {
  const policy = hourly({ snoozedUntil: at(START + HOUR), snoozeReason: 'release' })
  expect(skippedBecause(policy, START, ON)).toBe(`snoozed until ${at(START + HOUR)}: release`)
  expect(skippedBecause(policy, START + HOUR, ON)).toBeNull()
})

test('a run is of a moment ago for two minutes, whatever the schedule says by now', () => {
  const policy = hourly({ nextDueAt: at(START + HOUR) })
  expect(justDueRunIds(policy, START + 120_000)).toEqual(['nightly-dev.20261121T120000Z'])
  expect(justDueRunIds(policy, START + 120_001)).toEqual([])
  const edited = hourly({ nextDueAt: at(START) }, { cron: '30 3 * * *' })
  expect(justDueRunIds(edited, START + 1000)).toEqual(['nightly-dev.20261121T120000Z'])
})
