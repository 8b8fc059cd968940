import { afterEach, expect, test, vi } from 'vitest'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE = 60_000

/** The time until shortly before an instant goes by without a tick, the rest of it with ticks. */
async function passUntilAfter(instant: string): Promise<void> {
  vi.setSystemTime(Date.parse(instant) - 2 * MINUTE)
  await world.pass(5)
}

const runs = async () => {
  const { items } = await world.store.runs({ policyId: 'nightly-dev', most: 100 })
  return items.toReversed()
}

test('through the nights of some days each stop and each start has its run, and the holiday has none', async () => {
  world = await createWorld({ servers: fleet(2) })
  await world.connection()
  await world.policy({
    schedule: { cron: '0 20 * * 1-5', timeZone: 'Asia/Shanghai', skipDates: ['2026-11-25'] },
    start: { cron: '0 7 * * 1-5' },
    nextDueAt: '2026-11-23T12:00:00.000Z',
    nextStartDueAt: '2026-11-22T23:00:00.000Z',
  })
  for (const day of [22, 23, 24, 25])
    for (const hour of [12, 23]) await passUntilAfter(`2026-11-${day}T${hour}:00:00Z`)

  expect((await runs()).map(({ id, action, status }) => [id, action, status])).toEqual([
    ['nightly-dev.20261122T230000Z.start', 'start', 'succeeded'],
    ['nightly-dev.20261123T120000Z', 'stop', 'succeeded'],
    ['nightly-dev.20261123T230000Z.start', 'start', 'succeeded'],
    ['nightly-dev.20261124T120000Z', 'stop', 'succeeded'],
    ['nightly-dev.20261125T230000Z.start', 'start', 'succeeded'],
  ])
  expect((await runs()).map(({ summary: { stopped, started } }) => [stopped, started])).toEqual([
    [0, 0],
    [2, 0],
    [0, 2],
    [2, 0],
    [0, 2],
  ])
  expect(await world.store.policy('nightly-dev')).toMatchObject({
    nextDueAt: '2026-11-26T12:00:00.000Z',
    nextStartDueAt: '2026-11-26T23:00:00.000Z',
  })
  expect(world.troubles).toEqual([])
})

test('of a night that nobody ticked through the start alone is carried out', async () => {
  world = await createWorld({ servers: fleet(1) })
  await world.connection()
  await world.policy({ start: { cron: '0 7 * * *' }, nextStartDueAt: '2026-11-22T07:00:00.000Z' })
  vi.setSystemTime(Date.parse('2026-11-22T08:58:00Z'))
  await world.pass(5)
  expect((await runs()).map(({ id, status }) => [id, status])).toEqual([
    ['nightly-dev.20261121T120000Z', 'missed'],
    ['nightly-dev.20261121T200000Z', 'missed'],
    ['nightly-dev.20261122T070000Z.start', 'succeeded'],
  ])
  expect(world.simulator.stops()).toEqual([])
})
