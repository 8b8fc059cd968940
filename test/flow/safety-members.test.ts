import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SeedServer, Switches } from '../../infra/simulator/index.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { counts, ends, type Hooks, ids, reads, rigged, sent } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const REFUSE: Partial<Switches> = { badMember: 'refuse' }

interface Trouble {
  size: number
  switches?: Partial<Switches>
  /** What happens to servers after they were listed, right before the first request. */
  meanwhile: () => void
  hooks?: Hooks
  special?: Record<number, Partial<SeedServer>>
}

async function troubled({ size, switches, meanwhile, hooks, special }: Trouble): Promise<Run> {
  let happened = false
  const beforeStop = () => {
    if (!happened) meanwhile()
    happened = true
  }
  world = await createWorld({
    servers: fleet(size, special),
    switches: switches ?? REFUSE,
    rig: rigged({ beforeStop, ...hooks }),
  })
  await world.connection()
  const policy = await world.policy({ nextDueAt: null })
  const [run] = await world.ended([await world.manualRun(policy)])
  return run!
}
const lock =
  (...places: number[]) =>
  () => {
    for (const place of places) world.simulator.change(ids(1000)[place]!, { locked: true })
  }
const calls = (): number => world.simulator.stops().length + reads(world)
/** Calls beyond those of the same run in which nothing happens. */
let least: number
const extra = (): number => calls() - least
beforeAll(async () => {
  await troubled({ size: 1000, meanwhile: () => {} })
  least = calls()
  await world.close()
})

describe('one bad id of a thousand, refused with all the others', () => {
  test.each([0, 511, 999])('costs at most 20 calls more, at place %i', async place => {
    const run = await troubled({ size: 1000, meanwhile: lock(place) })
    expect(counts((await world.outcomes(run)).values())).toEqual({
      'stopped stopped': 999,
      'failed locked': 1,
    })
    expect(extra()).toBeLessThanOrEqual(20)
    expect(extra()).toBeGreaterThan(5)
    const taken = world.simulator.stops().filter(({ status }) => status === 200)
    expect(taken.flatMap(({ stop }) => stop.ids).sort()).toEqual(
      ids(1000).filter((_, other) => other !== place),
    )
    expect((await world.outcomes(run)).get(ids(1000)[place]!)?.reason).toContain('Ecs.0605')
  })

  test('costs two calls more where the answer names it', async () => {
    const run = await troubled({
      size: 1000,
      switches: { ...REFUSE, refusalNamesId: true },
      meanwhile: lock(511),
    })
    expect(counts((await world.outcomes(run)).values())).toEqual({
      'stopped stopped': 999,
      'failed locked': 1,
    })
    expect(extra()).toBe(2)
  })

  test('costs at most 20 calls more under the limit of a thousand a minute, and a look a minute', async () => {
    world = await createWorld({
      servers: fleet(1000),
      switches: REFUSE,
      rig: rigged({ beforeStop: lock(3) }),
    })
    await world.connection({ maxServersPerMinute: { ecs: 1000, bms: null } })
    const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
    expect(run!.summary).toMatchObject({ stopped: 999, skipped: 1 })
    expect(extra()).toBeLessThanOrEqual(20)
  })
})

describe('several bad ids', () => {
  test('of which a read shows each: no more than one of them is searched for', async () => {
    const run = await troubled({ size: 300, meanwhile: lock(...ids(100).keys()) })
    expect(counts((await world.outcomes(run)).values())).toEqual({
      'stopped stopped': 200,
      'skipped locked': 99,
      'failed locked': 1,
    })
    expect(calls()).toBeLessThanOrEqual(20)
  })

  test('each for its own cause', async () => {
    const servers = ids(8)
    const run = await troubled({
      size: 8,
      switches: { ...REFUSE, refusalNamesId: true },
      meanwhile: () => {
        world.simulator.change(servers[0]!, { locked: true })
        world.simulator.change(servers[1]!, { frozen: true })
        world.simulator.remove(servers[2]!)
        world.simulator.change(servers[3]!, { status: 'SHUTOFF' })
        world.simulator.change(servers[4]!, { taskState: 'rebooting' })
      },
    })
    expect(await ends(world, run)).toEqual([
      '0: failed locked',
      '1: failed frozen',
      '2: failed not-found',
      '3: skipped already-stopped',
      '4: failed busy',
      '5: stopped stopped',
      '6: stopped stopped',
      '7: stopped stopped',
    ])
  })
})

describe('never parted', () => {
  const fault = { match: { route: 'stop' as const }, times: 2 }
  test.each(['throttle429', 'flow202', 'busy503'] as const)(
    'on %s: the same request goes out again',
    async kind => {
      const run = await troubled({ size: 4, meanwhile: () => {}, switches: { faults: [{ ...fault, kind }] } })
      expect(run.status).toBe('succeeded')
      expect(sent(world).map(line => line.split(' ')[1])).toEqual(['0,1,2,3', '0,1,2,3', '0,1,2,3'])
    },
  )

  test('on credentials: nothing goes out again', async () => {
    const run = await troubled({ size: 4, meanwhile: () => world.simulator.keys.splice(0) })
    expect(sent(world)).toEqual(['SOFT 0,1,2,3 401'])
    expect(counts((await world.outcomes(run)).values())).toEqual({ 'failed credentials': 4 })
    expect(run.status).toBe('failed')
  })
})

test('too many ids for a region in one request are halved, and all are stopped', async () => {
  const body = { error: { code: 'Ecs.0118', message: 'Too many servers' } }
  const match = { route: 'stop' as const }
  const faults = [{ match, times: 3, kind: 'status' as const, status: 400, body }]
  const run = await troubled({ size: 8, meanwhile: () => {}, switches: { faults } })
  expect(sent(world)).toEqual([
    'SOFT 0,1,2,3,4,5,6,7 400',
    'SOFT 0,1,2,3 400',
    'SOFT 0,1 400',
    'SOFT 0 200',
    'SOFT 1 200',
    'SOFT 2,3 200',
    'SOFT 4,5,6,7 200',
  ])
  expect(run.summary).toMatchObject({ targets: 8, stopped: 8 })
})

describe('off before we asked', () => {
  const off = () => world.simulator.change(ids(3)[1]!, { status: 'SHUTOFF' })
  test.each([
    ['its part of the job says so', { badMember: 'subJob' }],
    ['the whole request is refused for it', REFUSE],
    ['the answer names it', { ...REFUSE, refusalNamesId: true }],
  ] as const)('is skipped, and never claimed: %s', async (_, switches) => {
    const run = await troubled({ size: 3, switches, meanwhile: off })
    expect(await ends(world, run)).toEqual([
      '0: stopped stopped',
      '1: skipped already-stopped',
      '2: stopped stopped',
    ])
    expect(run).toMatchObject({
      status: 'succeeded',
      summary: { matched: 3, targets: 2, skipped: 1, stopped: 2 },
    })
  })
})
