import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { fleet } from '../flow/world.ts'
import { START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody, type Shown } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(3) })
  await world.connection()
})
afterAll(() => world.close())
beforeEach(() => void vi.setSystemTime(START))

const EVENING = '2026-11-21T20:00:00.000Z'
const MORNING = '2026-11-22T07:00:00.000Z'
const start = { cron: '0 7 * * *' }
const put = (id: string, overrides: object = {}) =>
  world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id, start, ...overrides }) })
const read = async (id: string) => (await world.ask('GET', `/v1/policies/${id}`)).body

describe('a policy that starts', () => {
  test('is answered with its defaults, and when it is due', async () => {
    const { status, body } = await put('both')
    expect(status).toBe(201)
    expect(body).toMatchObject({
      start: { cron: '0 7 * * *', servers: 'stopped', catchUpMinutes: 240, retryMinutes: 120 },
      nextDueAt: EVENING,
      nextStartDueAt: MORNING,
      nextStopAt: EVENING,
      nextStartAt: MORNING,
    })
    expect(await read('both')).toEqual(body)
  })

  test.each([{}, { start: null }, { start: { cron: '0 7 * * *', retryMinutes: 0 } }])(
    'is the same when it is sent back as it was read: %j',
    async overrides => {
      const { body } = await put('again', overrides)
      const again = await world.ask('PUT', '/v1/policies/again', { body })
      expect(again.body.version).toBe(body.version)
      expect((await world.all('/v1/policies/again/changes')).map(({ version }) => version)).toHaveLength(
        Number(body.version),
      )
    },
  )

  test('of before the field is one that starts nothing, and no edit when it is sent again', async () => {
    await put('old', { start: null })
    const client = DynamoDBDocumentClient.from(world.dynamo)
    const Key = { pk: 'POLICY#old', sk: 'POLICY' }
    const UpdateExpression = 'REMOVE doc.#start, doc.nextStartDueAt, doc.snoozedAt'
    const names = { ExpressionAttributeNames: { '#start': 'start' } }
    await client.send(
      new UpdateCommand({ TableName: world.table.tableName, Key, UpdateExpression, ...names }),
    )
    const old = { start: null, nextStartDueAt: null, nextStartAt: null, snoozedAt: null, version: 1 }
    expect(await read('old')).toMatchObject(old)
    expect((await put('old', { start: undefined })).body).toMatchObject(old)
    expect((await put('old')).body).toMatchObject({ version: 2, nextStartDueAt: MORNING })
  })

  test.each<[string, object, string]>([
    ['schedule', { schedule: { cron: '0 7,20 * * *', timeZone: 'UTC' } }, 'both name 07:00 of the same day'],
    ['cron', { start: { cron: '0 7 * *' } }, 'expected five fields'],
    ['no cron', { start: {} }, 'expected a text, got nothing'],
  ])('is refused for its %s at start.cron', async (_, overrides, message) => {
    for (const [method, path] of [
      ['PUT', '/v1/policies/refused'],
      ['POST', '/v1/preview'],
    ] as const) {
      const body = policyBody({ id: 'refused', start, ...overrides })
      expect(await world.ask(method, path, { body })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'start.cron', message: expect.stringContaining(message) }] },
      })
    }
  })
  test.each([
    ['start.servers', { servers: 'all' }, 'expected "stopped" or "selected", got "all"'],
    ['start.retryMinutes', { retryMinutes: 1441 }, 'expected at most 1440, got 1441'],
    ['start.catchUpMinutes', { catchUpMinutes: 0 }, 'expected at least 1, got 0'],
    ['start.timeZone', { timeZone: 'UTC' }, 'unknown field'],
  ])('is refused at %s', async (path, fields, message) => {
    expect(await put('refused', { start: { ...start, ...fields } })).toMatchObject({
      status: 422,
      body: { errors: [{ path, message: expect.stringContaining(message) }] },
    })
  })

  test('starts in its snooze: that holds back stops alone', async () => {
    await put('snoozed')
    const body = { until: '2026-11-23T00:00:00Z', reason: 'release' }
    const snoozed = await world.ask('POST', '/v1/policies/snoozed/snooze', { body })
    expect(snoozed.body).toMatchObject({
      snoozedAt: '2026-11-21T12:00:00.000Z',
      nextStopAt: '2026-11-23T20:00:00.000Z',
      nextStartAt: MORNING,
    })
    const ended = await world.ask('DELETE', '/v1/policies/snoozed/snooze')
    expect(ended.body).toMatchObject({ snoozedUntil: null, snoozedAt: null, nextStopAt: EVENING })
    const again = await world.ask('DELETE', '/v1/policies/snoozed/snooze')
    expect(again).toMatchObject({ status: 200, body: ended.body })
  })

  test('has no next start while starts are off, while its stops go on', async () => {
    await put('switched')
    const settings = (startsEnabled: boolean) =>
      world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled } })
    await settings(false)
    const { body } = await world.ask('POST', '/v1/policies/switched/preview')
    expect(await read('switched')).toMatchObject({
      nextStartDueAt: MORNING,
      nextStartAt: null,
      nextStopAt: EVENING,
    })
    await settings(true)
    const due = (body.dueTimes as unknown as Shown[]).slice(0, 3)
    expect(due).toMatchObject([
      { at: EVENING, action: 'stop', skippedBecause: null },
      { at: MORNING, action: 'start', skippedBecause: 'all starts are switched off (PUT /v1/settings)' },
      { at: '2026-11-22T20:00:00.000Z', action: 'stop', skippedBecause: null },
    ])
    expect(body.dueTimes).toHaveLength(10)
  })

  test('tells of a server when it starts next', async () => {
    await put('why')
    const { body } = await world.ask('GET', `/v1/policies/why/servers/${fleet(1)[0]!.id}`)
    expect(body).toMatchObject({
      nextStopAt: EVENING,
      nextStartAt: MORNING,
      nextStartLocal: '2026-11-22 07:00 +00:00 UTC',
    })
  })

  test('keeps a start that is due over an edit, which is made by the tick', async () => {
    await put('edited')
    vi.setSystemTime(START + 19 * HOUR)
    const { body } = await put('edited', { start: { cron: '30 6 * * *' } })
    expect(body).toMatchObject({ nextDueAt: EVENING, nextStartDueAt: MORNING })
    await world.runner.tick()
    const runs = await world.all('/v1/runs', { policyId: 'edited' })
    expect(runs.map(({ id, action, status }) => [id, action, status])).toEqual([
      ['edited.20261122T070000Z.start', 'start', 'pending'],
      ['edited.20261121T200000Z', 'stop', 'missed'],
    ])
    expect(await read('edited')).toMatchObject({
      nextDueAt: '2026-11-22T20:00:00.000Z',
      nextStartDueAt: '2026-11-23T06:30:00.000Z',
    })
  })

  test('that is deleted or snoozed right after a start was due is answered with that where it goes on', async () => {
    await put('gone')
    vi.setSystemTime(START + 19 * HOUR)
    await world.runner.tick()
    const body = { until: '2026-11-23T00:00:00Z', reason: 'release' }
    const snoozed = await world.ask('POST', '/v1/policies/gone/snooze', { body })
    expect(snoozed.body).not.toHaveProperty('runUnderWay')
    expect(await world.ask('DELETE', '/v1/policies/gone')).toMatchObject({
      status: 200,
      body: { runUnderWay: { id: 'gone.20261122T070000Z.start', status: 'pending' } },
    })
  })
})

describe('a preview of a start', () => {
  const one = (number: number): string => String(fleet(number + 1)[number]!.id)
  const preview = (id: string) => world.ask('POST', `/v1/policies/${id}/preview?action=start`)
  const seen = ({ body }: { body: Shown }) => ({
    targets: (body.targets as unknown as Shown[]).map(({ serverId }) => serverId),
    skipped: (body.skipped as unknown as Shown[]).map(({ serverId, code }) => [serverId, code]),
    warnings: (body.warnings as unknown as Shown[]).map(({ code }) => code),
  })
  const noLimits = 'no-limits'
  /** A policy that is over its latest night: its own start has passed. */
  const awake = { schedule: { cron: '0 2 * * *', timeZone: 'UTC' } }

  test('says that there is nothing to start where its policy has stopped nobody', async () => {
    await put('fresh')
    const reply = await preview('fresh')
    expect(reply).toMatchObject({
      status: 200,
      body: { summary: { matched: 0, targets: 0 }, blockedBy: null },
    })
    expect(seen(reply)).toEqual({ targets: [], skipped: [], warnings: ['nothing-open'] })
    const unsaved = await world.ask('POST', '/v1/preview?action=start', {
      body: policyBody({ id: undefined, start }),
    })
    expect(seen(unsaved).warnings).toEqual(['nothing-open'])
  })

  test('shows who was stopped and is off, and who is up already, as a run does it', async () => {
    world.simulator.change(one(2), { status: 'SHUTOFF' })
    await put('night', { ...awake, exclude: { name: 'dev-nobody' } })
    const { body: run } = await world.ask('POST', '/v1/runs', { body: { policyId: 'night' } })
    await world.ended([run.id as string])
    world.simulator.change(one(1), { status: 'ACTIVE' })
    const reply = await preview('night')
    expect(seen(reply)).toMatchObject({ targets: [one(0)], skipped: [[one(1), 'already-running']] })
    expect(reply.body.dueTimes).toHaveLength(10)

    const { body: start } = await world.ask('POST', '/v1/runs', {
      body: { policyId: 'night', action: 'start' },
    })
    const [ended] = await world.ended([start.id as string])
    expect(ended!.summary).toMatchObject({ targets: 1, started: 1, skipped: 1 })
    expect(seen(await preview('night')).targets).toEqual([])
  })

  test('names the runs of a policy whose servers are off where it acts no longer, and their undo, which starts them', async () => {
    const off = () => [0, 1, 2].map(one).filter(id => world.simulator.server(id)?.status === 'SHUTOFF')
    for (const id of [0, 1, 2].map(one)) world.simulator.change(id, { status: 'ACTIVE' })
    await world.connection({ id: 'spare-1' })
    const asked = { ...awake, connection: undefined, connections: ['spare-*'] }
    await put('moved', asked)
    const { body: made } = await world.ask('POST', '/v1/runs', { body: { policyId: 'moved' } })
    const [{ id: run }] = made.items as unknown as [Shown]
    await world.ended([String(run)])
    expect(off()).toHaveLength(3)
    expect(seen(await preview('moved')).warnings).toEqual([])

    const { body: edited } = await world.ask('POST', '/v1/preview?action=start', {
      body: policyBody({ id: 'moved', start, ...asked, connections: ['lab-*'] }),
    })
    await put('moved', { ...awake, kind: 'bms', mode: 'hard', acceptPowerCut: true, connection: 'spare-1' })
    const moved = await preview('moved')
    expect(moved.body.warnings).toContainEqual({
      code: 'left-elsewhere',
      message: `3 servers of kind ecs in connection spare-1: run ${run} stopped them, and nobody saw them running since. The policy is not about that connection and kind any more, and does not start them: npx curfew undo ${run} does`,
    })
    expect(edited.warnings).toContainEqual((moved.body.warnings as unknown as Shown[])[0])
    expect(moved.body.warningCount).toBe((moved.body.warnings as unknown as Shown[]).length)

    // A name as old as its policy may be of a policy that is being saved.
    vi.setSystemTime(Date.now() + 1000)
    await put('moved', awake)
    expect((await world.ask('DELETE', '/v1/connections/spare-1')).status).toBe(204)
    expect(JSON.stringify((await preview('moved')).body.warnings)).toContain(
      `save the connection again, then npx curfew undo ${run} does`,
    )
    await world.connection({ id: 'spare-1' })
    const { body: undo } = await world.ask('POST', `/v1/runs/${run}/undo`)
    await world.ended([String(undo.id)])
    expect(off()).toEqual([])
    expect(seen(await preview('moved')).warnings).toEqual(['nothing-open'])
  })

  test('names the runs in a connection that is deleted, though globs of the policy match its id', async () => {
    await world.connection({ id: 'gone-1' })
    await put('globs', { ...awake, connection: undefined, connections: ['gone-*', 'prod'] })
    const asked = { policyId: 'globs', connection: 'gone-1' }
    const { body: run } = await world.ask('POST', '/v1/runs', { body: asked })
    await world.ended([String(run.id)])
    expect(seen(await preview('globs')).warnings).not.toContain('left-elsewhere')
    vi.setSystemTime(Date.now() + 1000)
    expect((await world.ask('DELETE', '/v1/connections/gone-1')).status).toBe(204)
    expect((await preview('globs')).body.warnings).toContainEqual({
      code: 'left-elsewhere',
      message: `3 servers of kind ecs in connection gone-1: run ${run.id} stopped them, and nobody saw them running since. That connection is deleted, so no start brings them up: save the connection again, then npx curfew undo ${run.id} does`,
    })
    for (const id of [0, 1, 2].map(one)) world.simulator.change(id, { status: 'ACTIVE' })
  })

  test('of every server that it selects shows those that are off, whoever stopped them, and warns of its size', async () => {
    world.simulator.change(one(2), { status: 'SHUTOFF' })
    await put('all', { ...awake, start: { ...start, servers: 'selected' }, exclude: { ids: [one(1)] } })
    expect(seen(await preview('all'))).toEqual({
      targets: [one(2)],
      skipped: [
        [one(0), 'already-running'],
        [one(1), 'excluded'],
      ],
      warnings: [noLimits],
    })
  })

  test('leaves those that another policy holds off, and names it', async () => {
    world.simulator.change(one(2), { status: 'SHUTOFF' })
    await put('wants', { ...awake, start: { ...start, servers: 'selected' }, selector: { ids: [one(2)] } })
    // At noon: it stopped at 11, and starts at 13.
    await put('longer', { schedule: { cron: '0 11 * * *', timeZone: 'UTC' }, start: { cron: '0 13 * * *' } })
    const { body } = await preview('wants')
    await world.ask('DELETE', '/v1/policies/longer')
    expect(body.skipped).toEqual([
      { serverId: one(2), name: 'dev-2', code: 'held-off', reason: 'policy longer keeps it off now' },
    ])
    expect(seen(await preview('wants')).targets).toEqual([one(2)])
  })

  test('says what keeps all of it from being started', async () => {
    await put('switched-off')
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: false } })
    const { body } = await preview('switched-off')
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: true } })
    expect(body.blockedBy).toBe('all starts are switched off (PUT /v1/settings)')
  })

  test('is asked for by its name alone', async () => {
    expect(await world.ask('POST', '/v1/policies/fresh/preview?action=restart')).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'action', message: expect.stringContaining('"stop" or "start"') }] },
    })
  })
})

test('a start by hand leaves what an ad hoc run stopped: it is not its policy that may start it', async () => {
  const [one, other] = fleet(2).map(({ id }) => String(id))
  await put('others', { selector: { ids: [one] } })
  const adHoc = { connection: 'prod', kind: 'ecs', selector: { ids: [other] } }
  const { body: stop } = await world.ask('POST', '/v1/runs', { body: adHoc })
  await world.ended([stop.id as string])
  const { body } = await world.ask('POST', '/v1/runs', { body: { policyId: 'others', action: 'start' } })
  const [start] = await world.ended([body.id as string])
  expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 0, started: 0 } })
  expect(world.simulator.server(other!)?.status).toBe('SHUTOFF')
  world.simulator.change(other!, { status: 'ACTIVE' })
})
