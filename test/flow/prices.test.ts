import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Settings } from '../../lib/core/model/model.ts'
import { priceTable } from '../../lib/steps/prices.ts'
import { createWorld, type World } from './world.ts'

const BSS: Pick<Settings, 'prices'> = { prices: { source: 'bss' } }
const linux = { flavor: 's6.large.2', windows: false }
const windows = { flavor: 's6.large.2', windows: true }
const unknown = { flavor: 'x1.large.2', windows: false }

let world: World
beforeAll(async () => {
  world = await createWorld({ switches: { unpriced: ['x1.large.2.linux'], discount: 0.5 } })
})
afterAll(() => world.close())

let projects = 0
let connection: Awaited<ReturnType<World['connection']>>
beforeEach(async () => {
  projects++
  connection = await world.connection({ id: `c-${projects}`, projectId: `project${projects}` })
  world.simulator.ledger.length = 0
})

const prices = (kinds = [linux, windows, unknown], services = world.services) =>
  priceTable(services, BSS, { connection, kinds })
const asked = (): number =>
  world.simulator.ledger.filter(({ path }) => path.endsWith('/on-demand-resources')).length

const LINUX = { 'cn-north-4/s6.large.2.linux': 0.2 }
const BOTH = { ...LINUX, 'cn-north-4/s6.large.2.win': 0.33 }

test('the cloud is asked once for all runs of a day, at the discount of the account', async () => {
  expect(await prices()).toEqual({ currency: 'CNY', perHour: BOTH })
  const requests = asked()
  expect(await prices()).toEqual({ currency: 'CNY', perHour: BOTH })
  expect(asked()).toBe(requests)
  expect(JSON.stringify(await world.store.quotedPrices(connection))).toContain('x1.large.2.linux')
})

test('two that ask at once, for other kinds, keep what both were told', async () => {
  await Promise.all([prices([linux]), prices([windows])])
  world.simulator.ledger.length = 0
  expect((await prices([linux, windows]))?.perHour).toEqual(BOTH)
  expect(asked()).toBe(0)
})

test('a crash before the answer is kept costs another request, and no price', async () => {
  const store = { ...world.store, saveQuotedPrices: () => Promise.reject(new Error('crashed')) }
  await expect(prices([linux], { ...world.services, store })).rejects.toThrow('crashed')
  expect((await prices([linux]))?.perHour).toEqual(LINUX)
  expect(asked()).toBe(2)
})

test('a key without the right fails no run: why is kept, it is left alone for an hour, and asked again then', async () => {
  const refusal = { error_code: 'CBC.0151', error_msg: 'user access denied' }
  const fault = { match: { route: 'ratings' as const }, times: 1, kind: 'status' as const, status: 403 }
  world.simulator.switches.faults.push({ ...fault, body: refusal })
  expect(await prices()).toBeUndefined()
  const { quoted } = await world.store.quotedPrices(connection)
  expect(quoted.failed?.reason).toContain('billing:contract:viewDiscount')
  expect(await prices()).toBeUndefined()
  expect(asked()).toBe(1)
  const now = () => world.services.now() + 3_600_000
  expect((await prices([linux, windows], { ...world.services, now }))?.perHour).toEqual(BOTH)
})

test('prices of some kinds are none of a run while the cloud was not asked for the others', async () => {
  await prices([linux])
  const fault = { match: { route: 'ratings' as const }, times: 1, kind: 'status' as const, status: 403 }
  world.simulator.switches.faults.push({ ...fault, body: { error_code: 'CBC.0151', error_msg: 'denied' } })
  expect(await prices([linux, windows])).toBeUndefined()
  expect((await prices([linux]))?.perHour).toEqual(LINUX)
})

test('a table in the settings is taken as it is, and nobody is asked', async () => {
  const table = { currency: 'EUR', perHour: { 's6.large.2': 0.3 } }
  const settings = { prices: { source: 'table' as const, ...table } }
  expect(await priceTable(world.services, settings, { connection, kinds: [linux] })).toEqual(table)
  const none = { prices: { source: 'none' as const } }
  expect(await priceTable(world.services, none, { connection, kinds: [linux] })).toBeUndefined()
  expect(asked()).toBe(0)
})
