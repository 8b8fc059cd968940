import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { fleet } from '../flow/world.ts'
import { at, START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody, restoreEach } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** The next two stops of a policy that is due every evening at 20:00 UTC. */
const TONIGHT = START + 8 * HOUR
const TOMORROW = TONIGHT + DAY

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(2) })
  await world.connection()
})
restoreEach(() => world)
beforeEach(async () => {
  await save()
})

const save = (overrides: Record<string, unknown> = {}) =>
  world.ask('PUT', '/v1/policies/night', { body: policyBody({ id: 'night', ...overrides }) })
const delay = (dueMs: number, minutes: number, reason = 'demo') =>
  world.ask('POST', '/v1/policies/night/delay', { body: { dueAt: at(dueMs), minutes, reason } })
const policy = async () => (await world.ask('GET', '/v1/policies/night')).body
const runs = async () =>
  (await world.all('/v1/runs', { policyId: 'night' })).map(({ id, status }) => `${id} ${status}`).toReversed()

test('one stop comes later, once, and the next ones are as they were', async () => {
  const reply = await delay(TONIGHT, 60)
  expect(reply).toMatchObject({
    status: 200,
    body: {
      delays: [{ dueAt: at(TONIGHT), until: at(TONIGHT + HOUR), reason: 'demo' }],
      nextDueAt: at(TONIGHT + HOUR),
      nextStopAt: at(TONIGHT + HOUR),
    },
  })
  vi.setSystemTime(TONIGHT - MINUTE)
  await world.pass(30)
  expect(await runs()).toEqual([])
  await world.pass(40)
  expect(await runs()).toEqual(['night.20261121T210000Z succeeded'])
  expect(await policy()).toMatchObject({ nextDueAt: at(TOMORROW), nextStopAt: at(TOMORROW) })
  expect(await policy()).not.toHaveProperty('delays')
  vi.setSystemTime(TOMORROW - MINUTE)
  await world.pass(10)
  expect(await runs()).toEqual(['night.20261121T210000Z succeeded', 'night.20261122T200000Z succeeded'])
  expect((await world.store.policy('night'))?.delays).toBeUndefined()
})

test('previews, the week, what is next and the why of a server all have it', async () => {
  await delay(TONIGHT, 60)
  const later = at(TONIGHT + HOUR)
  const preview = await world.ask('POST', '/v1/policies/night/preview')
  expect(preview.body).toMatchObject({ dueTimes: { 0: { at: later }, 1: { at: at(TOMORROW) } } })
  const { body: week } = await world.ask('GET', '/v1/week?from=2026-11-21&days=2')
  expect(week.items[0]!.marks).toMatchObject([{ at: later }, { at: at(TOMORROW) }])
  const { body: now } = await world.ask('GET', '/v1/now')
  expect(now.next).toMatchObject([{ policyId: 'night', at: later }])
  const { body: why } = await world.ask('GET', `/v1/policies/night/servers/${fleet(1)[0]!.id}`)
  expect(why).toMatchObject({ nextDueAt: later, nextStopAt: later })
})

test('a stop that was delayed is named by either time, and repeated it stays the same', async () => {
  await delay(TONIGHT, 60)
  const { body: again } = await delay(TONIGHT, 60)
  expect(again.version).toBe(2)
  const more = await delay(TONIGHT + HOUR, 180)
  expect(more.body.delays).toMatchObject([{ dueAt: at(TONIGHT), until: at(TONIGHT + 4 * HOUR) }])
  const less = await delay(TONIGHT, 30)
  expect(less.body.delays).toMatchObject([{ dueAt: at(TONIGHT), until: at(TONIGHT + 30 * MINUTE) }])
  await delay(TOMORROW, 60)
  expect((await policy()).delays).toMatchObject([{ dueAt: at(TONIGHT) }, { dueAt: at(TOMORROW) }])
})

test('it survives an edit, unless the schedule does not name the time any more; a snooze skips it at its new time', async () => {
  await delay(TONIGHT, 60)
  await save({ description: 'edited' })
  expect(await policy()).toMatchObject({ nextStopAt: at(TONIGHT + HOUR), delays: [{ dueAt: at(TONIGHT) }] })
  const snooze = { until: at(TONIGHT + 30 * MINUTE), reason: 'release' }
  await world.ask('POST', '/v1/policies/night/snooze', { body: snooze })
  expect(await policy()).toMatchObject({ nextStopAt: at(TONIGHT + HOUR) })
  await world.ask('POST', '/v1/policies/night/snooze', { body: { ...snooze, until: at(TONIGHT + 2 * HOUR) } })
  expect(await policy()).toMatchObject({ nextStopAt: at(TOMORROW) })
  await world.ask('DELETE', '/v1/policies/night/snooze')
  await save({ schedule: { cron: '30 21 * * *', timeZone: 'UTC' } })
  expect(await policy()).toMatchObject({ nextStopAt: at(TONIGHT + 90 * MINUTE) })
})

test('a delay of a time that the schedule no longer names is shown nowhere, and in the way of none', async () => {
  await delay(TONIGHT, 60)
  await save({ schedule: { cron: '0 21 * * *', timeZone: 'UTC' } })
  expect(await policy()).not.toHaveProperty('delays')
  const preview = await world.ask('POST', '/v1/policies/night/preview')
  expect(preview.body).toMatchObject({ dueTimes: { 0: { at: at(TONIGHT + HOUR) } } })
  vi.setSystemTime(TONIGHT + 59 * MINUTE)
  await world.pass(2)
  const [run] = await world.all('/v1/runs', { policyId: 'night' })
  expect(run).toMatchObject({ dueAt: at(TONIGHT + HOUR), status: 'succeeded' })
  expect(run).not.toHaveProperty('delayedFrom')
})

test('a stop can be delayed at whose time one came that the schedule no longer names', async () => {
  await delay(TONIGHT, 60)
  await save({ schedule: { cron: '0 21 * * *', timeZone: 'UTC' } })
  expect(await delay(TONIGHT + HOUR, 30)).toMatchObject({
    status: 200,
    body: { nextStopAt: at(TONIGHT + 90 * MINUTE), delays: [{ dueAt: at(TONIGHT + HOUR) }] },
  })
})

test('stops that come together come later together', async () => {
  await save({ schedule: { cron: '0 20,21 * * *', timeZone: 'UTC' } })
  await delay(TONIGHT, 60)
  expect((await delay(TONIGHT + HOUR, 60)).body).toMatchObject({
    nextStopAt: at(TONIGHT + 2 * HOUR),
    delays: [{ dueAt: at(TONIGHT) }, { dueAt: at(TONIGHT + HOUR) }],
  })
})

test('a time names the stop that is due then, not the one that was to be', async () => {
  await save({ schedule: { cron: '0 20,21 * * *', timeZone: 'UTC' } })
  await delay(TONIGHT + HOUR, 120)
  await delay(TONIGHT, 60)
  expect((await delay(TONIGHT + HOUR, 30)).body).toMatchObject({
    nextStopAt: at(TONIGHT + 90 * MINUTE),
    delays: [
      { dueAt: at(TONIGHT + HOUR), until: at(TONIGHT + 3 * HOUR) },
      { dueAt: at(TONIGHT), until: at(TONIGHT + 90 * MINUTE) },
    ],
  })
})

test('an edit by which a start would come before it is refused; one by which it comes later is not', async () => {
  await save({ start: { cron: '0 7 * * *' } })
  await delay(TONIGHT, 120)
  const { status, body } = await save({ start: { cron: '0 21 * * *' } })
  expect([status, body.errors]).toEqual([
    422,
    [
      {
        path: 'start.cron',
        message: `expected no start before ${at(TONIGHT + 2 * HOUR)}, to which the stop of ${at(TONIGHT)} is delayed, got "0 21 * * *", due at ${at(TONIGHT + HOUR)}: delay the stop anew, to an earlier time, or let it start later`,
      },
    ],
  ])
  expect((await save({ start: { cron: '0 23 * * *' } })).status).toBe(200)
  await delay(TONIGHT, 30)
  expect((await save({ start: { cron: '0 21 * * *' } })).status).toBe(200)
})

test('an edit is not held up by a stop that the schedule no longer names, or by a delay that is over', async () => {
  await delay(TONIGHT, 120)
  const schedule = { cron: '0 19 * * *', timeZone: 'UTC' }
  const early = { schedule, start: { cron: '0 21 * * *' } }
  expect((await save(early)).status).toBe(200)
  await save()
  await delay(TONIGHT, 120)
  vi.setSystemTime(TONIGHT - MINUTE)
  await world.pass(125)
  expect((await save({ start: { cron: '0 21 * * *' } })).status).toBe(200)
})

test('a policy can be disabled whatever its start says; enabled again, it is asked again', async () => {
  await delay(TONIGHT, 120)
  const early = { start: { cron: '0 21 * * *' } }
  expect((await save({ ...early, enabled: false })).status).toBe(200)
  expect(await save(early)).toMatchObject({ status: 422, body: { errors: [{ path: 'start.cron' }] } })
})

test('who delayed what is in the changes', async () => {
  await delay(TONIGHT, 60)
  const [change] = await world.all('/v1/policies/night/changes')
  expect(change).toMatchObject({ what: 'delayed', actor: 'tester', version: 2, fields: [{ path: 'delays' }] })
})

test('a stop that was delayed seconds before its time has no run at that time', async () => {
  vi.setSystemTime(TONIGHT - 6000)
  expect((await delay(TONIGHT, 10)).status).toBe(200)
  vi.setSystemTime(TONIGHT)
  await Promise.all([world.runner.tick(), world.runner.tick()])
  await world.runner.drain()
  expect(await runs()).toEqual([])
})

describe('is refused', () => {
  test.each([
    [TONIGHT + MINUTE, 60, 'dueAt', `such as ${at(TONIGHT)}, got ${at(TONIGHT + MINUTE)}`],
    [TONIGHT, 721, 'minutes', ''],
    [TONIGHT, 0, 'minutes', ''],
    [TONIGHT, 11 * 60, 'minutes', `expected a time before the next start (${at(TONIGHT + 11 * HOUR)})`],
  ])('at %d by %d minutes: %s', async (dueMs, minutes, path, words) => {
    await save({ start: { cron: '0 7 * * *' } })
    const { status, body } = await delay(dueMs, minutes)
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path, message: expect.stringContaining(words) }])
  })

  test('beyond twelve hours in all', async () => {
    await delay(TONIGHT, 700)
    const { status, body } = await delay(TONIGHT + 700 * MINUTE, 30)
    expect([status, body.errors]).toEqual([
      422,
      [{ path: 'minutes', message: expect.stringContaining('at most 720 minutes') }],
    ])
  })

  test('with 409 once its run was made, or is about to be', async () => {
    vi.setSystemTime(TONIGHT - 1000)
    expect(await delay(TONIGHT, 60)).toMatchObject({ status: 409, body: { errors: [{ path: 'dueAt' }] } })
    vi.setSystemTime(TONIGHT - MINUTE)
    await world.pass(2)
    expect((await delay(TONIGHT, 60)).status).toBe(409)
  })

  test('of no policy with 404, and of another version with 412', async () => {
    const body = { dueAt: at(TONIGHT), minutes: 60, reason: 'demo' }
    expect((await world.ask('POST', '/v1/policies/none/delay', { body })).status).toBe(404)
    const headers = { 'if-match': '"7"' }
    expect((await world.ask('POST', '/v1/policies/night/delay', { body, headers })).status).toBe(412)
  })
})
