import { expect, test } from 'vitest'
import { NO_SERVERS, type RunStatus } from '../../../lib/core/model/run.ts'
import { isBad, matchesFilter } from '../../../lib/core/notify/run-filter.ts'
import { aRun } from '../../makers.ts'

test.each([
  ['cancelled', { failed: 1 }, true],
  ['cancelled', { unconfirmed: 1 }, true],
  ['running', { failed: 1 }, true],
  ['failed', {}, true],
  ['partial', {}, true],
  ['blocked', {}, true],
  ['missed', {}, true],
  ['cancelled', {}, false],
  ['succeeded', {}, false],
  ['running', {}, false],
  ['pending', {}, false],
] as [RunStatus, object, boolean][])('a %s run with %o is bad: %s', (status, counts, bad) => {
  expect(isBad(aRun({ status, summary: { ...NO_SERVERS, ...counts } }))).toBe(bad)
})

test('each condition of a filter must hold, and of several statuses one', () => {
  const run = aRun({ status: 'failed' })
  expect(matchesFilter(run, {})).toBe(true)
  expect(matchesFilter(run, { connection: 'prod', action: 'stop', status: ['partial', 'failed'] })).toBe(true)
  expect(matchesFilter(run, { connection: 'lab' })).toBe(false)
  expect(matchesFilter(run, { action: 'start' })).toBe(false)
  expect(matchesFilter(run, { status: ['partial'] })).toBe(false)
})
