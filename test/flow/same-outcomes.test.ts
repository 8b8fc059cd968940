/** The same scenarios through both adapters, with the same outcomes: Huawei Cloud's own calls, and a plain OpenStack. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Fault, RouteName, SeedServer, Switches } from '../../infra/simulator/index.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

type Api = Connection['api']
const ROUTES: Record<Api, Record<'list' | 'stop', RouteName>> = {
  huaweicloud: { list: 'list', stop: 'stop' },
  openstack: { list: 'novaList', stop: 'novaStop' },
}

interface Scenario {
  servers?: SeedServer[]
  switches?: Partial<Switches>
  /** Met by the first requests of a route. */
  faults?: { route: 'list' | 'stop'; times: number; kind: Fault['kind']; status?: number }[]
  policy?: Record<string, unknown>
  connection?: Record<string, unknown>
  environment?: Record<string, string>
  /** What happens when the run has been planned, and before anything is asked. */
  before?: () => void
  mostMinutes?: number
}

async function lived(api: Api, scenario: Scenario): Promise<{ run: Run; outcomes: Record<string, string> }> {
  const { servers = fleet(4), switches = {}, faults = [], before } = scenario
  let begun = false
  world = await createWorld({
    servers,
    switches: { jobSeconds: { first: 20, spread: 0 }, badMember: 'refuse', novaHearsType: true, ...switches },
    environment: { CLOUD_TIMEOUT_MS: '400', ...scenario.environment },
    rig: services => ({
      ...services,
      async cloud(connection) {
        const cloud = await services.cloud(connection)
        const request: typeof cloud.request = (...asked) => {
          if (!begun) before?.()
          begun = true
          return cloud.request(...asked)
        }
        return { ...cloud, request }
      },
    }),
  })
  await world.connection({ api, ...scenario.connection })
  for (const { route, ...fault } of faults)
    world.simulator.switches.faults.push({ match: { route: ROUTES[api][route] }, ...fault })
  const policy = await world.policy({ nextDueAt: null, ...scenario.policy })
  const [run] = await world.ended([await world.manualRun(policy)], scenario.mostMinutes)
  const all = [...(await world.outcomes(run!)).values()]
  const words = all.map(({ name, status, code }) => [name, `${status} ${code}`] as const)
  return { run: run!, outcomes: Object.fromEntries(words.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

const id = (number: number): string => fleet(number + 1)[number]!.id!
const ALL_STOPPED = {
  'dev-0': 'stopped stopped',
  'dev-1': 'stopped stopped',
  'dev-2': 'stopped stopped',
  'dev-3': 'stopped stopped',
}

describe.each<Api>(['huaweicloud', 'openstack'])('over %s', api => {
  test('servers that are up are stopped, and those that are not to be asked are not', async () => {
    const special = {
      1: { status: 'SHUTOFF' },
      2: { locked: true },
      3: { tags: { 'curfew-protect': '' } },
      4: { taskState: 'rebooting' },
      5: { status: 'ERROR' },
      6: { tags: { env: 'prod' } },
    }
    const { run, outcomes } = await lived(api, {
      servers: fleet(8, special),
      policy: { exclude: { tags: { env: ['prod'] } } },
    })
    expect(outcomes).toEqual({
      'dev-0': 'stopped stopped',
      'dev-1': 'skipped already-stopped',
      'dev-2': 'skipped locked',
      'dev-3': 'skipped protected',
      'dev-4': 'skipped busy',
      'dev-5': 'skipped not-active',
      'dev-6': 'skipped excluded',
      'dev-7': 'stopped stopped',
    })
    expect(run.status).toBe('succeeded')
    const asked = world.simulator.stops().flatMap(({ stop }) => stop.ids)
    expect(asked.toSorted()).toEqual([id(0), id(7)])
  })

  test('a list of several pages is read to its end, and each of its servers stopped', async () => {
    const { run } = await lived(api, { servers: fleet(25), switches: { maxPage: 10 } })
    expect([run.status, run.summary.stopped]).toEqual(['succeeded', 25])
  })

  test('bare metal is left to a policy of its own', async () => {
    const metal: SeedServer[] = [{ kind: 'bms', id: id(9), name: 'metal', tags: { env: 'lab' } }]
    const soft = await lived(api, { servers: [...fleet(1), ...metal] })
    expect(soft.outcomes).toEqual({ 'dev-0': 'stopped stopped' })
    await world.close()
    const hard = await lived(api, {
      servers: [...fleet(1), ...metal],
      policy: { kind: 'bms', mode: 'hard', acceptPowerCut: true },
    })
    expect(hard.outcomes).toEqual({ metal: 'stopped stopped' })
  })

  test('one that went off, one that was locked, one that is gone when the request comes: each is told apart, the others are stopped', async () => {
    const { run, outcomes } = await lived(api, {
      servers: fleet(5),
      before: () => {
        world.simulator.change(id(1), { status: 'SHUTOFF' })
        world.simulator.change(id(2), { locked: true })
        world.simulator.remove(id(3))
      },
    })
    expect(outcomes).toEqual({
      'dev-0': 'stopped stopped',
      'dev-1': 'skipped already-stopped',
      'dev-2': expect.stringMatching(/^(failed|skipped) locked$/),
      'dev-3': expect.stringMatching(/^(failed|skipped) not-found$/),
      'dev-4': 'stopped stopped',
    })
    expect(run.summary.stopped).toBe(2)
  })

  const notDone: Fault['kind'][] = ['throttle429', 'flow202', 'busy503']
  test.each(notDone)('a stop that meets %s is asked again later, and all are stopped', async kind => {
    const { outcomes } = await lived(api, { faults: [{ route: 'stop', times: 2, kind }] })
    expect(outcomes).toEqual(ALL_STOPPED)
  })

  const done: Fault['kind'][] = ['resetAfter', 'hangAfter']
  test.each(done)('a stop that was carried out and met %s is not asked again', async kind => {
    const { outcomes } = await lived(api, {
      servers: fleet(1),
      faults: [{ route: 'stop', times: 1, kind }],
    })
    expect(outcomes).toEqual({ 'dev-0': 'stopped answer-lost' })
    expect(world.simulator.stops()).toHaveLength(1)
  })

  const unclear: Fault['kind'][] = ['resetBefore', 'hangBefore', 'html502']
  test.each(unclear)('a stop that met %s and was not carried out is asked once more', async kind => {
    const { outcomes } = await lived(api, {
      servers: fleet(1),
      faults: [{ route: 'stop', times: 1, kind }],
    })
    expect(outcomes).toEqual({ 'dev-0': 'stopped stopped' })
    expect(world.simulator.stops()).toHaveLength(2)
  })

  const reads: Fault['kind'][] = ['throttle429', 'busy503', 'html502', 'resetBefore', 'wrongJson']
  test.each(reads)('a list that meets %s is read again', async kind => {
    const { outcomes } = await lived(api, { faults: [{ route: 'list', times: 2, kind }] })
    expect(outcomes).toEqual(ALL_STOPPED)
  })

  test('a cloud that throttles every stop without end leaves its targets failed', async () => {
    const { run, outcomes } = await lived(api, {
      servers: fleet(2),
      faults: [{ route: 'stop', times: 10_000, kind: 'throttle429' }],
    })
    expect(outcomes).toEqual({ 'dev-0': 'failed throttled', 'dev-1': 'failed throttled' })
    expect(run.status).toBe('failed')
  })

  test('a guest that does not heed a soft stop is stopped hard, where the policy says so', async () => {
    const { outcomes } = await lived(api, {
      servers: fleet(2),
      switches: { softHangs: [id(1)], softHangSeconds: 120 },
      policy: { escalateAfterMinutes: 5 },
    })
    expect(outcomes).toEqual({ 'dev-0': 'stopped stopped', 'dev-1': 'stopped escalated' })
    expect(world.simulator.stops().at(-1)?.stop).toMatchObject({ type: 'HARD', ids: [id(1)] })
  })

  test('a guest that does not heed it is still running at the deadline, where the policy does not', async () => {
    const { run, outcomes } = await lived(api, {
      servers: fleet(2),
      switches: { softHangs: [id(1)] },
    })
    expect(outcomes).toEqual({ 'dev-0': 'stopped stopped', 'dev-1': 'failed still-running' })
    expect(run.status).toBe('partial')
  })

  test('no 60 seconds see more servers asked than the connection allows', async () => {
    const { run, outcomes } = await lived(api, {
      connection: { maxServersPerMinute: { ecs: 2, bms: null } },
    })
    expect([run.status, outcomes]).toEqual(['succeeded', ALL_STOPPED])
    const asked = world.simulator.stops().map(({ at, stop }) => ({ at, count: stop.ids.length }))
    for (const { at } of asked) {
      const lately = asked.filter(one => one.at > at - 60_000 && one.at <= at)
      expect(lately.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(2)
    }
  })

  test('a secret that the cloud refuses ends the run failed, with the cause, and is left alone', async () => {
    const wrong = { HUAWEICLOUD_SDK_SK: 'wrong', OS_PASSWORD: 'wrong' }
    const { run } = await lived(api, { environment: wrong })
    expect(run.status).toBe('failed')
    expect(run.reason).toContain('401')
    expect(run.reason).not.toContain('wrong')
    expect(world.simulator.ledger.filter(({ status }) => status === 401)).toHaveLength(1)
    expect(world.simulator.stops()).toEqual([])
  })
})
