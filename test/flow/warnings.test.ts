import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type DueStop, warningKeyOf } from '../../lib/core/notify/stop-warning.ts'
import { notify } from '../../lib/steps/notify/notify.ts'
import { aChange, at } from '../makers.ts'
import { createDeaths, type Fate } from './deaths.ts'
import { createWarnedWorld, HOUR_MS, STOP, type WarnedWorld } from './warnings.ts'
import { fleet, type WorldOptions } from './world.ts'

const MINUTE = 60_000
const DAY = 24 * HOUR_MS

async function warnedWorld(options: WorldOptions = {}) {
  const world = await createWarnedWorld(options)
  onTestFinished(() => world.close())
  return world
}
const listings = ({ simulator }: WarnedWorld) =>
  simulator.ledger.filter(({ path }) => path.endsWith('/cloudservers/detail'))
const runsOf = async (world: Awaited<ReturnType<typeof warnedWorld>>, policyId = 'nightly-dev') =>
  (await world.store.runs({ policyId, most: 10 })).items

test('a night: warned at half past, an hour later by a link, warned again, stopped then; the next night is as before', async () => {
  const world = await warnedWorld()
  await world.warning()
  await world.until(STOP - 31 * MINUTE)
  expect(world.told()).toEqual([])
  await world.until(STOP - 30 * MINUTE)
  const [first] = world.told()
  expect(first).toMatchObject({
    text: '⏳ nightly-dev: 3 servers will be stopped',
    policyId: 'nightly-dev',
    stopAt: at(STOP),
    servers: 3,
    names: ['dev-0', 'dev-1', 'dev-2'],
    failed: null,
  })
  expect(first!.links.map(({ action }) => action)).toEqual(['not-tonight', 'one-hour', 'three-hours'])
  // Whoever reads the table presses nothing.
  const key = warningKeyOf({ policyId: 'nightly-dev', stopAt: at(STOP) })
  const kept = await world.store.delivery({ key, channel: 'ops' })
  expect(kept).toMatchObject({ takenAt: expect.any(String) })
  for (const { url } of first!.links) expect(JSON.stringify(kept)).not.toContain(url.split('/').at(-1)!)
  await world.press(first!.links[1]!.url)
  await world.until(STOP + 29 * MINUTE)
  expect(world.told()).toHaveLength(1)
  expect(await runsOf(world)).toEqual([])
  await world.until(STOP + 30 * MINUTE)
  expect(world.told()[1]).toMatchObject({ stopAt: at(STOP + HOUR_MS), servers: 3 })
  await world.until(STOP + HOUR_MS)
  const [run] = await world.ended((await runsOf(world)).map(({ id }) => id))
  expect(run).toMatchObject({
    dueAt: at(STOP + HOUR_MS),
    status: 'succeeded',
    warning: { sent: ['ops'], unsent: [] },
  })
  expect(await world.store.policy('nightly-dev')).toMatchObject({
    nextDueAt: at(STOP + DAY),
    nextWarnAt: at(STOP + DAY - 30 * MINUTE),
  })
  expect(world.told()).toHaveLength(2)
  expect(world.troubles).toEqual([])
})

test('"not tonight" skips that stop alone', async () => {
  const world = await warnedWorld()
  await world.warning()
  await world.until(STOP - 30 * MINUTE)
  await world.press(world.told()[0]!.links[0]!.url)
  await world.until(STOP + MINUTE)
  expect(await runsOf(world)).toMatchObject([
    { status: 'cancelled', reason: expect.stringContaining('by the link ops/not-tonight of the warning') },
  ])
  await world.until(STOP + DAY - 30 * MINUTE)
  expect(world.told()).toMatchObject([{ stopAt: at(STOP) }, { stopAt: at(STOP + DAY), servers: 3 }])
})

test('nobody is warned of a stop that would stop nobody, and policies that are due together are looked at in one listing', async () => {
  const world = await warnedWorld({ servers: fleet(4, { 3: { kind: 'bms' } }) })
  await world.warning()
  await world.warning({ id: 'same', selector: { name: 'dev-0' } })
  await world.warning({ id: 'empty', selector: { name: 'other-*' } })
  await world.warning({ id: 'limited', limits: { maxServers: 2 } })
  await world.warning({ id: 'snoozed', snoozedUntil: at(STOP + MINUTE), nextWarnAt: at(STOP + DAY) })
  await world.connection({ id: 'off', enabled: false })
  await world.warning({ id: 'disabled', connection: 'off' })
  await world.until(STOP - 30 * MINUTE)
  expect(
    world
      .told()
      .map(({ policyId, servers }) => [policyId, servers])
      .toSorted(),
  ).toEqual([
    ['nightly-dev', 3],
    ['same', 1],
  ])
  expect(listings(world)).toHaveLength(1)
  const endings = ['empty', 'limited', 'disabled'].map(policyId =>
    world.store.warning({ policyId, stopAt: at(STOP) }),
  )
  expect((await Promise.all(endings)).map(one => one?.ending)).toEqual(['nobody', 'nobody', 'nobody'])
})

test('a warning that cannot be sent is in the run that follows, and the stop goes on', async () => {
  const world = await warnedWorld()
  const notify = [
    { channel: 'ops', on: ['warning'] },
    { channel: 'deaf', on: ['warning'] },
  ]
  await world.warning({ notify })
  await world.warning({ id: 'late', notify, nextWarnAt: undefined })
  await world.until(STOP - 30 * MINUTE)
  await world.pass(30)
  const runs = [...(await runsOf(world)), ...(await runsOf(world, 'late'))]
  const [warned, late] = await world.ended(runs.map(({ id }) => id))
  expect(warned).toMatchObject({
    status: 'succeeded',
    warning: {
      sent: ['ops'],
      unsent: [{ channel: 'deaf', reason: expect.stringContaining('ECONNREFUSED') }],
    },
  })
  expect(late!.warning).toEqual({
    sent: [],
    unsent: notify.map(({ channel }) => ({ channel, reason: 'no warning was made before the stop was due' })),
  })
})

test('people are warned without a number where the cloud does not answer, after it was asked again', async () => {
  const world = await warnedWorld()
  await world.warning()
  world.simulator.switches.faults = [{ match: { route: 'list' }, times: 100, kind: 'status', status: 403 }]
  await world.until(STOP - 30 * MINUTE)
  expect(world.told()).toEqual([])
  await world.pass(5)
  expect(world.told()).toMatchObject([
    {
      text: '⏳ nightly-dev: its servers will be stopped',
      servers: 0,
      failed: expect.stringContaining('prod: '),
    },
  ])
  expect(world.told()[0]!.links).toHaveLength(3)
})

test('a connection that cannot be read silences no other policy, and its own people are warned without a number', async () => {
  const world = await warnedWorld()
  await world.warning()
  await world.connection({ id: 'damaged' })
  await world.warning({ id: 'other', connection: 'damaged' })
  const Key = { pk: { S: 'CONNECTION#damaged' }, sk: { S: 'CONNECTION' } }
  const { Item } = await world.dynamo.send(new GetItemCommand({ TableName: world.table.tableName, Key }))
  Item!.doc!.M!.region = { N: '5' }
  await world.dynamo.send(new PutItemCommand({ TableName: world.table.tableName, Item: Item! }))
  await world.until(STOP - 30 * MINUTE)
  expect(world.told()).toMatchObject([{ policyId: 'nightly-dev', servers: 3, failed: null }])
  await world.pass(5)
  expect(world.told()[1]).toMatchObject({
    policyId: 'other',
    servers: 0,
    failed: expect.stringContaining('damaged: connection damaged'),
  })
})

test('while the servers of a warning are looked at, nobody else begins that', async () => {
  const world = await warnedWorld()
  await world.warning({ nextWarnAt: undefined })
  vi.setSystemTime(STOP - 30 * MINUTE)
  const stop = { policyId: 'nightly-dev', stopAt: at(STOP) }
  await world.store.createWarning(stop, at(Date.now() + MINUTE))
  await Promise.all([1, 2, 3].map(() => notify({ warnings: [stop] }, world.services)))
  expect(listings(world)).toHaveLength(1)
  await world.pass(1)
  expect(world.told()).toMatchObject([{ servers: 3 }])
})

test('whatever dies at an effect of a warning, or does it twice, each stop is warned of once', async () => {
  const world = await warnedWorld({ deaths: createDeaths, retrySeconds: null })
  const mortality = world.mortality!
  let night = 0

  /** What was done on the way to a warning in which this effect met its fate. */
  async function live(doomed: { fate: Fate; effect: string } | null): Promise<string[]> {
    const id = `warned-${night++}`
    const warnAt = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS / 2
    const stopAt = at(warnAt + HOUR_MS / 2)
    // Names of effects mean the same in every night.
    mortality.arm(`(?:${id}|${stopAt})`, doomed)
    world.receiver.received.length = 0
    // As at the first warning of all.
    const links = { pk: { S: 'LINKS' }, sk: { S: 'KEYS' } }
    await world.dynamo.send(new DeleteItemCommand({ TableName: world.table.tableName, Key: links }))
    const due = new Date(stopAt)
    const schedule = {
      cron: `0 ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`,
      timeZone: 'UTC',
    }
    await world.warning({ id, schedule, nextDueAt: stopAt, nextWarnAt: at(warnAt) })
    vi.setSystemTime(warnAt - 1000)
    for (let minutes = 0; minutes < 25 && !(await isSettled({ policyId: id, stopAt })); minutes++)
      await world.pass(1)
    const effects = [...mortality.effects]
    expect(new Set(world.told().map(told => JSON.stringify(told))).size).toBe(1)
    expect(world.told()[0]).toMatchObject({ policyId: id, stopAt, servers: 3 })
    expect((await world.store.policy(id))!.nextWarnAt).not.toBe(at(warnAt))
    const policy = (await world.store.policy(id))!
    await world.store.removePolicy(id, policy.version, aChange({ what: 'deleted' }))
    return effects
  }
  const isSettled = async (stop: DueStop) => {
    const delivery = await world.store.delivery({ key: warningKeyOf(stop), channel: 'ops' })
    return delivery?.takenAt !== undefined && (await world.store.warning(stop))?.ending === 'sent'
  }

  const effects = await live(null)
  const circumstances = new Map(mortality.circumstances)
  expect(effects.length).toBeGreaterThan(5)
  // What dies before an effect that follows another dies after that one.
  for (const fate of ['before', 'after', 'twice'] as const)
    for (const effect of effects.filter(one => fate !== 'before' || !circumstances.get(one)!.follows))
      try {
        expect(await live({ fate, effect }), 'it never came').toContain(effect)
      } catch (error) {
        throw new Error(`${fate} ${effect}: ${(error as Error).message}`, { cause: error })
      }
}, 600_000)
