import { describe, expect, test } from 'vitest'
import { endingOf } from '../../../lib/core/follow/ending.ts'
import { countOutcomes } from '../../../lib/core/model/outcome.ts'
import { manualRun, NO_SERVERS, type Run, type Withheld } from '../../../lib/core/model/run.ts'
import { aPolicy, aRun, aSettled, at, START } from '../../makers.ts'

const done = { chunks: 2, doneChunks: new Set([0, 1]) }
const cancel = { at: at(START), actor: 'anna', reason: 'release' }
const summaryOf = (stopped: number, failed = 0, unconfirmed = 0, skipped = 0) => {
  const targets = stopped + failed + unconfirmed
  return { matched: targets + skipped, targets, skipped, stopped, started: 0, failed, unconfirmed }
}
const end = (run: Partial<Run>) => endingOf(aRun({ ...done, ...run }))

test('a run ends when every chunk is done, and not before', () => {
  expect(endingOf(aRun({ chunks: 2, doneChunks: new Set([1]) }))).toBeNull()
  expect(endingOf(aRun({ doneChunks: new Set([0]) }))).toBeNull()
  expect(endingOf(aRun({ chunks: 0 }))).toEqual({ status: 'succeeded' })
})

test('a run of which every target was refused ends with the words of a refusal, where it is known', () => {
  const refused = aSettled({ status: 'failed', code: 'refused', reason: 'the key may not' })
  const last = [aSettled({ status: 'skipped', code: 'protected' }), refused]
  const ending = (stopped: number, codes: Run['codes']) =>
    endingOf(aRun({ ...done, summary: summaryOf(stopped, 2), codes }), last)?.reason
  expect(ending(0, { 'failed/refused': 2 })).toBe(
    '0 of 2 targets stopped, 2 failed (refused 2): the key may not',
  )
  expect(ending(1, { 'failed/refused': 2 })).toBe('1 of 3 targets stopped, 2 failed (refused 2)')
  expect(ending(0, { 'failed/refused': 1, 'failed/locked': 1 })).toBe(
    '0 of 2 targets stopped, 2 failed (refused 1, locked 1)',
  )
})

describe('how a run ends', () => {
  const withheld = (code: Withheld['code']): Partial<Run> => ({ withheld: { code, reason: `why ${code}` } })
  test.each<[string, Partial<Run>, string, string | undefined]>([
    ['every target stopped', { summary: summaryOf(3) }, 'succeeded', undefined],
    ['no targets', { summary: summaryOf(0, 0, 0, 9) }, 'succeeded', undefined],
    [
      'some of them',
      { summary: summaryOf(1990, 9, 2), codes: { 'failed/job-failed': 9, 'unconfirmed/not-learnt': 2 } },
      'partial',
      '1990 of 2001 targets stopped, 9 failed, 2 unconfirmed (job-failed 9, not-learnt 2)',
    ],
    [
      'none of them',
      { summary: summaryOf(0, 3), codes: { 'failed/credentials': 3, 'skipped/locked': 7 } },
      'failed',
      '0 of 3 targets stopped, 3 failed (credentials 3)',
    ],
    ['blocked', { summary: summaryOf(0, 0, 0, 5), ...withheld('blocked') }, 'blocked', 'why blocked'],
    ['a dry run', { summary: summaryOf(0, 0, 0, 5), ...withheld('dry-run') }, 'succeeded', undefined],
    [
      'halted after some',
      { summary: summaryOf(5, 5, 0, 90), ...withheld('halted') },
      'partial',
      'why halted; 5 of 10 targets stopped, 5 failed',
    ],
    [
      'halted after none',
      { summary: summaryOf(0, 5), ...withheld('halted') },
      'failed',
      'why halted; 0 of 5 targets stopped, 5 failed',
    ],
    [
      'switched off before anything was sent',
      {
        summary: summaryOf(0, 0, 0, 5),
        codes: { 'skipped/stops-disabled': 5 },
        ...withheld('stops-disabled'),
      },
      'failed',
      'why stops-disabled; 0 of 0 targets stopped',
    ],
    [
      'too late for some',
      { summary: summaryOf(5, 0, 0, 5), codes: { 'skipped/too-late': 5 }, ...withheld('too-late') },
      'partial',
      'why too-late; 5 of 5 targets stopped',
    ],
    [
      'too late for a hard stop that was not needed in the end',
      { summary: summaryOf(5), codes: { 'stopped/stopped': 5 }, ...withheld('too-late') },
      'succeeded',
      undefined,
    ],
    [
      'cancelled',
      { summary: summaryOf(2), cancel, ...withheld('cancelled') },
      'cancelled',
      'cancelled by anna: release; 2 of 2 targets stopped',
    ],
    [
      'cancelled when all was sent',
      { summary: summaryOf(2), cancel },
      'cancelled',
      'cancelled by anna: release; 2 of 2 targets stopped',
    ],
    ['blocked, and cancelled as well', { cancel, ...withheld('blocked') }, 'blocked', 'why blocked'],
  ])('%s', (_, run, status, reason) => {
    expect(end({ summary: NO_SERVERS, ...run })).toEqual({ status, ...(reason ? { reason } : {}) })
  })
})

test('what a chunk adds is the count of its outcomes, by status and by code', () => {
  const settled = [
    aSettled(),
    aSettled(),
    aSettled({ code: 'escalated' }),
    aSettled({ status: 'skipped', code: 'locked' }),
    aSettled({ status: 'failed', code: 'locked' }),
    aSettled({ status: 'unconfirmed', code: 'not-learnt' }),
  ]
  expect(countOutcomes(settled)).toEqual({
    stopped: 3,
    started: 0,
    skipped: 1,
    failed: 1,
    unconfirmed: 1,
    codes: {
      'stopped/stopped': 2,
      'stopped/escalated': 1,
      'skipped/locked': 1,
      'failed/locked': 1,
      'unconfirmed/not-learnt': 1,
    },
  })
})

test('a manual run names who asked, and is due now', () => {
  const run = manualRun(
    {
      id: 'manual.1',
      action: 'stop',
      policyId: 'nightly-dev',
      policy: aPolicy(),
      connection: 'prod',
      dryRun: true,
      overrideLimits: false,
    },
    { actor: 'ann', now: START },
  )
  expect(run).toMatchObject({
    trigger: 'manual',
    actor: 'ann',
    dueAt: at(START),
    status: 'pending',
    connection: 'prod',
  })
  expect(run).not.toHaveProperty('policy')
})
