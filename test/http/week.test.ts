import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type * as z from 'zod'
import { Week } from '../../lib/http/schemas/overview-schemas.ts'
import { fleet } from '../flow/world.ts'
import { aRun, at, START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody, restoreEach, type Shown } from './world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(3) })
  await world.connection()
})
restoreEach(() => world)

/** The answer, which holds nothing that its schema does not have. */
async function week(query: Record<string, string> = {}): Promise<z.infer<typeof Week>> {
  const { status, body } = await world.ask('GET', '/v1/week', { query })
  expect([status, body.detail]).toEqual([200, undefined])
  expect(Week.parse(body)).toEqual(body)
  return Week.parse(body)
}
async function save(id: string, overrides: Record<string, unknown> = {}): Promise<void> {
  const { status } = await world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id, ...overrides }) })
  expect(status).toBeLessThan(300)
}

test('a run that the schedule made stands at its mark, with the window that it opened', async () => {
  await save('night', { start: { cron: '0 7 * * *' } })
  vi.setSystemTime(START + 8 * HOUR)
  await world.pass(10)
  const { items } = await week()
  const [run] = (await world.ask('GET', '/v1/runs')).body.items
  const due = '2026-11-21T20:00:00.000Z'
  expect(items).toMatchObject([{ policyId: 'night', runs: [run], runsSince: null, marksUntil: null }])
  expect(run).toMatchObject({ status: 'succeeded', dueAt: due })
  expect(items[0]!.days.map(({ date }) => date)).toEqual(
    [16, 17, 18, 19, 20, 21, 22].map(n => `2026-11-${n}`),
  )
  expect(items[0]!.marks.map(({ at: when, runId }) => [when, runId])).toEqual([
    [due, run!.id],
    ['2026-11-22T07:00:00.000Z', null],
    ['2026-11-22T20:00:00.000Z', null],
  ])
  expect(items[0]!.off).toEqual([
    { from: due, to: '2026-11-22T07:00:00.000Z' },
    { from: '2026-11-22T20:00:00.000Z', to: '2026-11-23T00:00:00.000Z' },
  ])
})

test('a snooze that passes over a stop is told before it, and after it by the run', async () => {
  await save('night')
  const snooze = { until: at(START + DAY), reason: 'release' }
  await world.ask('POST', '/v1/policies/night/snooze', { body: snooze })
  const because = `snoozed until ${snooze.until}: release`
  const before = (await week({ from: '2026-11-21', days: '1' })).items[0]!
  expect(before.snooze).toEqual({ from: null, ...snooze })
  expect(before.marks).toMatchObject([{ skippedBecause: because, runId: null }])
  vi.setSystemTime(START + 8 * HOUR)
  await world.pass(2)
  const after = (await week({ from: '2026-11-21', days: '1' })).items[0]!
  expect(after.marks).toMatchObject([{ skippedBecause: because, runId: 'night.20261121T200000Z' }])
})

test('rows come by the id of the policy, page by page, disabled ones too', async () => {
  for (let n = 0; n < 30; n++) await save(`p-${String(n).padStart(2, '0')}`, { enabled: n % 2 === 0 })
  const query = { from: '2026-11-23', days: '2', timeZone: 'Asia/Tokyo' }
  const rows: Shown[] = await world.all('/v1/week', { ...query, limit: '7' })
  expect(rows.map(({ policyId }) => policyId)).toEqual(
    Array.from({ length: 30 }, (_, n) => `p-${String(n).padStart(2, '0')}`),
  )
  expect(rows[1]).toMatchObject({
    enabled: false,
    timeZone: 'Asia/Tokyo',
    marks: [
      { local: '2026-11-23 05:00 +09:00 Asia/Tokyo', skippedBecause: 'the policy is disabled' },
      { local: '2026-11-24 05:00 +09:00 Asia/Tokyo' },
    ],
  })
  const first = await week({ ...query, limit: '7' })
  const other = { ...query, days: '3', cursor: first.nextCursor! }
  expect((await world.ask('GET', '/v1/week', { query: other })).status).toBe(400)
})

test('of a policy with more runs than 200 the newest are there, and the row says since when', async () => {
  const policy = await world.policy({ id: 'busy', start: { cron: '30 8 * * *' } })
  for (let n = 0; n < 205; n++) {
    const dueAt = at(START - (n + 1) * 60_000)
    await world.store.createRun(
      aRun({ id: `busy.${n}`, policyId: 'busy', dueAt, status: 'succeeded' }),
      policy,
      null,
    )
  }
  const [row] = (await week()).items
  expect(row!.runs).toHaveLength(200)
  expect(row!.runsSince).toBe(row!.runs.at(-1)!.dueAt)
  expect(row!.off[0]!.from).toBe(row!.runsSince)
})

test('what cannot be read is named, and the others are there', async () => {
  await save('newer')
  const policy = await world.policy({ id: 'night' })
  await world.store.createRun(aRun({ id: 'r.1', policyId: 'night', dueAt: at(START - HOUR) }), policy, null)
  const client = DynamoDBDocumentClient.from(world.dynamo)
  for (const Key of [
    { pk: 'POLICY#newer', sk: 'POLICY' },
    { pk: 'RUN#r.1', sk: 'HEAD' },
  ])
    await client.send(
      new UpdateCommand({
        TableName: world.table.tableName,
        Key,
        UpdateExpression: 'SET doc.kind = :v',
        ExpressionAttributeValues: { ':v': 'newer' },
      }),
    )
  expect(await week()).toMatchObject({
    items: [{ policyId: 'night', runs: [], unreadableRuns: ['r.1'] }],
    unreadable: ['newer'],
  })
})

describe('a query that is not allowed is refused by its field', () => {
  test.each([
    [{ from: '2026-02-30' }, 'from', 'expected a date such as 2026-11-23'],
    [{ from: '1999-12-31' }, 'from', 'expected a date from 2000-01-01 to 2199-12-31'],
    [{ days: '32' }, 'days', ''],
    [{ days: '0' }, 'days', ''],
    [{ timeZone: 'Berlin' }, 'timeZone', 'expected an IANA time zone'],
    [{ until: '2026-11-23' }, 'until', 'unknown'],
  ])('%j', async (query, path, words) => {
    const { status, body } = await world.ask('GET', '/v1/week', { query })
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path, message: expect.stringContaining(words) }])
  })
})
