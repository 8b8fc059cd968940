import { afterEach, expect, test, vi } from 'vitest'
import { editedPolicy } from '../../lib/core/documents/documents.ts'
import type { StoredPolicy } from '../../lib/core/model/model.ts'
import { at, START } from '../makers.ts'
import type { Services } from '../services.ts'
import { createWorld, fleet, rigStore, type World } from './world.ts'

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

test('an edit between the making of a run and the next due time counts: it is due next as it was edited', async () => {
  let isEdited = false
  world = await createWorld({
    servers: fleet(1),
    rig: rigStore(services => ({
      async advancePolicy(policy, nextDueAt) {
        if (!isEdited)
          await edit(services, { ...policy, schedule: { ...policy.schedule, cron: '0 3 * * *' } })
        isEdited = true
        return services.store.advancePolicy(policy, nextDueAt)
      },
    })),
  })
  await world.connection()
  const { id } = await world.policy({ schedule: { cron: '0 12 * * *', timeZone: 'UTC' } })
  await world.pass(3)
  expect((await world.store.policy(id))!.nextDueAt).toBe('2026-11-22T03:00:00.000Z')
  expect((await world.store.runs({ most: 10 })).items).toHaveLength(1)
})

async function edit({ store, now }: Services, wanted: StoredPolicy): Promise<void> {
  const before = (await store.policy(wanted.id))!
  const after = editedPolicy(wanted, before, { actor: 'anna', now: now() })
  expect(await store.savePolicy(after, before)).toBe(true)
}
