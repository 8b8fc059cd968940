import { afterEach, describe, expect, test } from 'vitest'
import type { SeedServer, Switches } from '../../infra/simulator/index.ts'
import type { Outcome } from '../../lib/core/model/outcome.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { createWorld, fleet, LOGIN, type World, type WorldOptions } from './world.ts'

let world: World
afterEach(() => world.close())

const id = (number: number): string => fleet(number + 1)[number]!.id!

async function aWorld(options: WorldOptions = {}, connection: Record<string, unknown> = {}): Promise<World> {
  world = await createWorld({
    ...options,
    switches: { jobSeconds: { first: 2, spread: 0 }, ...options.switches },
  })
  await world.connection({ api: 'openstack', ...connection })
  return world
}
async function theRun(policy: Record<string, unknown> = {}) {
  return world.manualRun(await world.policy({ nextDueAt: null, ...policy }))
}
async function endOf(runId: string): Promise<{ run: Run; outcomes: Map<string, Outcome> }> {
  const [run] = await world.ended([runId])
  return { run: run!, outcomes: await world.outcomes(run!) }
}
async function lived(
  servers: SeedServer[],
  switches: Partial<Switches> = {},
  policy: Record<string, unknown> = {},
) {
  await aWorld({ servers, switches })
  return endOf(await theRun(policy))
}
const codes = (outcomes: Map<string, Outcome>): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(outcomes.values(), one => `${one.status} ${one.code}`)].map(([key, { length }]) => [
      key,
      length,
    ]),
  )
const tokens = (): number => world.simulator.ledger.filter(({ path }) => path === '/v3/auth/tokens').length
const asks = (server: string): number =>
  world.simulator.stops().filter(({ stop }) => stop.ids.includes(server)).length

describe('many servers', () => {
  test('2,001 are asked one by one, once each, under one token, and each outcome is right', async () => {
    const special = { 3: { status: 'SHUTOFF' }, 5: { locked: true }, 6: { tags: { 'curfew-protect': '' } } }
    const { run, outcomes } = await lived(fleet(2004, special))
    expect(codes(outcomes)).toEqual({
      'stopped stopped': 2001,
      'skipped already-stopped': 1,
      'skipped locked': 1,
      'skipped protected': 1,
    })
    expect(run.status).toBe('succeeded')
    const asked = world.simulator.stops().flatMap(({ stop }) => stop.ids)
    expect([asked.length, new Set(asked).size]).toEqual([2001, 2001])
    expect(tokens()).toBe(1)
  })
})

describe('only the server’s own state is proof', () => {
  test('one that is up and idle again after each stop is asked three times, and is not called stopped', async () => {
    const { run, outcomes } = await lived(fleet(2), { partialFail: { [id(1)]: 'unused' } })
    expect(outcomes.get(id(0))).toMatchObject({ status: 'stopped', code: 'stopped', jobId: null })
    expect(outcomes.get(id(1))).toMatchObject({
      status: 'failed',
      code: 'still-running',
      reason: 'still ACTIVE: asked 3 times, and up and idle again after each',
    })
    expect([asks(id(0)), asks(id(1))]).toEqual([1, 3])
    expect(run.status).toBe('partial')
  })

  test('one whose first stop fails and whose second does not is stopped', async () => {
    await aWorld({ servers: fleet(1), switches: { partialFail: { [id(0)]: 'unused' } } })
    const runId = await theRun()
    await world.runner.drain()
    world.simulator.switches.partialFail = {}
    await world.pass(1)
    const { outcomes } = await endOf(runId)
    expect(codes(outcomes)).toEqual({ 'stopped stopped': 1 })
    expect(asks(id(0))).toBe(2)
  })

  test('one that ends in error is failed at once, with the cloud’s own words', async () => {
    await aWorld({ servers: fleet(1), switches: { softHangs: [id(0)] } })
    const runId = await theRun()
    await world.runner.drain()
    world.simulator.change(id(0), { status: 'ERROR' })
    const [run] = await world.ended([runId], 5)
    const outcomes = await world.outcomes(run!)
    expect(outcomes.get(id(0))).toMatchObject({
      status: 'failed',
      code: 'in-error',
      reason: 'its status is ERROR: No valid host was found.',
    })
    expect(asks(id(0))).toBe(1)
  })

  test('one whose hypervisor is silent is still running at the deadline, however often a hard stop is refused', async () => {
    const { outcomes } = await lived(
      fleet(1),
      { softHangs: [id(0)], novaHearsType: false },
      { escalateAfterMinutes: 5 },
    )
    expect(outcomes.get(id(0))).toMatchObject({ status: 'failed', code: 'still-running' })
    expect(outcomes.get(id(0))?.reason).toContain('powering-off')
    expect(asks(id(0))).toBeLessThanOrEqual(4)
  })

  test('one whose hypervisor wakes up in time is stopped, by the soft stop', async () => {
    await aWorld({ servers: fleet(1), switches: { softHangs: [id(0)] } })
    const runId = await theRun({ escalateAfterMinutes: 5 })
    await world.pass(10)
    world.simulator.change(id(0), { status: 'SHUTOFF' })
    const { outcomes } = await endOf(runId)
    expect(outcomes.get(id(0))).toMatchObject({ status: 'stopped', code: 'stopped', mode: 'soft' })
  })

  test('a stop without an answer is looked after, and not asked again when it was carried out', async () => {
    await aWorld({ servers: fleet(3), environment: { CLOUD_TIMEOUT_MS: '300' } })
    world.simulator.switches.faults.push({ match: { route: 'novaStop' }, times: 1, kind: 'hangAfter' })
    const { outcomes } = await endOf(await theRun())
    expect(codes(outcomes)).toEqual({ 'stopped answer-lost': 1, 'stopped stopped': 2 })
    expect(world.simulator.stops()).toHaveLength(3)
  })
})

describe('a function that dies in the middle of its calls', () => {
  test('leaves servers that were asked and others that were not: the servers tell, and only the others are asked', async () => {
    let died = false
    await aWorld({
      servers: fleet(6),
      rig: services => ({
        ...services,
        async cloud(connection) {
          const cloud = await services.cloud(connection)
          const request: typeof cloud.request = async (kind, mode, ids) => {
            if (died) return cloud.request(kind, mode, ids)
            died = true
            await cloud.request(kind, mode, ids.slice(0, 2))
            throw new Error('the process died')
          }
          return { ...cloud, request }
        },
      }),
    })
    const { run, outcomes } = await endOf(await theRun())
    expect(run.status).toBe('succeeded')
    expect(codes(outcomes)).toEqual({ 'stopped answer-lost': 2, 'stopped stopped': 4 })
    expect(world.simulator.stops()).toHaveLength(6)
  })
})

describe('a refusal', () => {
  test('of one server does not keep the others, and says which words it came with', async () => {
    await aWorld({ servers: fleet(12) })
    const body = { forbidden: { code: 403, message: "Policy doesn't allow it." } }
    world.simulator.switches.faults.push({
      match: { route: 'novaStop' },
      times: 1,
      kind: 'status',
      status: 403,
      body,
    })
    const { outcomes } = await endOf(await theRun())
    expect(codes(outcomes)).toEqual({ 'stopped stopped': 11, 'failed refused': 1 })
    const refused = [...outcomes.values()].find(({ code }) => code === 'refused')
    expect(refused?.reason).toMatch(/^forbidden: .*403 forbidden came, "Policy doesn't allow it\."/)
    expect(world.simulator.stops()).toHaveLength(12)
  })

  test('of everything, as for a reader, ends after a few calls', async () => {
    await aWorld({ servers: fleet(100) })
    world.simulator.logins[0]!.role = 'reader'
    const { run, outcomes } = await endOf(await theRun())
    expect(codes(outcomes)).toEqual({ 'failed refused': 100 })
    expect(run.status).toBe('failed')
    expect(world.simulator.stops().length).toBeLessThanOrEqual(16)
  })

  test('by Keystone, for a project that is not there, ends the run with the cause', async () => {
    await aWorld({ servers: fleet(2) }, { projectId: 'f'.repeat(32) })
    const { run } = await endOf(await theRun())
    expect(run.status).toBe('failed')
    expect(run.reason).toContain('401')
  })
})

describe('a token', () => {
  test('that ends while a run is under way is renewed once', async () => {
    await aWorld({ servers: fleet(20), switches: { softHangs: [id(0)], softHangSeconds: 600 } })
    const runId = await theRun()
    await world.runner.drain()
    world.simulator.revokeTokens()
    await world.pass(5)
    expect(tokens()).toBe(2)
    const { outcomes } = await endOf(runId)
    expect(outcomes.get(id(1))?.code).toBe('stopped')
  })

  test('is asked for anew shortly before its end, and nobody is turned away', async () => {
    await aWorld({
      servers: fleet(1),
      switches: { softHangs: [id(0)], tokenSeconds: 600 },
    })
    await endOf(await theRun())
    expect(tokens()).toBe(8)
    expect(world.simulator.ledger.filter(({ status }) => status === 401)).toEqual([])
  })

  test('that a changed password no longer brings leaves the outcomes unconfirmed, with the cause', async () => {
    await aWorld({ servers: fleet(3), switches: { softHangs: [id(0), id(1), id(2)] } })
    const runId = await theRun()
    await world.runner.drain()
    world.simulator.logins[0] = { ...LOGIN, password: 'changed-at-the-cloud' }
    world.simulator.revokeTokens()
    const { outcomes } = await endOf(runId)
    expect(codes(outcomes)).toEqual({ 'unconfirmed credentials': 3 })
    expect([...outcomes.values()][0]?.reason).toContain('401')
  })

  test('comes for an application credential just as well', async () => {
    const application = { applicationCredentialId: 'app-1', applicationCredentialSecret: 'appSecret0' }
    await aWorld(
      {
        servers: fleet(2),
        environment: {
          APP_OS_APPLICATION_CREDENTIAL_ID: application.applicationCredentialId,
          APP_OS_APPLICATION_CREDENTIAL_SECRET: application.applicationCredentialSecret,
        },
      },
      { credentials: { source: 'environment', name: 'APP_' } },
    )
    world.simulator.logins.splice(0, 1, application)
    const { outcomes } = await endOf(await theRun())
    expect(codes(outcomes)).toEqual({ 'stopped stopped': 2 })
  })
})
