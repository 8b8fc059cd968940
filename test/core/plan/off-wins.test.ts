import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { snoozedPolicy } from '../../../lib/core/documents/documents.ts'
import type { StoredPolicy } from '../../../lib/core/model/model.ts'
import { holdsOff } from '../../../lib/core/plan/off-wins.ts'
import { dueTimes } from '../../../lib/core/schedule/due-times.ts'
import { aPolicy, aServer, at } from '../../makers.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
/** Monday, 23 November 2026, in UTC. */
const monday = (time: string, days = 0): number => Date.parse(`2026-11-23T${time}:00Z`) + days * DAY

const OWN = { id: 'morning', connection: 'prod', kind: 'ecs' } as const
/** Off from 8 in the evening to 7 in the morning, on no Monday, Tuesday … before 7, and at no weekend. */
const nights = (overrides: Record<string, unknown> = {}) =>
  aPolicy({
    id: 'nights',
    schedule: { cron: '0 20 * * 1-5', timeZone: 'UTC' },
    start: { cron: '0 7 * * 1-5' },
    selector: { tags: { env: ['dev'] } },
    ...overrides,
  })
const dev = aServer({ tags: { env: 'dev' } })
const holder = (now: number, overrides: Record<string, unknown> = {}, server = dev) =>
  holdsOff([nights(overrides)], OWN, now)(server)

describe('a server that another policy has stopped', () => {
  test.each([
    ['06:59', 0, 'nights'],
    ['07:00', 0, null],
    ['19:59', 0, null],
    ['20:00', 0, 'nights'],
    ['06:59', 1, 'nights'],
    ['07:00', 1, null],
    ['12:00', 5, 'nights'],
  ])('is held off at %s of day %i of the week by %s', (time, days, expected) => {
    expect(holder(monday(time, days))).toBe(expected)
  })

  test.each([
    ['is disabled', { enabled: false }],
    ['starts nothing itself', { start: null }],
    ['is of another connection', { connection: 'lab' }],
    ['is of the other kind', { kind: 'bms', mode: 'hard', acceptPowerCut: true }],
    ['is the very one that starts', { id: OWN.id }],
    ['excludes it', { exclude: { name: 'dev-*' } }],
    ['selects others', { selector: { tags: { env: ['test'] } } }],
    [
      'is due for the first time after now',
      { schedule: { cron: '0 20 1 1 *', timeZone: 'UTC', skipDates: everyNewYear() } },
    ],
  ])('is not held off by a policy that %s', (_, overrides) => {
    expect(holder(monday('06:00'), overrides)).toBeNull()
  })

  test('is held off by the first of several that hold it', () => {
    const others = [nights({ enabled: false }), nights({ id: 'weekends' }), nights()]
    expect(holdsOff(others, OWN, monday('06:00'))(dev)).toBe('weekends')
    expect(holdsOff([], OWN, monday('06:00'))(dev)).toBeNull()
  })

  test('runs on until the stop that was delayed', () => {
    const delays = [{ dueAt: at(monday('20:00')), until: at(monday('22:00')), reason: 'demo' }]
    const heldAt = (time: string) => holdsOff([{ ...nights(), delays }], OWN, monday(time))(dev)
    expect(['20:00', '21:59', '22:00'].map(heldAt)).toEqual([null, null, 'nights'])
  })

  test('stays off over a holiday on which nothing starts', () => {
    const skipDates = ['2026-11-24']
    const schedule = { cron: '0 20 * * 1-5', timeZone: 'UTC', skipDates }
    expect(holder(monday('12:00', 1), { schedule })).toBe('nights')
    expect(holder(monday('07:00', 2), { schedule })).toBeNull()
  })
})

function everyNewYear(): string[] {
  return Array.from({ length: 100 }, (_, year) => `${1930 + year}-01-01`)
}

describe('a stop that was snoozed', () => {
  const snoozed = (from: number, until: number) => ({ snoozedAt: at(from), snoozedUntil: at(until) })
  test('holds nothing off, during the snooze and after it', () => {
    const tonight = snoozed(monday('18:00'), monday('21:00'))
    expect(holder(monday('20:30'), tonight)).toBeNull()
    expect(holder(monday('06:00', 1), tonight)).toBeNull()
    expect(holder(monday('20:00', 1), tonight)).toBe('nights')
  })
  test('right when the snooze was set was skipped, right at its end it was not', () => {
    expect(holder(monday('06:00', 1), snoozed(monday('20:00'), monday('21:00')))).toBeNull()
    expect(holder(monday('06:00', 1), snoozed(monday('20:00') + 1, monday('21:00')))).toBe('nights')
    expect(holder(monday('06:00', 1), snoozed(monday('18:00'), monday('20:00')))).toBe('nights')
  })
  test('of several days leaves the one before it, where nothing started since', () => {
    const week = snoozed(monday('09:00'), monday('09:00', 7))
    expect(holder(monday('06:00', 3), week)).toBeNull()
    const start = { cron: '0 7 * * 6' }
    expect(holder(monday('06:00', 3), { ...week, start })).toBeNull()
    expect(holder(monday('06:00', 3), { ...week, start: { cron: '0 7 1 1 *' } })).toBe('nights')
  })
})

describe('a snooze after another', () => {
  const snooze = (policy: StoredPolicy, now: number, until: number) =>
    snoozedPolicy(policy, { until: at(until), reason: 'demo' }, { actor: 'ann', now })
  const heldBy = (policy: StoredPolicy, now: number) => holdsOff([policy], OWN, now)(dev)
  const first = snooze(nights(), monday('18:00'), monday('20:01'))

  test('leaves skipped what the first has skipped', () => {
    const second = snooze(first, monday('22:00'), monday('20:01', 1))
    expect(heldBy(second, monday('06:00', 1))).toBeNull()
    expect(heldBy(second, monday('06:00', 2))).toBeNull()
    const longer = snooze(
      snooze(nights(), monday('18:00'), monday('23:00')),
      monday('22:00'),
      monday('23:30'),
    )
    expect(heldBy(longer, monday('06:00', 1))).toBeNull()
  })
  test('does not reach over a stop that came between', () => {
    const second = snooze(first, monday('22:00', 1), monday('20:01', 2))
    expect(heldBy(second, monday('06:00', 2))).toBe('nights')
    expect(heldBy(second, monday('06:00', 3))).toBeNull()
  })
})

// --- beside a walk through every minute of a year ------------------------------------------------------------------

const YEAR = { fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2027, 0, 1) }
/** Clocks change at whole quarters of an hour only. */
const QUARTER = 15 * MINUTE

/** By quarter of an hour: how far the clock on the wall is ahead of UTC. */
function offsets(timeZone: string): number[] {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const count = (YEAR.untilMs - YEAR.fromMs) / QUARTER
  return Array.from({ length: count }, (_, index) => {
    const ms = YEAR.fromMs + index * QUARTER
    return Date.parse(`${shown.format(ms).replace(' ', 'T')}Z`) - ms
  })
}

/** What `M H * * D` names, and nothing more. */
interface Times {
  minute: number
  hours: number[]
  weekdays: number[]
}
const cronOf = ({ minute, hours, weekdays }: Times): string => `${minute} ${hours} * * ${weekdays}`

/** Whether a wall time is one of them; the dates of holidays are none. */
function isNamed({ minute, hours, weekdays }: Times, wallMs: number, holidays: Set<string>): boolean {
  const wall = new Date(wallMs)
  return (
    wall.getUTCMinutes() === minute &&
    hours.includes(wall.getUTCHours()) &&
    weekdays.includes(wall.getUTCDay()) &&
    !holidays.has(wall.toISOString().slice(0, 10))
  )
}

/**
 * When servers go off and on: at each minute, the wall times that the clock came to, or jumped over, for the first time.
 * Before the first of them nothing is known.
 */
function changesByWalking(
  { stop, start, holidays }: { stop: Times; start: Times; holidays: Set<string> },
  ahead: number[],
): [ms: number, isOff: boolean][] {
  const changes: [number, boolean][] = []
  let seenMs = YEAR.fromMs + ahead[0]! - MINUTE
  for (let ms = YEAR.fromMs; ms < YEAR.untilMs; ms += MINUTE) {
    const wallMs = ms + ahead[Math.floor((ms - YEAR.fromMs) / QUARTER)]!
    let [stops, starts] = [false, false]
    for (let passedMs = seenMs + MINUTE; passedMs <= wallMs; passedMs += MINUTE) {
      // Most minutes are named by nothing, and tell so at once.
      const minute = (passedMs / MINUTE) % 60
      if (minute === stop.minute) stops ||= isNamed(stop, passedMs, holidays)
      if (minute === start.minute) starts ||= isNamed(start, passedMs, holidays)
    }
    seenMs = Math.max(seenMs, wallMs)
    const isOff = stops ? true : starts ? false : changes.at(-1)?.[1]
    if (isOff !== undefined && isOff !== changes.at(-1)?.[1]) changes.push([ms, isOff])
  }
  return changes
}

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Shanghai',
]
const HOLIDAYS = [
  '2026-01-01',
  '2026-03-29',
  '2026-04-03',
  '2026-05-01',
  '2026-10-05',
  '2026-12-25',
  '2026-12-26',
]

describe('off-windows of a whole year, beside a walk through every minute', () => {
  const ahead = new Map(ZONES.map(timeZone => [timeZone, offsets(timeZone)]))
  const times = (minute: number) =>
    fc.record({
      minute: fc.constant(minute),
      // The hours in which clocks change, and those of the day.
      hours: fc.uniqueArray(fc.constantFrom<number[]>(0, 1, 2, 3, 7, 20, 23), { minLength: 1, maxLength: 2 }),
      weekdays: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
    })

  property.prop([fc.constantFrom(...ZONES), times(30), times(0), fc.subarray(HOLIDAYS)], {
    numRuns: 30,
    examples: ZONES.map((zone): [string, Times, Times, string[]] => [
      zone,
      { minute: 30, hours: [2], weekdays: [0, 1, 2, 3, 4, 5, 6] },
      { minute: 0, hours: [3], weekdays: [0, 1, 2, 3, 4, 5, 6] },
      HOLIDAYS.slice(2),
    ]),
  })(
    'are the same in every zone, over both changes of the clock and holidays',
    (timeZone, stop, start, skipDates) => {
      const changes = changesByWalking({ stop, start, holidays: new Set(skipDates) }, ahead.get(timeZone)!)
      const policy = nights({
        schedule: { cron: cronOf(stop), timeZone, skipDates },
        start: { cron: cronOf(start) },
      })
      const range = { afterMs: changes[0]![0] - 1, untilMs: YEAR.untilMs - 1, most: Number.POSITIVE_INFINITY }
      const due = [cronOf(stop), cronOf(start)].flatMap(cron =>
        dueTimes({ cron, timeZone, skipDates }, range),
      )
      // Between these instants neither of both changes its mind.
      const instants = [...due, ...changes.map(([ms]) => ms)].sort((one, other) => one - other)
      let place = 0
      for (const ms of instants) {
        while (place + 1 < changes.length && changes[place + 1]![0] <= ms) place++
        expect([at(ms), holdsOff([policy], OWN, ms)(dev) !== null]).toEqual([at(ms), changes[place]![1]])
      }
    },
  )
})
