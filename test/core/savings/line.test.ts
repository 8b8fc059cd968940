import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Claimed,
  claimLine,
  clipLine,
  type LineRun,
  type SavingsLine,
  savedWithin,
  savingsLine,
} from '../../../lib/core/savings/line.ts'
import { withPrices } from '../../../lib/core/savings/snapshot.ts'
import { createNumberSet, createSums, type SavingsKey } from '../../../lib/core/savings/sums.ts'
import { aSettled, at, START } from '../../makers.ts'

const HOUR = 3_600_000
const second = (hours: number): number => (START + hours * HOUR) / 1000
const prices = {
  currency: 'CNY',
  perHour: { 's6.large.2': 0.42, 's6.large.2.win': 0.7 },
  charged: ['d3.large'],
}
const aLineRun = (overrides: Partial<LineRun> = {}): LineRun => ({
  kind: 'ecs',
  lookedAt: at(START + 11 * HOUR),
  prices,
  ...overrides,
})
const server = { serverId: 's-1', name: 'dev-1', settled: aSettled({ endedAt: at(START + HOUR) }) }
const facts = { flavor: 's6.large.2', charging: 'payPerUse' as const, tags: { team: ['web'] } }

describe('a line', () => {
  test('is from the read that saw the server off to the latest look, at the price of its day', () => {
    expect(savingsLine(aLineRun(), { ...server, facts })).toEqual({
      serverId: 's-1',
      name: 'dev-1',
      flavor: 's6.large.2',
      tags: { team: ['web'] },
      from: second(1),
      to: second(11),
      perHour: 0.42,
      currency: 'CNY',
      zeroBecause: null,
    })
  })

  test('ends with the latest proof where the server was not off any more', () => {
    expect(savingsLine(aLineRun(), { ...server, facts, offUntil: at(START + 5 * HOUR) })!.to).toBe(second(5))
    expect(savingsLine(aLineRun(), { ...server, facts, offUntil: server.settled.endedAt })).toBeNull()
  })

  test('is there once a look proved it, and for what was stopped alone', () => {
    expect(savingsLine(aLineRun({ lookedAt: undefined }), { ...server, facts })).toBeNull()
    const failed = aSettled({ status: 'failed', code: 'still-running' })
    expect(savingsLine(aLineRun(), { ...server, facts, settled: failed })).toBeNull()
  })

  test('of a run of an earlier version has hours up to its one look, and no price', () => {
    const old = aLineRun({ lookedAt: undefined, recheckedAt: at(START + 2 * HOUR), prices: undefined })
    expect(savingsLine(old, server)).toMatchObject({ flavor: null, to: second(2), zeroBecause: 'no-price' })
    const up = { ...server.settled, restartedAt: at(START + 2 * HOUR) }
    expect(savingsLine(old, { ...server, settled: up })).toBeNull()
  })

  test.each<[string, Partial<LineRun>, object, SavingsLine['zeroBecause']]>([
    ['bare metal', { kind: 'bms' }, {}, 'bare-metal'],
    ['bare metal by its flavor', {}, { flavor: 'physical.s4.large' }, 'bare-metal'],
    ['paid by the month', {}, { charging: 'yearlyMonthly' }, 'yearly-monthly'],
    [
      'paid by the month, whatever its price',
      { prices: undefined },
      { charging: 'yearlyMonthly' },
      'yearly-monthly',
    ],
    ['charged while it is off', {}, { flavor: 'd3.large' }, 'charged-when-stopped'],
    ['of a flavor without a price', {}, { flavor: 'c7.large.2' }, 'no-price'],
    ['bought on the spot market', {}, { charging: 'spot' }, 'no-price'],
    ['stopped when no prices were known', { prices: undefined }, {}, 'no-price'],
  ])('of a server %s saves nothing, and says why', (_, run, more, zeroBecause) => {
    const line = savingsLine(aLineRun(run), { ...server, facts: { ...facts, ...more } })
    expect(line).toMatchObject({ perHour: null, zeroBecause, from: second(1), to: second(11) })
  })

  test('of Windows has the price of Windows', () => {
    expect(savingsLine(aLineRun(), { ...server, facts: { ...facts, windows: true } })!.perHour).toBe(0.7)
  })
})

test('a run keeps the prices it has, and takes those it lacks', () => {
  const table = { currency: 'CNY', perHour: { 's6.large.2': 9, 'cn-north-4/c7.large.2': 1.5 } }
  const kinds = [{ flavor: 's6.large.2' }, { flavor: 'c7.large.2' }, { flavor: 'fp1c', windows: true }]
  const asked = { table, region: 'cn-north-4', charged: new Set(['fp1c', 'other']) }
  expect(withPrices(prices, kinds, asked)).toEqual({
    currency: 'CNY',
    perHour: { ...prices.perHour, 'c7.large.2': 1.5 },
    charged: ['d3.large', 'fp1c'],
  })
})

const lines: fc.Arbitrary<SavingsLine> = fc
  .record({
    server: fc.integer({ min: 0, max: 3 }),
    from: fc.integer({ min: 0, max: 3_000_000 }),
    length: fc.integer({ min: 1, max: 2_000_000 }),
    perHour: fc.option(fc.integer({ min: 1, max: 9_999_999 }).map(price => price / 1e6)),
    currency: fc.constantFrom('CNY', 'USD'),
    team: fc.constantFrom('web', 'data'),
  })
  .map(({ server, from, length, perHour, currency, team }) => ({
    serverId: `s-${server}`,
    name: '',
    flavor: 's6',
    tags: { team: [team] },
    from: second(0) + from,
    to: second(0) + from + length,
    perHour,
    currency,
    zeroBecause: perHour === null ? 'no-price' : null,
  }))

function claimAll(all: SavingsLine[]): SavingsLine[] {
  const seen: Claimed = new Map()
  return all.flatMap(line => claimLine(line, seen) ?? [])
}

describe('lines of one server', () => {
  test('never overlap', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), all => {
        const byServer = Map.groupBy(claimAll(all), ({ serverId }) => serverId)
        for (const own of byServer.values())
          own
            .toSorted((a, b) => a.from - b.from)
            .forEach((line, place, sorted) => {
              if (place > 0) expect(line.from).toBeGreaterThanOrEqual(sorted[place - 1]!.to)
            })
      }),
    )
  })

  test('are clipped to what is asked for', () => {
    fc.assert(
      fc.property(lines, fc.nat(3_000_000), fc.nat(3_000_000), (line, a, b) => {
        const range = { from: second(0) + Math.min(a, b), to: second(0) + Math.max(a, b) }
        const clipped = clipLine(line, range)
        const length = Math.min(line.to, range.to) - Math.max(line.from, range.from)
        expect(clipped === null ? 0 : clipped.to - clipped.from).toBe(Math.max(0, length))
      }),
    )
  })
})

describe('sums', () => {
  const BY: SavingsKey[] = ['policy', 'connection', 'server', 'tag:team', 'day', 'month']
  const saved = (all: SavingsLine[], currency: string): number =>
    all.reduce((sum, one) => sum + (one.currency === currency ? savedWithin(one, one.from, one.to) : 0), 0)

  test('equal their lines to the cent, by whatever they are asked for', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), fc.constantFrom(...BY), (all, by) => {
        const sums = createSums(by, 'America/Sao_Paulo')
        const own = claimAll(all)
        for (const line of own) sums.add({ line, run: { policyId: 'night', connection: 'prod' } })
        const { items, totals } = sums.report()
        for (const { currency, amount } of totals) {
          expect(Math.round(amount * 1e6)).toBe(saved(own, currency))
          const ofItems = items.filter(item => item.currency === currency)
          expect(Math.round(ofItems.reduce((sum, item) => sum + item.amount * 1e6, 0))).toBe(
            saved(own, currency),
          )
        }
        const hours = own.reduce((sum, { from, to }) => sum + (to - from), 0) / 3600
        expect(items.reduce((sum, item) => sum + item.hours, 0)).toBeCloseTo(hours, 3)
      }),
    )
  })

  test('by day are cut at midnight on the clock of the zone, and count each server once', () => {
    const sums = createSums('day', 'Asia/Shanghai')
    const [line] = [savingsLine(aLineRun(), { ...server, facts })!]
    // 21:00 to 07:00 in Shanghai.
    sums.add({ line, run: { connection: 'prod' } })
    sums.add({
      line: { ...line, serverId: 's-2', perHour: null, zeroBecause: 'no-price' },
      run: { connection: 'prod' },
    })
    sums.add({ line: { ...line, from: second(20), to: second(21) }, run: { connection: 'prod' } })
    expect(sums.report()).toEqual({
      items: [
        {
          key: '2026-11-22',
          servers: 2,
          hours: 15,
          savingHours: 8,
          noPriceHours: 7,
          amount: 3.36,
          currency: 'CNY',
        },
        {
          key: '2026-11-21',
          servers: 2,
          hours: 6,
          savingHours: 3,
          noPriceHours: 3,
          amount: 1.26,
          currency: 'CNY',
        },
      ],
      moreKeys: 0,
      totals: [{ currency: 'CNY', amount: 4.62 }],
    })
  })

  test('never add up currencies, and keep what has no price at all apart', () => {
    const sums = createSums('policy', 'UTC')
    const line = savingsLine(aLineRun(), { ...server, facts })!
    const run = { policyId: 'night', connection: 'prod' }
    sums.add({ line, run })
    sums.add({ line: { ...line, currency: 'USD', perHour: 0.1 }, run })
    sums.add({
      line: { ...line, currency: null, perHour: null, zeroBecause: 'no-price' },
      run: { connection: 'prod' },
    })
    const { items, totals } = sums.report()
    expect(totals).toEqual([
      { currency: 'CNY', amount: 4.2 },
      { currency: 'USD', amount: 1 },
    ])
    expect(
      items.map(({ key, currency, amount, noPriceHours }) => [key, currency, amount, noPriceHours]),
    ).toEqual([
      ['night', 'CNY', 4.2, 0],
      ['night', 'USD', 1, 0],
      ['', null, 0, 10],
    ])
  })
})

test('a set of numbers counts each once, whatever their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000)), numbers => {
      const set = createNumberSet()
      for (const number of numbers) set.add(number)
      expect(set.size()).toBe(new Set(numbers).size)
    }),
  )
})
