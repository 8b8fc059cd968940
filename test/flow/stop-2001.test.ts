import { afterEach, expect, test } from 'vitest'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const counts = (outcomes: Iterable<{ status: string; code: string }>): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(outcomes, ({ status, code }) => `${status} ${code}`)].map(([key, all]) => [
      key,
      all.length,
    ]),
  )

const SPECIAL = {
  3: { status: 'SHUTOFF' },
  4: { status: 'SHUTOFF' },
  5: { locked: true },
  6: { tags: { 'curfew-protect': '' } },
}
const GONE = fleet(2005)[2004]!.id!

test('2,001 servers are stopped in three requests, with some off, some locked and one bad id, and every outcome is right', async () => {
  world = await createWorld({
    servers: fleet(2005, SPECIAL),
    rig: services => ({
      ...services,
      async cloud(connection) {
        const cloud = await services.cloud(connection)
        const request: typeof cloud.request = (...asked) => {
          if (world.simulator.server(GONE)) world.simulator.remove(GONE)
          return cloud.request(...asked)
        }
        return { ...cloud, request }
      },
    }),
  })
  await world.connection()
  const [run] = await world.ended([await world.manualRun(await world.policy())])

  const stops = world.simulator.stops()
  expect(stops.map(({ stop }) => `${stop.type} ${stop.ids.length}`)).toEqual([
    'SOFT 1000',
    'SOFT 1000',
    'SOFT 1',
  ])
  const outcomes = await world.outcomes(run!)
  expect(counts(outcomes.values())).toEqual({
    'stopped stopped': 2000,
    'skipped already-stopped': 2,
    'skipped locked': 1,
    'skipped protected': 1,
    'failed not-found': 1,
  })
  expect(outcomes.get(GONE)?.reason).toContain('Ecs.0114')
  expect(run!.summary).toEqual({
    matched: 2005,
    targets: 2001,
    skipped: 4,
    stopped: 2000,
    started: 0,
    failed: 1,
    unconfirmed: 0,
  })
  expect(run!.status).toBe('partial')
  const up = world.simulator.servers('ecs').filter(({ status }) => status === 'ACTIVE')
  expect(up.map(({ name }) => name).sort()).toEqual(['dev-5', 'dev-6'])
})
