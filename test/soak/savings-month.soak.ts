/** A month of nights and mornings: what the ledger claims of it, beside what the simulated cloud bills by the second. */
import { afterEach, expect, test, vi } from 'vitest'
import { chargesOf, monthSpan } from '../../infra/simulator/huawei/billing/charges.ts'
import type { Usage } from '../../infra/simulator/world/meter.ts'
import { chance } from '../flow/chance.ts'
import { fleet } from '../flow/world.ts'
import { type HttpWorld, openWorld } from '../http/world.ts'
import { at } from '../makers.ts'
import { seed } from './settings.ts'

const HOUR = 3_600_000
const MONTH = monthSpan('2026-12')!
const [LARGE, XLARGE] = ['s6.large.2', 's6.xlarge.2']
/** Persons leave these two alone. */
const UNTOUCHED = [0, 1]
const YEARLY = 6
/** Bills and lines round. */
const CENT = 0.01

const servers = [
  ...fleet(6, {}).map(one => ({ ...one, flavor: LARGE })),
  ...[{ kind: 'ecs' as const, id: 'yearly', name: 'dev-yearly', chargingMode: 'yearlyMonthly' as const }],
  ...[{ kind: 'bms' as const, id: 'metal', name: 'dev-metal' }],
].map(one => ({ ...one, createdAt: MONTH.from }))
const idOf = (server: number): string => servers[server]!.id!

let world: HttpWorld
afterEach(() => world.close())

/** The use of a server that nobody ever stops, cut where it was resized. */
function alwaysOn() {
  const usage = servers.map((one): Usage[] => [
    {
      ...one,
      serverId: one.id!,
      name: '',
      chargingMode: 'payPerUse',
      spec: `${LARGE}.linux`,
      from: MONTH.from,
      to: null,
    },
  ])
  return {
    resize(server: number, flavor: string): void {
      const last = usage[server]!.at(-1)!
      last.to = Date.now()
      usage[server]!.push({ ...last, spec: `${flavor}.linux`, from: Date.now(), to: null })
    },
    cost: (server: number): number =>
      usage[server]!.flatMap(one => chargesOf(one, MONTH, world.simulator.switches)).reduce(
        (sum, { listed }) => sum + listed,
        0,
      ),
  }
}
type AlwaysOn = ReturnType<typeof alwaysOn>

/** What a person does to some server, at some second of the hour. */
function meddle(random: () => number, on: AlwaysOn): void {
  const server = 2 + Math.floor(random() * 4)
  vi.setSystemTime(Date.now() + Math.floor(random() * 3000) * 1000)
  if (random() < 0.3) {
    const flavor = random() < 0.5 ? LARGE : XLARGE
    world.simulator.change(idOf(server), { flavor })
    on.resize(server, flavor)
  } else world.simulator.change(idOf(server), { status: random() < 0.6 ? 'ACTIVE' : 'SHUTOFF' })
}

async function liveMonth(random: () => number, on: AlwaysOn): Promise<void> {
  while (Date.now() < MONTH.to) {
    if (random() < 0.2) meddle(random, on)
    await world.pass(60)
  }
}

test(`over a month with restarts by persons, resizes and other prices, the ledger claims no more than the bill leaves (SEED=${seed})`, async () => {
  world = await openWorld({ servers })
  vi.setSystemTime(MONTH.from)
  const dearer = (perHour: number, day: number) => ({
    spec: `${LARGE}.linux`,
    perHour,
    fromMs: MONTH.from + (24 * day + 20) * HOUR,
  })
  world.simulator.switches.priceChanges = [dearer(0.6, 9), dearer(0.3, 19)]
  await world.connection()
  const settings = await world.store.settings()
  await world.store.saveSettings({ ...settings, prices: { source: 'bss' } })
  const times = { schedule: { cron: '0 20 * * *', timeZone: 'UTC' }, start: { cron: '0 8 * * *' } }
  const next = { nextDueAt: at(MONTH.from + 4 * HOUR), nextStartDueAt: at(MONTH.from + 16 * HOUR) }
  const cut = { kind: 'bms', mode: 'hard', acceptPowerCut: true }
  for (const [id, of] of Object.entries({ ecs: {}, bms: cut }))
    await world.policy({ id, ...of, ...times, ...next })
  const on = alwaysOn()
  await liveMonth(chance(seed), on)
  vi.setSystemTime(MONTH.to + 2 * 24 * HOUR)

  const range = { from: at(MONTH.from), to: at(MONTH.to) }
  const lines = await world.all('/v1/savings/lines', range)
  const claimed = (server: number): number =>
    lines
      .filter(({ serverId }) => serverId === idOf(server))
      .reduce((sum, { amount }) => sum + Number(amount), 0)
  const { body } = await world.ask('GET', '/v1/savings/reconcile', {
    query: { month: '2026-12', connection: 'prod' },
  })
  const reconciled = new Map(body.items.map(one => [one.serverId, one]))
  console.table(
    servers.map(({ id }, server) => ({
      id,
      claimed: claimed(server),
      alwaysOn: on.cost(server),
      ...reconciled.get(id!),
    })),
  )
  for (let server = 0; server < 6; server++) {
    const { billed, check } = reconciled.get(idOf(server))!
    expect(claimed(server)).toBeGreaterThan(0)
    expect(claimed(server) + Number(billed)).toBeLessThanOrEqual(on.cost(server) + CENT)
    expect(check).toBe('fits')
  }
  // Twelve of 24 hours, each night but for the minutes of a stop and a start.
  for (const server of UNTOUCHED) {
    const spared = on.cost(server) - Number(reconciled.get(idOf(server))!.billed)
    expect(claimed(server)).toBeGreaterThan(0.98 * spared)
  }
  for (const [id, zeroBecause] of [
    [idOf(YEARLY), 'yearly-monthly'],
    ['metal', 'bare-metal'],
  ]) {
    const own = lines.filter(({ serverId }) => serverId === id)
    expect(own.length).toBeGreaterThan(25)
    expect(own.every(line => line.amount === 0 && line.zeroBecause === zeroBecause)).toBe(true)
  }
}, 1_800_000)
