/** What every view says of coming due times, held against each other, and against what ticks then made of them. */
import fc from 'fast-check'
import ICAL from 'ical.js'
import { expect, vi } from 'vitest'
import { aCalendar, anEvent } from '../core/calendar/programs.ts'
import { at } from '../makers.ts'
import { type HttpWorld, policyBody } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const CATCH_UP = { stop: 60, start: 240 }

/** Of stops and of starts. */
const CRONS = [
  ['0 20 * * *', null],
  ['0 20 * * 1-5', '0 7 * * 1-5'],
  ['30 1,2 * * *', '15 4 * * *'],
  ['0 19-23 * * *', '30 6 * * *'],
  ['45 0 * * *', '15 12 * * *'],
  ['0 */3 * * *', null],
  ['0 0,2 * * *', '30 3,23 * * *'],
] as const
const ZONES = ['UTC', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Africa/Cairo', 'America/New_York'] as const
/** Shortly before the clocks of some of them change. */
const BEGINNINGS = ['2027-02-05', '2027-03-12', '2027-04-02', '2027-04-28', '2027-10-01', '2027-10-27']

const whole = (min: number, max: number) => fc.integer({ min, max })
const kind = <K extends string>(name: K) => fc.constant(name)
const effect = fc.constantFrom('skip' as const, 'also' as const)
const schedule = fc.record({
  crons: fc.constantFrom(...CRONS),
  skipDays: fc.array(whole(0, 9), { maxLength: 2 }),
  calendars: fc.subarray(['skip', 'also']),
  enabled: fc.constantFrom(true, true, true, false),
})
const change = fc.oneof(
  fc.record({ kind: kind('snooze'), minutes: whole(1, 4000) }),
  fc.record({ kind: kind('end snooze') }),
  fc.record({ kind: kind('delay'), nth: whole(0, 3), minutes: whole(1, 720) }),
  // By whole hours it comes together with others.
  fc.record({ kind: kind('delay'), nth: whole(0, 3), minutes: fc.constantFrom(30, 60, 120, 180) }),
  fc.record({ kind: kind('edit'), schedule }),
  fc.record({ kind: kind('calendar'), effect, inHours: whole(0, 90), hours: fc.option(whole(1, 60)) }),
)
const isOutage = fc.constantFrom(false, false, false, true)

/** How a policy begins, and what people do to it, each time with so many minutes after it, in which ticks come or do not. */
export const story = fc.record({
  timeZone: fc.constantFrom(...ZONES),
  from: fc.constantFrom(...BEGINNINGS),
  schedule,
  steps: fc.array(fc.record({ change, minutes: whole(5, 2800), isOutage }), { minLength: 8, maxLength: 8 }),
})
type Valued<A> = A extends fc.Arbitrary<infer V> ? V : never
type Story = Valued<typeof story>

interface Promised {
  at: string
  action: 'stop' | 'start'
  skippedBecause: string | null
}
type Mark = Promised & { runId: string | null }

const dateOf = (ms: number): string => at(ms).slice(0, 10)
const stamp = (ms: number): string => at(ms).replaceAll(/[-:]|\.\d+/g, '')
const brief = ({ at, action }: Pick<Promised, 'at' | 'action'>) => `${at} ${action}`
const promise = ({ at, action, skippedBecause }: Promised): Promised => ({ at, action, skippedBecause })
const isActing = ({ skippedBecause }: Promised): boolean => skippedBecause === null

/** Lives through a story in a world that holds nothing but its connection. */
export async function liveStory(world: HttpWorld, { timeZone, from, ...told }: Story): Promise<void> {
  const ask = async (method: string, path: string, body?: unknown) =>
    (await world.ask(method, path, { ...(body === undefined ? {} : { body }) })).body
  const OWN = '/v1/policies/night'

  async function save({ crons: [cron, start], skipDays, calendars, enabled }: Story['schedule']) {
    const skipDates = [...new Set(skipDays.map(days => dateOf(Date.now() + days * DAY)))]
    const used = calendars.map(id => ({ id, effect: id }))
    const own = { schedule: { cron, timeZone, skipDates, calendars: used }, start: start && { cron: start } }
    await ask('PUT', OWN, policyBody({ id: 'night', enabled, selector: { name: 'nobody' }, ...own }))
  }
  const cover = (id: string, ...lines: string[]) =>
    ask('PUT', `/v1/calendars/${id}`, { ics: aCalendar(...anEvent(...lines, 'SUMMARY:Event')) })

  async function apply(one: Valued<typeof change>): Promise<void> {
    const now = Date.now()
    if (one.kind === 'snooze')
      await ask('POST', `${OWN}/snooze`, { until: at(now + one.minutes * MINUTE), reason: 'release' })
    if (one.kind === 'end snooze') await ask('DELETE', `${OWN}/snooze`)
    if (one.kind === 'edit') await save(one.schedule)
    if (one.kind === 'delay') {
      const dueAt = (await promised()).filter(({ action }) => action === 'stop')[one.nth]?.at
      if (dueAt === undefined) return
      const { errors } = await ask('POST', `${OWN}/delay`, { dueAt, minutes: one.minutes, reason: 'demo' })
      if (errors === undefined) expect((await promised()).map(brief)).not.toContain(`${dueAt} stop`)
    }
    if (one.kind === 'calendar') {
      const fromMs = now + one.inHours * HOUR
      if (one.hours === null) await cover(one.effect, `DTSTART;VALUE=DATE:${stamp(fromMs).slice(0, 8)}`)
      else await cover(one.effect, `DTSTART:${stamp(fromMs)}`, `DTEND:${stamp(fromMs + one.hours * HOUR)}`)
    }
  }

  const promised = async (): Promise<Promised[]> =>
    ((await ask('POST', `${OWN}/preview`)).dueTimes as Promised[]).map(promise)

  async function marks(): Promise<Mark[]> {
    const { items } = await ask('GET', `/v1/week?from=${dateOf(Date.now() - 3 * DAY)}&days=31`)
    return items[0]!.marks as Mark[]
  }
  const feed = new URL(String((await ask('POST', '/v1/feeds', {})).url)).pathname
  async function events() {
    const { text } = await world.ask('GET', feed, { actor: null })
    return new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map(component => {
      const { uid, startDate, summary } = new ICAL.Event(component)
      const isSkipped = component.getFirstPropertyValue('status') === 'CANCELLED'
      const action = summary.includes('start ') ? ('start' as const) : ('stop' as const)
      return { uid, at: startDate.toJSDate().toISOString(), action, isSkipped }
    })
  }

  /** The views tell the same of what is to come, as far as the ten of a preview reach; returns that. */
  async function agree(): Promise<Promised[]> {
    const now = at(Date.now())
    const ten = await promised()
    // A stop and a start at once may be the tenth and the eleventh.
    const horizon = ten.length < 10 ? at(Date.now() + 20 * DAY) : ten.at(-1)!.at
    const within = <T extends Promised | { at: string }>(all: T[]) =>
      all.filter(due => due.at > now && due.at < horizon)
    const coming = within(ten)
    expect(within(await marks()).map(promise)).toEqual(coming)
    const shown = within(await events())
    expect(shown.filter(({ isSkipped }) => !isSkipped).map(brief)).toEqual(coming.filter(isActing).map(brief))
    const skipped = shown.filter(({ isSkipped }) => isSkipped).map(brief)
    expect(skipped).toEqual(expect.arrayContaining(coming.filter(due => !isActing(due)).map(brief)))
    const policy = await ask('GET', OWN)
    const { next } = (await ask('GET', '/v1/now')) as unknown as { next: Promised[] }
    for (const action of ['stop', 'start'] as const) {
      const first = coming.find(due => due.action === action && isActing(due))?.at
      const nextAt = (action === 'stop' ? policy.nextStopAt : policy.nextStartAt) as string | null
      expect([action, next.find(due => due.action === action)?.at ?? null]).toEqual([action, nextAt])
      if (first !== undefined || (nextAt !== null && nextAt < horizon))
        expect([action, nextAt]).toEqual([action, first])
    }
    const stops = coming.map(brief)
    for (const { until } of (policy.delays ?? []) as { until: string }[])
      if (until < horizon) expect(stops).toContain(`${until} stop`)
    return coming
  }

  /** The runs that these due times are to leave, by what was said of them. */
  function runsOf(passed: Promised[], isLate: boolean) {
    const lastAt = passed.findLast(isActing)?.at
    return passed.flatMap(({ at: dueAt, action, skippedBecause: reason }) => {
      const isMissed =
        isLate && (dueAt !== lastAt || Date.now() - Date.parse(dueAt) > CATCH_UP[action] * MINUTE)
      if (reason === null) return [{ dueAt, action, status: isMissed ? 'missed' : 'succeeded' }]
      return /^calendar|is disabled/.test(reason) ? [] : [{ dueAt, action, status: 'cancelled', reason }]
    })
  }

  async function live({ change: one, minutes, isOutage: isLate }: Story['steps'][number]): Promise<void> {
    await apply(one)
    await world.pass(0)
    const coming = await agree()
    const before = await events()
    const sinceMs = Date.now()
    const lastMs = coming.length < 8 ? Infinity : Date.parse(coming.at(-1)!.at)
    const untilMs = Math.min(sinceMs + minutes * MINUTE, lastMs)
    const isPassed = (due: { at: string }) => due.at > at(sinceMs) && due.at <= at(untilMs)
    const passed = coming.filter(isPassed)
    if (isLate) {
      vi.setSystemTime(untilMs)
      const waiting = (await marks()).filter(isPassed).map(promise)
      expect(passed).toEqual(expect.arrayContaining(waiting))
      await world.runner.tick()
    } else await world.pass((untilMs - sinceMs) / MINUTE)
    await world.pass(0.1)
    const runs = await world.all('/v1/runs', { policyId: 'night', since: at(sinceMs + 1) })
    const wanted = runsOf(passed, isLate)
    const isSaid = (status: unknown) => status === 'cancelled' || status === 'failed'
    expect(
      runs.toReversed().map(({ dueAt, action, status, reason }) => ({
        dueAt,
        action,
        status,
        ...(isSaid(status) && { reason }),
      })),
    ).toEqual(wanted)
    const hasActed = (due: { at: string; action: string }) =>
      wanted.some(run => run.dueAt === due.at && run.action === due.action && run.status === 'succeeded')
    for (const mark of (await marks()).filter(isPassed)) expect(isActing(mark)).toBe(hasActed(mark))
    const after = new Map((await events()).map(event => [event.uid, event]))
    for (const event of before.filter(isPassed)) {
      // Of a policy that was disabled nothing is left.
      const left = after.get(event.uid) ?? (event.isSkipped ? event : undefined)
      expect(left).toEqual({ ...event, isSkipped: !hasActed(event) })
    }
    expect(world.troubles).toEqual([])
  }

  for (const id of ['skip', 'also']) await cover(id, 'DTSTART;VALUE=DATE:20200101')
  vi.setSystemTime(Date.parse(`${from}T12:00:00Z`))
  await world.pass(1)
  await save({ ...told.schedule, enabled: true })
  for (const step of told.steps) await live(step)
}
