/** Tries what docs/restore.md says of a point-in-time restore: the table goes back, the world does not. */
import { BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, expect, test, vi } from 'vitest'
import { isEnded } from '../../lib/core/model/run.ts'
import { RunEnded } from '../../lib/core/notify/events.ts'
import { at, START } from '../makers.ts'
import { createWorld, fleet, type World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const SERVERS = fleet(5)
let world: World
afterEach(() => world.close())

type Items = NonNullable<Awaited<ReturnType<typeof snapshot>>>

async function snapshot() {
  const { Items = [] } = await world.dynamo.send(new ScanCommand({ TableName: world.table.tableName }))
  return Items
}

/** The table as it was; the queues empty, as after a purge. */
async function restore(items: Items): Promise<void> {
  const TableName = world.table.tableName
  const gone = (await snapshot()).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: pk!, sk: sk! } } }))
  const back = items.map(Item => ({ PutRequest: { Item } }))
  for (const requests of [gone, back])
    for (let start = 0; start < requests.length; start += 25)
      await world.dynamo.send(
        new BatchWriteItemCommand({ RequestItems: { [TableName]: requests.slice(start, start + 25) } }),
      )
}

/** A night of which two chunks of three were sent, as the table had it then; it went on to its end, and people started all servers. */
async function halfSentNight(): Promise<Items> {
  world = await createWorld({ servers: SERVERS, deliver: messages => (purged ? [] : messages) })
  await world.connection({ maxServersPerMinute: { ecs: 2, bms: null } })
  await world.policy({ nextDueAt: at(START), schedule: { cron: '0 12 * * *', timeZone: 'UTC' } })
  await world.pass(1)
  while (world.simulator.stops().length < 2) await world.pass(1)
  const items = await snapshot()
  await world.pass(30)
  expect((await runs())[0]).toMatchObject({ status: 'succeeded', summary: { stopped: 5 } })
  for (const { id } of SERVERS) world.simulator.change(id!, { status: 'ACTIVE' })
  return items
}
let purged = false
const runs = async () => (await world.store.runs({ most: 10 })).items
const up = () => world.simulator.servers().filter(({ status }) => status === 'ACTIVE').length

/** What is on its way in the queues is of the time after: it is purged. */
async function purgeQueues(): Promise<void> {
  purged = true
  await world.runner.drain()
  purged = false
}

test('with stops switched off right after the restore, nobody is stopped anew, and every run ends', async () => {
  const items = await halfSentNight()
  await purgeQueues()
  await restore(items)
  await world.store.saveSettings({ stopsEnabled: false, startsEnabled: true })
  const stops = world.simulator.stops().length
  expect((await runs()).filter(run => !isEnded(run))).toHaveLength(1)

  await world.pass(3 * 60)
  expect(world.simulator.stops()).toHaveLength(stops)
  expect(up()).toBe(5)
  const [run] = await runs()
  expect(run).toMatchObject({ status: expect.stringMatching(/partial|failed/) })
  expect(run!.reason).toContain('all stops are switched off')

  await world.store.saveSettings({ stopsEnabled: true, startsEnabled: true })
  await world.pass(1)
  expect(up()).toBe(5)
  vi.setSystemTime(START + 24 * HOUR_MS - MINUTE_MS)
  await world.pass(30)
  expect((await runs())[0]).toMatchObject({ status: 'succeeded', summary: { stopped: 5 } })
  expect(up()).toBe(0)
})

test('left to itself, a restore of more than four hours back stops nobody: it is too late for what was not sent', async () => {
  const items = await halfSentNight()
  await purgeQueues()
  vi.setSystemTime(START + 13 * HOUR_MS)
  await restore(items)
  const stops = world.simulator.stops().length
  await world.pass(3 * 60)
  expect(world.simulator.stops()).toHaveLength(stops)
  expect(up()).toBe(5)
  expect((await runs()).every(isEnded)).toBe(true)
})

test('due times that passed between the restored instant and now are missed, beyond what may be caught up', async () => {
  world = await createWorld({ servers: SERVERS })
  await world.connection()
  const policy = { schedule: { cron: '0 */2 * * *', timeZone: 'UTC', catchUpMinutes: 30 } }
  await world.policy({ ...policy, nextDueAt: at(START) })
  const items = await snapshot()
  await world.pass(7 * 60)
  for (const { id } of SERVERS) world.simulator.change(id!, { status: 'ACTIVE' })
  const stops = world.simulator.stops().length
  await restore(items)
  await world.pass(2)
  const statuses = (await runs()).map(({ dueAt, status }) => `${dueAt.slice(11, 16)} ${status}`)
  expect(statuses.toSorted()).toEqual(['12:00 missed', '14:00 missed', '16:00 missed', '18:00 missed'])
  expect(world.simulator.stops()).toHaveLength(stops)
})

test('an end that is told anew after a restore has the same id, so that who knows it drops it', async () => {
  const items = await halfSentNight()
  await purgeQueues()
  await restore(items)
  await world.store.saveSettings({ stopsEnabled: false, startsEnabled: true })
  await world.pass(3 * 60)
  const ends = world.aws.events.flatMap(({ detail }) => RunEnded.safeParse(detail).data ?? [])
  expect(ends.map(({ run }) => run.status)).toEqual(['succeeded', expect.stringMatching(/partial|failed/)])
  expect(new Set(ends.map(({ id }) => id)).size).toBe(1)
})
