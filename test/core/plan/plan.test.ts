import { describe, expect, test } from 'vitest'
import { newChunk } from '../../../lib/core/model/chunk.ts'
import type { CloudErrorClass } from '../../../lib/core/model/errors.ts'
import type { Run } from '../../../lib/core/model/run.ts'
import {
  planAgain,
  planExhausted,
  planTrouble,
  planVerdict,
  runMessages,
  splitPortions,
  type Totals,
} from '../../../lib/core/plan/plan.ts'
import { aCloudError, aPolicy, aRun, at, START } from '../../makers.ts'

test('targets are cut into full chunks, and what is left over', () => {
  expect(splitPortions([1, 2, 3, 4, 5], 2)).toEqual({
    full: [
      [1, 2],
      [3, 4],
    ],
    rest: [5],
  })
  expect(splitPortions([1, 2], 2)).toEqual({ full: [[1, 2]], rest: [] })
  expect(splitPortions([], 2)).toEqual({ full: [], rest: [] })
})

test('a new chunk is to be asked whole, in the mode of its policy, and for the first time', () => {
  const chunk = newChunk(aRun({ planning: 3 }), 7, { size: 2, mode: 'hard', readAt: at(START) })
  expect(chunk).toMatchObject({
    runId: aRun().id,
    planning: 3,
    number: 7,
    status: 'waiting',
    attempt: 0,
    readAt: at(START),
    requests: [],
    todo: [{ members: [0, 1], mode: 'hard', escalation: false }],
  })
})

const totals = (overrides: Partial<Totals> = {}): Totals & { history: [] } => ({
  targets: 3,
  scope: 5,
  chunks: 1,
  fleet: 10,
  codes: { 'skipped/locked': 2 },
  history: [],
  ...overrides,
})

describe('whether a planned run is carried out', () => {
  const limited = aPolicy({ limits: { maxServers: 2 } })
  const verdict = (run: Partial<Run>, policy = limited) => planVerdict(aRun(run), policy, totals())

  test('its numbers add up', () => {
    expect(verdict({}, aPolicy()).summary).toEqual({
      matched: 5,
      targets: 3,
      skipped: 2,
      stopped: 0,
      started: 0,
      failed: 0,
      unconfirmed: 0,
    })
  })
  test.each<[string, Partial<Run>, string | undefined]>([
    ['not beyond a limit', {}, 'blocked'],
    ['beyond it where a person says so', { overrideLimits: true }, undefined],
    ['a dry run stops nothing', { dryRun: true, overrideLimits: true }, 'dry-run'],
    ['a dry run shows that it would be blocked', { dryRun: true }, 'blocked'],
  ])('%s', (_, run, code) => {
    expect(verdict(run).withheld?.code).toBe(code)
  })
})

describe('runs planned together, of which one is not carried out', () => {
  const blocked = { codes: {}, withheld: { code: 'blocked', reason: 'x' } } as const
  const robbed = { codes: { 'skipped/in-another-run': 2 } }
  const whole = { codes: { 'skipped/locked': 2 } }

  test.each([
    ['are planned without it where any lost servers', [blocked, robbed, whole], [false, true, true]],
    ['stay as they are where none did', [blocked, whole, whole], [false, false, false]],
    ['stay as they are where all are carried out', [robbed, robbed], [false, false]],
    [
      'need nothing themselves where they are not carried out',
      [blocked, { ...blocked, ...robbed }],
      [false, false],
    ],
  ])('%s', (_, decided, expected) => {
    expect(planAgain(decided)).toEqual(expected)
  })
})

describe('a listing that fails', () => {
  const trouble = (kind: CloudErrorClass, planning = 1, retryAfterSeconds: number | null = null) =>
    planTrouble(aCloudError(kind, { retryAfterSeconds }), { planning })

  test.each(['credentials', 'refused', 'member'] as const)(
    'for good (%s) fails the run, with the cause',
    kind => {
      expect(trouble(kind)).toEqual({ kind: 'fail', reason: `it said ${kind}` })
    },
  )
  test.each(['throttled', 'unavailable', 'ambiguous'] as const)('for now (%s) is tried again', kind => {
    expect(trouble(kind)).toEqual({ kind: 'again', delaySeconds: 5 })
    expect(trouble(kind, 4)).toEqual({ kind: 'again', delaySeconds: 40 })
    expect(trouble(kind, 1, 77)).toEqual({ kind: 'again', delaySeconds: 77 })
    expect(trouble(kind, 10)).toEqual({
      kind: 'fail',
      reason: `the cloud could not be asked in 10 tries: it said ${kind}`,
    })
  })
  test('a planning that never comes to its end is given up, too', () => {
    expect(planExhausted({ ...aRun(), planning: 10 })).toBeNull()
    expect(planExhausted({ ...aRun(), planning: 11 })).toBe('it could not be planned in 10 tries')
  })
})

describe('runs that come due together', () => {
  const ids = (...runs: Partial<Run>[]) =>
    runMessages(runs.map(one => aRun(one))).map(({ runIds }) => runIds.join(' '))

  test('share a message by connection and kind, the earliest due first', () => {
    expect(
      ids(
        { id: 'b', dueAt: '2026-11-21T12:00:00Z' },
        { id: 'x', connection: 'other' },
        { id: 'y', kind: 'bms' },
        { id: 'c', dueAt: '2026-11-21T11:59:00Z' },
        { id: 'a', dueAt: '2026-11-21T12:00:00Z' },
      ),
    ).toEqual(['c a b', 'x', 'y'])
  })
  test('are five hundred in a message at most', () => {
    const many = Array.from({ length: 1001 }, (_, number) => ({ id: `r-${number}` }))
    const sizes = (count: number) =>
      runMessages(many.slice(0, count).map(one => aRun(one))).map(({ runIds }) => runIds.length)
    expect(sizes(500)).toEqual([500])
    expect(sizes(1001)).toEqual([500, 500, 1])
  })
})
