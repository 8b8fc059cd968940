/** Clouds that ignore or refuse what others take: every server is found and every outcome true, or the run ends with the numbers. */
import { afterEach, describe, expect, test } from 'vitest'
import type { SeedServer, Switches } from '../../infra/simulator/index.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { counts } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const QUICK = { jobSeconds: { first: 2, spread: 0 } }

interface Scene {
  servers: SeedServer[]
  switches?: Partial<Switches>
  connection?: Record<string, unknown>
  policy?: Record<string, unknown>
}
async function endOf({ servers, switches, connection, policy }: Scene): Promise<Run> {
  world = await createWorld({ servers, switches: { ...QUICK, ...switches } })
  await world.connection(connection)
  const runId = await world.manualRun(await world.policy({ nextDueAt: null, ...policy }))
  return (await world.ended([runId]))[0]!
}
const outcomeCounts = async (run: Run) => counts((await world.outcomes(run)).values())
const upIds = () => world.simulator.servers().filter(({ status }) => status === 'ACTIVE')
const lists = () => world.simulator.ledger.filter(({ path }) => path.endsWith('/detail')).length

const DIALECTS: [string, Partial<Switches>][] = [
  ['ignores marker and server_id', { ignoredParameters: ['marker', 'server_id'] }],
  ['refuses marker and server_id', { refusedParameters: ['marker', 'server_id'] }],
  ['ignores server_id, as behind a proxy that strips it', { ignoredParameters: ['server_id'] }],
  ['leaves unknown ids out of its answer', { unknownIds: 'leftOut' }],
]

describe('2,500 servers of a cloud that', () => {
  test.each(DIALECTS)(
    '%s: every one is found and stopped',
    async (_what, switches) => {
      const run = await endOf({ servers: fleet(2500), switches })
      expect(run).toMatchObject({ status: 'succeeded', fleet: 2500 })
      expect(run.summary).toMatchObject({ matched: 2500, targets: 2500, stopped: 2500 })
      expect(upIds()).toEqual([])
    },
    120_000,
  )

  test('ignores marker and offset: the run ends at once with the numbers, and nothing is stopped', async () => {
    const switches = { ignoredParameters: ['marker', 'offset'] }
    const run = await endOf({ servers: fleet(2500), switches })
    expect(run.status).toBe('failed')
    expect(run.reason).toContain('only 1000 of 2500 came')
    expect([run.planning, world.simulator.stops().length]).toEqual([1, 0])
  })

  test('ignores marker: maxPercent counts all of them', async () => {
    const policy = { selector: { name: 'dev-1*' }, limits: { maxPercent: 45 } }
    const switches = { ignoredParameters: ['marker'] }
    const run = await endOf({ servers: fleet(2500), switches, policy })
    expect([run.status, run.fleet, run.summary.targets]).toEqual(['succeeded', 2500, 1111])
  })
})

describe('300 targets at 100 a minute, of a cloud that', () => {
  const connection = { maxServersPerMinute: { ecs: 100, bms: null } }

  test.each(DIALECTS)('%s: every outcome is true', async (_what, switches) => {
    const run = await endOf({ servers: fleet(300), switches, connection })
    expect(await outcomeCounts(run)).toEqual({ 'stopped stopped': 300 })
    expect(run.status).toBe('succeeded')
    expect(upIds()).toEqual([])
  })

  test.each(DIALECTS)('%s: what vanishes meanwhile is gone, and nothing else', async (_what, switches) => {
    world = await createWorld({ servers: fleet(300), switches: { ...QUICK, ...switches } })
    await world.connection(connection)
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    for (const { id } of fleet(300).slice(150, 155)) world.simulator.remove(id!)
    const [run] = await world.ended([runId])
    expect(await outcomeCounts(run!)).toEqual({ 'stopped stopped': 295, 'skipped not-found': 5 })
    expect(upIds()).toEqual([])
  })
})

describe('ten targets among others, of a cloud that', () => {
  const servers = fleet(300)
  const policy = { selector: { ids: servers.slice(200, 210).map(({ id }) => id!) } }

  test.each(DIALECTS)('%s: are verified one by one', async (_what, switches) => {
    const run = await endOf({ servers, switches, policy })
    expect(await outcomeCounts(run)).toEqual({ 'stopped stopped': 10 })
    expect(run.status).toBe('succeeded')
  })

  test.each(DIALECTS)('%s: are escalated where they hang', async (_what, switches) => {
    const hangs = { softHangs: servers.slice(200, 203).map(({ id }) => id!) }
    const run = await endOf({
      servers,
      switches: { ...switches, ...hangs },
      policy: { ...policy, escalateAfterMinutes: 5 },
    })
    expect(await outcomeCounts(run)).toEqual({ 'stopped stopped': 7, 'stopped escalated': 3 })
  })

  test.each(DIALECTS)(
    '%s: are judged by their own state where a stop is refused',
    async (_what, switches) => {
      const special = { 205: { locked: true } }
      world = await createWorld({
        servers: fleet(300),
        switches: { ...QUICK, ...switches, badMember: 'refuse', refusalNamesId: true },
        rig: services => ({
          ...services,
          async cloud(connection) {
            const cloud = await services.cloud(connection)
            const request: typeof cloud.request = (kind, mode, ids) => {
              for (const place of Object.keys(special))
                world.simulator.change(servers[Number(place)]!.id!, { locked: true })
              return cloud.request(kind, mode, ids)
            }
            return { ...cloud, request }
          },
        }),
      })
      await world.connection()
      const runId = await world.manualRun(await world.policy({ nextDueAt: null, ...policy }))
      const [run] = await world.ended([runId])
      expect(await outcomeCounts(run!)).toEqual({ 'stopped stopped': 9, 'failed locked': 1 })
    },
  )

  test.each(DIALECTS)('%s: that are up again an hour later are seen', async (_what, switches) => {
    const run = await endOf({ servers, switches, policy })
    world.simulator.change(servers[205]!.id!, { status: 'ACTIVE' })
    await world.pass(1.2 * 60)
    const again = [...(await world.outcomes(run)).values()].filter(({ restartedAt }) => restartedAt)
    expect(again.map(({ serverId }) => serverId)).toEqual([servers[205]!.id])
  })
})

describe('a list with odd entries', () => {
  test('leaves the one whose status is not told, and says so', async () => {
    const servers = fleet(5)
    const run = await endOf({ servers, switches: { statusUntold: [servers[3]!.id!] } })
    expect(await outcomeCounts(run)).toEqual({ 'stopped stopped': 4, 'skipped not-active': 1 })
    const left = (await world.outcomes(run)).get(servers[3]!.id!)
    expect(left?.reason).toBe('it cannot be stopped: its status is UNKNOWN')
  })

  test('that is null is empty', async () => {
    const run = await endOf({ servers: [], switches: { emptyListIsNull: true } })
    expect(run).toMatchObject({ status: 'succeeded', summary: { matched: 0 } })
  })
})

describe('a Nova', () => {
  const connection = { api: 'openstack' }

  test('whose pages overlap has each server stopped once', async () => {
    const switches = { maxPage: 20, novaOverlap: 3 }
    const run = await endOf({ servers: fleet(100), switches, connection })
    expect([run.fleet, run.summary.stopped]).toEqual([100, 100])
    expect(world.simulator.stops()).toHaveLength(100)
  })

  test('that ignores marker ends the run with the numbers', async () => {
    const switches = { maxPage: 20, ignoredParameters: ['marker'] }
    const run = await endOf({ servers: fleet(50), switches, connection })
    expect(run.status).toBe('failed')
    expect(run.reason).toContain('none that is new came after 20')
    expect([run.planning, lists(), world.simulator.stops().length]).toEqual([1, 2, 0])
  })

  test('of which one entry tells no status leaves that one', async () => {
    const servers = fleet(5)
    const run = await endOf({ servers, switches: { statusUntold: [servers[3]!.id!] }, connection })
    expect(await outcomeCounts(run)).toEqual({ 'stopped stopped': 4, 'skipped not-active': 1 })
  })
})

describe('a server that a policy names by id and the list lacks', () => {
  test('is asked for by its id: stopped where it is, and not-found where the cloud says so', async () => {
    const [hidden, gone] = ['00000000-0000-4000-8000-000000000002', 'ffffffff-0000-4000-8000-000000000000']
    world = await createWorld({
      servers: fleet(3),
      switches: QUICK,
      rig: services => ({
        ...services,
        async cloud(connection) {
          const cloud = await services.cloud(connection)
          return {
            ...cloud,
            async *servers(kind, after) {
              for await (const page of cloud.servers(kind, after))
                yield { ...page, servers: page.servers.filter(({ id }) => id !== hidden) }
            },
          }
        },
      }),
    })
    await world.connection()
    // The limit has the fleet counted, and so listed.
    const limits = { maxPercent: 100 }
    const policy = await world.policy({ nextDueAt: null, selector: { ids: [hidden, gone] }, limits })
    const [run] = await world.ended([await world.manualRun(policy)])
    const outcomes = await world.outcomes(run!)
    expect([...outcomes].map(([id, { code }]) => [id, code]).toSorted()).toEqual([
      [hidden, 'stopped'],
      [gone, 'not-found'],
    ])
    expect(run!.fleet).toBe(3)
  })
})
