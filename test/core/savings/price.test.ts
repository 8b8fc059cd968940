import { describe, expect, test } from 'vitest'
import { type PriceTable, priceOf } from '../../../lib/core/savings/price.ts'

const server = { region: 'cn-north-4', flavor: 's6.large.2', windows: false }
const onWindows = { ...server, windows: true }
const table = (perHour: PriceTable['perHour']): PriceTable => ({ currency: 'CNY', perHour })

/** From the most exact one to the least. */
const KEYS = ['cn-north-4/s6.large.2.win', 's6.large.2.win', 'cn-north-4/s6.large.2', 's6.large.2']

describe('the price of an hour', () => {
  test('is that of the most exact key', () => {
    const prices = KEYS.map((key, place) => [key, place + 1] as const)
    for (const [place] of KEYS.entries())
      expect(priceOf(table(Object.fromEntries(prices.slice(place))), onWindows)).toBe(place + 1)
  })

  test('is not that of another system, region or flavour', () => {
    for (const key of ['s6.large.2.win', 'cn-north-4/s6.large.2.win', 'eu-de/s6.large.2', 's6.large'])
      expect(priceOf(table({ [key]: 1 }), server)).toBeUndefined()
    expect(priceOf(table({ 's6.large.2.linux': 1 }), onWindows)).toBeUndefined()
  })

  test('is the one of Linux alone where a key says so', () => {
    expect(priceOf(table({ 's6.large.2.linux': 1, 's6.large.2': 2 }), server)).toBe(1)
    expect(priceOf(table({ 's6.large.2.linux': 1, 's6.large.2': 2 }), onWindows)).toBe(2)
  })

  test('is unknown, and no default, where no key fits', () => {
    expect(priceOf(table({}), server)).toBeUndefined()
    expect(priceOf(table({ 's6.large.2': 0 }), server)).toBe(0)
  })

  test('is no member of every object', () => {
    expect(priceOf(table({}), { ...server, flavor: 'constructor' })).toBeUndefined()
  })
})
