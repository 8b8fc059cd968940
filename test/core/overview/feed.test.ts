import { fc, test as prop } from '@fast-check/vitest'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'
import { describe, expect, test } from 'vitest'
import { dueByCover } from '../../../lib/core/documents/calendar.ts'
import { delayedPolicy, delayRefusal } from '../../../lib/core/documents/delay.ts'
import { editedPolicy, snoozedPolicy } from '../../../lib/core/documents/documents.ts'
import type { StoredPolicy } from '../../../lib/core/model/model.ts'
import type { Run } from '../../../lib/core/model/run.ts'
import { feedTest } from '../../../lib/core/overview/feed/document.ts'
import { feedMarks, feedRange, orderedMarks } from '../../../lib/core/overview/feed/marks.ts'
import { feedText } from '../../../lib/core/overview/feed/text.ts'
import type { Cover } from '../../../lib/core/schedule/calendars.ts'
import { dueRuns } from '../../../lib/core/tick/due-runs.ts'
import { aPolicy, aRun, at, START } from '../../makers.ts'

const MINUTE = 60_000
const TICK = 5 * MINUTE
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ON = { connection: { enabled: true }, stopsEnabled: true, startsEnabled: true }
const HEAD = { name: 'Curfew', notes: [], publicUrl: 'https://curfew.example.com' }

function marksOf(policy: StoredPolicy, now: number, runs: Run[] = []) {
  return feedMarks(policy, { now, range: feedRange(now), switches: ON, runs, changedMs: 0 })
}
const textOf = (policy: StoredPolicy, now: number, runs: Run[] = []): string =>
  feedText(HEAD, orderedMarks(marksOf(policy, now, runs).marks), 2_000_000)

/** An event, as far as both libraries read it. */
interface Read {
  uid: string
  startMs: number
  status: string
  sequence: number
  summary: string
  description: string
}

function readByIcal(text: string): Read[] {
  const calendar = new ICAL.Component(ICAL.parse(text))
  return calendar.getAllSubcomponents('vevent').map(component => {
    const event = new ICAL.Event(component)
    return {
      uid: event.uid,
      startMs: event.startDate.toJSDate().getTime(),
      status: String(component.getFirstPropertyValue('status')),
      sequence: Number(event.sequence),
      summary: event.summary,
      description: event.description,
    }
  })
}

function readByNode(text: string): Read[] {
  return Object.values(nodeIcal.sync.parseICS(text)).flatMap(one => {
    if (one?.type !== 'VEVENT') return []
    const { uid, start, status, sequence, summary, description } = one
    return {
      uid,
      startMs: start.getTime(),
      status: String(status),
      sequence: Number(sequence),
      summary: String(summary),
      description: String(description),
    }
  })
}

/** What both read, and both alike. The second one takes a backslash before an n for the end of a line. */
function readFeed(text: string): Read[] {
  const read = readByIcal(text)
  expect(readByNode(text)).toEqual(read)
  return read
}

const aCover = (calendar: string, dates: string[], revision = 1): Cover => ({
  calendar,
  revision,
  knownUntil: '2028-01-01T00:00:00.000Z',
  times: dates.map(date => ({
    from: date,
    until: at(Date.parse(date) + DAY).slice(0, 10),
    event: `event of ${calendar}`,
  })),
})

const nightly = (overrides: Record<string, unknown> = {}) =>
  aPolicy({
    id: 'nightly',
    schedule: { cron: '0 20 * * *', timeZone: 'Asia/Shanghai' },
    start: { cron: '0 7 * * *' },
    ...overrides,
  })

describe('a feed', () => {
  test('shows each due stop and start of the coming sixty days', () => {
    const events = readFeed(textOf(nightly(), START))
    expect(events).toHaveLength(2 * 61)
    expect(events[0]).toMatchObject({
      uid: 'nightly.20261121T120000Z@curfew.example.com',
      status: 'CONFIRMED',
      summary: 'stop nightly',
      description: expect.stringContaining('2026-11-21 20:00 +08:00 Asia/Shanghai'),
    })
    expect(events[1]).toMatchObject({
      uid: 'nightly.20261121T230000Z.start@curfew.example.com',
      startMs: Date.parse('2026-11-21T23:00:00Z'),
      summary: 'start nightly',
    })
  })

  test('shows what a snooze, a date or a switch leaves out as cancelled, with the reason', () => {
    const schedule = { cron: '0 20 * * *', timeZone: 'Asia/Shanghai', skipDates: ['2026-11-24'] }
    const until = at(START + 2 * DAY)
    const policy = nightly({ schedule, snoozedUntil: until, snoozeReason: 'release' })
    const events = readFeed(textOf(policy, START))
    const told = (uid: string) => {
      const found = events.filter(event => event.uid === `${uid}@curfew.example.com`)
      expect(found).toHaveLength(1)
      return found[0]!
    }
    expect(told('nightly.20261122T120000Z')).toMatchObject({
      status: 'CANCELLED',
      summary: 'Skipped: stop nightly',
      description: expect.stringContaining(`Skipped: snoozed until ${until}: release`),
    })
    expect(told('nightly.20261123T120000Z').status).toBe('CONFIRMED')
    expect(told('nightly.20261124T120000Z')).toMatchObject({
      status: 'CANCELLED',
      description: expect.stringContaining('Skipped: skipDates has 2026-11-24'),
    })
    expect(told('nightly.20261123T230000Z.start').status).toBe('CANCELLED')
    const off = readFeed(textOf(nightly({ enabled: false }), START))
    expect(new Set(off.map(({ status }) => status))).toEqual(new Set(['CANCELLED']))
  })

  test('shows what a calendar leaves out as cancelled, also once it has passed, and what one adds', () => {
    const schedule = {
      cron: '0 20 * * 1-5',
      timeZone: 'Asia/Shanghai',
      skipDates: ['2026-11-28'],
      calendars: [
        { id: 'holidays', effect: 'skip' },
        { id: 'workdays', effect: 'also' },
      ],
    }
    const holidays = aCover('holidays', ['2026-11-18', '2026-11-24'])
    const covers = [holidays, aCover('workdays', ['2026-11-21', '2026-11-28', '2026-12-05'])]
    const events = readFeed(textOf({ ...nightly({ schedule, start: null }), covers }, START - HOUR))
    const shown = events.map(({ uid, status }) => `${uid.slice(14, 16)} ${status}`)
    expect(shown.slice(0, 8)).toEqual([
      ...['18 CANCELLED', '21 CONFIRMED', '23 CONFIRMED', '24 CANCELLED', '25 CONFIRMED', '26 CONFIRMED'],
      ...['27 CONFIRMED', '28 CANCELLED'],
    ])
    expect(events.find(({ uid }) => uid.startsWith('nightly.20261205'))?.status).toBe('CONFIRMED')
    expect(events[3]!.description).toContain('Skipped: calendar holidays: event of holidays')
    expect(events[7]!.description).toContain('Skipped: skipDates has 2026-11-28')
  })

  test('moves what is delayed, and keeps it where it was moved once it has passed', () => {
    const wanted = { dueAt: '2026-11-21T12:00:00.000Z', minutes: 60, reason: 'demo' }
    const now = START - HOUR
    const delayed = delayedPolicy(nightly(), wanted, { actor: 'ann', now })
    const [first] = readFeed(textOf(delayed, now))
    const uid = 'nightly.20261121T120000Z@curfew.example.com'
    expect(first).toMatchObject({ uid, startMs: START + HOUR, status: 'CONFIRMED' })
    expect(first!.description).toContain('Delayed from 2026-11-21 20:00 +08:00 Asia/Shanghai: demo')
    const { runs } = dueRuns(
      { ...delayed, nextDueAt: at(START + HOUR) },
      { nowMs: START + HOUR, connections: ['prod'] },
    )
    expect(runs).toMatchObject([{ dueAt: at(START + HOUR), delayedFrom: at(START) }])
    const later = { ...nightly(), updatedAt: delayed.updatedAt }
    const after = readFeed(textOf(later, START + 2 * DAY, runs)).filter(event => event.uid === uid)
    expect(after).toMatchObject([{ startMs: START + HOUR, status: 'CONFIRMED' }])
    expect(after[0]!.sequence).toBeGreaterThan(first!.sequence)
  })

  test('shows what has passed as its runs say: left out where every one of them was', () => {
    const dueAt = at(START - DAY)
    const missed = { trigger: 'schedule', dueAt, status: 'missed', reason: 'late' } as const
    const done = { trigger: 'schedule', dueAt, status: 'failed', startedAt: dueAt } as const
    const uid = 'nightly.20261120T120000Z@curfew.example.com'
    const first = (runs: Partial<Run>[]) =>
      readFeed(textOf(nightly(), START, runs.map(aRun))).find(event => event.uid === uid)
    expect(first([missed])).toMatchObject({ status: 'CANCELLED' })
    expect(first([missed, { ...done, id: 'other' }])).toMatchObject({ status: 'CONFIRMED' })
    expect(first([{ ...done, trigger: 'manual' }])).toBeUndefined()
  })

  test('tells of a policy that is due too often for a calendar', () => {
    const often = nightly({ schedule: { cron: '*/5 * * * *', timeZone: 'UTC' }, start: null })
    const { marks, isCut } = marksOf(often, START)
    expect([marks.length, isCut]).toEqual([500, true])
    expect(marksOf(nightly(), START).isCut).toBe(false)
  })

  test('ends where its text would be too long, and says so', () => {
    const text = feedText(HEAD, orderedMarks(marksOf(nightly(), START).marks), 4000)
    const events = readFeed(text)
    expect(events.length).toBeGreaterThan(5)
    expect(events.length).toBeLessThan(20)
    expect(text).toMatch(/X-WR-CALDESC:There are too many: none is shown from 2026-1\d-\d\dT/)
  })

  test.each([
    ['*', null, true],
    ['nightly', null, true],
    ['night-*', null, false],
    [null, { env: ['dev'] }, true],
    [null, { env: [] }, true],
    [null, { env: ['prod'] }, false],
    [null, { env: ['dev'], team: [] }, false],
    ['other', { env: ['dev'] }, false],
  ])('of the policies %s and the tags %j: holds the policy, %s', (glob, tags, isIn) => {
    const policy = nightly({ selector: { tags: { env: ['dev', 'test'] } } })
    expect(feedTest({ policies: glob === null ? null : [glob], tags })(policy)).toBe(isIn)
  })
})

// --- as it is written ---------------------------------------------------------------------------------------

/** Few events, each with this text. */
const weekly = (description: string) =>
  nightly({ description, schedule: { cron: '0 20 * * 6', timeZone: 'Asia/Shanghai' }, start: null })

const aText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 150 }).map(text => text.replaceAll('\\', '/')),
  fc.string({
    unit: fc.constantFrom(',', ';', '\n', '\r', 'n', ' ', '"', ':', '夜', '\u0007'),
    maxLength: 60,
  }),
)

describe('the text of a feed', () => {
  test('writes commas, semicolons, backslashes and ends of lines as they cannot be mistaken', () => {
    const said = 'a,b;c\\d\r\ne\\,f\\;g\rh: "i"'
    const text = textOf(nightly({ description: said, start: null }), START).replaceAll('\r\n ', '')
    const written = 'a\\,b\\;c\\\\d\\ne\\\\\\,f\\\\\\;g\\nh: "i"'
    expect(text).toContain(`Asia/Shanghai\\n${written}\r\n`)
    const [event] = readFeed(textOf(nightly({ description: said }), START))
    expect(event!.description.split('\n').slice(1)).toEqual(['a,b;c\\d', 'e\\,f\\;g', 'h: "i"'])
    const head = feedText({ ...HEAD, name: said, notes: [said] }, [], 1000)
    expect(head.replaceAll('\r\n ', '')).toContain(`\r\nX-WR-CALNAME:${written}\r\n`)
    expect(head.replaceAll('\r\n ', '')).toContain(`\r\nX-WR-CALDESC:${written}\r\n`)
  })

  prop.prop([aText], { numRuns: 60 })(
    'has lines of at most 75 octets, and says in both libraries what was meant',
    said => {
      const text = textOf(weekly(said), START)
      const lines = text.split('\r\n')
      expect(lines.pop()).toBe('')
      for (const line of lines) {
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
        expect(line).not.toMatch(/[\r\n\p{Cc}]/u)
      }
      const [event] = readFeed(text)
      const plain = said.replaceAll(/\r\n?/g, '\n')
      if (!/[\p{Cc}\u200e\u200f\u2028-\u202e]/u.test(plain.replaceAll('\n', '')) && plain.length < 150)
        expect(event!.description.endsWith(plain)).toBe(true)
    },
  )
})

// --- day after day ------------------------------------------------------------------------------------------

const STEPS = ['snooze', 'wake', 'delay', 'edit', 'toggle', 'holiday', 'workday'] as const
type Step = { kind: (typeof STEPS)[number]; hours: number }
const aStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...STEPS),
  hours: fc.integer({ min: 1, max: 30 }),
})

/** Of the days in which the steps are. */
function soonText(policy: StoredPolicy, now: number, runs: Run[]): string {
  const range = { ...feedRange(now), untilMs: now + 10 * DAY }
  const { marks } = feedMarks(policy, { now, range, switches: ON, runs, changedMs: 0 })
  return feedText(HEAD, orderedMarks(marks), 2_000_000)
}

/** Holidays move, workdays are added: an event of one that were taken away would be gone. */
function heard(
  policy: StoredPolicy,
  { kind, dateMs }: { kind: 'holiday' | 'workday'; dateMs: number },
  now: number,
): StoredPolicy {
  const before = policy.covers!.find(({ calendar }) => calendar === kind)!
  const dates = kind === 'workday' ? before.times.map(({ from }) => from) : []
  const cover = aCover(kind, [...dates, at(dateMs).slice(0, 10)], before.revision + 1)
  return { ...policy, ...dueByCover(policy, cover, now) }
}

function changed(policy: StoredPolicy, { kind, hours }: Step, now: number): StoredPolicy {
  const edit = { actor: 'ann', now }
  if (kind === 'snooze')
    return snoozedPolicy(policy, { until: at(now + hours * HOUR), reason: 'release' }, edit)
  if (kind === 'wake') return policy.snoozedUntil === null ? policy : snoozedPolicy(policy, null, edit)
  if (kind === 'delay') {
    const wanted = { dueAt: policy.nextDueAt ?? at(now), minutes: hours * 15, reason: 'demo' }
    return delayRefusal(policy, wanted, now) === null ? delayedPolicy(policy, wanted, edit) : policy
  }
  if (kind === 'holiday' || kind === 'workday')
    return heard(policy, { kind, dateMs: now + hours * HOUR }, now)
  const skipDates = kind === 'edit' ? [at(now + hours * HOUR).slice(0, 10)] : policy.schedule.skipDates
  const enabled = kind === 'toggle' ? !policy.enabled : policy.enabled
  return editedPolicy({ ...policy, enabled, schedule: { ...policy.schedule, skipDates } }, policy, edit)
}

const CALENDARED = {
  ...nightly({
    schedule: {
      cron: '0 20 * * 1-5',
      timeZone: 'Asia/Shanghai',
      calendars: [
        { id: 'holiday', effect: 'skip' },
        { id: 'workday', effect: 'also' },
      ],
    },
  }),
  covers: [aCover('holiday', ['2026-11-23']), aCover('workday', ['2026-11-22'])],
}

describe('a calendar that keeps what it fetched, and is told anew each day', () => {
  prop.prop([fc.array(aStep, { maxLength: 12 })], { numRuns: 40 })(
    'shows each run once, at its time, and lets no event go back',
    steps => {
      let now = START
      let policy = editedPolicy(CALENDARED, null, { actor: 'ann', now })
      const runs: Run[] = []
      const kept = new Map<string, Read>()
      const fetched = () => {
        const events = readByIcal(soonText(policy, now, runs))
        expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length)
        for (const event of events) {
          const before = kept.get(event.uid)
          if (before !== undefined) {
            expect(event.sequence).toBeGreaterThanOrEqual(before.sequence)
            const isSame = before.startMs === event.startMs && before.status === event.status
            if (!isSame) expect(event.sequence).toBeGreaterThan(before.sequence)
          }
          kept.set(event.uid, event)
        }
      }
      for (const step of [...steps, ...Array.from({ length: 3 }, () => null)]) {
        fetched()
        for (
          const endMs = now + (step?.hours ?? 24) * HOUR + 7 * MINUTE;
          now < endMs;
          now = Math.min(now + TICK, endMs)
        ) {
          const { runs: due, spent: _, ...times } = dueRuns(policy, { nowMs: now, connections: ['prod'] })
          for (const run of due)
            runs.push(run.status === 'pending' ? { ...run, status: 'succeeded', startedAt: at(now) } : run)
          policy = { ...policy, ...times }
        }
        if (step !== null) policy = changed(policy, step, now)
      }
      fetched()
      const acted = runs.filter(({ status }) => status === 'succeeded').map(({ dueAt }) => Date.parse(dueAt))
      const shown = [...kept.values()].filter(
        ({ startMs, status }) => status === 'CONFIRMED' && startMs <= now,
      )
      expect(shown.map(({ startMs }) => startMs).toSorted()).toEqual(acted.toSorted())
    },
  )
})
