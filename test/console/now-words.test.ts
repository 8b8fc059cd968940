import { describe, expect, test } from 'vitest'
import type { Attention, NextAction, NowAnswer, Preview, Run } from '../../console/api/types.ts'
import {
  adviceOn,
  chunksText,
  dayWord,
  mannerTexts,
  nextPollMs,
  nextText,
  skipLabel,
  snoozeUntilAfter,
  whomTexts,
} from '../../console/now/words.ts'

const NOW = Date.parse('2026-11-20T09:00:00Z')

const aNext = (overrides: Partial<NextAction> = {}): NextAction => ({
  policyId: 'nightly-dev',
  action: 'stop',
  at: '2026-11-20T12:00:00.000Z',
  local: '2026-11-20 20:00 +08:00 Asia/Shanghai',
  timeZone: 'Asia/Shanghai',
  connection: 'prod',
  kind: 'ecs',
  mode: 'soft',
  escalateAfterMinutes: null,
  returnsAt: null,
  returnsLocal: null,
  ...overrides,
})

const aPreview = (codes: string[], { targets = 0, skipped = codes.length } = {}): Preview => ({
  dueTimes: [],
  summary: { matched: targets + skipped, targets, skipped },
  targets: [],
  skipped: codes.map((code, place) => ({ serverId: `${place}`, name: `n${place}`, code, reason: '' })),
  warnings: [],
  warningCount: 0,
  blockedBy: null,
})

const anAnswer = (overrides: Partial<NowAnswer> = {}): NowAnswer => ({
  at: new Date(NOW).toISOString(),
  stopsEnabled: true,
  startsEnabled: true,
  next: [],
  nextKnownUntil: null,
  snoozed: [],
  underWay: [],
  latest: [],
  attention: [],
  ...overrides,
})

describe('what is next', () => {
  test('the number is named where it is known, and none where it would be nobody', () => {
    expect(nextText(aNext(), 212)).toBe('nightly-dev stops 212 servers')
    expect(nextText(aNext({ action: 'start' }), 1)).toBe('nightly-dev starts 1 server')
    expect(nextText(aNext(), null)).toBe('nightly-dev stops its servers')
    expect(nextText(aNext(), 0)).toBe('nightly-dev stops its servers')
    expect(whomTexts(aNext(), aPreview([]))[0]).toBe('right now it would stop nobody')
  })

  test('who is left alone is counted by why, the most first', () => {
    const preview = aPreview(['snoozed', 'protected', 'protected', 'already-stopped'], { targets: 5 })
    expect(whomTexts(aNext(), preview)[1]).toBe('4 left alone: 2 protected, 1 snoozed, 1 already off')
  })

  test('of a list that is cut short no shares are told', () => {
    expect(whomTexts(aNext(), aPreview(['protected'], { skipped: 1375 }))[1]).toMatch(/^1,375 left alone$/)
  })

  test('how it stops and when servers come back are told of a stop alone', () => {
    const returnsAt = '2026-11-20T23:00:00Z'
    expect(mannerTexts(aNext({ escalateAfterMinutes: 15, returnsAt }), NOW)).toEqual([
      'soft',
      'hard after 15 min',
      'back tomorrow 07:00',
    ])
    expect(mannerTexts(aNext({ kind: 'bms', mode: 'hard' }), NOW)).toEqual([
      'bare metal, hard: the power is cut',
      'nothing starts them again',
    ])
    expect(mannerTexts(aNext({ action: 'start', mode: null }), NOW)).toEqual([])
  })

  test('today and tomorrow are those of the zone', () => {
    const at = '2026-11-20T17:00:00Z'
    expect(dayWord(at, 'UTC', NOW)).toBe('today')
    expect(dayWord(at, 'Asia/Shanghai', NOW)).toBe('tomorrow')
    expect(dayWord(at, 'Pacific/Honolulu', Date.parse('2026-11-20T10:30:00Z'))).toBe('today')
    expect(dayWord('2026-11-27T12:00:00Z', 'UTC', NOW)).toMatch(/27/)
  })
})

describe('not tonight', () => {
  test.each([
    ['2026-11-20T12:00:00Z', 'Not tonight'],
    ['2026-11-20T17:30:00Z', 'Not tonight'],
    ['2026-11-21T04:00:00Z', 'Not this time'],
    ['2026-11-23T12:00:00Z', 'Not this time'],
  ])('a stop at %s is called: %s', (at, label) => {
    expect(skipLabel(aNext({ at }), NOW)).toBe(label)
  })

  test('the snooze ends a minute after the due time: that stop is skipped, one of the next minute is not', () => {
    expect(snoozeUntilAfter(aNext(), NOW)).toBe('2026-11-20T12:01:00.000Z')
  })

  test('what lies further ahead than a snooze may last is not offered', () => {
    expect(snoozeUntilAfter(aNext({ at: '2026-12-20T08:59:00Z' }), NOW)).toBe('2026-12-20T09:00:00.000Z')
    expect(snoozeUntilAfter(aNext({ at: '2026-12-20T09:00:00Z' }), NOW)).toBeNull()
  })
})

describe('how often it is asked', () => {
  test('every three seconds while something goes on, else every minute', () => {
    expect(nextPollMs(anAnswer({ underWay: [{} as Run] }), NOW)).toBe(3000)
    expect(nextPollMs(anAnswer(), NOW)).toBe(60_000)
    expect(nextPollMs(null, NOW)).toBe(60_000)
    expect(nextPollMs(anAnswer({ next: [aNext()] }), NOW)).toBe(60_000)
  })

  test('right after the next due time, without waiting for the minute to pass', () => {
    const at = new Date(NOW + 20_000).toISOString()
    expect(nextPollMs(anAnswer({ next: [aNext({ at })] }), NOW)).toBe(23_000)
    expect(nextPollMs(anAnswer({ next: [aNext({ at })] }), NOW + 30_000)).toBe(3000)
  })
})

test.each<[Attention['code'], Partial<Attention>, string[]]>([
  ['run-failed', { policyId: 'p', runId: 'p.1' }, ['runs', 'p.1']],
  ['run-partial', { policyId: 'p', runId: 'p.1' }, ['runs', 'p.1']],
  ['run-blocked', { runId: 'manual.1' }, ['runs', 'manual.1']],
  ['run-missed', { policyId: 'p', runId: 'p.1' }, ['runs', 'p.1']],
  ['key-refused', { connection: 'prod' }, ['connections', 'prod']],
  ['matches-nothing', { policyId: 'p', runId: 'p.1' }, ['policies', 'p']],
  ['unreadable', { connection: 'prod' }, ['connections', 'prod']],
  ['unreadable', { policyId: 'p' }, ['policies', 'p']],
])('%s of %j says what to do, and leads there', (code, of, parts) => {
  const advice = adviceOn({ code, message: 'why', at: '2026-11-20T09:00:00Z', ...of })
  expect(advice.title).not.toMatch(/undefined/)
  expect(advice.todo).not.toBe('')
  expect(advice.link?.parts).toEqual(parts)
})

test('chunks are told once the servers are known', () => {
  expect(chunksText({} as Run)).toBe('')
  expect(chunksText({ progress: { chunks: 3, sent: 2, followed: 1 } } as Run)).toBe(
    '2 of 3 chunks sent, 1 followed to the end',
  )
})
