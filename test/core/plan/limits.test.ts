import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Limits } from '../../../lib/core/model/policy/limits.ts'
import { NO_SERVERS, type Run } from '../../../lib/core/model/run.ts'
import { blockedBy, countsForHistory, type PastRun, runAlike } from '../../../lib/core/plan/limits.ts'
import { aRun } from '../../makers.ts'

const none = { historyFactor: null }
const blocked = (limits: object, planned: Partial<Parameters<typeof blockedBy>[1]>) =>
  blockedBy(Limits.parse(limits), {
    action: 'stop',
    targets: 0,
    scope: 0,
    fleet: 1000,
    history: [],
    ...planned,
  })
const past = (...scopes: number[]): PastRun[] => scopes.map(scope => ({ scope, overrideLimits: false }))

describe('maxServers and maxPercent', () => {
  test.each([
    [{ maxServers: 200 }, 200, 1000, false],
    [{ maxServers: 200 }, 201, 1000, true],
    [{ maxServers: null }, 100_000, 100_000, false],
    [{ maxPercent: 50 }, 500, 1000, false],
    [{ maxPercent: 50 }, 501, 1000, true],
    [{ maxPercent: 33.3 }, 333, 1000, false],
    [{ maxPercent: 33.3 }, 334, 1000, true],
    [{ maxPercent: 65.6 }, 246, 375, false],
    [{ maxPercent: 65.6 }, 247, 375, true],
    [{ maxPercent: 1 }, 1, 3, true],
    [{ maxPercent: 100 }, 3, 3, false],
    [{ maxPercent: 1 }, 0, 0, false],
  ])('%j with %i targets of %i: %s', (limits, targets, fleet, expected) => {
    expect(blocked({ ...none, ...limits }, { targets, fleet }) !== null).toBe(expected)
  })

  test('say what is more than what', () => {
    expect(blocked({ ...none, maxServers: 2 }, { targets: 3 })).toBe(
      '3 servers would be stopped, more than limits.maxServers, 2',
    )
    expect(blocked({ ...none, maxPercent: 10 }, { targets: 3, fleet: 20 })).toBe(
      '3 of 20 servers would be stopped, more than limits.maxPercent, 10 %',
    )
  })
})

describe("the guard by the policy's own history", () => {
  test.each<[string, number[], number, boolean]>([
    ['more than three times the median', [30, 30, 30, 30, 30], 91, true],
    ['exactly three times', [30, 30, 30, 30, 30], 90, false],
    ['too few runs to compare with', [30, 30, 30, 30], 9999, false],
    ['no run at all', [], 9999, false],
    ['twenty servers are never suspicious', [1, 1, 1, 1, 1], 20, false],
    ['twenty-one may be', [1, 1, 1, 1, 1], 21, true],
    ['the median of an even number is between the middle two', [10, 10, 10, 30, 30, 30], 60, false],
    ['and more than three times that is not', [10, 10, 10, 30, 30, 30], 61, true],
    ['one large run among the last ten changes nothing', [10, 500, 10, 10, 10], 31, true],
    [
      'what lies before the last ten is forgotten',
      [10, ...Array(9).fill(10), ...Array(90).fill(900)],
      31,
      true,
    ],
  ])('%s: after %j, %i is blocked: %s', (_, scopes, scope, expected) => {
    expect(blocked({}, { scope, history: past(...scopes) }) !== null).toBe(expected)
  })

  test('compares what was in scope, not what was left to stop', () => {
    expect(blocked({}, { targets: 100, scope: 100, history: past(100, 100, 100, 100, 100) })).toBeNull()
    expect(blocked({}, { targets: 0, scope: 400, history: past(100, 100, 100, 100, 100) })).not.toBeNull()
  })

  test('has its own factor, or is off', () => {
    const history = past(10, 10, 10, 10, 10)
    expect(blocked({ historyFactor: 5 }, { scope: 50, history })).toBeNull()
    expect(blocked({ historyFactor: 5 }, { scope: 51, history })).not.toBeNull()
    expect(blocked(none, { scope: 100_000, history })).toBeNull()
  })

  test('a manual run with overrideLimits says that its size is right, from then on', () => {
    const history = [{ scope: 300, overrideLimits: true }, ...past(30, 30, 30, 30, 30)]
    expect(blocked({}, { scope: 300, history: past(30, 30, 30, 30, 30) })).toContain('overrideLimits')
    expect(blocked({}, { scope: 300, history })).toBeNull()
    expect(blocked({}, { scope: 900, history })).toBeNull()
    expect(blocked({}, { scope: 901, history })).not.toBeNull()
  })

  property.prop([fc.array(fc.nat({ max: 500 }), { minLength: 5, maxLength: 10 }), fc.nat({ max: 2000 })])(
    'never blocks a run that is no larger than any of the last ones',
    (scopes, scope) => {
      const smallest = Math.min(...scopes)
      expect(blocked({}, { scope: Math.min(scope, smallest), history: past(...scopes) })).toBeNull()
    },
  )
})

describe('a run counts as one that acted', () => {
  const summary = { matched: 5, targets: 3, skipped: 2, stopped: 3, started: 0, failed: 0, unconfirmed: 0 }
  test.each<[string, Partial<Run>, boolean]>([
    ['when it had targets', { status: 'succeeded', summary }, true],
    ['while it is still at it', { status: 'running', summary, overrideLimits: true }, true],
    [
      'when it failed',
      { status: 'failed', summary: { ...summary, stopped: 0, started: 0, failed: 3 } },
      true,
    ],
    ['not when all were off already', { summary: { ...summary, targets: 0, skipped: 5, stopped: 0 } }, false],
    ['not when it was dry', { summary, dryRun: true }, false],
    [
      'not when it was blocked, though it is not yet written up',
      { summary, withheld: { code: 'blocked', reason: 'x' } },
      false,
    ],
    ['when it halted', { summary, withheld: { code: 'halted', reason: 'x' } }, true],
  ])('%s', (_, run, expected) => {
    expect(countsForHistory(aRun(run), 'stop')).toBe(expected)
  })
})

test('the run whose servers are likeliest to be those of the next is the largest of the latest three that ended', () => {
  const ended = (targets: number) =>
    aRun({ status: 'succeeded', chunks: 1, summary: { ...NO_SERVERS, targets } })
  const [small, large, older] = [ended(10), ended(90), ended(1000)]
  const going = { ...ended(500), status: 'running' as const }
  expect(runAlike([going, small, large, ended(50), older])).toBe(large)
  expect(runAlike([going])).toBeNull()
})
