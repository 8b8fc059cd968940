import { describe, expect, test } from 'vitest'
import type { Run, WeekItem } from '../../console/api/types.ts'
import type { Moment } from '../../console/week/layout.ts'
import { fateText, gapTexts, hoursText, momentText, offText, timeOfDay } from '../../console/week/words.ts'

const aMoment = (overrides: Partial<Moment> = {}): Moment => ({
  key: 'k',
  at: '2026-11-20T12:00:00Z',
  x: 0,
  action: 'stop',
  local: null,
  isDue: true,
  skippedBecause: null,
  runId: null,
  run: null,
  ...overrides,
})

const summary = {
  matched: 208,
  targets: 200,
  skipped: 8,
  stopped: 200,
  started: 0,
  failed: 0,
  unconfirmed: 0,
  waiting: 0,
}
const aRun = (overrides: Partial<Run> = {}): Run =>
  ({ id: 'r', action: 'stop', status: 'succeeded', dryRun: false, summary, ...overrides }) as Run

const fateOf = (overrides: Partial<Run>): string => {
  const run = aRun(overrides)
  return fateText(aMoment({ run, runId: run.id, action: run.action }))
}

describe('what became of a stop or a start', () => {
  test('one that is due, that is skipped, and that ran and cannot be seen any more', () => {
    expect(fateText(aMoment())).toBe('due')
    expect(fateText(aMoment({ skippedBecause: 'snoozed until Monday' }))).toBe(
      'skipped: snoozed until Monday',
    )
    expect(fateText(aMoment({ runId: 'gone' }))).toBe('ran')
  })

  test('a run: its word and its numbers', () => {
    expect(fateOf({})).toBe('succeeded, 200 of 200 off, 8 skipped')
  })

  test('a run that did nothing says why, and one that a snooze passed over is called so', () => {
    const none = { ...summary, matched: 0, targets: 0, skipped: 0, stopped: 0 }
    expect(fateOf({ status: 'missed', reason: 'nothing ran then', summary: none })).toBe(
      'missed: nothing ran then',
    )
    expect(fateOf({ status: 'cancelled', reason: 'snoozed until 20:01', summary: none })).toBe(
      'snoozed: snoozed until 20:01',
    )
    expect(fateOf({ summary: none })).toBe('succeeded')
  })

  test('all of it, with the zone', () => {
    expect(momentText(aMoment(), 'Asia/Shanghai')).toMatch(/^Stop, .*20:00.* Shanghai: due$/)
    expect(momentText(aMoment({ isDue: false, action: 'start' }), 'UTC')).toMatch(
      /^Start by hand, .* UTC: due$/,
    )
  })
})

describe('times where a clock changes', () => {
  test('a time that comes twice is told with its offset, every other one without', () => {
    expect(timeOfDay('2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('02:30 GMT+2')
    expect(timeOfDay('2026-10-25T01:30:00Z', 'Europe/Berlin')).toBe('02:30 GMT+1')
    expect(timeOfDay('2026-10-25T02:30:00Z', 'Europe/Berlin')).toBe('03:30')
    expect(timeOfDay('2026-10-24T00:30:00Z', 'Europe/Berlin')).toBe('02:30')
  })

  test('also where the clock goes back by half an hour', () => {
    expect(timeOfDay('2027-04-03T14:45:00Z', 'Australia/Lord_Howe')).toBe('01:45 GMT+11')
    expect(timeOfDay('2027-04-03T15:15:00Z', 'Australia/Lord_Howe')).toBe('01:45 GMT+10:30')
  })

  test('a day says how long it is where that is not 24 hours', () => {
    expect([23, 24, 25].map(hoursText)).toEqual(['23 h', '', '25 h'])
  })

  test('an off-window is as long as the time that passes in it', () => {
    const window = { from: '2026-10-24T18:00:00Z', to: '2026-10-25T19:00:00Z' }
    expect(offText(window, 'Europe/Berlin')).toMatch(/20:00 .*20:00 \(25 h\)$/)
  })
})

test('what is missing of a row is told', () => {
  const row = { timeZone: 'UTC', marksUntil: null, runsSince: null } as WeekItem
  expect(gapTexts(row)).toEqual([])
  const cut = {
    ...row,
    marksUntil: '2026-11-20T12:00:00Z',
    runsSince: '2026-11-18T12:00:00Z',
    unreadableRuns: ['r'],
  }
  expect(gapTexts(cut)).toEqual([
    expect.stringMatching(/^Due times after .* are left out/),
    expect.stringMatching(/^Runs before .* are left out/),
    'Not readable by this version: r.',
  ])
})
