import { describe, expect, test } from 'vitest'
import {
  clockState,
  earlierDueTimes,
  isLeaseTooLong,
  isTicking,
  setAside,
} from '../../../lib/core/tick/clock.ts'
import { isMade, onExisting } from '../../../lib/core/tick/existing-run.ts'
import { aPolicy, aRun, at, START } from '../../makers.ts'

const MINUTE = 60_000
const DAY = 86_400_000

test.each([
  ['before the first version was written', at(START), Date.parse('1970-01-01T00:00:30Z'), 'unset'],
  ['with nothing noted', null, START, 'to-note'],
  ['a minute behind: another machine', at(START + MINUTE), START, 'right'],
  ['more than a minute behind', at(START + MINUTE + 1), START, 'behind'],
  ['of another tick of the same minute', at(START), START + 30_000, 'right'],
  ['of the next one', at(START), START + MINUTE, 'to-note'],
] as const)('a clock %s is told from others', (_, notedAt, now, state) => {
  expect(clockState(notedAt, now)).toBe(state)
})

test.each([
  ['two minutes and 59 seconds', 179_999, true],
  ['three minutes', 180_000, false],
  ['the time of a clock that runs ahead', -180_000, false],
  ['the time of another machine', -MINUTE, true],
])('%s after a tick noted its time ticks come: %j ms, %j', (_, afterMs, comes) => {
  expect(isTicking(at(START), START + afterMs)).toBe(comes)
})

describe('a due time', () => {
  const hourly = (nextDueAt: string | null, overrides = {}) =>
    aPolicy({ schedule: { cron: '0 * * * *', timeZone: 'UTC' }, nextDueAt, ...overrides })

  test('that lies further ahead than the next one of the schedule is moved back to that', () => {
    expect(earlierDueTimes(hourly(at(START + 2 * DAY)), START)).toEqual({
      nextDueAt: '2026-11-21T13:00:00.000Z',
      nextStartDueAt: null,
    })
  })
  test('of a start is moved back, too, and what is right beside it stays', () => {
    const both = { nextStartDueAt: at(START + 2 * DAY), start: { cron: '30 7 * * *' } }
    expect(earlierDueTimes(hourly(at(START), both), START)).toEqual({
      nextDueAt: at(START),
      nextStartDueAt: '2026-11-22T07:30:00.000Z',
    })
  })
  test.each([
    ['the next one', hourly('2026-11-21T13:00:00.000Z')],
    ['one that has passed', hourly(at(START - DAY))],
    ['none', hourly(null)],
    ['one of a disabled policy', hourly(at(START + DAY), { enabled: false })],
  ])('stays where it is %s', (_, policy) => {
    expect(earlierDueTimes(policy, START)).toBeNull()
  })
})

test('nothing waits longer than two hours for attention', () => {
  expect(isLeaseTooLong({ dueAt: at(START + 120 * MINUTE) }, START)).toBe(false)
  expect(isLeaseTooLong({ dueAt: at(START + 120 * MINUTE + 1) }, START)).toBe(true)
})

describe('a run of a due time that is still to come', () => {
  const ahead = { dueAt: at(START + DAY), planning: 0 }
  test('ends where nobody began it, and is no longer missed', () => {
    expect(setAside(aRun({ ...ahead, status: 'pending' }), START)).toMatchObject({
      status: 'cancelled',
      endedAt: at(START),
      prematureAt: at(START),
    })
    expect(setAside(aRun({ ...ahead, status: 'missed' }), START)).toMatchObject({ status: 'cancelled' })
  })
  test('sends nothing more where it goes on, and stays as it ended where it ended', () => {
    expect(setAside(aRun({ ...ahead, planning: 1 }), START)).toMatchObject({ cancel: { actor: 'curfew' } })
    expect(setAside(aRun({ ...ahead, planning: 1, status: 'succeeded' }), START)).toEqual({
      prematureAt: at(START),
    })
  })
  test.each([
    ['due now', { dueAt: at(START), planning: 0 }],
    ['a manual one', { ...ahead, trigger: 'manual' as const }],
    ['one that was set aside before', { ...ahead, prematureAt: at(START) }],
  ])('is none when it is %s', (_, overrides) => {
    expect(setAside(aRun(overrides), START)).toBeNull()
  })
})

test.each([
  ['pending', { prematureAt: at(START), planning: 1 }, 'repeat'],
  ['missed', { prematureAt: at(START), planning: 0, status: 'cancelled' }, 'repeat'],
  ['missed', { prematureAt: at(START), planning: 1, status: 'succeeded' }, 'keep'],
  ['cancelled', { status: 'pending' }, 'withdraw'],
  ['cancelled', { status: 'running' }, 'keep'],
  ['pending', { status: 'pending' }, 'keep'],
  ['cancelled', { prematureAt: at(START), planning: 0, status: 'cancelled' }, 'keep'],
] as const)('where a %s run is wanted and %o is there: %s', (status, existing, step) => {
  expect(onExisting(aRun({ status }), aRun(existing))).toBe(step)
})

test('a run that acted before its time is repeated on time, and not where it would be caught up', () => {
  const acted = aRun({ prematureAt: at(START), status: 'succeeded' })
  const wanted = (lateMs: number) => aRun({ status: 'pending', createdAt: at(START + lateMs) })
  expect(onExisting(wanted(2 * MINUTE), acted)).toBe('repeat')
  expect(onExisting(wanted(2 * MINUTE + 1), acted)).toBe('keep')
})

test.each([
  ['none', {}, false],
  ['one that waits', { night: { status: 'pending' } }, true],
  ['one that was set aside', { night: { status: 'cancelled', prematureAt: at(START) } }, false],
  [
    'one that was set aside, and its repetition',
    { night: { status: 'cancelled', prematureAt: at(START) }, 'night.2': { status: 'running' } },
    true,
  ],
] as const)('a pending run is made already where there is %s: %o', (_, there, answer) => {
  const known = Object.entries(there).map(([id, run]) => [id, aRun({ planning: 0, ...run })] as const)
  expect(isMade(aRun({ id: 'night', status: 'pending' }), new Map(known))).toBe(answer)
})

test('a cancelled run is not made where one waits that is to be withdrawn', () => {
  const there = new Map([['night', aRun({ id: 'night', status: 'pending' })]])
  expect(isMade(aRun({ id: 'night', status: 'cancelled' }), there)).toBe(false)
})
