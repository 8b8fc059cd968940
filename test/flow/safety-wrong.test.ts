import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SeedServer } from '../../infra/simulator/index.ts'
import { at } from '../makers.ts'
import { ends, ids, reads, rigged, sent } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const SPECIAL: Record<number, Partial<SeedServer>> = {
  1: { tags: { 'curfew-protect': '' } },
  2: { tags: { 'curfew-protect': 'false', 'curfew-snooze-until': '2030-01-01' } },
  3: { tags: { role: 'db' } },
  4: { tags: { 'curfew-snooze-until': '2030-01-01' } },
  5: { tags: { 'curfew-snooze-until': 'soon' } },
  6: { locked: true },
  7: { frozen: true },
  8: { taskState: 'rebooting' },
  9: { status: 'SHUTOFF' },
  10: { status: 'ERROR' },
  11: { status: 'DELETED' },
  12: { inRecycleBin: true },
  13: { kind: 'bms' },
}
const SAID = [
  '0: stopped stopped',
  '1: skipped protected',
  '2: skipped protected',
  '3: skipped excluded',
  '4: skipped snoozed',
  '5: skipped snooze-malformed',
  '6: skipped locked',
  '7: skipped frozen',
  '8: skipped busy',
  '9: skipped already-stopped',
  '10: skipped not-active',
  '11: skipped deleted',
  '12: skipped in-recycle-bin',
]
const exclude = { tags: { role: ['db'] } }
/** What is not off by then is given up: an hour's looks would tell the same. */
const SOON = { RUN_DEADLINE_MINUTES: '10' }

describe('a server that must not be stopped', () => {
  test('is never asked, by whatever run, and says why', async () => {
    world = await createWorld({ servers: fleet(14, SPECIAL) })
    await world.connection()
    const policy = await world.policy({ nextDueAt: null, exclude, limits: { maxServers: 1 } })
    const [run] = await world.ended([await world.manualRun(policy, { overrideLimits: true })])
    expect(await ends(world, run!)).toEqual(SAID)
    expect(sent(world)).toEqual(['SOFT 0 200'])
  })

  test('named by its id, is wrong-kind where it is of the other, and not-found where it is nowhere', async () => {
    world = await createWorld({ servers: fleet(14, SPECIAL) })
    await world.connection()
    const selector = { ids: [...ids(14), 'nobody'] }
    const policy = await world.policy({ nextDueAt: null, exclude, selector })
    const metal = { kind: 'bms', mode: 'hard', acceptPowerCut: true, selector: { ids: ids(14).slice(12) } }
    const other = await world.policy({ id: 'metal', nextDueAt: null, ...metal })
    const [run, bms] = await world.ended([await world.manualRun(policy), await world.manualRun(other)])
    expect(await ends(world, run!)).toEqual([...SAID, '13: skipped wrong-kind', 'NaN: skipped not-found'])
    expect(await ends(world, bms!)).toEqual(['12: skipped wrong-kind', '13: stopped stopped'])
    expect(run!.summary).toMatchObject({ matched: 15, targets: 1, skipped: 14, stopped: 1 })
    expect(sent(world)).toEqual(['SOFT 0 200', 'HARD 13 200'])
  })

  test('is left when the other kind cannot be asked: its id is then nobody’s', async () => {
    world = await createWorld({ servers: fleet(14, SPECIAL) })
    await world.connection()
    const body = { error: { code: 'BMS.0033', message: 'role not allowed' } }
    world.simulator.switches.faults.push({
      match: { kind: 'bms' },
      times: 99,
      kind: 'status',
      status: 403,
      body,
    })
    const policy = await world.policy({ nextDueAt: null, selector: { ids: ids(14).slice(12) } })
    const [run] = await world.ended([await world.manualRun(policy)])
    expect(run!.status).toBe('succeeded')
    expect(await ends(world, run!)).toEqual(['12: skipped in-recycle-bin', '13: skipped not-found'])
  })
})

describe('a fresh look right before the act', () => {
  const change = (place: number, patch: Partial<SeedServer>) => world.simulator.change(ids(9)[place]!, patch)

  test('after more than a minute of waiting: who meanwhile got protected, snoozed, off or gone is skipped', async () => {
    world = await createWorld({ servers: fleet(9) })
    await world.connection({ maxServersPerMinute: { ecs: 4, bms: null } })
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.pass(1)
    expect(sent(world)).toEqual(['SOFT 0,1,2,3 200'])
    change(4, { tags: { 'curfew-protect': '' } })
    change(5, { tags: { 'curfew-snooze-until': '2030-01-01' } })
    change(6, { status: 'SHUTOFF' })
    world.simulator.remove(ids(9)[7]!)
    const [run] = await world.ended([runId])
    expect((await ends(world, run!)).slice(4)).toEqual([
      '4: skipped protected',
      '5: skipped snoozed',
      '6: skipped already-stopped',
      '7: skipped not-found',
      '8: stopped stopped',
    ])
    expect(sent(world)).toEqual(['SOFT 0,1,2,3 200', 'SOFT 8 200'])
    expect(run!.summary).toMatchObject({ matched: 9, targets: 5, skipped: 4, stopped: 5 })
  })

  test('within a minute there is none: one listing, and the request', async () => {
    world = await createWorld({ servers: fleet(9) })
    await world.connection()
    await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    expect(sent(world)).toHaveLength(1)
    expect(reads(world)).toBe(1)
  })

  test('a listing that took more than a minute is looked at again where it began', async () => {
    const servers = fleet(2500).map((server, place) => ({ ...server, name: place === 0 ? 'first' : 'other' }))
    const rig = rigged({})
    world = await createWorld({
      servers,
      rig: services => {
        const own = rig(services)
        const cloud: typeof own.cloud = async connection => {
          const opened = await own.cloud(connection)
          return {
            ...opened,
            async *servers(kind, after) {
              for await (const page of opened.servers(kind, after)) {
                yield page
                change(0, { tags: { 'curfew-protect': '' } })
                vi.setSystemTime(Date.now() + 40_000)
              }
            },
          }
        }
        return { ...own, cloud }
      },
    })
    await world.connection()
    const policy = await world.policy({ nextDueAt: null, selector: { name: 'first' } })
    const [run] = await world.ended([await world.manualRun(policy)])
    expect(await ends(world, run!)).toEqual(['0: skipped protected'])
    expect(sent(world)).toEqual([])
  })

  test('takes no server for gone that a list leaves out: it is looked for by its id', async () => {
    const forgotten = ids(240).at(-1)!
    world = await createWorld({
      servers: fleet(240),
      rig: services => ({
        ...services,
        async cloud(connection) {
          const cloud = await services.cloud(connection)
          return {
            ...cloud,
            async serversById(kind, asked, total) {
              const servers = await cloud.serversById(kind, asked, total)
              if (total !== null) servers.delete(forgotten)
              return servers
            },
          }
        },
      }),
    })
    await world.connection({ maxServersPerMinute: { ecs: 120, bms: null } })
    const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
    expect(run!.summary).toMatchObject({ matched: 240, targets: 240, stopped: 240 })
  })

  test('before a second request: who was protected, excluded by tag or snoozed since the first gets none', async () => {
    world = await createWorld({ servers: fleet(5), switches: { softHangs: ids(5) }, environment: SOON })
    await world.connection()
    const policy = { escalateAfterMinutes: 5, exclude: { tags: { keep: [] } }, nextDueAt: null }
    const runId = await world.manualRun(await world.policy(policy))
    await world.pass(1)
    change(0, { tags: { 'curfew-protect': '' } })
    change(1, { tags: { keep: 'me' } })
    change(2, { tags: { 'curfew-snooze-until': '2030-01-01' } })
    change(3, { tags: { 'curfew-no-force': '' } })
    const [run] = await world.ended([runId])
    expect(sent(world)).toEqual(['SOFT 0,1,2,3,4 200', 'HARD 4 200'])
    expect((await ends(world, run!)).map(line => line.slice(3))).toEqual([
      ...Array(4).fill('failed still-running'),
      'stopped escalated',
    ])
  })

  test('before it is asked again, its answer lost: who was protected since is not', async () => {
    const faults = [{ match: { route: 'stop' as const }, times: 1, kind: 'resetBefore' as const }]
    world = await createWorld({ servers: fleet(2), switches: { faults }, environment: SOON })
    await world.connection()
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    change(0, { tags: { 'curfew-protect': '' } })
    const [run] = await world.ended([runId])
    expect(sent(world)).toEqual(['SOFT 0,1 0', 'SOFT 1 200'])
    expect(await ends(world, run!)).toEqual(['0: failed still-running', '1: stopped stopped'])
  })
})

describe('a limit', () => {
  test.each([
    [{ maxServers: 3 }, '4 servers would be stopped, more than limits.maxServers, 3'],
    [{ maxPercent: 60 }, '4 of 6 servers would be stopped, more than limits.maxPercent, 60 %'],
  ])(
    '%j blocks the whole run: it is listed, and nothing else is asked of the cloud',
    async (limits, reason) => {
      world = await createWorld({ servers: fleet(6, { 0: { status: 'SHUTOFF' }, 1: { locked: true } }) })
      await world.connection()
      const [run] = await world.ended([
        await world.manualRun(await world.policy({ nextDueAt: null, limits })),
      ])
      expect(run).toMatchObject({
        status: 'blocked',
        reason,
        summary: { matched: 6, targets: 0, skipped: 6 },
      })
      expect((await ends(world, run!)).slice(2)).toEqual(
        [2, 3, 4, 5].map(place => `${place}: skipped blocked`),
      )
      expect(world.simulator.ledger.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual(
        ['GET detail', 'GET scaling_group', 'GET scaling_group'],
      )
    },
  )

  test('that blocks one run leaves its servers to the others of the same minute', async () => {
    world = await createWorld({ servers: fleet(4) })
    await world.connection()
    const dueAt = at(Date.now() + 60_000)
    const schedule = { cron: '1 12 * * *', timeZone: 'UTC' }
    await world.policy({ id: 'a-all', schedule, nextDueAt: dueAt, limits: { maxServers: 3 } })
    await world.policy({ id: 'b-some', schedule, nextDueAt: dueAt, selector: { ids: ids(2) } })
    await world.policy({ id: 'c-some', schedule, nextDueAt: dueAt, selector: { ids: ids(3).slice(1) } })
    await world.pass(5)
    const runs = (await world.store.runs({ most: 10 })).items.sort((a, b) => a.id.localeCompare(b.id))
    expect(runs.map(({ status }) => status)).toEqual(['blocked', 'succeeded', 'succeeded'])
    expect(await ends(world, runs[1]!)).toEqual(['0: stopped stopped', '1: stopped stopped'])
    expect(await ends(world, runs[2]!)).toEqual(['1: skipped in-another-run', '2: stopped stopped'])
    expect(sent(world).sort()).toEqual(['SOFT 0,1 200', 'SOFT 2 200'])
  })
})

describe("the guard by a policy's own history", () => {
  const policy = {
    schedule: { cron: '0 20-23 * * *', timeZone: 'UTC' },
    nextDueAt: '2026-11-21T20:00:00.000Z',
  }
  /** One evening after the other: who was off is up again by eight. */
  async function evenings(count: number): Promise<string[]> {
    for (let hour = 0; hour < 4 * count; hour++) {
      const { nextDueAt } = (await world.store.policy('nightly-dev'))!
      vi.setSystemTime(Date.parse(nextDueAt!) - 1000)
      const up = hour % 4 === 0 ? world.simulator.servers('ecs') : []
      for (const { id } of up) world.simulator.change(id, { status: 'ACTIVE' })
      await world.pass(3)
    }
    const { items } = await world.store.runs({ policyId: 'nightly-dev', most: 4 * count })
    return items.reverse().map(({ status, summary }) => `${status} ${summary.stopped}`)
  }

  test('finds nothing odd in 100, 0, 0, 0; blocks 400 until a person says it is right', async () => {
    world = await createWorld({ servers: fleet(100), switches: { jobSeconds: { first: 1, spread: 0 } } })
    await world.connection()
    await world.policy(policy)
    const usual = ['succeeded 100', ...Array(3).fill('succeeded 0')]
    expect(await evenings(6)).toEqual(Array(6).fill(usual).flat())
    world.simulator.addServers(fleet(400).slice(100))
    expect(await evenings(1)).toEqual(Array(4).fill('blocked 0'))
    const stops = sent(world).length
    const manual = await world.manualRun((await world.store.policy('nightly-dev'))!, { overrideLimits: true })
    const [right] = await world.ended([manual], 30)
    expect(right).toMatchObject({ status: 'succeeded', summary: { stopped: 400 } })
    expect(sent(world)).toHaveLength(stops + 1)
    expect(await evenings(1)).toEqual(['succeeded 400', ...Array(3).fill('succeeded 0')])
  })
})
