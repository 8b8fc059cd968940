import { describe, expect, test } from 'vitest'
import { answerEnd } from '../../../lib/core/notify/channel/answer.ts'
import { deferredDelivery, newDelivery } from '../../../lib/core/notify/channel/delivery.ts'
import { mutedTurns, NO_TURNS, takeTurn, takeUrgentTurn } from '../../../lib/core/notify/channel/turn.ts'
import { at, START } from '../../makers.ts'

/** An instant at which Feishu is not to be spared. */
const NOW = START + 10 * 60_000
const DAY_MS = 86_400_000

type Type = Parameters<typeof takeTurn>[1]['type']

/** When so many messages that come at once are sent: each asks again when it was told to. */
function sentAt(type: Type, count: number, from = NOW): number[] {
  const sent: number[] = []
  let turns = NO_TURNS
  const waiting = Array.from({ length: count }, (_, place) => ({ at: from, hasWaited: false, place }))
  while (waiting.length > 0) {
    waiting.sort((one, other) => one.at - other.at || one.place - other.place)
    const next = waiting.shift()!
    const answer = takeTurn(turns, { type, hasWaited: next.hasWaited }, next.at)
    turns = answer.turns
    if (answer.kind === 'granted') sent.push(next.at)
    else waiting.push({ ...next, at: answer.at, hasWaited: true })
  }
  return sent
}
const mostWithin = (sent: number[], ms: number): number =>
  Math.max(...sent.map(from => sent.filter(one => one >= from && one < from + ms).length))

describe('turns', () => {
  test.each([
    ['slack', 30, 1000, 1],
    ['teams', 30, 1000, 4],
    ['feishu', 300, 1000, 5],
    ['feishu', 300, 60_000, 100],
    ['dingtalk', 90, 60_000, 20],
    ['wecom', 90, 60_000, 20],
  ] as const)('%s: of %i at once, no %i ms see more than %i, and all are sent', (type, count, ms, most) => {
    const sent = sentAt(type, count)
    expect(sent).toHaveLength(count)
    expect(mostWithin(sent, ms)).toBeLessThanOrEqual(most)
  })

  test('a webhook never waits', () => {
    expect(new Set(sentAt('webhook', 500))).toEqual(new Set([NOW]))
  })

  test('Feishu is spared around full and half hours', () => {
    const minutes = (from: number) => (sentAt('feishu', 1, from)[0]! - START) / 60_000
    expect([28, 29, 30, 32, 33, 59, 60].map(minute => minutes(START + minute * 60_000))).toEqual([
      28, 33, 33, 33, 33, 63, 63,
    ])
  })

  test('who comes later waits behind those that wait', () => {
    let { turns } = takeTurn(NO_TURNS, { type: 'slack', hasWaited: false }, NOW)
    const first = takeTurn(turns, { type: 'slack', hasWaited: false }, NOW)
    turns = first.turns
    const late = takeTurn(turns, { type: 'slack', hasWaited: false }, NOW + 1500)
    expect(first).toMatchObject({ kind: 'deferred', at: NOW + 2000 })
    expect(late).toMatchObject({ kind: 'deferred', at: NOW + 4000 })
    expect(takeTurn(late.turns, { type: 'slack', hasWaited: true }, NOW + 2000).kind).toBe('granted')
  })

  test('a warning waits behind other warnings alone, however many messages wait', () => {
    let turns = NO_TURNS
    const ask = (isUrgent: boolean, at = NOW, hasWaited = false) => {
      const take = isUrgent ? takeUrgentTurn : takeTurn
      const answer = take(turns, { type: 'dingtalk', hasWaited }, at)
      turns = answer.turns
      return answer
    }
    for (let count = 0; count < 200; count++) ask(false)
    const [first, second] = [ask(true), ask(true)]
    expect(first).toMatchObject({ kind: 'deferred', at: NOW + 61_000 })
    expect(second).toMatchObject({ kind: 'deferred', at: NOW + 65_000 })
    expect(ask(true, NOW + 61_000, true).kind).toBe('granted')
    expect(ask(false)).toMatchObject({ kind: 'deferred', at: expect.any(Number) })
    expect((turns.lastAt ?? 0) - NOW).toBeGreaterThan(500_000)
  })

  test('a tool that was sent too much is left alone', () => {
    const turns = mutedTurns(NO_TURNS, 600_000, NOW)
    const answer = takeTurn(turns, { type: 'dingtalk', hasWaited: false }, NOW + 1000)
    expect(answer).toMatchObject({ kind: 'deferred', at: NOW + 600_000 })
    expect(takeTurn(answer.turns, { type: 'dingtalk', hasWaited: true }, NOW + 600_000).kind).toBe('granted')
  })

  test('what a clock that ran ahead wrote holds nothing back', () => {
    const ahead = NOW + 3 * DAY_MS
    const turns = { sent: [ahead], lastAt: ahead, mutedUntil: ahead }
    expect(takeTurn(turns, { type: 'slack', hasWaited: false }, NOW).kind).toBe('granted')
  })
})

test('a message whose turn comes too late is given up with that reason', () => {
  const message = {
    on: 'failed' as const,
    title: 'x',
    facts: [],
    links: [],
    webhook: { event: 'x', timestamp: at(NOW), text: 'x' },
  }
  const delivery = newDelivery({ key: 'k', channel: 'ops', message }, NOW)
  expect(deferredDelivery(delivery, NOW + DAY_MS, NOW)).toMatchObject({
    nextAt: at(NOW + DAY_MS),
    hasWaited: true,
  })
  expect(deferredDelivery({ ...delivery, until: at(NOW + 1000) }, NOW + 1000, NOW)).toMatchObject({
    givenUpAt: at(NOW),
    reason: 'its tool takes the message only once what it tells of has come',
  })
  expect(deferredDelivery(delivery, NOW + DAY_MS + 1, NOW)).toMatchObject({
    givenUpAt: at(NOW),
    reason: 'more messages wait for this channel than its tool takes in a day',
  })
})

describe('what a tool answers', () => {
  const end = (type: Type, status: number, text: string, retryAfterSeconds: number | null = null) =>
    answerEnd(type, { status, text, retryAfterSeconds })

  test.each([
    ['slack', 200, 'ok'],
    ['teams', 202, ''],
    ['feishu', 200, '{"code":0,"msg":"success","data":{}}'],
    ['feishu', 200, '{"StatusCode":0,"StatusMessage":"success"}'],
    ['dingtalk', 200, '{"errcode":0,"errmsg":"ok"}'],
    ['wecom', 200, '{"errcode":0,"errmsg":"ok"}'],
    ['webhook', 204, ''],
  ] as const)('%s: %i %s is taken', (type, status, text) => {
    expect(end(type, status, text)).toEqual({ reason: null })
  })

  test.each([
    ['slack', 404, 'no_service', 'it answered 404: no_service', undefined],
    ['slack', 302, '', 'it answered 302, and redirects are not followed', undefined],
    ['teams', 429, '', 'it answered 429', 60_000],
    ['teams', 502, '<html>Cannot POST /hooks/5ecret</html>', 'it answered 502', undefined],
    [
      'feishu',
      200,
      '{"code":19021,"msg":"sign match fail"}',
      'it answered 200 with code 19021: sign match fail',
      undefined,
    ],
    [
      'feishu',
      200,
      '{"code":11232,"msg":"frequency limited"}',
      'it answered 200 with code 11232: frequency limited',
      60_000,
    ],
    [
      'dingtalk',
      200,
      '{"errcode":310000,"errmsg":"sign not match"}',
      'it answered 200 with code 310000: sign not match',
      undefined,
    ],
    [
      'dingtalk',
      200,
      '{"errcode":130101,"errmsg":"send too fast"}',
      'it answered 200 with code 130101: send too fast',
      600_000,
    ],
    [
      'wecom',
      200,
      '{"errcode":45009,"errmsg":"api freq out of limit"}',
      'it answered 200 with code 45009: api freq out of limit',
      60_000,
    ],
    ['wecom', 200, '<html>portal</html>', 'it answered 200, and not as this tool does', undefined],
  ] as const)('%s: %i %s is not', (type, status, text, reason, waitMs) => {
    expect(end(type, status, text)).toEqual({ reason, ...(waitMs === undefined ? {} : { waitMs }) })
  })

  test('how long a tool wants to be left alone is heard', () => {
    expect(end('slack', 429, 'rate_limited', 30)).toEqual({
      reason: 'it answered 429: rate_limited',
      waitMs: 30_000,
    })
  })
})
