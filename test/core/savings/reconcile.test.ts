import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BilledMode } from '../../../lib/core/model/prices/bill.ts'
import { billedMonth, reconcile } from '../../../lib/core/savings/reconcile.ts'

const MONTH = billedMonth('2026-11')
const HOURS = (MONTH.to - MONTH.from) / 3600

/** A server that was off for so many hours, at 0.42 an hour. */
const claim = (serverId: string, hours: number, perHour = 0.42) => ({
  serverId,
  name: serverId,
  perHour,
  savingSeconds: hours * 3600,
  amount: Math.floor(hours * perHour * 1_000_000),
})
const record = (serverId: string, amount: number, mode: BilledMode = 'payPerUse') => ({
  serverId,
  amount,
  mode,
})
const against = (claims: ReturnType<typeof claim>[], records: ReturnType<typeof record>[]) =>
  reconcile(claims, { currency: 'CNY', records, total: records.length }, MONTH)

test('a month is that of UTC+8', () => {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString()
  expect([at(MONTH.from), at(MONTH.to)]).toEqual(['2026-10-31T16:00:00.000Z', '2026-11-30T16:00:00.000Z'])
  expect(at(billedMonth('2026-12').to)).toBe('2026-12-31T16:00:00.000Z')
})

describe('a claim', () => {
  test('fits where it was billed for the rest of the month, to the cent', () => {
    const { servers, totals } = against([claim('a', 240)], [record('a', (HOURS - 240) * 0.42)])
    expect(servers).toEqual([
      { serverId: 'a', name: 'a', savingHours: 240, claimed: 100.8, billed: 201.6, check: 'fits' },
    ])
    expect(totals).toEqual({ claimed: 100.8, billed: 201.6, inDoubt: 0, billedElsewhere: 0 })
  })

  test('that the bill has no room for is too much', () => {
    const { servers, totals } = against([claim('a', 240)], [record('a', (HOURS - 239) * 0.42)])
    expect(servers[0]?.check).toBe('too-much')
    expect(totals.inDoubt).toBe(100.8)
  })

  test.each<BilledMode>(['savingsPlan', 'reserved', 'yearlyMonthly'])(
    'on a server that is billed as %s is in doubt, whatever else is billed',
    mode => {
      const { servers } = against([claim('a', 1)], [record('a', 1), record('a', 0, mode)])
      expect(servers[0]?.check).toBe('plan')
    },
  )

  test('that no record stands beside is said so, and a bill of nothing is one', () => {
    expect(against([claim('a', 1)], [record('b', 5)])).toMatchObject({
      servers: [{ billed: null, check: 'not-billed' }],
      totals: { billed: 0, billedElsewhere: 5 },
    })
    expect(against([claim('a', 1)], [record('a', 0)]).servers[0]).toMatchObject({ billed: 0, check: 'fits' })
  })
})

test('sums equal their servers to the millionth, whatever they are', () => {
  const amount = fc.double({ min: 0, max: 500, noNaN: true })
  const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), amount, amount), { maxLength: 30 })
  fc.assert(
    fc.property(cases, rows => {
      const claims = [...new Set(rows.map(([id]) => id))].map(id => claim(`s${id}`, id * 3.7, 0.123_456))
      const { servers, totals } = against(
        claims,
        rows.map(([id, one]) => record(`s${id}`, one)),
      )
      const sum = (values: number[]) => Math.round(values.reduce((a, b) => a + b, 0) * 1e6) / 1e6
      expect(totals.claimed).toBe(sum(servers.map(({ claimed }) => claimed)))
      expect(totals.billed).toBe(sum(servers.map(({ billed }) => billed ?? 0)))
      expect(totals.billedElsewhere).toBe(0)
    }),
  )
})
