/** Calendars over the whole line: fetched, told to policies, heard by ticks. */
import { setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { attendCalendar } from '../../lib/steps/calendars/refresh.ts'
import { httpEvent } from '../bundle/events.ts'
import { aCertificate } from '../certificate.ts'
import { aCalendar, anEvent } from '../core/calendar/programs.ts'
import { aPolicy, aPolicyBody } from '../makers.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import type { Services } from '../services.ts'
import { captured, type Output } from './output.ts'
import { createWorld, fleet, type World } from './world.ts'

const identity = aCertificate(Date.now())
let world: World
let receiver: Receiver
let output: Output
/** Dies at the effect of this number; 0: at none. */
let doomed = 0
beforeAll(() => setDefaultCACertificates([identity.cert]))

/** A public name, which leads to the receiver here. */
const URL_OF_CALENDAR = 'https://holidays.example/holidays.ics'
const led = (services: Services): Services => ({
  ...services,
  fetchCalendar: (url, headers) =>
    services.fetchCalendar(url.replace('holidays.example', `localhost:${receiver.port}`), headers),
})

const WRITES = ['saveFetched', 'advancePolicy', 'markSpread'] as const
/** Lets what writes of calendars and policies die right before or after it wrote. */
function mortal(services: Services, fate: 'before' | 'after'): Services {
  let count = 0
  const store = { ...services.store }
  for (const name of WRITES) {
    const write = store[name] as (...of: unknown[]) => Promise<unknown>
    const dying = async (...of: unknown[]) => {
      const isDoomed = ++count === doomed
      if (isDoomed && fate === 'before') throw new Error('died')
      const written = await write(...of)
      if (isDoomed) throw new Error('died')
      return written
    }
    Object.assign(store, { [name]: dying })
  }
  return { ...services, store }
}

async function aWorld(): Promise<void> {
  output = captured()
  world = await createWorld({
    servers: fleet(1),
    addressProblem: () => null,
    environment: { LOG_LEVEL: 'info', METRICS_NAMESPACE: 'Curfew' },
    rig: led,
  })
  await world.connection()
}
beforeEach(async () => {
  doomed = 0
  receiver = await startReceiver(identity)
})
afterEach(async () => {
  await world.close()
  await receiver.close()
})

async function ask(method: string, path: string, body?: object) {
  const handler = httpHandler(ROUTES, () => led(world.services))
  const event = httpEvent({ method, path, userArn: 'me', ...(body ? { body } : {}) })
  const { statusCode = 0, body: text } = await handler(event as never, {} as never)
  return { status: statusCode, body: JSON.parse(text || 'null') }
}

const holiday = (day: string) => anEvent(`DTSTART;VALUE=DATE:${day}`, 'SUMMARY:Holiday')
/** Some minutes in which nothing is due are left out. */
async function untilMinute(instant: string): Promise<void> {
  vi.setSystemTime(Date.parse(instant) - 60_000)
  await world.pass(3)
}
const serve = (...days: string[]) => {
  receiver.answer = { status: 200, headers: { etag: `"${days}"` }, body: aCalendar(...days.flatMap(holiday)) }
}
const aPolicyOf = (id: string) =>
  aPolicyBody({
    id,
    schedule: {
      cron: '0 20 * * *',
      timeZone: 'Asia/Shanghai',
      calendars: [{ id: 'holidays', effect: 'skip' }],
    },
  })
const savePolicy = (id: string) => ask('PUT', `/v1/policies/${id}`, aPolicyOf(id))
const calendar = async () => (await ask('GET', '/v1/calendars/holidays')).body
const nextDueAt = async (id = 'nightly') => (await world.store.policy(id))?.nextDueAt

describe('a calendar that is fetched', () => {
  test('is asked for once a day, in short where nothing has changed, and policies hear what has', async () => {
    await aWorld()
    serve('20261122')
    expect((await ask('PUT', '/v1/calendars/holidays', { url: URL_OF_CALENDAR })).status).toBe(201)
    expect((await savePolicy('nightly')).body.nextDueAt).toBe('2026-11-23T12:00:00.000Z')
    receiver.answer = { status: 304 }
    await untilMinute('2026-11-22T12:00:00Z')
    expect(receiver.received.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      '"20261122"',
    ])
    expect(await calendar()).toMatchObject({ lastError: null, fetchedAt: '2026-11-22T12:00:00.000Z' })
    serve('20261122', '20261123')
    await untilMinute('2026-11-23T06:00:00Z')
    await ask('POST', '/v1/calendars/holidays/refresh', {})
    expect(await nextDueAt()).toBe('2026-11-24T12:00:00.000Z')
    await untilMinute('2026-11-23T12:00:00Z')
    // Nothing was stopped on either day, and nothing is recorded of a time that is none.
    expect((await world.store.runs({ most: 10 })).items).toEqual([])
    await untilMinute('2026-11-24T12:00:00Z')
    expect((await world.store.runs({ most: 10 })).items).toMatchObject([
      { policyId: 'nightly', dueAt: '2026-11-24T12:00:00.000Z' },
    ])
  })

  test('serves by its last good copy while it fails, is told with an alarm, and is asked again', async () => {
    await aWorld()
    serve('20261122', '20261124')
    await ask('PUT', '/v1/calendars/holidays', { url: URL_OF_CALENDAR })
    await savePolicy('nightly')
    const failures: [Receiver['answer'], string][] = [
      [{ status: 503 }, 'it answered 503'],
      [
        { status: 302, headers: { location: URL_OF_CALENDAR } },
        'it answered 302, and redirects are not followed',
      ],
      [{ status: 200, body: '<html></html>\n' }, 'line 1: expected a property such as SUMMARY:text'],
      [{ status: 200, body: aCalendar() }, 'expected events, as there were before, got none'],
      [
        { status: 200, body: `BEGIN:VCALENDAR\n${'X:1\n'.repeat(600_000)}` },
        'it answered more than 2097152 bytes',
      ],
      [
        { status: 200, headers: { 'content-encoding': 'gzip' }, body: '' },
        'expected no content-encoding, got gzip',
      ],
    ]
    for (const [answer, problem] of failures) {
      receiver.answer = answer
      const { status, body } = await ask('POST', '/v1/calendars/holidays/refresh', {})
      expect(status).toBe(200)
      expect(body.lastError).toContain(problem)
      expect(body.covered).toHaveLength(2)
      expect(body.fetchedAt).toBe('2026-11-21T12:00:00.000Z')
    }
    expect(output.figures('DueItemsFailed')).toEqual([])
    await world.pass(5)
    // Twice within five minutes: that is what the alarm waits for.
    expect(output.figures('DueItemsFailed')).toEqual([1, 1])
    expect(await nextDueAt()).toBe('2026-11-23T12:00:00.000Z')
    serve('20261122', '20261123')
    await untilMinute((await calendar()).nextFetchAt)
    expect(await calendar()).toMatchObject({ lastError: null })
    expect(await nextDueAt()).toBe('2026-11-24T12:00:00.000Z')
  })

  test('that could never be read lets no policy be written, and is tried until it can', async () => {
    await aWorld()
    receiver.answer = { status: 500 }
    const made = await ask('PUT', '/v1/calendars/holidays', { url: URL_OF_CALENDAR })
    expect(made).toMatchObject({ status: 201, body: { lastError: 'it answered 500', fetchedAt: null } })
    expect((await savePolicy('nightly')).body.errors).toEqual([
      {
        path: 'schedule.calendars.0.id',
        message: 'expected a calendar that could be read, got "holidays": it answered 500',
      },
    ])
    serve('20261122')
    await world.pass(5)
    expect((await savePolicy('nightly')).status).toBe(201)
  })
})

test('an edit of a calendar is heard by its policies at once, and leaves what has passed to the tick', async () => {
  await aWorld()
  await ask('PUT', '/v1/calendars/holidays', { ics: aCalendar(...holiday('20261201')) })
  await savePolicy('nightly')
  const { dueAt, ...before } = {
    dueAt: '2026-11-21T12:00:00.000Z',
    ...(await world.store.policy('nightly'))!,
  }
  await world.store.advancePolicy(before, { nextDueAt: dueAt, nextStartDueAt: null })
  await ask('PUT', '/v1/calendars/holidays', {
    ics: aCalendar(...holiday('20261121'), ...holiday('20261122')),
  })
  expect(await nextDueAt()).toBe(dueAt)
  await world.pass(3)
  expect((await world.store.runs({ most: 10 })).items).toMatchObject([{ dueAt, status: 'succeeded' }])
  expect(await nextDueAt()).toBe('2026-11-23T12:00:00.000Z')
})

test('a policy that is about to use a calendar while that is told to others hears of it, too', async () => {
  await aWorld()
  await ask('PUT', '/v1/calendars/holidays', { ics: aCalendar(...holiday('20261201')) })
  // Its request has read what the calendar covered, and was not saved yet.
  const covers = [(await world.store.calendar('holidays'))!.cover!]
  await world.store.nameUser({ kind: 'calendar', id: 'holidays' }, 'late')
  await ask('PUT', '/v1/calendars/holidays', { ics: aCalendar(...holiday('20261122')) })
  const late = aPolicy({ ...aPolicyOf('late'), nextDueAt: '2026-11-22T12:00:00.000Z' })
  await world.store.savePolicy({ ...late, covers }, null)
  await world.pass(5)
  expect(await nextDueAt('late')).toBe('2026-11-23T12:00:00.000Z')
})

describe.each(['before', 'after'] as const)('a step that dies right %s it writes', fate => {
  test('is made good, wherever that is: each policy knows what the calendar covers', async () => {
    await aWorld()
    serve('20261122')
    await ask('PUT', '/v1/calendars/holidays', { url: URL_OF_CALENDAR })
    const ids = ['one', 'two', 'three']
    for (const id of ids) await savePolicy(id)
    // One fetch that is saved, three policies, the mark that all is done.
    for (let number = 1; number <= 5; number++) {
      const day = `2026120${number}`
      serve('20261122', day)
      vi.setSystemTime(Date.parse((await calendar()).nextFetchAt))
      doomed = number
      const dying = attendCalendar('holidays', led(mortal(world.services, fate)))
      await expect(dying).rejects.toThrow('died')
      await attendCalendar('holidays', led(world.services))
      for (const id of ids)
        expect((await world.store.policy(id))!.covers![0]!.times).toContainEqual(
          expect.objectContaining({ from: `2026-12-0${number}` }),
        )
      const { cover, spread } = (await world.store.calendar('holidays'))!
      expect(spread).toBe(cover!.revision)
    }
  })
})
