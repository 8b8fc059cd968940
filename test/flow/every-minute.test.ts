import { afterEach, expect, test, vi } from 'vitest'
import { at, START } from '../makers.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE_MS = 60_000

test('a policy due each minute, over an hour of doubled and skipped ticks, leaves 60 runs or misses and none twice', async () => {
  world = await createWorld({ servers: fleet(1) })
  await world.connection()
  const schedule = { cron: '* * * * *', timeZone: 'UTC', catchUpMinutes: 2 }
  await world.policy({ schedule, nextDueAt: at(START + MINUTE_MS) })
  for (let minute = 1; minute <= 60; minute++) {
    vi.setSystemTime(START + minute * MINUTE_MS)
    const ticks = minute % 7 === 0 || (minute > 20 && minute < 26) ? 0 : minute % 3 === 0 ? 2 : 1
    await Promise.all(Array.from({ length: ticks }, () => world.runner.tick()))
    await world.runner.drain()
  }
  await world.pass(3)

  const { items } = await world.store.runs({ policyId: 'nightly-dev', most: 100 })
  const hour = items.filter(run => Date.parse(run.dueAt) <= START + 60 * MINUTE_MS)
  const dueTimes = hour.map(run => run.dueAt).toSorted()
  expect(dueTimes).toEqual(Array.from({ length: 60 }, (_, i) => at(START + (i + 1) * MINUTE_MS)))
  const byStatus = Map.groupBy(hour, run => run.status)
  expect([...byStatus.keys()].toSorted()).toEqual(['missed', 'succeeded'])
  expect(
    hour
      .filter(run => run.status === 'missed')
      .map(run => run.dueAt.slice(11, 16))
      .toSorted(),
  ).toEqual([
    '12:07',
    '12:14',
    '12:21',
    '12:22',
    '12:23',
    '12:24',
    '12:25',
    '12:28',
    '12:35',
    '12:42',
    '12:49',
    '12:56',
  ])
  expect(world.simulator.stops()).toHaveLength(1)
  expect(world.troubles).toEqual([])
})

test('two ticks at the same moment make one run', async () => {
  world = await createWorld({ servers: fleet(3) })
  await world.connection()
  await world.policy({ nextDueAt: at(START) })
  await Promise.all([world.runner.tick(), world.runner.tick(), world.runner.tick()])
  await world.pass(3)
  const { items } = await world.store.runs({ policyId: 'nightly-dev', most: 10 })
  expect(items.map(run => run.status)).toEqual(['succeeded'])
  expect(world.simulator.stops()).toHaveLength(1)
})
