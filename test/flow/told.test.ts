import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Message } from '../../infra/local/runner/runner.ts'
import { type Run, wantsTold } from '../../lib/core/model/run.ts'
import { RunEnded, ServersEscalated } from '../../lib/core/notify/events.ts'
import { notify } from '../../lib/steps/notify/notify.ts'
import { aRun, at, START } from '../makers.ts'
import { captured, type Output } from './output.ts'
import { createWorld, fleet, type World, type WorldOptions } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
let world: World
let output: Output
afterEach(() => world.close())

async function aWorld(options: WorldOptions = {}): Promise<World> {
  output = captured()
  world = await createWorld({
    servers: fleet(5),
    ...options,
    environment: { LOG_LEVEL: 'info', METRICS_NAMESPACE: 'Curfew', ...options.environment },
  })
  await world.connection()
  return world
}
const ends = () => world.aws.events.flatMap(({ detail }) => RunEnded.safeParse(detail).data?.run ?? [])
const runs = async (): Promise<Run[]> => (await world.store.runs({ most: 100 })).items
const FIRST = fleet(1)[0]!.id!
const SERVER_FIGURES = ['Targets', 'Stopped', 'Failed', 'Unconfirmed']
const END_FIGURES = ['RunsMissed', 'RunsFailed', 'RunsPartial', 'RunsBlocked']
const figures = (names: string[]) => names.map(name => output.figures(name))

/** The one run of the world is told as it is recorded, once. */
async function expectTold(status: Run['status']): Promise<Run> {
  const all = await runs()
  expect(all).toMatchObject([{ status, announcedAt: expect.any(String) }])
  const [{ id, summary, reason }] = all as [Run]
  expect(ends()).toMatchObject([{ id, status, summary, ...(reason === undefined ? {} : { reason }) }])
  expect(output.logged('run ended')).toMatchObject([{ run: id, status }])
  return all[0]!
}

describe('the end of a run is told once, as it is recorded, with its figures:', () => {
  test('it succeeded', async () => {
    await aWorld()
    await world.policy()
    await world.pass(5)
    await expectTold('succeeded')
    expect(figures(SERVER_FIGURES)).toEqual([[5], [5], [0], [0]])
    expect(figures(END_FIGURES)).toEqual([[], [], [], []])
    expect(output.figures('RunLatenessMs')).toEqual([[MINUTE_MS]])
    expect(output.figures('VerifiedOffMs')).toEqual([[expect.any(Number)]])
    expect(new Set(output.figures('TickLatenessMs'))).toEqual(new Set([0]))
  })

  test('it is partial', async () => {
    await aWorld({ switches: { partialFail: { [FIRST]: 'Ecs.0605' } } })
    await world.policy()
    await world.pass(5)
    await expectTold('partial')
    expect(figures(SERVER_FIGURES)).toEqual([[5], [4], [1], [0]])
    expect(figures(END_FIGURES)).toEqual([[], [], [1], []])
  })

  test('it failed, for its key is refused', async () => {
    await aWorld()
    world.simulator.keys.length = 0
    await world.policy()
    await world.pass(5)
    await expectTold('failed')
    expect(figures(END_FIGURES)).toEqual([[], [1], [], []])
    expect(figures([...SERVER_FIGURES, 'CredentialsRefused'])).toEqual([[], [], [], [], [1]])
    expect(output.logged('credentials are refused')).toMatchObject([{ connection: 'prod' }])
  })

  test('it was blocked', async () => {
    await aWorld()
    await world.policy({ limits: { maxServers: 4 } })
    await world.pass(5)
    await expectTold('blocked')
    expect(figures(END_FIGURES)).toEqual([[], [], [], [1]])
    expect(world.simulator.stops()).toEqual([])
  })

  test('it was missed', async () => {
    await aWorld()
    const schedule = { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes: 1 }
    await world.policy({ schedule, nextDueAt: at(START - HOUR_MS) })
    await world.pass(5)
    await expectTold('missed')
    expect(figures(END_FIGURES)).toEqual([[1], [], [], []])
  })

  test('it was snoozed', async () => {
    await aWorld()
    await world.policy({ snoozedUntil: at(START + HOUR_MS), snoozeReason: 'release night' })
    await world.pass(5)
    await expectTold('cancelled')
    expect(figures(END_FIGURES)).toEqual([[], [], [], []])
  })
})

test('a hard stop after a soft one is told when it happens, and counted at the end', async () => {
  await aWorld({ switches: { softHangs: [FIRST], hardDuringSoft: 'taken' } })
  await world.policy({ escalateAfterMinutes: 5 })
  await world.pass(30)
  const told = world.aws.events.flatMap(({ detail }) => ServersEscalated.safeParse(detail).data ?? [])
  expect(told).toMatchObject([{ answer: 'accepted', count: 1, servers: [{ id: FIRST, name: 'dev-0' }] }])
  const kinds = world.aws.events.map(({ detailType }) => detailType)
  expect(kinds).toEqual(['Curfew Servers Escalated', 'Curfew Run Ended'])
  expect(ends()).toMatchObject([{ status: 'succeeded', escalated: 1 }])
  expect(output.logged('escalated')).toMatchObject([{ chunk: 0, servers: 1 }])
})

describe('while the event bus takes nothing', () => {
  const refuse = () => {
    world.aws.refuse = action => (action === 'PutEvents' ? { status: 400, type: 'Throttled' } : null)
  }

  test('a run is made and sent at its minute, whatever due times before it were missed', async () => {
    await aWorld()
    refuse()
    const schedule = { cron: '*/10 * * * *', timeZone: 'UTC', catchUpMinutes: 5 }
    await world.policy({ schedule, nextDueAt: at(START - 40 * MINUTE_MS) })
    await world.pass(1)
    expect(world.simulator.stops()).toHaveLength(1)
    world.aws.refuse = () => null
    await world.pass(5)
    expect(ends().map(({ status }) => status)).toEqual(['succeeded', ...Array(4).fill('missed')])
  })

  test('a run that ends before it is planned does not hold up those that are planned with it', async () => {
    const together = ({ record }: Message) => JSON.parse(record.body).runIds?.length !== 1
    await aWorld({ deliver: messages => messages.filter(together), retrySeconds: null })
    refuse()
    const cancelled = await world.manualRun(await world.policy({ id: 'a', nextDueAt: null }))
    const run = (await world.store.run(cancelled))!
    await world.store.cancelRun(run, { at: at(START), actor: 'anna', reason: 'not tonight' })
    const other = await world.manualRun(await world.policy({ id: 'b', nextDueAt: null }))
    await world.services.queue.plan({ runIds: [cancelled, other] })
    await world.runner.drain()
    expect(world.simulator.stops()).toHaveLength(1)
  })

  test('servers are stopped all the same, ends are counted once, and told when it takes them again', async () => {
    await aWorld({ switches: { softHangs: [FIRST], hardDuringSoft: 'taken' } })
    refuse()
    await world.policy({ escalateAfterMinutes: 5 })
    await world.pass(30)
    const [run] = await runs()
    expect(run).toMatchObject({ status: 'succeeded', summary: { stopped: 5 } })
    expect(run!.announcedAt).toBeUndefined()
    expect(output.logged('an event could not be published').length).toBeGreaterThan(0)
    world.aws.refuse = () => null
    await world.pass(5)
    await expectTold('succeeded')
    expect(figures(SERVER_FIGURES)).toEqual([[5], [5], [0], [0]])
  })
})

test('an end whose channels cannot be found out is published once, and done with', async () => {
  await aWorld()
  const policy = await world.policy({ nextDueAt: null, notify: [{ channel: 'ops', on: ['succeeded'] }] })
  const ended = aRun({ id: 'manual.done', ...wantsTold(policy), status: 'succeeded', endedAt: at(START) })
  await world.store.createRun(ended, policy, null)
  const Item = { pk: { S: 'RUN#manual.done' }, sk: { S: 'POLICY' }, doc: { M: { kind: { S: 'gpu' } } } }
  await world.dynamo.send(new PutItemCommand({ TableName: world.table.tableName, Item }))
  for (let time = 0; time < 2; time++) await notify({ runIds: ['manual.done'] }, world.services)
  expect(await world.store.run('manual.done')).toMatchObject({ announcedAt: expect.any(String) })
  expect(ends()).toMatchObject([{ id: 'manual.done', status: 'succeeded' }])
  expect(output.logged('no channel can be told of a run')).toMatchObject([{ run: 'manual.done' }])
})

test('without an event bus ends are recorded, logged and counted as ever', async () => {
  await aWorld({ environment: { EVENT_BUS_NAME: '' } })
  await world.policy()
  await world.pass(5)
  const [run] = await runs()
  expect(run).toMatchObject({ status: 'succeeded', announcedAt: expect.any(String) })
  expect(world.aws.events).toEqual([])
  expect(output.logged('run ended')).toHaveLength(1)
  expect(output.figures('Stopped')).toEqual([5])
})

test('a policy that matches nothing five times running is told of, and not before', async () => {
  await aWorld()
  const schedule = { cron: '*/10 * * * *', timeZone: 'UTC' }
  await world.policy({ selector: { tags: { env: ['gone'] } }, schedule, nextDueAt: at(START) })
  await world.pass(39)
  expect((await runs()).map(({ status }) => status)).toEqual(Array(4).fill('succeeded'))
  expect(output.figures('PoliciesMatchingNothing')).toEqual([])
  await world.pass(5)
  expect(output.figures('PoliciesMatchingNothing')).toEqual([1])
  expect(output.logged('a policy matches nothing')).toMatchObject([{ policy: 'nightly-dev' }])
  world.simulator.change(FIRST, { tags: { env: 'gone' } })
  await world.pass(10)
  expect((await runs())[0]!.summary.matched).toBe(1)
  expect(output.figures('PoliciesMatchingNothing')).toEqual([1])
})

test('a policy whose ids are all gone is told of as one that matches nothing', async () => {
  await aWorld()
  const schedule = { cron: '*/10 * * * *', timeZone: 'UTC' }
  await world.policy({ selector: { ids: ['gone', 'gone-too'] }, schedule, nextDueAt: at(START) })
  await world.pass(44)
  expect((await runs()).map(({ summary }) => summary.matched)).toEqual(Array(5).fill(2))
  expect(output.figures('PoliciesMatchingNothing')).toEqual([1])
})

test('a tick says how late it is', async () => {
  await aWorld()
  vi.setSystemTime(START + 7)
  const event = { time: '2026-11-21T11:59:58Z', source: 'aws.scheduler' }
  const context = { getRemainingTimeInMillis: () => 50_000 }
  await world.handlers.tick(event as never, context as never)
  expect(output.figures('TickLatenessMs')).toEqual([2007])
})

test('what a tick cannot deal with is counted at each try, while the others go on', async () => {
  await aWorld({
    rig: services => {
      const policy = (id: string) =>
        id === 'broken' ? Promise.reject(new Error('this cannot be read')) : services.store.policy(id)
      return { ...services, store: { ...services.store, policy } }
    },
  })
  await world.policy({ id: 'broken' })
  await world.policy()
  await world.pass(3)
  await expectTold('succeeded')
  expect(output.figures('DueItemsFailed')).toEqual([1, 1, 1])
  const said = { level: 'ERROR', kind: 'policy', id: 'broken', error: 'this cannot be read' }
  expect(output.logged('a due item cannot be dealt with; the others go on')).toMatchObject([said, said, said])
})
