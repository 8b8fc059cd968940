import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueRuns, firstDueAt, scheduledRunId } from '../../../lib/core/tick/due-runs.ts'
import { aPolicy, at, START } from '../../makers.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const hourly = (overrides: Record<string, unknown> = {}, schedule: object = {}) =>
  aPolicy({ schedule: { cron: '0 * * * *', timeZone: 'UTC', ...schedule }, ...overrides })
const said = (policy: ReturnType<typeof hourly>, now: number) =>
  dueRuns(policy, now).runs.map(({ dueAt, status }) => `${dueAt.slice(11, 16)} ${status}`)

describe('what a tick makes of a policy', () => {
  test('nothing before it is due, and its next due time stays', () => {
    expect(dueRuns(hourly(), START - 1)).toEqual({ runs: [], nextDueAt: at(START) })
    expect(dueRuns(hourly({ nextDueAt: null }), START + HOUR)).toEqual({ runs: [], nextDueAt: null })
  })
  test('a run at the very instant, and the next due time after now', () => {
    const { runs, nextDueAt } = dueRuns(hourly(), START)
    expect(runs).toMatchObject([
      {
        id: 'nightly-dev.20261121T120000Z',
        status: 'pending',
        trigger: 'schedule',
        dueAt: at(START),
        dryRun: false,
        overrideLimits: false,
      },
    ])
    expect(nextDueAt).toBe(at(START + HOUR))
  })
  test('the latest runs, late as it is, and each earlier one is missed', () => {
    expect(said(hourly(), START + 2 * HOUR + 30 * MINUTE)).toEqual([
      '12:00 missed',
      '13:00 missed',
      '14:00 pending',
    ])
  })
  test('within catchUpMinutes, and not a moment later', () => {
    const late = (ms: number) =>
      said(hourly({ schedule: { cron: '0 12 * * *', timeZone: 'UTC' } }), START + ms)
    expect(late(60 * MINUTE)).toEqual(['12:00 pending'])
    expect(late(60 * MINUTE + 1)).toEqual(['12:00 missed'])
    expect(said(hourly({}, { catchUpMinutes: 1, cron: '0 12 * * *' }), START + MINUTE + 1)).toEqual([
      '12:00 missed',
    ])
  })
  test('at most a hundred missed ones, the oldest of which says how many more there were', () => {
    const { runs } = dueRuns(hourly(), START + 250 * HOUR)
    expect(runs).toHaveLength(100)
    expect(runs[0]!.reason).toContain('151 earlier due times were missed as well')
    expect(runs[1]!.reason).not.toContain('earlier')
    expect(runs.at(-1)!.status).toBe('pending')
  })
  test('a cancelled one for each that a snooze covers, and the first after it runs', () => {
    const snooze = { snoozedUntil: at(START + HOUR), snoozeReason: 'release' }
    const { runs } = dueRuns(hourly(snooze), START)
    expect(runs).toMatchObject([
      { status: 'cancelled', reason: `snoozed until ${at(START + HOUR)}: release`, endedAt: at(START) },
    ])
    expect(said(hourly(snooze), START + HOUR)).toEqual(['12:00 cancelled', '13:00 pending'])
  })
  test('a cancelled one for a policy that was disabled meanwhile', () => {
    const { runs, nextDueAt } = dueRuns(hourly({ enabled: false }), START)
    expect(runs).toMatchObject([{ status: 'cancelled', reason: expect.stringContaining('disabled') }])
    expect(nextDueAt).toBeNull()
  })
  test('a due time that was kept counts, whatever the schedule says by now', () => {
    expect(said(hourly({}, { cron: '30 5 * * *' }), START)).toEqual(['12:00 pending'])
  })

  property.prop([fc.integer({ min: 0, max: 20 * 24 * 60 }), fc.integer({ min: 1, max: 600 })])(
    'however late: every due time once, at most the latest of them runs, and only in time',
    (lateMinutes, catchUpMinutes) => {
      const now = START + lateMinutes * MINUTE
      const { runs, nextDueAt } = dueRuns(hourly({}, { catchUpMinutes }), now)
      const count = Math.floor(lateMinutes / 60) + 1
      expect(runs.map(({ dueAt }) => dueAt)).toEqual(
        Array.from({ length: count }, (_, hour) => at(START + hour * HOUR)).slice(-100),
      )
      const latest = lateMinutes % 60 <= catchUpMinutes ? 'pending' : 'missed'
      expect(runs.map(({ status }) => status)).toEqual([...Array(runs.length - 1).fill('missed'), latest])
      expect(Date.parse(nextDueAt!)).toBeGreaterThan(now)
    },
  )
})

test('the same due time gives the same run, whoever makes it', () => {
  const ids = [START, START + 30 * MINUTE].map(now => dueRuns(hourly(), now).runs[0]!.id)
  expect(ids).toEqual([scheduledRunId('nightly-dev', START), scheduledRunId('nightly-dev', START)])
})

test('a policy that is disabled, or never due again, has no next due time', () => {
  expect(firstDueAt(hourly(), START)).toBe(at(START + HOUR))
  expect(firstDueAt(hourly({ enabled: false }), START)).toBeNull()
})
