import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type * as z from 'zod'
import { Now } from '../../lib/http/schemas/overview-schemas.ts'
import { fleet } from '../flow/world.ts'
import { aRun, at, START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody, restoreEach } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOBODY = { ids: ['nobody'] }

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(3) })
  await world.connection()
})
restoreEach(() => world)

/** The answer, which holds nothing that its schema does not have. */
async function now(): Promise<z.infer<typeof Now>> {
  const { status, body } = await world.ask('GET', '/v1/now')
  expect(status).toBe(200)
  expect(Now.parse(body)).toEqual(body)
  return Now.parse(body)
}
async function save(id: string, overrides: Record<string, unknown> = {}): Promise<void> {
  const { status } = await world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id, ...overrides }) })
  expect(status).toBeLessThan(300)
}
const codes = async () => (await now()).attention.map(({ code, policyId }) => `${code} ${policyId ?? ''}`)
const begun = async (path: string, body: object) =>
  (await world.ended([(await world.ask('POST', path, { body })).body.id]))[0]!

test('an empty installation has nothing to tell', async () => {
  expect(await now()).toEqual({
    at: at(START),
    stopsEnabled: true,
    startsEnabled: true,
    next: [],
    nextKnownUntil: null,
    snoozed: [],
    underWay: [],
    latest: [],
    attention: [],
  })
})

describe('what is next', () => {
  const berlin = { cron: '0 20 * * 1-5', timeZone: 'Europe/Berlin' }

  test('is the next stop of each policy with its return, and the next start, soonest first', async () => {
    await save('office', { schedule: berlin, start: { cron: '0 7 * * 1-5' }, escalateAfterMinutes: 15 })
    await save('daily', { schedule: { cron: '0 14 * * *', timeZone: 'UTC' } })
    expect((await now()).next).toMatchObject([
      {
        policyId: 'daily',
        action: 'stop',
        at: '2026-11-21T14:00:00.000Z',
        returnsAt: null,
        returnsLocal: null,
      },
      {
        policyId: 'office',
        action: 'start',
        at: '2026-11-23T06:00:00.000Z',
        mode: null,
        escalateAfterMinutes: null,
        returnsAt: null,
      },
      {
        policyId: 'office',
        action: 'stop',
        at: '2026-11-23T19:00:00.000Z',
        local: '2026-11-23 20:00 +01:00 Europe/Berlin',
        timeZone: 'Europe/Berlin',
        connection: 'prod',
        kind: 'ecs',
        mode: 'soft',
        escalateAfterMinutes: 15,
        returnsAt: '2026-11-24T06:00:00.000Z',
        returnsLocal: '2026-11-24 07:00 +01:00 Europe/Berlin',
      },
    ])
  })

  test('is what the policies themselves say: snooze, switches and disabled ones are heard', async () => {
    await save('night')
    await save('snoozed')
    await save('disabled', { enabled: false })
    const snooze = { until: at(START + 2 * DAY), reason: 'release' }
    await world.ask('POST', '/v1/policies/snoozed/snooze', { body: snooze })
    const { next, snoozed } = await now()
    const policies = await world.all('/v1/policies')
    expect(next.map(({ policyId, at: due }) => [policyId, due])).toEqual([
      ['night', policies.find(({ id }) => id === 'night')!.nextStopAt],
      ['snoozed', policies.find(({ id }) => id === 'snoozed')!.nextStopAt],
    ])
    expect(snoozed).toEqual([{ policyId: 'snoozed', snoozedUntil: snooze.until, snoozeReason: 'release' }])
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
    expect(await now()).toMatchObject({ stopsEnabled: false, startsEnabled: true, next: [] })
  })

  test('is ten, also where a policy that is due first acts last', async () => {
    for (let n = 0; n < 12; n++)
      await save(`p-${n}`, { schedule: { cron: `${n} 20 * * *`, timeZone: 'UTC' } })
    const snooze = { until: at(START + 2 * DAY), reason: 'release' }
    await world.ask('POST', '/v1/policies/p-0/snooze', { body: snooze })
    const { next, nextKnownUntil } = await now()
    expect(next.map(({ policyId }) => policyId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(n => `p-${n}`))
    expect(nextKnownUntil).toBeNull()
  })
})

test('a stop that a snooze skips and that waits for the tick is not to come, though the snooze is over', async () => {
  await save('daily', { schedule: { cron: '0 14 * * *', timeZone: 'UTC' } })
  const snooze = { until: at(START + 2 * HOUR + MINUTE), reason: 'release' }
  await world.ask('POST', '/v1/policies/daily/snooze', { body: snooze })
  vi.setSystemTime(START + 2 * HOUR + 2 * MINUTE)
  const tomorrow = at(START + 2 * HOUR + DAY)
  expect((await now()).next).toMatchObject([{ at: tomorrow }])
  expect((await world.ask('GET', '/v1/policies/daily')).body).toMatchObject({ nextStopAt: tomorrow })
  const { body: week } = await world.ask('GET', '/v1/week?from=2026-11-21&days=1')
  expect(week.items).toMatchObject([
    { marks: [{ runId: null, skippedBecause: `snoozed until ${snooze.until}: release` }], snooze: null },
  ])
  await world.runner.tick()
  expect((await now()).latest).toMatchObject([{ status: 'cancelled' }])
})

test('a snooze that was ended, moved or is over is not listed for what it was', async () => {
  for (const id of ['ended', 'moved', 'over', 'deleted']) {
    await save(id)
    await world.ask('POST', `/v1/policies/${id}/snooze`, { body: { until: at(START + DAY), reason: 'x' } })
  }
  await world.ask('DELETE', '/v1/policies/ended/snooze')
  await world.ask('DELETE', '/v1/policies/deleted')
  await world.ask('POST', '/v1/policies/moved/snooze', { body: { until: at(START + 2 * DAY), reason: 'y' } })
  const moved = { policyId: 'moved', snoozedUntil: at(START + 2 * DAY), snoozeReason: 'y' }
  expect((await now()).snoozed).toEqual([
    moved,
    { policyId: 'over', snoozedUntil: at(START + DAY), snoozeReason: 'x' },
  ])
  vi.setSystemTime(START + DAY)
  expect((await now()).snoozed).toEqual([moved])
})

describe('runs', () => {
  test('are under way with their numbers, then among the latest, and for a day', async () => {
    await save('night')
    const { body: run } = await world.ask('POST', '/v1/runs', { body: { policyId: 'night' } })
    expect((await now()).underWay).toMatchObject([{ id: run.id, status: 'pending' }])
    await world.runner.drain()
    const underWay = (await now()).underWay
    expect(underWay).toMatchObject([
      {
        id: run.id,
        status: 'running',
        summary: { targets: 3 },
        progress: { chunks: 1, sent: 1, followed: 0 },
      },
    ])
    const { body: one } = await world.ask('GET', `/v1/runs/${run.id}`)
    const { policy: _, ...shown } = one
    expect(underWay[0]).toEqual(shown)
    await world.ended([run.id])
    const [latest] = (await world.ask('GET', '/v1/runs')).body.items
    expect(await now()).toMatchObject({ underWay: [], latest: [latest], attention: [] })
    vi.setSystemTime(Date.parse(String(latest!.endedAt)) + DAY + 1)
    expect((await now()).latest).toEqual([])
  })

  test('are told of as far as their chunks can be read', async () => {
    const going = aRun({ id: 'going', policyId: 'night', chunks: 1 })
    await world.store.createRun(going, await world.policy({ id: 'night' }), null)
    const Item = { pk: 'RUN#going', sk: 'CHUNK#000001#000000', doc: null }
    const put = new PutCommand({ TableName: world.table.tableName, Item })
    await DynamoDBDocumentClient.from(world.dynamo).send(put)
    expect((await now()).underWay).toMatchObject([{ id: 'going', progress: { chunks: 1, sent: 0 } }])
    expect((await world.ask('GET', '/v1/runs')).status).toBe(200)
  })

  test('that were due long ago are under way where the to-do list has them', async () => {
    const old = aRun({ id: 'old', policyId: 'late', dueAt: at(START - 5 * DAY), status: 'running' })
    await world.store.createRun(old, await world.policy({ id: 'late' }), at(START + MINUTE))
    expect((await now()).underWay).toMatchObject([{ id: 'old' }])
  })
})

describe('what needs a person', () => {
  test('is a policy whose latest run of that action ended badly, until one ends well', async () => {
    await save('night')
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
    const { body: failed } = await world.ask('POST', '/v1/runs', { body: { policyId: 'night' } })
    await world.ended([failed.id])
    const [attention] = (await now()).attention
    const { endedAt, reason } = (await world.ask('GET', `/v1/runs/${failed.id}`)).body
    expect(attention).toEqual({
      code: 'run-failed',
      message: `the stop failed: ${reason}`,
      policyId: 'night',
      connection: 'prod',
      runId: failed.id,
      at: endedAt,
    })
    vi.setSystemTime(Date.now() + 6 * DAY)
    expect(await codes()).toEqual(['run-failed night'])
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true } })
    const dry = await world.ask('POST', '/v1/runs', { body: { policyId: 'night', dryRun: true } })
    await world.ended([dry.body.id])
    expect(await codes()).toEqual(['run-failed night'])
    const good = await world.ask('POST', '/v1/runs', { body: { policyId: 'night' } })
    await world.ended([good.body.id])
    expect(await codes()).toEqual([])
  })

  test('is a start that ended badly, though an undo of some run ended well since', async () => {
    for (const { id } of fleet(3)) world.simulator.change(id!, { status: 'ACTIVE' })
    await save('night')
    const start = () => begun('/v1/runs', { policyId: 'night', action: 'start' })
    const first = await begun('/v1/runs', { policyId: 'night' })
    await start()
    await begun('/v1/runs', { policyId: 'night' })
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: false } })
    expect(await start()).toMatchObject({ status: 'failed' })
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: true } })
    const undo = await begun(`/v1/runs/${first.id}/undo`, {})
    expect(undo).toMatchObject({ status: 'succeeded', summary: { started: 0 } })
    expect(await codes()).toEqual(['run-failed night'])
    expect(await start()).toMatchObject({ status: 'succeeded', summary: { started: 3 } })
    expect(await codes()).toEqual([])
  })

  test('is an undo that ended badly, for a day or until another of the same run ends well', async () => {
    for (const { id } of fleet(3)) world.simulator.change(id!, { status: 'ACTIVE' })
    await save('night')
    const stop = await begun('/v1/runs', { policyId: 'night' })
    const undo = () => begun(`/v1/runs/${stop.id}/undo`, {})
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: false } })
    expect(await undo()).toMatchObject({ status: 'failed' })
    expect(await codes()).toEqual(['run-failed night'])
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: true } })
    expect(await undo()).toMatchObject({ status: 'succeeded', summary: { started: 3 } })
    expect(await codes()).toEqual([])
  })

  test('is told for seven days; of a run without a policy, or of one that was deleted, for a day', async () => {
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
    for (const id of ['night', 'deleted']) await save(id)
    const target = { connection: 'prod', kind: 'ecs', selector: { all: true } }
    for (const body of [{ policyId: 'night' }, { policyId: 'deleted' }, target])
      await world.ended([(await world.ask('POST', '/v1/runs', { body })).body.id])
    const failedAt = Date.now()
    await world.ask('DELETE', '/v1/policies/deleted')
    expect((await codes()).toSorted()).toEqual(['run-failed ', 'run-failed deleted', 'run-failed night'])
    vi.setSystemTime(failedAt + DAY + HOUR)
    expect(await codes()).toEqual(['run-failed night'])
    vi.setSystemTime(failedAt + 7 * DAY + HOUR)
    expect(await codes()).toEqual([])
  })

  test('is a due time that was missed, until the next one is done', async () => {
    await save('night', { schedule: { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes: 5 } })
    vi.setSystemTime(START + 9 * HOUR)
    await world.runner.tick()
    await world.runner.drain()
    expect((await now()).attention).toMatchObject([
      { code: 'run-missed', policyId: 'night', runId: 'night.20261121T200000Z' },
    ])
    vi.setSystemTime(START + 32 * HOUR)
    await world.pass(10)
    expect(await codes()).toEqual([])
  })

  test('is a policy whose latest scheduled stop found nobody', async () => {
    await save('empty', { selector: NOBODY })
    vi.setSystemTime(START + 8 * HOUR)
    await world.pass(2)
    expect((await now()).attention).toMatchObject([
      { code: 'matches-nothing', policyId: 'empty', runId: 'empty.20261121T200000Z' },
    ])
    await save('empty', { selector: { all: true } })
    vi.setSystemTime(START + 32 * HOUR)
    await world.pass(10)
    expect(await codes()).toEqual([])
  })

  test('is a key that is left alone, while it is', async () => {
    const health = { version: 1, refusedAt: at(START), reason: 'APIGW.0301: Incorrect IAM authentication' }
    await world.store.saveKeyHealth('prod', health)
    expect((await now()).attention).toEqual([
      {
        code: 'key-refused',
        message: expect.stringContaining(`${health.reason} (left alone until`),
        connection: 'prod',
        at: at(START),
      },
    ])
    vi.setSystemTime(START + 5 * MINUTE)
    expect(await codes()).toEqual([])
  })

  test('is a document that cannot be read, and the others are told of all the same', async () => {
    await save('night')
    await save('newer')
    const Key = { pk: 'POLICY#newer', sk: 'POLICY' }
    const change = { UpdateExpression: 'SET doc.newer = :v', ExpressionAttributeValues: { ':v': 1 } }
    const client = DynamoDBDocumentClient.from(world.dynamo)
    await client.send(new UpdateCommand({ TableName: world.table.tableName, Key, ...change }))
    const { next, attention } = await now()
    expect(next).toMatchObject([{ policyId: 'night' }])
    expect(attention).toEqual([
      {
        code: 'unreadable',
        message: 'policy newer, as stored, cannot be read by this version: PUT it again, or DELETE it',
        policyId: 'newer',
        at: at(START),
      },
    ])
  })
})
