import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredPolicy } from '../../../lib/core/model/model.ts'
import { dueRuns, firstDueTimes, justDueRunIds, scheduledRunId } from '../../../lib/core/tick/due-runs.ts'
import { aPolicy, at, START } from '../../makers.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NEVER = { nextDueAt: null, nextStartDueAt: null }
const hourly = (overrides: Record<string, unknown> = {}, schedule: object = {}) =>
  aPolicy({ schedule: { cron: '0 * * * *', timeZone: 'UTC', ...schedule }, ...overrides })
const dueRunsAt = (policy: StoredPolicy, nowMs: number) => dueRuns(policy, { connections: ['prod'], nowMs })
const said = (policy: ReturnType<typeof hourly>, now: number) =>
  dueRunsAt(policy, now).runs.map(({ dueAt, status }) => `${dueAt.slice(11, 16)} ${status}`)

describe('what a tick makes of a policy', () => {
  test('nothing before it is due, and its next due time stays', () => {
    expect(dueRunsAt(hourly(), START - 1)).toEqual({ runs: [], nextDueAt: at(START), nextStartDueAt: null })
    expect(dueRunsAt(hourly({ nextDueAt: null }), START + HOUR)).toEqual({ runs: [], ...NEVER })
  })
  test('a run at the very instant, and the next due time after now', () => {
    const { runs, nextDueAt } = dueRunsAt(hourly(), START)
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
    const { runs } = dueRunsAt(hourly(), START + 250 * HOUR)
    expect(runs).toHaveLength(100)
    expect(runs[0]!.reason).toContain('151 earlier due times were missed as well')
    expect(runs[1]!.reason).not.toContain('earlier')
    expect(runs.at(-1)!.status).toBe('pending')
  })
  test('an outage leaves no more than 20,000 runs, and those of one due time at least', () => {
    const missed = (count: number) => {
      const connections = Array.from({ length: count }, (_, n) => `c-${n}`)
      return dueRuns(hourly({ connections: ['c-*'] }), { connections, nowMs: START + 250 * HOUR }).runs
    }
    expect(missed(300)).toHaveLength(66 * 300)
    expect(missed(300)[0]!.reason).toContain('185 earlier due times were missed as well')
    expect(new Set(missed(10_001).map(({ dueAt }) => dueAt)).size).toBe(1)
    expect(missed(30_000)).toHaveLength(30_000)
  })
  test('a cancelled one for each that a snooze covers, and the first after it runs', () => {
    const snooze = { snoozedUntil: at(START + HOUR), snoozeReason: 'release' }
    const { runs } = dueRunsAt(hourly(snooze), START)
    expect(runs).toMatchObject([
      { status: 'cancelled', reason: `snoozed until ${at(START + HOUR)}: release`, endedAt: at(START) },
    ])
    expect(said(hourly(snooze), START + HOUR)).toEqual(['12:00 cancelled', '13:00 pending'])
  })
  test('a cancelled one for a policy that was disabled meanwhile', () => {
    const { runs, nextDueAt } = dueRunsAt(hourly({ enabled: false }), START)
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
      const { runs, nextDueAt } = dueRunsAt(hourly({}, { catchUpMinutes }), now)
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
  const ids = [START, START + 30 * MINUTE].map(now => dueRunsAt(hourly(), now).runs[0]!.id)
  const id = scheduledRunId(hourly(), { action: 'stop', dueMs: START, connection: 'prod' })
  expect(ids).toEqual([id, id])
})

test('a policy that is disabled, or never due again, has no next due time', () => {
  expect(firstDueTimes(hourly(), START)).toEqual({ nextDueAt: at(START + HOUR), nextStartDueAt: null })
  expect(firstDueTimes(hourly({ enabled: false }), START)).toEqual(NEVER)
})

describe('what a tick makes of a policy that starts, too', () => {
  const EVENING = '2026-11-23T20:00:00.000Z'
  const MORNING = '2026-11-24T07:00:00.000Z'
  const overnight = (overrides: Record<string, unknown> = {}) =>
    aPolicy({
      schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
      start: { cron: '0 7 * * *' },
      nextDueAt: EVENING,
      nextStartDueAt: MORNING,
      ...overrides,
    })
  const made = (policy: ReturnType<typeof overnight>, now: string) =>
    dueRunsAt(policy, Date.parse(now)).runs.map(
      ({ dueAt, action, status }) => `${dueAt.slice(5, 16)} ${action} ${status}`,
    )

  test('a start at its time, with an id of its own, and both next due times', () => {
    const { runs, ...due } = dueRunsAt(
      overnight({ nextDueAt: '2026-11-24T20:00:00.000Z' }),
      Date.parse(MORNING),
    )
    expect(runs).toMatchObject([
      { id: 'nightly-dev.20261124T070000Z.start', action: 'start', status: 'pending', dueAt: MORNING },
    ])
    expect(due).toEqual({
      nextDueAt: '2026-11-24T20:00:00.000Z',
      nextStartDueAt: '2026-11-25T07:00:00.000Z',
    })
  })
  test('a start is caught up for as long as it says, and a stop for as long as that says', () => {
    const nextDueAt = '2026-11-24T20:00:00.000Z'
    expect(made(overnight({ nextDueAt }), '2026-11-24T11:00:00Z')).toEqual(['11-24T07:00 start pending'])
    expect(made(overnight({ nextDueAt }), '2026-11-24T11:01:00Z')).toEqual(['11-24T07:00 start missed'])
    expect(made(overnight(), '2026-11-23T21:01:00Z')).toEqual(['11-23T20:00 stop missed'])
  })
  test('of all that has passed at most the latest runs, and it alone says what the servers are to be now', () => {
    expect(made(overnight(), '2026-11-24T07:10:00Z')).toEqual([
      '11-23T20:00 stop missed',
      '11-24T07:00 start pending',
    ])
    const late = { schedule: { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes: 1000 } }
    expect(made(overnight(late), '2026-11-24T07:10:00Z')).toEqual([
      '11-23T20:00 stop missed',
      '11-24T07:00 start pending',
    ])
    const start = { cron: '0 7 * * *', catchUpMinutes: 1000 }
    expect(made(overnight({ start }), '2026-11-24T20:00:00Z')).toEqual([
      '11-23T20:00 stop missed',
      '11-24T07:00 start missed',
      '11-24T20:00 stop pending',
    ])
    expect(made(overnight({ start }), '2026-11-24T21:30:00Z').slice(1)).toEqual([
      '11-24T07:00 start missed',
      '11-24T20:00 stop missed',
    ])
  })
  test('a snooze holds back stops, and no start', () => {
    const snooze = { snoozedUntil: '2026-11-25T00:00:00.000Z', snoozeReason: 'release' }
    expect(made(overnight(snooze), '2026-11-24T08:00:00Z')).toEqual([
      '11-23T20:00 stop cancelled',
      '11-24T07:00 start pending',
    ])
    const start = { cron: '0 7 * * *', catchUpMinutes: 1000 }
    expect(made(overnight({ ...snooze, start }), '2026-11-24T20:00:00Z')).toEqual([
      '11-23T20:00 stop cancelled',
      '11-24T07:00 start pending',
      '11-24T20:00 stop cancelled',
    ])
  })
  test('a start that is caught up goes on past a stop that a snooze skipped, and ends with one that is to come', () => {
    const start = { cron: '0 7 * * *', catchUpMinutes: 1000 }
    const snooze = { snoozedUntil: '2026-11-27T00:00:00.000Z', nextDueAt: '2026-11-24T20:00:00.000Z' }
    const endOf = (now: string) => dueRunsAt(overnight({ ...snooze, start }), Date.parse(now)).runs[0]?.endsAt
    expect(endOf('2026-11-24T19:59:00Z')).toBe('2026-11-24T20:00:00.000Z')
    expect(endOf('2026-11-24T20:00:00Z')).toBe('2026-11-25T20:00:00.000Z')
  })
  test('a disabled policy neither stops nor starts', () => {
    expect(made(overnight({ enabled: false }), '2026-11-24T08:00:00Z')).toEqual([
      '11-23T20:00 stop cancelled',
      '11-24T07:00 start cancelled',
    ])
    expect(dueRunsAt(overnight({ enabled: false }), Date.parse(MORNING))).toMatchObject(NEVER)
  })
  test('a start that was due when it was taken out of the policy is cancelled, and says so', () => {
    const { runs } = dueRunsAt(overnight({ start: null, nextDueAt: null }), Date.parse(MORNING))
    expect(runs).toMatchObject([
      {
        id: 'nightly-dev.20261124T070000Z.start',
        status: 'cancelled',
        reason: 'the policy was made to start nothing before its run was made',
      },
    ])
  })
  test('where the spring brings a stop and a start together, the stop is carried out', () => {
    const jump = '2026-03-29T01:00:00.000Z'
    const schedule = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
    const both = { schedule, start: { cron: '0 3 * * *' }, nextDueAt: jump, nextStartDueAt: jump }
    const { runs } = dueRunsAt(overnight(both), Date.parse(jump) + MINUTE)
    expect(runs).toMatchObject([
      { id: 'nightly-dev.20260329T010000Z', status: 'pending' },
      {
        id: 'nightly-dev.20260329T010000Z.start',
        status: 'cancelled',
        reason: 'a stop of the policy is due at the same instant, and the stop counts',
      },
    ])
    const snooze = { snoozedUntil: '2026-03-29T12:00:00.000Z', snoozeReason: 'release' }
    expect(made(overnight({ ...both, ...snooze }), jump)).toEqual([
      '03-29T01:00 stop cancelled',
      '03-29T01:00 start pending',
    ])
  })

  property.prop([
    fc.integer({ min: 0, max: 10 * 24 * 60 }),
    fc.integer({ min: 1, max: 2000 }),
    fc.integer({ min: 1, max: 2000 }),
  ])('however late: every due time once, in order, and at most the very latest runs', (late, stop, start) => {
    const policy = overnight({
      schedule: { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes: stop },
      start: { cron: '0 7 * * *', catchUpMinutes: start },
    })
    const nowMs = Date.parse(EVENING) + late * MINUTE
    const { runs, nextDueAt, nextStartDueAt } = dueRunsAt(policy, nowMs)
    expect(runs.map(({ action }) => action)).toEqual(
      runs.map((_, index) => (index % 2 === 0 ? 'stop' : 'start')),
    )
    expect(runs).toHaveLength(1 + Math.floor(late / 1440) + Math.floor((late + 780) / 1440))
    const last = runs.at(-1)!
    const inTime = nowMs - Date.parse(last.dueAt) <= { stop, start }[last.action] * MINUTE
    expect(runs.map(({ status }) => status)).toEqual([
      ...Array(runs.length - 1).fill('missed'),
      inTime ? 'pending' : 'missed',
    ])
    for (const due of [nextDueAt, nextStartDueAt]) expect(Date.parse(due!)).toBeGreaterThan(nowMs)
  })
})

test('what was due a moment ago is asked for by the action', () => {
  const both = hourly({ start: { cron: '1 * * * *' }, nextStartDueAt: at(START + MINUTE) })
  const ids = (actions: ('stop' | 'start')[]) =>
    justDueRunIds(both, START + MINUTE, { actions, connections: ['prod'] })
  expect(ids(['stop'])).toEqual(['nightly-dev.20261121T120000Z'])
  expect(ids(['stop', 'start'])).toEqual([
    'nightly-dev.20261121T120000Z',
    'nightly-dev.20261121T120100Z.start',
  ])
})
