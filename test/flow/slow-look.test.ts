import { afterEach, expect, test, vi } from 'vitest'
import { createWorld, fleet, rigStore, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const FLEET = 60_000
/** So long one listing of it takes: four seconds a page. */
const LISTING_SECONDS = 240

/** A planning that found so large a fleet. */
const planned = (count: number) =>
  rigStore(services => ({
    planned: (run, found, leaseUntil) => services.store.planned(run, { ...found, fleet: count }, leaseUntil),
  }))

test('a look at a large fleet is not begun again by a tick while it goes on: it would never come to its end', async () => {
  let [looking, most] = [0, 0]
  world = await createWorld({
    servers: fleet(3),
    rig: services => ({
      ...planned(FLEET)(services),
      async cloud(connection) {
        const cloud = await services.cloud(connection)
        return {
          ...cloud,
          async serversById(kind, ids, total) {
            if (ids.length === 0 || looking > 3) return cloud.serversById(kind, ids, total)
            most = Math.max(most, ++looking)
            for (let passed = 0; passed < LISTING_SECONDS; passed += 60) {
              vi.setSystemTime(Date.now() + 60_000)
              await world.runner.tick()
              await world.runner.drain()
            }
            looking--
            return cloud.serversById(kind, ids, total)
          },
        }
      },
    }),
  })
  await world.connection()
  const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
  expect(run!.summary.stopped).toBe(3)
  expect(most).toBe(1)
})

test('servers of a fleet that takes longer to list than a function has are asked for by their ids', async () => {
  world = await createWorld({ servers: fleet(70), rig: planned(FLEET + 1) })
  await world.connection({ api: 'openstack' })
  const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
  expect(run!.summary.stopped).toBe(70)
  const lists = world.simulator.ledger.filter(({ path }) => path.endsWith('/servers/detail'))
  expect(lists).toHaveLength(1)
})
