import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import type { Run, WeekItem } from '../../console/api/types.ts'
import { addDays, mondayOf, readDate } from '../../console/week/dates.ts'
import {
  axesOf,
  bundleEntries,
  dayColumns,
  groupByZone,
  instantAt,
  layoutRow,
} from '../../console/week/layout.ts'

const NOW = Date.parse('2026-10-21T12:00:00Z')

/** The days of a week as the API says them, by another reading of the zones. */
function daysOf(monday: string, timeZone: string): WeekItem['days'] {
  const first = Temporal.PlainDate.from(monday)
  const startOf = (days: number) => first.add({ days }).toZonedDateTime(timeZone).toInstant().toString()
  return Array.from({ length: 7 }, (_, day) => ({
    date: first.add({ days: day }).toString(),
    from: startOf(day),
    to: startOf(day + 1),
    skippedBecause: null,
  }))
}

const anItem = (overrides: Partial<WeekItem> = {}): WeekItem => ({
  policyId: 'nightly-dev',
  description: '',
  enabled: true,
  connection: 'prod',
  kind: 'ecs',
  timeZone: 'Europe/Berlin',
  policyTimeZone: 'Europe/Berlin',
  days: daysOf('2026-10-19', overrides.timeZone ?? 'Europe/Berlin'),
  marks: [],
  off: [],
  snooze: null,
  runs: [],
  marksUntil: null,
  runsSince: null,
  ...overrides,
})

const aMark = (overrides: Partial<WeekItem['marks'][number]> = {}) => ({
  at: '2026-10-20T18:00:00Z',
  local: '2026-10-20 20:00 +02:00 Europe/Berlin',
  action: 'stop' as const,
  skippedBecause: null,
  runId: null,
  ...overrides,
})

const aRun = (overrides: Partial<Run>): Run =>
  ({ id: 'r', dueAt: '2026-10-20T18:00:00Z', action: 'stop', trigger: 'schedule', ...overrides }) as Run

const layoutOf = (item: WeekItem, now = NOW) => layoutRow(item, axesOf([item]).get(item.timeZone)!, now)

describe('a day is as wide as it is long', () => {
  test.each([
    ['Europe/Berlin', '2026-10-19', '2026-10-25', 25, 169],
    ['Europe/Berlin', '2027-03-22', '2027-03-28', 23, 167],
    ['America/New_York', '2026-10-26', '2026-11-01', 25, 169],
    ['America/New_York', '2027-03-08', '2027-03-14', 23, 167],
    ['Australia/Lord_Howe', '2027-03-29', '2027-04-04', 24.5, 168.5],
    ['Australia/Lord_Howe', '2026-09-28', '2026-10-04', 23.5, 167.5],
  ])('%s, week of %s: %s has %d hours', (timeZone, monday, changed, hours, inAll) => {
    const item = anItem({ timeZone, days: daysOf(monday, timeZone) })
    const { days } = layoutOf(item)
    expect(days.map(day => day.hours)).toEqual(days.map(({ date }) => (date === changed ? hours : 24)))
    for (const day of days) expect(day.width).toBeCloseTo(day.hours / inAll, 12)
    for (const [place, day] of days.entries())
      expect(day.x + day.width).toBeCloseTo(days[place + 1]?.x ?? 1, 12)
  })

  test('rows of other zones keep the same width for an hour', () => {
    const berlin = anItem({ days: daysOf('2026-10-19', 'Europe/Berlin') })
    const shanghai = anItem({ timeZone: 'Asia/Shanghai', days: daysOf('2026-10-19', 'Asia/Shanghai') })
    const axes = axesOf([shanghai, berlin])
    const [long, short] = [berlin, shanghai].map(item => dayColumns(item.days, axes.get(item.timeZone)!))
    expect(long![0]!.width).toBe(short![0]!.width)
    expect(long![6]!.x + long![6]!.width).toBeCloseTo(1, 12)
    expect(short![6]!.x + short![6]!.width).toBeCloseTo(168 / 169, 12)
  })

  test('an instant is found again where it was placed', () => {
    const item = anItem()
    const axis = axesOf([item]).get('Europe/Berlin')!
    const { x } = layoutOf({ ...item, marks: [aMark()] }).moments[0]!
    expect(instantAt(axis, x)).toBe(Date.parse('2026-10-20T18:00:00Z'))
    expect(instantAt(axis, 2)).toBe(axis.toMs)
    expect(instantAt(axis, -1)).toBe(axis.fromMs)
  })
})

describe('what stands in a row', () => {
  test('the same wall time before and after a change stands as many hours apart as passed', () => {
    const marks = [aMark({ at: '2026-10-24T18:00:00Z' }), aMark({ at: '2026-10-25T19:00:00Z' })]
    const [one, other] = layoutOf(anItem({ marks })).moments
    expect((other!.x - one!.x) * 169).toBeCloseTo(25, 9)
  })

  test('an off-window is parted by the present, and clipped to the week', () => {
    const off = [{ from: '2026-10-21T06:00:00Z', to: '2026-10-21T18:00:00Z' }]
    const past = { x: 0, width: 0, isPast: true, ...off[0] }
    const { off: pieces } = layoutOf(anItem({ off }))
    expect(pieces.map(({ isPast }) => isPast)).toEqual([true, false])
    expect(pieces[0]!.x + pieces[0]!.width).toBeCloseTo(pieces[1]!.x, 12)
    expect((pieces[0]!.width + pieces[1]!.width) * 169).toBeCloseTo(12, 9)
    const early = layoutOf(anItem({ off: [{ from: '2026-10-10T00:00:00Z', to: '2026-10-18T23:00:00Z' }] }))
    expect(early.off).toEqual([
      { ...past, x: 0, width: 1 / 169, from: expect.any(String), to: expect.any(String) },
    ])
  })

  test('a skipped day is hatched whole, with its reason, and a snooze from its beginning to its end', () => {
    const days = daysOf('2026-10-19', 'Europe/Berlin')
    days[6]!.skippedBecause = 'a skip date'
    const snooze = { from: '2026-10-20T22:00:00Z', until: '2026-10-21T22:00:00Z', reason: 'release' }
    const row = layoutOf(anItem({ days, snooze }))
    expect(row.skipped).toEqual([{ x: 144 / 169, width: 25 / 169, reason: 'a skip date' }])
    expect(row.snooze).toEqual({ x: 48 / 169, width: 24 / 169, reason: 'release', until: snooze.until })
  })

  test('a snooze whose beginning is not kept is drawn from the present on', () => {
    const snooze = { from: null, until: '2026-10-21T22:00:00Z', reason: null }
    const { x, width } = layoutOf(anItem({ snooze })).snooze!
    expect([x * 169, width * 169]).toEqual([expect.closeTo(62, 9), expect.closeTo(10, 9)])
    expect(layoutOf(anItem({ snooze }), Date.parse(snooze.until)).snooze).toBeNull()
  })

  test('a mark carries its run; a run by hand stands for itself; both in their order', () => {
    const due = aRun({ id: 'nightly-dev.1', status: 'succeeded' })
    const byHand = aRun({ id: 'manual.1', dueAt: '2026-10-19T08:00:00Z', trigger: 'manual' })
    const marks = [aMark({ runId: due.id }), aMark({ at: '2026-10-22T18:00:00Z' })]
    const { moments } = layoutOf(anItem({ marks, runs: [due, byHand] }))
    expect(moments.map(({ runId, isDue }) => [runId, isDue])).toEqual([
      ['manual.1', false],
      ['nightly-dev.1', true],
      [null, true],
    ])
    expect(moments[1]!.run).toBe(due)
  })

  test('a dry run is no stop and no start: it has no sign that could hide one', () => {
    const dryRun = aRun({
      id: 'undo.1',
      action: 'start',
      trigger: 'manual',
      status: 'succeeded',
      dryRun: true,
    })
    expect(layoutOf(anItem({ runs: [dryRun] })).moments).toEqual([])
  })

  test('what lies beyond the week is not drawn', () => {
    const marks = [aMark({ at: '2026-10-18T21:59:59Z' }), aMark({ at: '2026-10-25T23:00:00Z' })]
    expect(layoutOf(anItem({ marks })).moments).toEqual([])
  })

  test('rows are grouped by zone in the order in which they came', () => {
    const zones = ['Asia/Shanghai', 'Europe/Berlin', 'Asia/Shanghai']
    const groups = groupByZone(zones.map(timeZone => anItem({ timeZone })))
    expect(groups.map(({ timeZone, items }) => [timeZone, items.length])).toEqual([
      ['Asia/Shanghai', 2],
      ['Europe/Berlin', 1],
    ])
  })

  test('in a list a policy that is due again and again takes one line, and others stay where they are', () => {
    const entryOf = (policyId: string, at: string) => {
      const item = anItem({ policyId, marks: [aMark({ at })] })
      return { item, moment: layoutOf(item).moments[0]! }
    }
    const often = [1, 2, 4, 5, 6].map(hour => entryOf('often', `2026-10-20T0${hour}:00:00Z`))
    const once = entryOf('once', '2026-10-20T03:00:00Z')
    const [first, second, ...rest] = often
    expect(bundleEntries([first!, second!, once, ...rest])).toEqual([often, [once]])
    expect(bundleEntries([first!, once])).toEqual([[first], [once]])
  })

  test('a policy without days takes no place and breaks nothing', () => {
    expect(axesOf([anItem({ days: [] })]).size).toBe(0)
    expect(axesOf([]).size).toBe(0)
  })
})

test('weeks begin on Monday, over months and years', () => {
  expect(mondayOf('2026-11-29')).toBe('2026-11-23')
  expect(mondayOf('2026-11-23')).toBe('2026-11-23')
  expect(mondayOf('2027-01-01')).toBe('2026-12-28')
  expect(addDays('2026-12-28', 7)).toBe('2027-01-04')
  expect(readDate('2026-02-30')).toBeNull()
  expect(readDate('2026-2-3')).toBeNull()
  expect(readDate(null)).toBeNull()
  expect(readDate('2026-11-23')).toBe('2026-11-23')
})
