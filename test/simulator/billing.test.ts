import { expect, test } from 'vitest'
import type { Simulator } from '../../infra/simulator/index.ts'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { Cloud } from '../../lib/core/model/cloud.ts'
import { aConnection } from '../makers.ts'
import { aSimulator, bms, call, ecs, holdClock, KEY, PROJECT } from './client.ts'

const RECORDS = '/v2/bills/customer-bills/res-records/query'
interface BilledDay {
  cloud_service_type: string
  resource_Type_code: string
  bill_date: string
  charge_mode: number
  consume_amount: number
}
/** What each day of November is billed at. */
async function days({ url }: Simulator, filter: object = {}): Promise<BilledDay[]> {
  const body = { cycle: '2026-11', statistic_type: 2, limit: 1000, ...filter }
  const { text } = await call(url, { method: 'POST', path: RECORDS, body })
  return JSON.parse(text).monthly_records
}

const cloudOf = ({ url }: Simulator): Cloud =>
  createCloud({
    connection: aConnection({ projectId: PROJECT, endpoints: { ecs: url, bss: url } }),
    secret: KEY,
    timeoutMs: 5000,
    now: () => Date.now(),
    random: () => 0,
    sleep: async () => undefined,
  })

const HOUR = 3600
const PER_HOUR = 0.4

test('a server is billed by the second while it is on, by the days of UTC+8', async () => {
  const advance = holdClock('2026-11-21T15:00:00.000Z')
  const simulator = await aSimulator({ servers: [ecs({ id: 'a' }), bms({ id: 'b' })] })
  advance(2 * HOUR + 18)
  simulator.byHand('stop', 'a')
  advance(8 * HOUR)
  simulator.byHand('start', 'a')
  advance(HOUR)
  const billed = await days(simulator)
  // An hour before midnight there; behind it an hour and some seconds, and the hour after the start.
  expect(billed.map(({ bill_date: day }) => day)).toEqual(['2026-11-21', '2026-11-22'])
  expect(billed[0]!.consume_amount).toBe(PER_HOUR)
  const ofServers = { cloud_service_type: 'hws.service.type.ec2', resource_Type_code: 'hws.resource.type.vm' }
  expect(billed[0]).toMatchObject(ofServers)
  const behind = (billed[1]!.consume_amount / PER_HOUR) * HOUR
  const { first, spread } = simulator.switches.jobSeconds
  expect(Math.abs(behind - 2 * HOUR - 18)).toBeLessThanOrEqual(first + spread)
  const { records, total } = await cloudOf(simulator).bill('2026-11')
  expect(total).toBe(1)
  const sum = billed.reduce((all, one) => all + one.consume_amount, 0)
  expect(records).toEqual([{ serverId: 'a', mode: 'payPerUse', amount: expect.closeTo(sum, 6) }])
})

test('another price, flavour or system counts from its instant on; a discount and a plan are on the bill', async () => {
  const advance = holdClock('2026-11-21T00:00:00.000Z')
  const plan = { onPlan: { p: 'savingsPlan' as const }, discount: 0.5 }
  const servers = [ecs({ id: 'a' }), ecs({ id: 'w', windows: true }), ecs({ id: 'p' })]
  const simulator = await aSimulator({ servers, switches: plan })
  simulator.switches.priceChanges = [
    { spec: 's6.large.2.linux', fromMs: Date.now() + HOUR * 1000, perHour: 1 },
  ]
  advance(2 * HOUR)
  simulator.change('a', { flavor: 's6.xlarge.2' })
  advance(HOUR)
  const { records } = await cloudOf(simulator).bill('2026-11')
  const half = (listed: number): number => Math.round((listed / 2) * 1e8) / 1e8
  expect(records.toSorted((x, y) => (x.serverId < y.serverId ? -1 : 1))).toEqual([
    { serverId: 'a', mode: 'payPerUse', amount: half(0.4 + 1) },
    { serverId: 'a', mode: 'payPerUse', amount: half(0.8) },
    { serverId: 'p', mode: 'savingsPlan', amount: 0 },
    { serverId: 'w', mode: 'payPerUse', amount: half(3 * 0.66) },
  ])
})

test('a month ends at 16:00 UTC, what is used late is billed later, and a bill comes page by page', async () => {
  const advance = holdClock('2026-11-30T15:00:00.000Z')
  const servers = Array.from({ length: 2001 }, (_, n) => ecs({ id: `s${n}` }))
  const simulator = await aSimulator({ servers, switches: { billDelayHours: 24 } })
  advance(3 * HOUR)
  expect(await cloudOf(simulator).bill('2026-11')).toEqual({ currency: 'CNY', records: [], total: 0 })
  advance(24 * HOUR)
  simulator.ledger.length = 0
  const { records, total } = await cloudOf(simulator).bill('2026-11')
  expect([total, new Set(records.map(({ serverId }) => serverId)).size]).toEqual([2001, 2001])
  expect(new Set(records.map(({ amount }) => amount))).toEqual(new Set([PER_HOUR]))
  expect(simulator.ledger).toHaveLength(3)
})

test('what is no month, no page or no day is refused', async () => {
  const { url } = await aSimulator()
  const code = async (body: object) =>
    (await call(url, { method: 'POST', path: RECORDS, body })).body.error_code
  for (const wrong of [{ cycle: '2026-13' }, { limit: 1001 }, { offset: -1 }, { query_type: 'DAILY' }])
    expect(await code({ cycle: '2026-11', ...wrong })).toBe('CBC.0100')
})
