/** A snooze of one server, set at any time: no stop of it is sent while it lasts, by whatever run. */
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterEach, describe, expect, test } from 'vitest'
import { AdHoc } from '../../lib/core/model/model.ts'
import { manualRun, type Run } from '../../lib/core/model/run.ts'
import { aChange, at, START } from '../makers.ts'
import { ends, ids, rigged, sent } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE = 60_000
const [A, B, C] = ids(3) as [string, string, string]

async function snooze(serverId: string, minutes = 60): Promise<void> {
  const until = at(Date.now() + minutes * MINUTE)
  const made = { until, reason: 'release', actor: 'ann', at: at(Date.now()), version: 1 }
  const change = aChange({ at: at(Date.now()), what: 'snoozed' })
  const of = { connection: 'prod', serverId }
  expect(await world.store.saveServerSnooze(of, { snooze: made, replaces: undefined }, change)).toBe(true)
}
const reasonOf = async (run: Run, id: string) => (await world.outcomes(run)).get(id)!.reason
async function runNow(overrides = {}): Promise<Run> {
  const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }), overrides)])
  return run!
}

describe('a snoozed server', () => {
  test('is skipped with the end, the actor and the reason, and stopped by the first run after', async () => {
    world = await createWorld({ servers: fleet(3) })
    await world.connection()
    await snooze(B)
    const first = await runNow()
    expect(await ends(world, first)).toEqual([
      '0: stopped stopped',
      '1: skipped snoozed',
      '2: stopped stopped',
    ])
    expect(await reasonOf(first, B)).toBe('snoozed until 2026-11-21T13:00:00.000Z by ann: release')
    await world.pass(60)
    const [second] = await world.ended([await world.manualRun((await world.store.policy('nightly-dev'))!)])
    expect((await ends(world, second!))[1]).toBe('1: stopped stopped')
    expect(sent(world)).toEqual(['SOFT 0,2 200', 'SOFT 1 200'])
  })

  test('is left by an ad hoc run, an override and a run of a schedule', async () => {
    world = await createWorld({ servers: fleet(3) })
    await world.connection()
    for (const id of [A, B, C]) await snooze(id)
    const policy = AdHoc.parse({ connection: 'prod', kind: 'ecs', selector: { all: true } })
    const asked = { id: 'manual.1', action: 'stop' as const, policy, connection: 'prod' }
    await world.store.createRun(
      manualRun({ ...asked, dryRun: false, overrideLimits: true }, { actor: 'me', now: START }),
      policy,
      at(START + MINUTE),
    )
    await world.services.queue.plan({ runIds: ['manual.1'] })
    await world.policy({ nextDueAt: at(START + MINUTE) })
    await world.pass(3)
    for (const id of ['manual.1', 'nightly-dev.20261121T120100Z'])
      expect((await world.store.run(id))!).toMatchObject({
        status: 'succeeded',
        codes: { 'skipped/snoozed': 3 },
        summary: { matched: 3, targets: 0, skipped: 3 },
      })
    expect(sent(world)).toEqual([])
  })

  test('is started like any other', async () => {
    world = await createWorld({ servers: fleet(2, { 0: { status: 'SHUTOFF' } }) })
    await world.connection()
    await snooze(A)
    const policy = AdHoc.parse({ connection: 'prod', kind: 'ecs', selector: { ids: [A] } })
    const asked = { id: 'manual.1', action: 'start' as const, policy, connection: 'prod' }
    await world.store.createRun(
      manualRun({ ...asked, dryRun: false, overrideLimits: false }, { actor: 'me', now: START }),
      policy,
      at(START + MINUTE),
    )
    await world.services.queue.plan({ runIds: ['manual.1'] })
    const [run] = await world.ended(['manual.1'])
    expect(await ends(world, run!)).toEqual(['0: started started'])
  })

  test('of another connection, or one whose snooze is over, is stopped', async () => {
    world = await createWorld({ servers: fleet(2) })
    await world.connection()
    const change = aChange({ what: 'snoozed' })
    const over = { until: at(START), reason: 'x', actor: 'ann', at: at(START), version: 1 }
    await world.store.saveServerSnooze(
      { connection: 'lab', serverId: A },
      { snooze: { ...over, until: at(START + MINUTE * 60) }, replaces: undefined },
      change,
    )
    await world.store.saveServerSnooze(
      { connection: 'prod', serverId: B },
      { snooze: over, replaces: undefined },
      change,
    )
    expect(await ends(world, await runNow())).toEqual(['0: stopped stopped', '1: stopped stopped'])
  })
})

describe('a server that is snoozed while a run goes on', () => {
  test('after it was planned and right before its request: no request names it', async () => {
    let isPlanned = true
    world = await createWorld({
      servers: fleet(3),
      rig: services => ({
        ...services,
        queue: {
          ...services.queue,
          async stop(message, delay) {
            if (isPlanned) await snooze(B)
            isPlanned = false
            return services.queue.stop(message, delay)
          },
        },
      }),
    })
    await world.connection()
    const run = await runNow()
    expect(await ends(world, run)).toEqual(['0: stopped stopped', '1: skipped snoozed', '2: stopped stopped'])
    expect(sent(world)).toEqual(['SOFT 0,2 200'])
    expect(run.summary).toMatchObject({ matched: 3, targets: 2, skipped: 1, stopped: 2 })
  })

  test('while its chunk waits for its turn', async () => {
    world = await createWorld({ servers: fleet(4) })
    await world.connection({ maxServersPerMinute: { ecs: 2, bms: null } })
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    expect(sent(world)).toEqual(['SOFT 0,1 200'])
    await snooze(C)
    const [run] = await world.ended([runId])
    expect((await ends(world, run!))[2]).toBe('2: skipped snoozed')
    expect(sent(world)).toEqual(['SOFT 0,1 200', 'SOFT 3 200'])
  })

  test('after its soft stop, which it survives: no hard one follows', async () => {
    world = await createWorld({ servers: fleet(3), switches: { softHangs: [A, B] } })
    await world.connection()
    const policy = await world.policy({ nextDueAt: null, escalateAfterMinutes: 15 })
    const runId = await world.manualRun(policy)
    await world.pass(5)
    await snooze(B, 24 * 60)
    const [run] = await world.ended([runId])
    expect(sent(world)).toEqual(['SOFT 0,1,2 200', 'HARD 0 200'])
    expect(await ends(world, run!)).toEqual([
      '0: stopped escalated',
      '1: failed still-running',
      '2: stopped stopped',
    ])
    expect(await reasonOf(run!, B)).toMatch(/; no hard stop followed: snoozed until .* by ann: release$/)
  })

  test('after its stop was refused with all of its chunk: it is not asked again', async () => {
    let isFirst = true
    world = await createWorld({
      servers: fleet(3),
      switches: { badMember: 'refuse' },
      rig: rigged({
        async beforeStop() {
          if (isFirst) {
            world.simulator.change(A, { locked: true })
            await snooze(B)
          }
          isFirst = false
        },
      }),
    })
    await world.connection()
    const run = await runNow()
    expect(await ends(world, run)).toEqual(['0: skipped locked', '1: skipped snoozed', '2: stopped stopped'])
    expect(sent(world).at(-1)).toBe('SOFT 2 200')
  })
})

test('a snooze that cannot be read leaves its server alone, and the others are stopped', async () => {
  world = await createWorld({ servers: fleet(3) })
  await world.connection()
  await snooze(B)
  const client = DynamoDBDocumentClient.from(world.dynamo)
  await client.send(
    new UpdateCommand({
      TableName: world.table.tableName,
      Key: { pk: 'SNOOZED#prod', sk: `SERVER#${B}` },
      UpdateExpression: 'SET doc = :v',
      ExpressionAttributeValues: { ':v': ['damaged'] },
    }),
  )
  const run = await runNow()
  expect(await ends(world, run)).toEqual([
    '0: stopped stopped',
    '1: skipped unreadable',
    '2: stopped stopped',
  ])
  expect(await reasonOf(run, B)).toContain(`DELETE /v1/servers/${B}/snooze`)
})
