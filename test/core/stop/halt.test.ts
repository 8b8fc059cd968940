import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutcomeCode, OutcomeStatus, Settled } from '../../../lib/core/model/outcome.ts'
import { countOutcomes } from '../../../lib/core/model/outcome.ts'
import { chunkFailures, haltReason } from '../../../lib/core/stop/halt.ts'
import { aRun, aSettled, aWhole } from '../../makers.ts'

type Ends = Partial<Record<`${OutcomeStatus}/${OutcomeCode}`, number>>

function settledOf(ends: Ends): Settled[] {
  return Object.entries(ends).flatMap(([key, count]) => {
    const [status, code] = key.split('/') as [OutcomeStatus, OutcomeCode]
    return Array.from({ length: count }, () => aSettled({ status, code }))
  })
}
/** A run of which so many targets have come to these ends. */
function runOf(ends: Ends, rest: Partial<ReturnType<typeof aRun>> = {}) {
  const { codes, ...counts } = countOutcomes(settledOf(ends))
  return aRun({ codes, summary: { matched: 0, targets: 0, ...counts }, ...rest })
}
const halts = (ends: Ends, haltShare: number | null = 0.1): boolean =>
  haltReason(runOf(ends), haltShare) !== null

describe('a run halts', () => {
  test.each<[string, Ends, boolean]>([
    ['at five of 49', { 'failed/job-failed': 5, 'stopped/stopped': 44 }, true],
    ['not at five of 50, which is a tenth', { 'failed/job-failed': 5, 'stopped/stopped': 45 }, false],
    ['not at four of four', { 'failed/job-failed': 4 }, false],
    ['at five of five', { 'failed/refused': 5 }, true],
    ['for refused credentials', { 'failed/credentials': 5 }, true],
    ['for too much traffic', { 'failed/throttled': 5 }, true],
    ['for what was never learnt', { 'unconfirmed/not-learnt': 3, 'unconfirmed/credentials': 2 }, true],
    ['not for locked servers', { 'failed/locked': 100 }, false],
    ['not for frozen ones', { 'failed/frozen': 100 }, false],
    ['not for busy ones', { 'failed/busy': 100 }, false],
    ['not for servers that are gone', { 'failed/not-found': 50, 'unconfirmed/not-found': 50 }, false],
    [
      'where those that are gone count as sent',
      { 'failed/job-failed': 5, 'unconfirmed/not-found': 45 },
      false,
    ],
    ['not for systems that do not go down', { 'failed/still-running': 100 }, false],
    ['not for what was left', { 'skipped/locked': 100, 'skipped/halted': 100 }, false],
    ['and those make the share no smaller', { 'failed/job-failed': 5, 'skipped/excluded': 1000 }, true],
    ['but those who failed by themselves do', { 'failed/job-failed': 5, 'failed/locked': 45 }, false],
  ])('%s: %j %s', (_, ends, expected) => {
    expect(halts(ends)).toBe(expected)
  })

  test('at its own share, or never', () => {
    const half: Ends = { 'failed/job-failed': 50, 'stopped/stopped': 50 }
    expect([halts(half, 0.49), halts(half, 0.5), halts(half, 1), halts(half, null)]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  property.prop([fc.nat({ max: 400 }), fc.nat({ max: 400 }), fc.integer({ min: 1, max: 100 })])(
    'exactly when at least five, and more than the share, failed',
    (bad, good, percent) => {
      const expected = bad >= 5 && bad * 100 > percent * (bad + good)
      expect(halts({ 'failed/job-failed': bad, 'stopped/stopped': good }, percent / 100)).toBe(expected)
    },
  )
})

describe('a chunk that is not done', () => {
  const chunk = (ends: Ends, size: number) =>
    aWhole({ size }, { settled: new Map(settledOf(ends).entries()) })

  test('counts what failed of it, of all of it', () => {
    const seen = chunkFailures(
      chunk({ 'failed/job-failed': 6, 'failed/locked': 3, 'stopped/stopped': 5 }, 50),
    )
    expect(seen).toEqual({ bad: 6, of: 50 })
    const reason = '6 of the first 50 targets failed, more than haltShare 0.1'
    expect(haltReason(runOf({}, { failing: { 0: seen! } }), 0.1)).toBe(reason)
    expect(haltReason(runOf({}, { failing: { 0: { bad: 6, of: 60 } } }), 0.1)).toBeNull()
  })

  test('says nothing where nothing failed for a cause of ours or the cloud', () => {
    expect(chunkFailures(chunk({ 'failed/locked': 3, 'stopped/stopped': 5 }, 50))).toBeNull()
  })

  test('counts no more once it is done and counted', () => {
    const failing = { 0: { bad: 6, of: 50 } }
    const done = { failing, doneChunks: new Set([0]) }
    expect(haltReason(runOf({ 'failed/job-failed': 6, 'stopped/stopped': 54 }, done), 0.1)).toBeNull()
    expect(haltReason(runOf({ 'failed/job-failed': 6, 'stopped/stopped': 54 }, { failing }), 0.1)).toContain(
      '12 of the first 110',
    )
  })
})
