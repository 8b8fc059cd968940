import { afterEach, expect, test, vi } from 'vitest'
import type { Run } from '../../lib/core/model/run.ts'
import { savingsLine } from '../../lib/core/savings/line.ts'
import { lookAtRuns } from '../../lib/steps/notify/look.ts'
import { createWorld, fleet, rigStore, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const [A, B, C, D] = fleet(4).map(({ id }) => id!) as [string, string, string, string]
const flavors = () => world.simulator.ledger.filter(({ path }) => path.endsWith('/flavors')).length

test('a night: lines go to the latest look or the start of ours, at the price of the day, and say why some save nothing', async () => {
  const servers = fleet(4, {
    1: { chargingMode: 'yearlyMonthly' },
    2: { flavor: 'd3.xlarge.8' },
  }).map((server, place) => ({ ...server, tags: { team: place < 2 ? 'web' : 'data' } }))
  world = await createWorld({ servers })
  await world.connection()
  const settings = await world.store.settings()
  const prices = (perHour: Record<string, number>) => ({ source: 'table' as const, currency: 'CNY', perHour })
  await world.store.saveSettings({ ...settings, prices: prices({ 's6.large.2': 0.42 }) })
  const policy = await world.policy({ nextDueAt: null, start: { cron: '0 7 * * *' } })
  const [stop] = await world.ended([await world.manualRun(policy)])
  await world.pass(63)
  world.simulator.change(D, { status: 'ACTIVE' })
  const [start] = await world.ended([await world.manualRun(policy, { action: 'start' })])
  expect(start!.summary.started).toBe(3)
  await world.pass(4.2 * 60)

  const run = (await world.store.run(stop!.id))!
  expect(run).toMatchObject({ looksEndedAt: run.lookedAt, prices: { charged: ['d3.xlarge.8'] } })
  expect(flavors()).toBe(1)
  const [chunk] = await Array.fromAsync(world.store.stoppedServers(run))
  const lines = [...chunk!.settled].map(([member, settled]) =>
    savingsLine(run, {
      serverId: chunk!.servers[member]!.id,
      name: '',
      settled,
      facts: chunk!.facts.get(member),
      offUntil: chunk!.offUntil.get(member),
    }),
  )
  const told = new Map(lines.map(line => [line!.serverId, line!]))
  expect([A, B, C, D].map(id => told.get(id)!.zeroBecause)).toEqual([
    null,
    'yearly-monthly',
    'charged-when-stopped',
    null,
  ])
  expect(told.get(A)).toMatchObject({ perHour: 0.42, currency: 'CNY', tags: { team: ['web'] } })
  const until = (id: string) => told.get(id)!.to * 1000
  expect(until(A)).toBe(Math.floor(Date.parse(start!.startedAt!) / 1000) * 1000)
  expect(until(D)).toBe(Math.floor(Date.parse(run.recheckedAt!) / 1000) * 1000)
})

test('a connection that cannot be read holds no look back but those of its own runs', async () => {
  world = await createWorld({ servers: fleet(2) })
  const runs: Run[] = []
  for (const [place, id] of ['lab', 'prod'].entries()) {
    await world.connection({ id })
    const policy = await world.policy({
      id,
      connection: id,
      nextDueAt: null,
      selector: { ids: [[A, B][place]!] },
    })
    runs.push(...(await world.ended([await world.manualRun(policy)])))
  }
  await world.damageConnection('lab')
  vi.setSystemTime(Date.now() + 70 * 60_000)
  await lookAtRuns(runs, world.services)
  const looked = await Promise.all(runs.map(({ id }) => world.store.run(id)))
  expect(looked.map(run => run!.lookedAt !== undefined)).toEqual([false, true])
})

test('a look that fails lists the fleet again after a quarter of an hour, not at every tick', async () => {
  world = await createWorld({
    servers: fleet(1),
    rig: rigStore(() => ({
      stoppedServers() {
        throw new Error('its item is damaged')
      },
    })),
    retrySeconds: null,
  })
  await world.connection()
  await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
  const before = world.simulator.ledger.length
  await world.pass(60 + 45)
  expect(world.simulator.ledger.slice(before).filter(({ path }) => path.endsWith('/detail'))).toHaveLength(3)
})
