import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { at, START } from '../makers.ts'
import { connectionBody, eventOf, type HttpWorld, openWorld, policyBody, replyOf } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld()
  await world.connection()
})
afterAll(() => world.close())
beforeEach(() => void vi.setSystemTime(START))

const put = (id: string, overrides: object = {}, headers = {}) =>
  world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id: undefined, ...overrides }), headers })
const read = (id: string) => world.ask('GET', `/v1/policies/${id}`)

test('a policy is created, read and replaced, with its defaults', async () => {
  const created = await put('nightly')
  expect(created).toMatchObject({ status: 201, headers: { etag: '"1"' } })
  expect(created.body).toEqual({
    id: 'nightly',
    description: '',
    enabled: true,
    connection: 'prod',
    kind: 'ecs',
    schedule: { cron: '0 20 * * *', timeZone: 'UTC', skipDates: [], calendars: [], catchUpMinutes: 60 },
    selector: { all: true },
    exclude: {},
    mode: 'soft',
    acceptPowerCut: false,
    escalateAfterMinutes: null,
    limits: { maxServers: null, maxPercent: null, historyFactor: 3 },
    haltShare: 0.1,
    webhook: null,
    notify: [],
    managedBy: null,
    warn: null,
    start: null,
    nextDueAt: '2026-11-21T20:00:00.000Z',
    nextStartDueAt: null,
    createdAt: at(START),
    updatedAt: at(START),
    updatedBy: 'tester',
    version: 1,
    snoozedUntil: null,
    snoozeReason: null,
    snoozedAt: null,
    nextStopAt: '2026-11-21T20:00:00.000Z',
    nextStartAt: null,
  })
  expect(await read('nightly')).toMatchObject({ status: 200, body: created.body, headers: { etag: '"1"' } })
  const replaced = await put('nightly', { description: 'Off at night' })
  expect(replaced).toMatchObject({ status: 200, body: { description: 'Off at night', version: 2 } })
})

test('a policy that is not there is 404', async () => {
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/preview'],
    ['DELETE', '/snooze'],
    ['GET', '/servers/x'],
  ] as const)
    expect(await world.ask(method, `/v1/policies/none${path}`)).toMatchObject({ status: 404 })
})

describe('what is not allowed is 422', () => {
  test.each([
    ['an unknown connection', { connection: 'none' }, 'connection'],
    ["another id than the path's", { id: 'other' }, 'id'],
    ['no selector', { selector: {} }, 'selector'],
    ['six fields of cron', { schedule: { cron: '0 0 20 * * *', timeZone: 'UTC' } }, 'schedule.cron'],
    ['a soft stop of bare metal', { kind: 'bms', acceptPowerCut: true }, 'mode'],
    ['bare metal without consent', { kind: 'bms', mode: 'hard' }, 'acceptPowerCut'],
    ['an escalation of a hard stop', { mode: 'hard', escalateAfterMinutes: 5 }, 'escalateAfterMinutes'],
    ['a webhook without https', { webhook: { url: 'http://example.com' } }, 'webhook.url'],
    [
      "a webhook with somebody else's secret",
      { webhook: { url: 'https://example.com', secretName: 'db' } },
      'webhook.secretName',
    ],
    ['more than all', { limits: { maxPercent: 101 } }, 'limits.maxPercent'],
  ])('%s', async (_, overrides, path) => {
    const reply = await put('refused', overrides)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map(error => error.path)).toContain(path)
    expect(await read('refused')).toMatchObject({ status: 404 })
  })

  test.each(['manual', 'undo'])('the id "%s", which is taken', async id => {
    expect(await put(id)).toMatchObject({ status: 422, body: { errors: [{ path: 'id' }] } })
    const body = policyBody({ id })
    expect(await world.ask('POST', '/v1/preview', { body })).toMatchObject({ status: 422 })
  })
})

test('a disabled policy is not due', async () => {
  expect((await put('off', { enabled: false })).body).toMatchObject({ nextDueAt: null })
})

test('what was read can be sent back, and changes nothing', async () => {
  const { body } = await put('same')
  vi.setSystemTime(START + MINUTE)
  expect(await world.ask('PUT', '/v1/policies/same', { body })).toMatchObject({ status: 200, body })
})

test('a PUT moves a due time that is to come', async () => {
  await put('moved')
  const schedule = { cron: '0 21 * * *', timeZone: 'UTC' }
  expect((await put('moved', { schedule })).body).toMatchObject({ nextDueAt: '2026-11-21T21:00:00.000Z' })
})

test('a PUT never moves a due time that has passed: its run is still made', async () => {
  const { body } = await put('passed')
  vi.setSystemTime(START + 8 * HOUR)
  const edits = [
    put('passed', { schedule: { cron: '0 21 * * *', timeZone: 'UTC' } }),
    put('passed', { enabled: false }),
    put('passed', { description: 'x' }),
  ]
  for (const edit of await Promise.all(edits)) expect(edit.body.nextDueAt).toBe(body.nextDueAt)
  await world.runner.tick()
  expect((await world.all('/v1/runs', { policyId: 'passed' })).map(run => run.dueAt)).toEqual([
    body.nextDueAt,
  ])
})

describe('If-Match', () => {
  test('an edit of another version is 412 and changes nothing', async () => {
    await put('guarded')
    await put('guarded', { description: 'second' })
    const late = await put('guarded', { description: 'third' }, { 'if-match': '"1"' })
    expect(late).toMatchObject({
      status: 412,
      body: { errors: [{ path: 'if-match', message: 'expected "2", got "1"' }] },
    })
    expect((await read('guarded')).body).toMatchObject({ description: 'second' })
    expect(await put('guarded', { description: 'third' }, { 'if-match': 'W/"2"' })).toMatchObject({
      status: 200,
    })
  })

  test('If-None-Match creates, and never replaces', async () => {
    expect(await put('only-once', {}, { 'if-none-match': '*' })).toMatchObject({ status: 201 })
    const again = await put('only-once', { description: 'x' }, { 'if-none-match': '*' })
    expect(again).toMatchObject({ status: 412, body: { errors: [{ path: 'if-none-match' }] } })
    expect(again.body.detail).toContain('expected that there is none of this id, got version "1"')
  })

  test('of no version is refused, and says so', async () => {
    await put('empty')
    const { body } = await world.ask('DELETE', '/v1/policies/empty', { headers: { 'if-match': '' } })
    expect(body).toMatchObject({ status: 412, errors: [{ message: 'expected "1", got nothing' }] })
  })

  test('guards snooze and delete, too', async () => {
    await put('both')
    const headers = { 'if-match': '"9"' }
    const body = { until: at(START + DAY), reason: 'release' }
    expect(await world.ask('POST', '/v1/policies/both/snooze', { body, headers })).toMatchObject({
      status: 412,
    })
    expect(await world.ask('DELETE', '/v1/policies/both', { headers })).toMatchObject({ status: 412 })
  })
})

test('a PUT without If-Match holds its own against the tick', async () => {
  await put('racing', { schedule: { cron: '* * * * *', timeZone: 'UTC' } })
  vi.setSystemTime(START + 5 * MINUTE)
  const [, reply] = await Promise.all([world.runner.tick(), put('racing', { description: 'edited' })])
  expect(reply).toMatchObject({ status: 200 })
  expect((await read('racing')).body).toMatchObject({ description: 'edited' })
  await world.ask('DELETE', '/v1/policies/racing')
})

describe('an edit that was made, its answer lost on the way,', () => {
  /** Writes once without hearing that it did, as the SDK does when it repeats its own write. */
  function forgetful<A extends unknown[]>(write: (...args: A) => Promise<boolean>) {
    let heard = false
    return async (...args: A): Promise<boolean> => {
      const written = await write(...args)
      const answer = heard && written
      heard = true
      return answer
    }
  }
  const handler = () => {
    const { store } = world
    const forgetting = {
      savePolicy: forgetful(store.savePolicy),
      removePolicy: forgetful(store.removePolicy),
    }
    return httpHandler(ROUTES, () => ({ ...world.services, store: { ...store, ...forgetting } }))
  }
  const send = async (method: string, headers: Record<string, string>, body?: unknown) =>
    replyOf(
      await handler()(
        eventOf(method, '/v1/policies/forgotten', {
          headers,
          ...(body ? { body } : {}),
        }) as APIGatewayProxyEventV2,
        {} as Context,
      ),
    )

  test('is no conflict, guarded or not', async () => {
    const body = policyBody({ id: 'forgotten' })
    expect(await send('PUT', { 'if-none-match': '*' }, body)).toMatchObject({ body: { version: 1 } })
    const edited = { ...body, description: 'x' }
    expect(await send('PUT', { 'if-match': '"1"' }, edited)).toMatchObject({
      status: 200,
      body: { version: 2 },
    })
    expect(await send('DELETE', { 'if-match': '"2"' })).toMatchObject({ status: 204 })
  })
})

describe('what is next', () => {
  const settings = (stopsEnabled: boolean) => world.store.saveSettings({ stopsEnabled, startsEnabled: true })
  const nextStopAt = async (id: string) => (await read(id)).body.nextStopAt

  test('is the due time after a snooze, while the schedule goes on as it is', async () => {
    await put('outlook')
    const until = '2026-11-23T20:00:00.000Z'
    const { body } = await world.ask('POST', '/v1/policies/outlook/snooze', { body: { until, reason: 'x' } })
    const shown = { nextDueAt: '2026-11-21T20:00:00.000Z', nextStopAt: until, nextStartAt: null }
    expect(body).toMatchObject(shown)
    expect((await read('outlook')).body).toMatchObject(shown)
    const listed = await world.all('/v1/policies')
    expect(listed.find(({ id }) => id === 'outlook')).toMatchObject(shown)
    expect(await world.ask('PUT', '/v1/policies/outlook', { body })).toMatchObject({ status: 200 })
  })

  test('is nothing while policy, connection or all stops are off', async () => {
    await world.connection({ id: 'switched' })
    await put('switched', { connection: 'switched' })
    expect(await nextStopAt('switched')).toBe('2026-11-21T20:00:00.000Z')
    await settings(false)
    expect(await nextStopAt('switched')).toBeNull()
    await settings(true)
    await world.store.saveConnection({ ...(await world.store.connection('switched'))!, enabled: false }, 1)
    expect(await nextStopAt('switched')).toBeNull()
    await put('switched', { connection: 'prod', enabled: false })
    expect((await read('switched')).body).toMatchObject({ nextDueAt: null, nextStopAt: null })
  })
})

describe('an edit in the minute of the due time, after its run was made', () => {
  const due = async (id: string) => {
    await put(id)
    vi.setSystemTime(START + 8 * HOUR)
    await world.runner.tick()
    return { id: `${id}.20261121T200000Z`, dueAt: '2026-11-21T20:00:00.000Z', status: 'pending' }
  }

  test('a snooze is answered with the run that goes on', async () => {
    const run = await due('just-due')
    const body = { until: at(START + DAY), reason: 'release' }
    const snoozed = await world.ask('POST', '/v1/policies/just-due/snooze', { body })
    expect(snoozed).toMatchObject({ status: 200, body: { runUnderWay: run, snoozedUntil: body.until } })
    expect(await world.ask('PUT', '/v1/policies/just-due', { body: snoozed.body })).toMatchObject({
      status: 200,
    })
  })

  test('a deletion is answered with the run that goes on, and later ones are not', async () => {
    const run = await due('just-gone')
    expect(await world.ask('DELETE', '/v1/policies/just-gone')).toMatchObject({
      status: 200,
      body: { runUnderWay: run },
    })
    await put('just-gone', { schedule: { cron: '0 3 * * *', timeZone: 'UTC' } })
    expect(await world.ask('DELETE', '/v1/policies/just-gone')).toMatchObject({ status: 204 })
  })
})

describe('snooze', () => {
  const snooze = (id: string, body: unknown) => world.ask('POST', `/v1/policies/${id}/snooze`, { body })

  test('a snoozed due time leaves a cancelled run that says why; the next one runs', async () => {
    await put('snoozed')
    const snoozed = await snooze('snoozed', { until: '2026-11-22T00:00:00Z', reason: 'release weekend' })
    expect(snoozed).toMatchObject({
      status: 200,
      body: {
        snoozedUntil: '2026-11-22T00:00:00.000Z',
        snoozeReason: 'release weekend',
        updatedBy: 'tester',
      },
    })
    vi.setSystemTime(START + 8 * HOUR)
    await world.runner.tick()
    vi.setSystemTime(START + 32 * HOUR)
    await world.runner.tick()
    const [later, first] = await world.all('/v1/runs', { policyId: 'snoozed' })
    expect(first).toMatchObject({
      dueAt: '2026-11-21T20:00:00.000Z',
      status: 'cancelled',
      reason: 'snoozed until 2026-11-22T00:00:00.000Z: release weekend',
    })
    expect(later).toMatchObject({ dueAt: '2026-11-22T20:00:00.000Z', status: 'pending' })
  })

  test('survives an edit, and ends when told to', async () => {
    await put('kept')
    const until = at(START + DAY)
    await snooze('kept', { until, reason: 'release' })
    expect((await put('kept', { description: 'edited' })).body).toMatchObject({ snoozedUntil: until })
    const ended = await world.ask('DELETE', '/v1/policies/kept/snooze')
    expect(ended).toMatchObject({ status: 200, body: { snoozedUntil: null, snoozeReason: null } })
    expect(await world.ask('DELETE', '/v1/policies/kept/snooze')).toMatchObject({
      status: 200,
      body: ended.body,
    })
  })

  test('may be given with an offset, and is shown in UTC', async () => {
    await put('offset')
    const snoozed = await snooze('offset', { until: '2026-11-22T08:00:00+08:00', reason: 'release' })
    expect(snoozed).toMatchObject({ status: 200, body: { snoozedUntil: '2026-11-22T00:00:00.000Z' } })
    expect((await read('offset')).body).toMatchObject({ snoozedUntil: '2026-11-22T00:00:00.000Z' })
  })

  test('is shown no more once it is over', async () => {
    await put('over')
    await snooze('over', { until: at(START + HOUR), reason: 'release' })
    vi.setSystemTime(START + HOUR)
    expect((await read('over')).body).toMatchObject({ snoozedUntil: null, snoozeReason: null })
  })

  test('reaches 30 days ahead and no further', async () => {
    await put('far')
    expect(await snooze('far', { until: at(START + 30 * DAY), reason: 'x' })).toMatchObject({ status: 200 })
  })

  test.each([
    ['more than 30 days ahead', { until: at(START + 30 * DAY + 1), reason: 'x' }, 'until'],
    ['now', { until: at(START), reason: 'x' }, 'until'],
    ['no instant', { until: 'tomorrow', reason: 'x' }, 'until'],
    ['of no year that texts can order', { until: '9999-12-31T23:59:59-01:00', reason: 'x' }, 'until'],
    ['no reason', { until: at(START + DAY) }, 'reason'],
    ['an empty reason', { until: at(START + DAY), reason: '' }, 'reason'],
    ['an unknown field', { until: at(START + DAY), reason: 'x', by: 'me' }, 'by'],
  ])('%s is refused', async (_, body, path) => {
    await put('refusing')
    expect(await snooze('refusing', body)).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })
})

describe('changes', () => {
  test('say who did what, newest first, and outlive the policy', async () => {
    await world.ask('PUT', '/v1/policies/told', {
      body: policyBody({ id: 'told' }),
      actor: 'arn:aws:iam::1:user/ann',
    })
    vi.setSystemTime(START + 1)
    await world.ask('PUT', '/v1/policies/told', {
      body: policyBody({ id: 'told', limits: { maxServers: 5 } }),
      actor: 'arn:aws:iam::1:user/bob',
    })
    vi.setSystemTime(START + 2)
    await world.ask('POST', '/v1/policies/told/snooze', {
      body: { until: at(START + DAY), reason: 'release' },
    })
    vi.setSystemTime(START + 3)
    await world.ask('DELETE', '/v1/policies/told/snooze')
    vi.setSystemTime(START + 4)
    await world.ask('DELETE', '/v1/policies/told')
    const changes = await world.all('/v1/policies/told/changes', { limit: '2' })
    expect(changes.map(({ what, actor, version }) => [what, actor, version])).toEqual([
      ['deleted', 'tester', 4],
      ['snooze-ended', 'tester', 4],
      ['snoozed', 'tester', 3],
      ['edited', 'arn:aws:iam::1:user/bob', 2],
      ['created', 'arn:aws:iam::1:user/ann', 1],
    ])
    expect(changes[3]).toEqual({
      at: at(START + 1),
      actor: 'arn:aws:iam::1:user/bob',
      what: 'edited',
      version: 2,
      fields: [{ path: 'limits.maxServers', before: null, after: 5 }],
    })
  })

  test('of connections and settings are told, too', async () => {
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
    vi.setSystemTime(START + 1)
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true }, actor: 'arn:aws:iam::1:user/ann' })
    expect(await world.all('/v1/settings/changes')).toMatchObject([
      { actor: 'arn:aws:iam::1:user/ann', fields: [{ path: 'stopsEnabled', before: false, after: true }] },
      { actor: 'tester', fields: [{ path: 'stopsEnabled', before: true, after: false }] },
    ])
    await world.ask('PUT', '/v1/connections/told', { body: connectionBody() })
    expect(await world.all('/v1/connections/told/changes')).toMatchObject([
      { what: 'created', actor: 'tester' },
    ])
  })
})
