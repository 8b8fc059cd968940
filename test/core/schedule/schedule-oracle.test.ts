import { fc, test } from '@fast-check/vitest'
import { Cron as Croner } from 'croner'
import { Temporal } from 'temporal-polyfill'
import { describe, expect } from 'vitest'
import { dueTimes, nextDueAt } from '../../../lib/core/schedule/due-times.ts'
import type { Times } from '../../../lib/core/schedule/schedule.ts'
import { aCron, anAcceptedCron, aSparseCron, every, isAccepted, type MeantCron } from './schedule-crons.ts'

// Due times beside two independent ways to tell them: a walk through every minute around each change of the clock,
// and Temporal's reading of every wall time of a year.

const datesOf = (year: number): Temporal.PlainDate[] => {
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 })
  return Array.from({ length: first.daysInYear }, (_, days) => first.add({ days }))
}
/** In 28 years without a skipped leap year every date comes on every weekday. */
const ALL_KINDS_OF_DATES = every(2001, 2028).flatMap(datesOf)

test.prop([aCron], { numRuns: 500 })('of these crons those are refused that are never due', cron => {
  expect(isAccepted(cron)).toBe(ALL_KINDS_OF_DATES.some(cron.isDueOn))
})

// --- the first way: every minute around each change of the clock ------------------------------------------------

interface Minute {
  ms: number
  wall: Temporal.PlainDateTime
}
const DAY_MS = 86_400_000

const firstOf = (year: number, timeZone: string) =>
  Temporal.ZonedDateTime.from({ year, month: 1, day: 1, timeZone })

function changes(timeZone: string, year: number): number[] {
  const found: number[] = []
  let change = firstOf(year, timeZone).getTimeZoneTransition('next')
  while (change !== null && change.year <= year) {
    found.push(change.epochMilliseconds)
    change = change.getTimeZoneTransition('next')
  }
  return found
}

function minutesAround(changeMs: number, timeZone: string): Minute[] {
  const count = (4 * DAY_MS) / 60_000
  return Array.from({ length: count }, (_, index) => {
    const ms = changeMs - 2 * DAY_MS + index * 60_000
    return {
      ms,
      wall: Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDateTime(),
    }
  })
}

/** Wall minutes from `wall` back to, and without, `seen`. */
function newlyPassed(wall: Temporal.PlainDateTime, seen: Temporal.PlainDateTime): Temporal.PlainDateTime[] {
  const passed: Temporal.PlainDateTime[] = []
  for (let at = wall; Temporal.PlainDateTime.compare(at, seen) > 0; at = at.subtract({ minutes: 1 }))
    passed.push(at)
  return passed
}

interface Dated {
  cron: MeantCron
  skipDates: string[]
}
/** A wall time, its fields read once: thousands of crons are held against it. */
const readFields = (wall: Temporal.PlainDateTime) => ({
  minute: wall.minute,
  hour: wall.hour,
  date: wall.toPlainDate(),
})
type WallTime = ReturnType<typeof readFields>
const isDueAt = ({ cron, skipDates }: Dated, { minute, hour, date }: WallTime): boolean =>
  cron.minutes.has(minute) &&
  cron.hours.has(hour) &&
  cron.isDueOn(date) &&
  !skipDates.includes(date.toString())

/** What each minute of a stretch brings: the wall time shown, and those that the clock came to or beyond for the first time. */
interface Moment extends Minute {
  shown: WallTime[]
  passed: WallTime[]
}
function moments(minutes: Minute[]): Moment[] {
  let seen = minutes[0]!.wall
  return minutes.slice(1).map(minute => {
    const passed = newlyPassed(minute.wall, seen)
    if (passed.length > 0) seen = minute.wall
    return { ...minute, shown: [readFields(minute.wall)], passed: passed.map(readFields) }
  })
}
const byEveryMinute = (dated: Dated, stretch: Moment[]): number[] =>
  stretch
    .filter(({ shown, passed }) => (dated.cron.followsClock ? shown : passed).some(at => isDueAt(dated, at)))
    .map(({ ms }) => ms)

const STRETCHES = [
  ['Europe/Berlin', 2026],
  ['America/New_York', 2026],
  ['Australia/Lord_Howe', 2026],
  ['America/Havana', 2026],
  ['Atlantic/Azores', 2026],
  ['Africa/Cairo', 2026],
  ['Asia/Beirut', 2026],
  ['America/Scoresbysund', 2026],
  ['Africa/Casablanca', 2026],
  ['Pacific/Chatham', 2026],
  ['Antarctica/Troll', 2026],
  ['Pacific/Apia', 2011],
] as const
const stretches = STRETCHES.flatMap(([timeZone, year]) =>
  changes(timeZone, year).map(changeMs => ({
    timeZone,
    stretch: moments(minutesAround(changeMs, timeZone)),
  })),
)

const times = (text: string, timeZone: string, skipDates: string[] = []): Times => ({
  cron: text,
  timeZone,
  skipDates,
})

describe('around every change of the clock', () => {
  test.prop(
    [
      fc.nat(stretches.length - 1),
      anAcceptedCron,
      fc.array(fc.nat(4), { maxLength: 2 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    ],
    { numRuns: 1500 },
  )('a cron is due when a walk through every minute says so', (index, cron, skipped, place) => {
    const { timeZone, stretch } = stretches[index]!
    const skipDates = skipped.map(days => stretch[0]!.wall.toPlainDate().add({ days }).toString())
    const expected = byEveryMinute({ cron, skipDates }, stretch)
    const schedule = times(cron.text, timeZone, skipDates)
    const window = {
      afterMs: stretch[0]!.ms - 1,
      untilMs: stretch.at(-1)!.ms,
      most: Number.POSITIVE_INFINITY,
    }
    expect(dueTimes(schedule, window)).toEqual(expected)

    const afterMs = Math.floor(window.afterMs + place * (window.untilMs - window.afterMs))
    const next = expected.find(ms => ms > afterMs)
    if (next !== undefined) expect(nextDueAt(schedule, afterMs)).toBe(next)
    else expect(nextDueAt(schedule, afterMs) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(window.untilMs)
  })
})

// --- the second way: Temporal's own reading of every wall time of a year -------------------------------------------

const DATES = new Map([2011, 2026].map(year => [year, datesOf(year)]))

/** The instant of a fixed wall time: the first one; the jump over it if there is none. */
function instantOf(wall: Temporal.PlainDateTime, timeZone: string): number {
  const earlier = wall.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  return earlier.toPlainDateTime().equals(wall)
    ? earlier.epochMilliseconds
    : earlier.getTimeZoneTransition('next')!.epochMilliseconds
}

function byWallTimes(cron: MeantCron, timeZone: string, year: number): number[] {
  const wallTimes = DATES.get(year)!
    .filter(cron.isDueOn)
    .flatMap(date =>
      [...cron.hours].flatMap(hour =>
        [...cron.minutes].map(minute => date.toPlainDateTime({ hour, minute })),
      ),
    )
  return [...new Set(wallTimes.map(wall => instantOf(wall, timeZone)))].sort((a, b) => a - b)
}

function dueIn(year: number, text: string, timeZone: string): number[] {
  const afterMs = firstOf(year, timeZone).epochMilliseconds - 1
  const untilMs = firstOf(year + 1, timeZone).epochMilliseconds - 1
  return dueTimes(times(text, timeZone), { afterMs, untilMs, most: Number.POSITIVE_INFINITY })
}

describe('through a whole year', () => {
  test.prop([fc.constantFrom(...STRETCHES), aSparseCron], { numRuns: 250 })(
    'fixed times are due when Temporal says so',
    ([timeZone, year], cron) => {
      expect(dueIn(year, cron.text, timeZone)).toEqual(byWallTimes(cron, timeZone, year))
    },
  )

  /** Each change of a year, and the offset after it. */
  const clockOf = (timeZone: string): string =>
    changes(timeZone, 2026)
      .map(ms => `${ms} ${Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).offset}`)
      .join()
  const zones = Intl.supportedValuesOf('timeZone').filter(timeZone => changes(timeZone, 2026).length > 0)
  test('fixed times of the first hours of the day are due when Temporal says so, in every zone that changes its clock', () => {
    expect(zones.length).toBeGreaterThan(100)
    // What Temporal says is the same for zones of the same clock.
    const alike = Map.groupBy(zones, zone => `${firstOf(2026, zone).offset} ${clockOf(zone)}`)
    for (const [first, ...others] of alike.values())
      for (const hour of [0, 1, 2, 3])
        for (const minute of [0, 30]) {
          const expected = DATES.get(2026)!.map(date =>
            instantOf(date.toPlainDateTime({ hour, minute }), first!),
          )
          for (const timeZone of [first!, ...others])
            expect(dueIn(2026, `${minute} ${hour} * * *`, timeZone), `${hour}:${minute} ${timeZone}`).toEqual(
              expected,
            )
        }
  })
})

// --- a second opinion, where its rules are ours: no `*` with a step for days, no clock that changes -----------------

describe('beside croner', () => {
  const hasStarStep = (text: string) =>
    text.split(' ').some((part, index) => (index === 2 || index === 4) && /\*[/,]|,\*/.test(part))
  const aCronForCroner = anAcceptedCron.filter(({ text }) => !hasStarStep(text))
  const zone = fc.constantFrom('UTC', 'Asia/Shanghai', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/Bogota')

  test.prop([aCronForCroner, zone, fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) })], {
    numRuns: 300,
  })('the next ten due times are the same', ({ text }, timeZone, afterMs) => {
    const croner = new Croner(text, { timezone: timeZone, paused: true })
    const expected = croner.nextRuns(10, new Date(afterMs)).map(date => date.getTime())
    const untilMs = expected.at(-1) ?? afterMs
    expect(dueTimes(times(text, timeZone), { afterMs, untilMs, most: 10 })).toEqual(expected)
  })
})
