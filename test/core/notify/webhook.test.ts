import { describe, expect, test } from 'vitest'
import { NO_SERVERS, type Run } from '../../../lib/core/model/run.ts'
import { RunEnded, runEnded } from '../../../lib/core/notify/events.ts'
import { afterTry, isToBeSent, newTries } from '../../../lib/core/notify/tries.ts'
import { type Webhook, webhookBody } from '../../../lib/core/notify/webhook.ts'
import { aRun, at, START } from '../../makers.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const newWebhook = (): Webhook => ({ runId: 'r', ...newTries(START) })

describe('a webhook that is not taken', () => {
  /** When each try of one that is never taken is made. */
  function tries(): { triedAt: number[]; last: Webhook } {
    let webhook = newWebhook()
    const triedAt: number[] = []
    while (webhook.nextAt !== undefined) {
      const now = Date.parse(webhook.nextAt)
      triedAt.push(now)
      webhook = afterTry(webhook, { reason: 'it answered 503' }, now)
    }
    return { triedAt, last: webhook }
  }
  const { triedAt, last } = tries()

  test('is sent again after a minute, then after twice as long each time, an hour at most', () => {
    const pauses = triedAt.slice(1).map((time, index) => (time - triedAt[index]!) / MINUTE_MS)
    expect(pauses.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
    expect(Math.max(...pauses)).toBe(60)
  })

  test('is given up within a day', () => {
    expect(triedAt.at(-1)! - START).toBeGreaterThan(22 * HOUR_MS)
    expect(triedAt.at(-1)! - START).toBeLessThanOrEqual(24 * HOUR_MS)
    expect(last).toEqual({
      runId: 'r',
      since: at(START),
      tries: triedAt.length,
      reason: 'it answered 503',
      givenUpAt: at(triedAt.at(-1)!),
    })
  })

  test('is not sent before its time, which a message that came twice would do', () => {
    const once = afterTry(newWebhook(), { reason: 'it answered 503' }, START)
    expect(isToBeSent(once, START + MINUTE_MS - 1)).toBe(false)
    expect(isToBeSent(once, START + MINUTE_MS)).toBe(true)
    expect(isToBeSent(last, START + 100 * HOUR_MS)).toBe(false)
  })
})

test('a webhook that is taken is never sent again', () => {
  const taken = afterTry(newWebhook(), { reason: null }, START + 5)
  expect(taken).toEqual({ runId: 'r', since: at(START), tries: 0, takenAt: at(START + 5) })
  expect(isToBeSent(taken, START + HOUR_MS)).toBe(false)
})

const summary = { ...NO_SERVERS, matched: 15, targets: 12, skipped: 3, stopped: 12 }
const body = (run: Partial<Run>) =>
  webhookBody(runEnded(aRun({ status: 'succeeded', endedAt: at(START), summary, ...run }), 'curfew-dev'))

describe('the body of a webhook', () => {
  test.each<[Partial<Run>, string]>([
    [{}, '✅ Curfew: nightly-dev succeeded: 12 of 12 targets stopped, 3 skipped'],
    [
      { action: 'start', summary: { ...summary, stopped: 0, started: 12 } },
      '✅ Curfew: nightly-dev succeeded: 12 of 12 targets started, 3 skipped',
    ],
    [{ dryRun: true }, '✅ Curfew: nightly-dev (dry run) succeeded: 12 of 12 targets stopped, 3 skipped'],
    [
      { status: 'partial', reason: '9 of 12 targets stopped, 3 failed (locked 3)' },
      '⚠️ Curfew: nightly-dev partial: 9 of 12 targets stopped, 3 failed (locked 3)',
    ],
    [{ status: 'failed', reason: 'the key is refused' }, '❌ Curfew: nightly-dev failed: the key is refused'],
    [{ status: 'blocked', reason: '300 servers' }, '⛔ Curfew: nightly-dev blocked: 300 servers'],
    [{ status: 'missed', reason: 'late' }, '⏰ Curfew: nightly-dev missed: late'],
    [{ status: 'cancelled', reason: 'by me' }, '🚫 Curfew: nightly-dev cancelled: by me'],
    [
      { policyId: undefined, id: 'manual.1' },
      '✅ Curfew: manual.1 succeeded: 12 of 12 targets stopped, 3 skipped',
    ],
  ])('says in one line what happened: %#', (run, line) => {
    expect(body(run).text).toBe(`${line} (due 2026-11-21T12:00:00.000Z)`)
  })

  test('is the event with that line', () => {
    const { event, timestamp, text, ...ended } = body({})
    expect({ event, timestamp }).toEqual({ event: 'curfew.run.ended', timestamp: at(START) })
    expect(RunEnded.parse(ended)).toEqual(ended)
    expect(text).not.toBe('')
  })

  test('smuggles no link, no mention and no second line into a chat, and stays short', () => {
    const reason = `<!channel> @all\n<https://a|b>${'x'.repeat(5000)}`
    const { text } = body({ status: 'failed', reason })
    expect(text).toContain('‹!channel› ＠all ‹https://a|b›xxx')
    expect(text).not.toMatch(/[<>@\n]/)
    expect(text.length).toBeLessThanOrEqual(600)
  })

  test('has no field that chat tools take for their own, but for the text', () => {
    const theirs = [
      'attachments',
      'blocks',
      'channel',
      'icon_emoji',
      'icon_url',
      'priority',
      'props',
      'type',
      'username',
    ]
    expect(theirs.filter(name => name in body({}))).toEqual([])
  })
})
