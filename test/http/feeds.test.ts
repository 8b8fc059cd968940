import { ScanCommand } from '@aws-sdk/client-dynamodb'
import ICAL from 'ical.js'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Feed } from '../../lib/core/overview/feed/document.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import { feedRoutes } from '../../lib/http/routes/feeds/feeds.ts'
import { aCalendar, anEvent } from '../core/calendar/programs.ts'
import { captured, type Output } from '../flow/output.ts'
import { fleet } from '../flow/world.ts'
import { aRun, at, START } from '../makers.ts'
import { eventOf, type HttpWorld, openWorld, policyBody, type Reply, replyOf, restoreEach } from './world.ts'

const HOUR = 3_600_000
const OUTSIDE = 'https://curfew.example.com'

let world: HttpWorld
let output: Output
beforeAll(async () => {
  world = await openWorld({ servers: fleet(2), http: { PUBLIC_URL: `${OUTSIDE}/`, LOG_LEVEL: 'debug' } })
  await world.connection()
  await save('nightly-dev', { selector: { tags: { env: ['dev'] } } })
  await save('weekly', { schedule: { cron: '0 20 * * 6', timeZone: 'UTC' }, start: { cron: '0 7 * * 1' } })
})
restoreEach(() => world)
beforeEach(() => {
  output = captured()
})

async function save(id: string, overrides: Record<string, unknown> = {}): Promise<void> {
  const { status } = await world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id, ...overrides }) })
  expect(status).toBeLessThan(300)
}
async function post(path: string, body: unknown = {}): Promise<Reply> {
  const reply = await world.ask('POST', path, { body })
  expect([reply.status, reply.body.detail]).toEqual([expect.toBeOneOf([200, 201]), undefined])
  return reply
}
/** A new feed: its id, and its path as a calendar knows it. */
async function aFeed(body: Record<string, unknown> = {}): Promise<{ id: string; path: string }> {
  const { id, url } = (await post('/v1/feeds', body)).body
  return { id, path: String(url).slice(OUTSIDE.length) }
}
/** As a calendar asks, which nobody has let in. */
const read = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
  world.ask('GET', path, { actor: null, headers })

function events({ text }: Reply) {
  const all = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map(component => {
    const { uid, startDate, sequence } = new ICAL.Event(component)
    const status = String(component.getFirstPropertyValue('status'))
    return { uid, at: startDate.toJSDate().toISOString(), sequence: Number(sequence), status }
  })
  return new Map(all.map(event => [event.uid.split('@')[0], event]))
}

test('its address is told once, and kept nowhere', async () => {
  const { status, body, text } = await world.ask('POST', '/v1/feeds', { body: { description: 'ours' } })
  expect(status).toBe(201)
  expect(body).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    description: 'ours',
    policies: null,
    tags: null,
    createdAt: at(START),
    createdBy: 'tester',
    url: expect.stringMatching(/^https:\/\/curfew\.example\.com\/feeds\/[\w-]{43}\.ics$/),
  })
  const [, token] = /feeds\/(.*)\.ics/.exec(text)!
  const { url: _, ...shown } = body
  const list = await world.ask('GET', '/v1/feeds')
  expect(list.body.items).toEqual([shown])
  const { Items } = await world.dynamo.send(new ScanCommand({ TableName: world.table.tableName }))
  expect(JSON.stringify(Items)).toContain(String(body.id))
  expect(JSON.stringify(Items)).not.toContain(token)
})

test('a calendar reads it without a login, and nothing anew while nothing changes', async () => {
  const { path } = await aFeed()
  const first = await read(path)
  expect(first).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'private, no-cache' },
  })
  const shown = events(first)
  expect(shown.get('nightly-dev.20261121T200000Z')).toMatchObject({ status: 'CONFIRMED' })
  expect(shown.get('weekly.20261123T070000Z.start')).toMatchObject({ at: '2026-11-23T07:00:00.000Z' })
  const headers = { 'if-none-match': first.headers.etag! }
  vi.setSystemTime(START + HOUR)
  expect(await read(path, headers)).toMatchObject({ status: 304, text: '' })
  await post('/v1/policies/weekly/snooze', { until: at(START + 9 * HOUR), reason: 'fair' })
  expect(await read(path, headers)).toMatchObject({ status: 200 })
})

test('what is snoozed, delayed or switched off changes its event, and counts its sequence up', async () => {
  const { path } = await aFeed()
  const [stop, saturday] = ['nightly-dev.20261121T200000Z', 'weekly.20261121T200000Z']
  const before = events(await read(path))
  vi.setSystemTime(START + HOUR)
  await post('/v1/policies/weekly/snooze', { until: at(START + 9 * HOUR), reason: 'fair' })
  await post('/v1/policies/nightly-dev/delay', { dueAt: '2026-11-21T20:00:00Z', minutes: 90, reason: 'demo' })
  const after = events(await read(path))
  expect(after.get(saturday)).toMatchObject({ at: before.get(saturday)!.at, status: 'CANCELLED' })
  expect(after.get(stop)).toMatchObject({ at: '2026-11-21T21:30:00.000Z', status: 'CONFIRMED' })
  for (const id of [stop, saturday])
    expect(after.get(id)!.sequence).toBe(before.get(id)!.sequence + HOUR / 1000)
  vi.setSystemTime(START + 2 * HOUR)
  const off = { stopsEnabled: false, startsEnabled: true }
  await world.ask('PUT', '/v1/settings', { body: off })
  expect(events(await read(path)).get(stop)).toMatchObject({
    status: 'CANCELLED',
    sequence: after.get(stop)!.sequence + HOUR / 1000,
  })
  await world.ask('PUT', '/v1/settings', { body: { ...off, stopsEnabled: true } })
  vi.setSystemTime(START + 10 * HOUR)
  await world.pass(10)
  const passed = events(await read(path))
  expect(passed.get(stop)).toMatchObject({ at: '2026-11-21T21:30:00.000Z', status: 'CONFIRMED' })
  expect(passed.get(saturday)).toMatchObject({ status: 'CANCELLED' })
  expect([...passed.keys()].filter(id => /20261121/.test(id!))).toEqual([saturday, stop])
})

test('a calendar that changes an event counts its sequence up, though nobody edits the policy', async () => {
  const ics = (day: string) => aCalendar(...anEvent(`DTSTART;VALUE=DATE:${day}`, 'SUMMARY:Fair'))
  const put = async (day: string) =>
    world.ask('PUT', '/v1/calendars/fairs', { body: { ics: ics(day) } }).then(({ status }) => status)
  expect(await put('20261128')).toBe(201)
  const calendars = [{ id: 'fairs', effect: 'skip' }]
  await save('weekly', { schedule: { cron: '0 20 * * 6', timeZone: 'UTC', calendars } })
  const { path } = await aFeed()
  const twoSaturdays = async () => {
    const shown = events(await read(path))
    return ['weekly.20261128T200000Z', 'weekly.20261205T200000Z'].map(id => shown.get(id)!)
  }
  const before = await twoSaturdays()
  expect(before.map(({ status }) => status)).toEqual(['CANCELLED', 'CONFIRMED'])
  vi.setSystemTime(START + HOUR)
  expect(await put('20261205')).toBe(200)
  const after = await twoSaturdays()
  expect(after.map(({ status }) => status)).toEqual(['CONFIRMED', 'CANCELLED'])
  expect(after.map(({ sequence }) => sequence)).toEqual(before.map(({ sequence }) => sequence + HOUR / 1000))
  expect((await world.ask('GET', '/v1/policies/weekly')).text).not.toContain('coversAt')
})

test.each([
  [{ policies: ['weekly'] }, ['weekly']],
  [{ policies: ['night*', 'other-*'] }, ['nightly-dev']],
  [{ tags: { env: [] } }, ['nightly-dev']],
  [{ tags: { env: ['prod'] } }, []],
])('of %j, it shows the due times of %j alone', async (body, ids) => {
  const { path } = await aFeed(body)
  const shown = [...events(await read(path)).keys()].map(id => id!.split('.')[0])
  expect([...new Set(shown)]).toEqual(ids)
})

test('a policy that is named and not there is refused, with its place', async () => {
  const { status, body } = await world.ask('POST', '/v1/feeds', { body: { policies: ['weekly', 'weakly'] } })
  expect([status, body.errors]).toEqual([
    422,
    [{ path: 'policies.1', message: 'expected the id of a policy, or a glob, got "weakly"' }],
  ])
})

test('every address that is wrong, revoked or of a damaged feed gets the same answer', async () => {
  const [revoked, damaged, there] = [await aFeed(), await aFeed(), await aFeed()]
  expect((await world.ask('DELETE', `/v1/feeds/${revoked.id}`)).status).toBe(204)
  expect((await world.ask('DELETE', `/v1/feeds/${revoked.id}`)).status).toBe(404)
  const { items } = (await world.ask('GET', '/v1/feeds')).body
  expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining([damaged.id, there.id]))
  await world.services.store.removeFeed(damaged.id)
  const future = { id: damaged.id, isOfTheFuture: true } as never
  await world.services.store.createFeed(future)
  const wrong = [
    there.path.replace('.ics', 'A.ics'),
    '/feeds/.ics',
    '/feeds/%zz.ics',
    `/feeds/${there.id}.ics`,
  ]
  const replies = await Promise.all([revoked.path, damaged.path, ...wrong].map(path => read(path)))
  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(replies[0]!.status).toBe(404)
  expect((await read(there.path)).status).toBe(200)
})

/** Makes a feed where its write goes as told. */
async function create(write: (feed: Feed) => Promise<boolean>): Promise<Reply> {
  const store = { ...world.services.store, createFeed: write }
  const handler = httpHandler(feedRoutes, () => ({ ...world.services, store }))
  return replyOf(await handler(eventOf('POST', '/v1/feeds', { body: {} }) as never, {} as never))
}

test('one whose making dies after its write is there without an address, and can be deleted; before it, there is none', async () => {
  const { createFeed } = world.services.store
  const count = async () => (await world.all('/v1/feeds')).length
  const dies = async () => {
    throw new Error('died')
  }
  expect((await create(dies)).status).toBe(500)
  expect(await count()).toBe(0)
  const lost = await create(async feed => {
    await createFeed(feed)
    return dies()
  })
  expect([lost.status, lost.text.includes('/feeds/')]).toEqual([500, false])
  expect((await create(createFeed)).status).toBe(201)
  expect(await count()).toBe(2)
  for (const { id } of await world.all('/v1/feeds'))
    expect((await world.ask('DELETE', `/v1/feeds/${id}`)).status).toBe(204)
})

test('a write that is sent twice makes one feed, whose address is told', async () => {
  const { createFeed } = world.services.store
  const { status, body } = await create(async feed => {
    await createFeed(feed)
    return createFeed(feed)
  })
  expect([status, (await world.all('/v1/feeds')).length]).toEqual([201, 1])
  expect((await read(new URL(String(body.url)).pathname)).status).toBe(200)
})

test('no log has its address, whatever becomes of a request for it', async () => {
  const { path } = await aFeed()
  const token = path.slice('/feeds/'.length, -'.ics'.length)
  await read(path)
  await read(path.replace('.ics', ''))
  await read(path.replace('.ics', '-.ics'))
  await world.ask('GET', '/v1/policies')
  const logged = output.text()
  expect(logged).toContain('"path":"/feeds"')
  expect(logged).toContain('"path":"/v1/policies"')
  expect(logged).not.toContain(token.slice(0, 20))
})

test('a due time in many connections is one event, left out only where each of them was, however many runs it made', async () => {
  for (const id of ['lab-1', 'lab-2']) await world.connection({ id })
  const night = { schedule: { cron: '0 20 * * *', timeZone: 'UTC' }, selector: { tags: { env: ['lab'] } } }
  await save('labs', { ...night, connection: undefined, connections: ['lab-*', 'prod'] })
  const policy = (await world.store.policy('labs'))!
  // Four nights in 34 connections each; the second was left out in all of them, the third in all but one.
  const runsOfNight = (day: number) =>
    Array.from({ length: 34 }, (_, n) => {
      const isOut = day === 18 || (day === 19 && n > 0)
      const ended = isOut
        ? { status: 'cancelled' as const, reason: 'snoozed' }
        : { status: 'succeeded' as const }
      const dueAt = `2026-11-${day}T20:00:00.000Z`
      const place = { connection: `lab-${n}`, policyId: 'labs', dueAt, createdAt: dueAt }
      return aRun({ id: `labs.202611${day}T200000Z.lab-${n}`, trigger: 'schedule', ...place, ...ended })
    })
  const nights = [17, 18, 19, 20]
  await Promise.all(nights.flatMap(runsOfNight).map(run => world.store.createRun(run, policy, null)))
  const { path } = await aFeed({ policies: ['labs'] })
  const shown = events(await read(path))
  const past = nights.map(day => shown.get(`labs.202611${day}T200000Z`)?.status)
  expect(past).toEqual(['CONFIRMED', 'CANCELLED', 'CONFIRMED', 'CONFIRMED'])
  const tonight = () => read(path).then(reply => events(reply).get('labs.20261121T200000Z'))
  const before = (await tonight())!
  expect(before.status).toBe('CONFIRMED')
  expect([...shown.keys()].filter(id => /T200000Z\./.test(id!))).toEqual([])
  // One that is disabled holds back the others no more than they hold back it.
  const off = async (id: string) => {
    const { body } = await world.ask('GET', `/v1/connections/${id}`)
    await world.ask('PUT', `/v1/connections/${id}`, { body: { ...body, enabled: false } })
  }
  vi.setSystemTime(START + HOUR)
  await off('prod')
  await off('lab-1')
  expect(await tonight()).toMatchObject({ status: 'CONFIRMED', sequence: before.sequence + HOUR / 1000 })
  await off('lab-2')
  expect(await tonight()).toMatchObject({ status: 'CANCELLED' })
})
