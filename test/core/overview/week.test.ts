import { fc, test as prop } from '@fast-check/vitest'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { ACTIONS, type Action } from '../../../lib/core/model/action.ts'
import type { StoredPolicy } from '../../../lib/core/model/model.ts'
import type { Run, RunStatus } from '../../../lib/core/model/run.ts'
import { localDays, mondayBefore } from '../../../lib/core/overview/days.ts'
import { daysOfWeek, rangeOfDays, type WeekContext, weekRow } from '../../../lib/core/overview/week.ts'
import { previewPolicy } from '../../../lib/core/preview/preview.ts'
import { dueTimes } from '../../../lib/core/schedule/due-times.ts'
import { skippedBecause } from '../../../lib/core/tick/next-stop.ts'
import { aGuard, aPolicy, aRun, at, START } from '../../makers.ts'
import { aSparseCron } from '../schedule/schedule-crons.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ON = { connection: { enabled: true }, stopsEnabled: true, startsEnabled: true }
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Shanghai', 'Pacific/Apia']

const week = (policy: StoredPolicy, overrides: Partial<WeekContext> = {}) =>
  weekRow(policy, {
    query: { from: null, days: 7, timeZone: null },
    switches: ON,
    now: START,
    runs: [],
    earlier: [],
    runsSince: null,
    ...overrides,
  })
const from = (date: string, days = 7, timeZone: string | null = null) => ({ from: date, days, timeZone })

// --- days ---------------------------------------------------------------------------------------------------

const aDateOf = fc
  .integer({ min: 0, max: 365 * 35 })
  .map(days => Temporal.PlainDate.from('2000-01-01').add({ days }).toString())

describe('the days of a row', () => {
  prop.prop(
    [aDateOf, fc.integer({ min: 1, max: 31 }), fc.constantFrom(...Intl.supportedValuesOf('timeZone'))],
    {
      numRuns: 300,
    },
  )('begin where Temporal says that they do, and each ends where the next begins', (date, days, timeZone) => {
    const first = Temporal.PlainDate.from(date)
    const startOf = (n: number) => first.add({ days: n }).toZonedDateTime(timeZone).epochMilliseconds
    expect(localDays(date, days, timeZone)).toEqual(
      Array.from({ length: days }, (_, n) => ({
        date: first.add({ days: n }).toString(),
        fromMs: startOf(n),
        untilMs: startOf(n + 1),
      })),
    )
  })

  test.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['America/New_York', '2026-03-08', 23],
    ['America/New_York', '2026-11-01', 25],
    ['Australia/Lord_Howe', '2026-10-04', 23.5],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['America/Havana', '2026-03-08', 23],
    ['Asia/Shanghai', '2026-03-29', 24],
  ])('in %s, %s has %d hours', (timeZone, date, hours) => {
    const policy = aPolicy({ schedule: { cron: '0 20 * * *', timeZone } })
    const [day] = week(policy, { query: from(date, 1) }).days
    expect((Date.parse(day!.to) - Date.parse(day!.from)) / HOUR).toBe(hours)
  })

  prop.prop([fc.integer({ min: 0, max: 365 * 35 * 24 }), fc.constantFrom(...ZONES)])(
    'begin on Monday of the week that it is there',
    (hours, timeZone) => {
      const now = Temporal.Instant.from('2000-01-01T00:00Z').add({ hours })
      const date = now.toZonedDateTimeISO(timeZone).toPlainDate()
      expect(mondayBefore(now.epochMilliseconds, timeZone)).toBe(
        date.subtract({ days: date.dayOfWeek - 1 }).toString(),
      )
    },
  )

  test('are drawn in one zone for all where one is named, and marks are told by it', () => {
    const policy = aPolicy({ schedule: { cron: '0 20 * * *', timeZone: 'Asia/Shanghai' } })
    const row = week(policy, { query: from('2026-11-22', 1, 'Europe/Berlin') })
    expect(row).toMatchObject({ timeZone: 'Europe/Berlin', policyTimeZone: 'Asia/Shanghai' })
    expect(row.days).toMatchObject([{ from: '2026-11-21T23:00:00.000Z', to: '2026-11-22T23:00:00.000Z' }])
    expect(row.marks).toMatchObject([
      { at: '2026-11-22T12:00:00.000Z', local: '2026-11-22 13:00 +01:00 Europe/Berlin' },
    ])
  })
})

// --- policies -----------------------------------------------------------------------------------------------

const aZone = fc.constantFrom(...ZONES)
/** Fixed times of stops and starts that may meet only by a change of the clock. */
const anyPolicy = fc
  .record({
    stop: aSparseCron,
    start: fc.option(aSparseCron),
    timeZone: aZone,
    skipped: fc.uniqueArray(fc.nat(40)),
  })
  .map(({ stop, start, timeZone, skipped }) => {
    const skipDates = skipped.map(days => at(START + days * DAY).slice(0, 10))
    const schedule = { cron: stop.text, timeZone, skipDates }
    try {
      return aPolicy({ schedule, start: start && { cron: start.text } })
    } catch {
      return aPolicy({ schedule })
    }
  })
  .map(policy => ({ ...policy, nextDueAt: null, nextStartDueAt: null }))
const aNow = fc.integer({ min: 0, max: 30 * 24 * 60 }).map(minutes => START + minutes * 60_000)
const aSnooze = fc.option(fc.integer({ min: 1, max: 30 * 24 }))

describe('the marks of a row', () => {
  prop.prop([anyPolicy, aNow, aSnooze, fc.boolean()], { numRuns: 300 })(
    'from now on are the due times of a preview, skipped for the same reasons',
    (plain, now, hours, startsEnabled) => {
      const snooze = hours === null ? {} : { snoozedUntil: at(now + hours * HOUR), snoozeReason: 'release' }
      const policy = { ...plain, ...snooze }
      const guard = aGuard({ now, startsEnabled })
      const compared = { overlaps: [], unreadable: [], cutAfter: null }
      const previewed = previewPolicy({ policy, servers: [], history: [], guard, compared })
      const context = { now, switches: guard, query: from(at(now - DAY).slice(0, 10), 31) }
      const { marks } = week(policy, context)
      const untilMs = rangeOfDays(daysOfWeek(policy, context.query, now)).untilMs
      const expected = previewed.dueTimes.filter(due => Date.parse(due.at) < untilMs)
      expect(marks.slice(0, 10)).toEqual(expected.map(due => ({ ...due, runId: null })))
    },
  )

  prop.prop([anyPolicy, aNow, fc.infiniteStream(fc.boolean())], { numRuns: 200 })(
    'before now are those of runs, and no other',
    (policy, now, chosen) => {
      const query = from(at(now - 5 * DAY).slice(0, 10))
      const { fromMs, untilMs } = rangeOfDays(daysOfWeek(policy, query, now))
      const runs = dueOf(policy, { fromMs, untilMs: Math.min(now, untilMs - 1) })
        .filter(() => chosen.next().value)
        .map(due => runOf(policy, due, 'succeeded'))
      const { marks } = week(policy, { now, query, runs })
      const past = marks.filter(mark => Date.parse(mark.at) <= now)
      expect(past.map(({ runId }) => runId).toSorted()).toEqual(runs.map(({ id }) => id).toSorted())
      expect(marks.filter(({ runId }) => runId === null).every(mark => Date.parse(mark.at) > now)).toBe(true)
    },
  )

  test('say why a run of theirs did nothing, and nothing of one that did something', () => {
    const policy = aPolicy()
    const ended = (day: number, run: Partial<Run>) =>
      aRun({ id: `r-${day}`, dueAt: at(START - day * DAY), reason: `why ${day}`, ...run })
    const runs = [
      ended(1, { status: 'missed' }),
      ended(2, { status: 'cancelled' }),
      ended(3, { status: 'cancelled', startedAt: at(START - 3 * DAY) }),
      ended(4, { status: 'failed' }),
      ended(5, { status: 'succeeded', trigger: 'manual' }),
    ]
    const { marks } = week(policy, { runs, query: from('2026-11-15') })
    expect(marks.filter(({ runId }) => runId !== null)).toMatchObject([
      { runId: 'r-4', skippedBecause: null },
      { runId: 'r-3', skippedBecause: null },
      { runId: 'r-2', skippedBecause: 'why 2' },
      { runId: 'r-1', skippedBecause: 'why 1' },
    ])
  })

  test('have a due time that waits for its run, and not twice once there is one', () => {
    const policy = aPolicy({ nextDueAt: at(START - 30_000) })
    const [mark] = week(policy).marks.filter(one => Date.parse(one.at) <= START)
    expect(mark).toMatchObject({ at: at(START - 30_000), action: 'stop', runId: null })
    const runs = [aRun({ dueAt: at(START - 30_000) })]
    expect(week(policy, { runs }).marks.filter(one => Date.parse(one.at) <= START)).toMatchObject([
      { runId: runs[0]!.id },
    ])
  })

  test('are 500 at most, and the row says until when', () => {
    const policy = aPolicy({ schedule: { cron: '* * * * *', timeZone: 'UTC' } })
    const { marks, marksUntil } = week(policy)
    expect(marks).toHaveLength(500)
    expect(marksUntil).toBe(marks.at(-1)!.at)
  })
})

// --- off windows --------------------------------------------------------------------------------------------

interface Due {
  action: Action
  dueMs: number
}
function dueOf(policy: StoredPolicy, { fromMs, untilMs }: { fromMs: number; untilMs: number }): Due[] {
  return (['stop', 'start'] as const)
    .flatMap(action => {
      const schedule = ACTIONS[action].scheduleOf(policy)
      const range = { afterMs: fromMs - 1, untilMs, most: 10_000 }
      return schedule ? dueTimes(schedule, range).map(dueMs => ({ action, dueMs })) : []
    })
    .toSorted((one, other) => one.dueMs - other.dueMs)
}
const runOf = ({ id }: StoredPolicy, { action, dueMs }: Due, status: RunStatus): Run =>
  aRun({ id: `${id}.${dueMs}.${action}`, policyId: id, action, status, dueAt: at(dueMs) })

const ACTED = ['succeeded', 'partial', 'running', 'pending']
const aStatus = fc.constantFrom<RunStatus>(
  ...(['succeeded', 'succeeded', 'partial', 'running', 'failed', 'blocked', 'missed', 'cancelled'] as const),
)

describe('the off-windows of a row', () => {
  const nightly = (overrides: Record<string, unknown> = {}) =>
    aPolicy({
      schedule: { cron: '0 20 * * 1-5', timeZone: 'Europe/Berlin' },
      start: { cron: '0 7 * * 1-5' },
      ...overrides,
    })

  prop.prop([anyPolicy, aNow, fc.infiniteStream(aStatus), aSnooze, fc.integer({ min: -20, max: 20 })], {
    numRuns: 300,
  })(
    'hold an instant just where the last stop or start that acts before it is a stop',
    (plain, now, statuses, hours, shift) => {
      const snoozedUntil = hours === null ? null : at(now + hours * HOUR)
      const policy = { ...plain, snoozedUntil }
      const query = from(at(now + shift * DAY).slice(0, 10))
      const { fromMs, untilMs } = rangeOfDays(daysOfWeek(policy, query, now))
      const passed = dueOf(policy, { fromMs: now - 60 * DAY, untilMs: now }).map(due =>
        runOf(policy, due, statuses.next().value),
      )
      const within = (run: Run) => Date.parse(run.dueAt) >= fromMs && Date.parse(run.dueAt) < untilMs
      const earlier = passed.filter(run => Date.parse(run.dueAt) < fromMs)
      const { off } = week(policy, { now, query, runs: passed.filter(within).toReversed(), earlier })
      const acting = [
        ...passed
          .filter(({ status }) => ACTED.includes(status))
          .map(run => ({ action: run.action, dueMs: Date.parse(run.dueAt) })),
        ...dueOf(policy, { fromMs: now + 1, untilMs }).filter(
          due => skippedBecause(policy, due, ON) === null,
        ),
      ]
      for (let ms = fromMs; ms < untilMs; ms += HOUR / 2) {
        const isOff = acting.findLast(({ dueMs }) => dueMs <= ms)?.action === 'stop' && policy.start !== null
        const isShown = off.some(one => Date.parse(one.from) <= ms && ms < Date.parse(one.to))
        expect([at(ms), isShown]).toEqual([at(ms), isOff])
      }
    },
  )

  test('go over the weekend, and over both ends of the days', () => {
    const now = Date.parse('2026-11-23T12:00:00Z')
    const earlier = [
      runOf(nightly(), { action: 'stop', dueMs: Date.parse('2026-11-20T19:00:00Z') }, 'partial'),
    ]
    const runs = [
      runOf(nightly(), { action: 'start', dueMs: Date.parse('2026-11-23T06:00:00Z') }, 'succeeded'),
    ]
    expect(week(nightly(), { now, runs, earlier, query: from('2026-11-23', 2) }).off).toEqual([
      { from: '2026-11-22T23:00:00.000Z', to: '2026-11-23T06:00:00.000Z' },
      { from: '2026-11-23T19:00:00.000Z', to: '2026-11-24T06:00:00.000Z' },
      { from: '2026-11-24T19:00:00.000Z', to: '2026-11-24T23:00:00.000Z' },
    ])
  })

  test('are none of a policy without a start, nor of dry runs', () => {
    const stop = { action: 'stop' as const, dueMs: START - DAY }
    const runs = [runOf(nightly(), stop, 'succeeded')]
    const off = { stopsEnabled: false }
    const query = from('2026-11-16')
    expect(week(nightly(), { runs, query, switches: { ...ON, ...off } }).off).toHaveLength(1)
    expect(week(nightly({ start: null }), { runs, query }).off).toEqual([])
    const dry = runs.map(run => ({ ...run, dryRun: true }))
    expect(week(nightly(), { runs: dry, query, switches: { ...ON, ...off } }).off).toEqual([])
  })

  test('are told only from where the runs are known', () => {
    const runs = [1, 2, 3].map(days =>
      runOf(nightly(), { action: 'stop', dueMs: START - days * DAY }, 'succeeded'),
    )
    const runsSince = runs.at(-1)!.dueAt
    const { off } = week(nightly(), { runs, runsSince, query: from('2026-11-16') })
    expect(off[0]!.from).toBe(runsSince)
  })
})

// --- skipped dates and snoozes ------------------------------------------------------------------------------

describe('a day that the policy skips', () => {
  const schedule = { cron: '0 20 * * *', timeZone: 'Asia/Shanghai', skipDates: ['2026-11-24', '2026-11-25'] }

  test('says so, and nothing is due on it', () => {
    const row = week(aPolicy({ schedule }), { query: from('2026-11-23', 4) })
    expect(row.days.map(day => day.skippedBecause)).toEqual([
      null,
      'skipDates has 2026-11-24',
      'skipDates has 2026-11-25',
      null,
    ])
    expect(row.marks.map(mark => mark.local.slice(0, 10))).toEqual(['2026-11-23', '2026-11-26'])
  })

  test('is one in another zone where skipped dates cover it wholly', () => {
    const row = week(aPolicy({ schedule }), { query: from('2026-11-23', 4, 'Europe/Berlin') })
    expect(row.days.map(day => day.skippedBecause)).toEqual([
      null,
      'skipDates has 2026-11-24 and 2026-11-25',
      null,
      null,
    ])
  })
})

test('a snooze is told with its end and reason, and since when where that is kept', () => {
  const snooze = { snoozedUntil: at(START + 3 * DAY), snoozeReason: 'release', snoozedAt: at(START - HOUR) }
  expect(week(aPolicy(snooze)).snooze).toEqual({
    from: at(START - HOUR),
    until: at(START + 3 * DAY),
    reason: 'release',
  })
  expect(week(aPolicy()).snooze).toBeNull()
})
