import { afterEach, describe, expect, test } from 'vitest'
import type { Run } from '../../lib/core/model/run.ts'
import { counts, ends, type Hooks, ids, rigged, sent } from './safety.ts'
import { createWorld, fleet, type World, type WorldOptions } from './world.ts'

let world: World
afterEach(() => world.close())

const GROUP = { name: 'web', made: ids(2), added: [ids(3)[2]!] }

/** Six servers: the first two made by the group `web`, the third added to it. */
async function aWorld(options: WorldOptions & { hooks?: Hooks } = {}): Promise<void> {
  const { hooks = {}, ...rest } = options
  world = await createWorld({ servers: fleet(6), scalingGroups: [GROUP], rig: rigged(hooks), ...rest })
}
async function run(overrides: Partial<Run> = {}, policy: Record<string, unknown> = {}): Promise<Run> {
  const stored = await world.policy({ nextDueAt: null, ...policy })
  const [ended] = await world.ended([await world.manualRun(stored, overrides)])
  return ended!
}
const asked = (): number => world.simulator.ledger.filter(({ path }) => path.includes('autoscaling')).length
const forbidden = (route: 'groups' | 'groupMembers', times = 100) => ({
  match: { route },
  times,
  kind: 'status' as const,
  status: 403,
  body: { error: { code: 'AS.0013', message: 'Policy does not allow it' } },
})

describe('a night over a scaling group', () => {
  test('with the guard off loses the servers that the group made', async () => {
    await aWorld()
    await world.connection({ scalingGroups: 'ignore' })
    expect((await run()).summary).toMatchObject({ targets: 6, stopped: 6 })
    await world.pass(10)
    expect(world.simulator.servers().map(({ id }) => id)).toEqual(ids(6).slice(2))
    expect(world.simulator.scalingGroups()).toEqual({ web: [] })
    expect(asked()).toBe(0)
  })

  test('with the guard on loses none', async () => {
    await aWorld()
    await world.connection()
    const ended = await run()
    expect(ended).toMatchObject({
      status: 'succeeded',
      summary: { matched: 6, targets: 3, skipped: 3, stopped: 3 },
    })
    expect(sent(world)).toEqual(['SOFT 3,4,5 200'])
    expect((await world.outcomes(ended)).get(ids(1)[0]!)).toMatchObject({
      status: 'skipped',
      code: 'in-scaling-group',
      reason: expect.stringContaining('Auto Scaling group web'),
    })
    await world.pass(10)
    expect(world.simulator.servers()).toHaveLength(6)
    expect(world.simulator.scalingGroups()).toEqual({ web: ids(3) })
  })
})

describe('members are left alone', () => {
  const skipped = { 'skipped in-scaling-group': 3 }
  test('by a scheduled run', async () => {
    await aWorld()
    await world.connection()
    await world.policy({
      schedule: { cron: '1 12 * * *', timeZone: 'UTC' },
      nextDueAt: '2026-11-21T12:01:00.000Z',
    })
    await world.pass(5)
    const [due] = (await world.store.runs({ most: 1 })).items
    expect(counts((await world.outcomes(due!)).values())).toEqual({ ...skipped, 'stopped stopped': 3 })
  })

  test('by a run that overrides limits', async () => {
    await aWorld()
    await world.connection()
    const ended = await run({ overrideLimits: true }, { limits: { maxServers: 1 } })
    expect(counts((await world.outcomes(ended)).values())).toEqual({ ...skipped, 'stopped stopped': 3 })
  })

  test('by a dry run, which says so', async () => {
    await aWorld()
    await world.connection()
    const ended = await run({ dryRun: true })
    expect(counts((await world.outcomes(ended)).values())).toEqual({ ...skipped, 'skipped dry-run': 3 })
  })

  test('by runs that name their ids', async () => {
    await aWorld()
    await world.connection()
    const ended = await run({}, { selector: { ids: ids(1) } })
    expect(await ends(world, ended)).toEqual(['0: skipped in-scaling-group'])
  })
})

test('a listing of the groups costs two requests for all runs of some minutes where there are none', async () => {
  await aWorld({ scalingGroups: [] })
  await world.connection()
  await run({ dryRun: true })
  await run({ dryRun: true }, { id: 'second' })
  expect(asked()).toBe(2)
})

describe('who joins a group after planning', () => {
  const join = (place: number) => () => world.simulator.joinGroup('web', ids(6)[place]!)

  test('is not stopped by a later chunk: the fresh look hears of it', async () => {
    let requests = 0
    await aWorld({ hooks: { beforeStop: () => void (++requests === 1 && join(5)()) } })
    await world.connection({ maxServersPerMinute: { ecs: 1, bms: null } })
    const ended = await run()
    expect(await ends(world, ended)).toEqual([
      '0: skipped in-scaling-group',
      '1: skipped in-scaling-group',
      '2: skipped in-scaling-group',
      '3: stopped stopped',
      '4: stopped stopped',
      '5: skipped in-scaling-group',
    ])
  })

  test('gets no hard stop after a soft one that hangs', async () => {
    const [hanging, joining] = [ids(6)[3]!, ids(6)[4]!]
    await aWorld({ switches: { softHangs: [hanging, joining] } })
    await world.connection()
    const policy = await world.policy({ nextDueAt: null, escalateAfterMinutes: 15 })
    const id = await world.manualRun(policy)
    await world.pass(10)
    join(4)()
    const [ended] = await world.ended([id])
    expect(sent(world)).toEqual(['SOFT 3,4,5 200', 'HARD 3 200'])
    expect((await ends(world, ended!)).slice(3)).toEqual([
      '3: stopped escalated',
      '4: failed still-running',
      '5: stopped stopped',
    ])
  })
})

describe('a key that may not list groups', () => {
  test.each([
    ['groups', 'as:groups:list'],
    ['groupMembers', 'as:instances:list'],
  ] as const)('%s: the run fails with the permission, and nothing is stopped', async (route, permission) => {
    await aWorld({ switches: { faults: [forbidden(route)] } })
    await world.connection()
    const ended = await run()
    expect(ended.status).toBe('failed')
    expect(ended.reason).toContain(`lacks the permission ${permission} (403 AS.0013 came)`)
    expect(sent(world)).toEqual([])
  })

  test.each([
    [401, 'APIGW.0301'],
    [403, 'APIGW.0305'],
  ])(
    '%i %s of that service alone says nothing about the key: bare metal is stopped',
    async (status, code) => {
      const body = { error_code: code, error_msg: 'Incorrect IAM authentication information' }
      const metal = { kind: 'bms' as const, id: 'metal' }
      const faults = [{ ...forbidden('groups'), status, body }]
      await aWorld({ servers: [...fleet(6), metal], switches: { faults } })
      await world.connection()
      expect(await run()).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining('as:groups:list'),
      })
      const bms = { id: 'metal', kind: 'bms', mode: 'hard', acceptPowerCut: true }
      expect(await run({}, bms)).toMatchObject({ status: 'succeeded', summary: { stopped: 1 } })
    },
  )

  test('that loses its permission between planning and a later chunk stops nothing more', async () => {
    await aWorld({
      hooks: { beforeStop: () => void world.simulator.switches.faults.push(forbidden('groups')) },
    })
    await world.connection({ maxServersPerMinute: { ecs: 1, bms: null } })
    const ended = await run({}, { haltShare: null })
    expect(sent(world).length).toBeLessThan(3)
    expect(ended).toMatchObject({ status: 'partial', summary: { targets: 3 } })
    const last = (await world.outcomes(ended)).get(ids(6)[5]!)
    expect(last).toMatchObject({ status: 'failed', reason: expect.stringContaining('as:groups:list') })
  })
})

test('groups that cannot be listed for a while hold a run up, and no longer', async () => {
  const faults = [{ match: { route: 'groups' as const }, times: 5, kind: 'busy503' as const }]
  await aWorld({ switches: { faults } })
  await world.connection()
  expect(await run()).toMatchObject({ status: 'succeeded', summary: { targets: 3, stopped: 3 } })
})

test('a connection that names no as endpoint is not guarded', async () => {
  await aWorld()
  const { url } = world.simulator
  await world.connection({ endpoints: { ecs: url, bms: url } })
  expect((await run()).summary).toMatchObject({ targets: 6, stopped: 6 })
  expect(asked()).toBe(0)
})

test('an OpenStack and bare metal have no groups', async () => {
  await aWorld({ servers: [...fleet(6), { kind: 'bms', id: 'metal' }] })
  await world.connection({ api: 'openstack' })
  expect((await run({}, { selector: { ids: ids(3) } })).summary).toMatchObject({ targets: 3 })
  await world.connection({ id: 'plain' })
  const bms = { id: 'metal', connection: 'plain', kind: 'bms', mode: 'hard', acceptPowerCut: true }
  expect((await run({}, bms)).summary).toMatchObject({ targets: 1 })
  expect(asked()).toBe(0)
})
