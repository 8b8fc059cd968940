import { describe, expect, test } from 'vitest'
import { checkInput } from '../../../lib/core/documents/problem.ts'
import { Settings } from '../../../lib/core/model/model.ts'

const settings = (prices?: unknown) =>
  checkInput(Settings, { stopsEnabled: true, ...(prices ? { prices } : {}) })
const table = (perHour: unknown, currency: unknown = 'CNY') => ({ source: 'table', currency, perHour })
const problems = (prices: unknown) => {
  const checked = settings(prices)
  return checked.ok ? [] : checked.errors.map(({ path, message }) => `${path}: ${message}`)
}

describe('prices in the settings', () => {
  test('are none in settings of earlier versions', () => {
    expect(settings()).toMatchObject({ ok: true, value: { prices: { source: 'none' } } })
  })

  test('are a table by flavour, region and system, or the quotation of the cloud', () => {
    const keys = ['s6.large.2', 'cn-north-4/s6.large.2', 's6.large.2.win', 'RegionOne/m1.large.linux']
    expect(problems(table(Object.fromEntries(keys.map(key => [key, 0.42]))))).toEqual([])
    expect(problems({ source: 'bss' })).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['a source', { source: 'list' }, 'prices.source: expected "none", "table" or "bss", got "list"'],
    ['a source', { currency: 'CNY' }, 'prices.source: expected "none", "table" or "bss", got nothing'],
    ['prices', 'bss', 'prices: expected an object, got "bss"'],
    [
      'a currency',
      table({}, 'yuan'),
      'prices.currency: expected the three letters of a currency, such as CNY, got "yuan"',
    ],
    ['a price', table({ 's6.large.2': '0.42' }), 'prices.perHour.s6.large.2: expected a number, got "0.42"'],
    ['a price', table({ 's6.large.2': -1 }), 'prices.perHour.s6.large.2: expected at least 0, got -1'],
    [
      'a key',
      table({ 'a/b/c': 1 }),
      'prices.perHour.a/b/c: expected a flavor, or region/flavor, such as cn-north-4/s6.large.2, got "a/b/c"',
    ],
    ['a table', { source: 'table', currency: 'CNY' }, 'prices.perHour: expected an object, got nothing'],
    [
      'a table',
      table(Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [`f${n}`, 1]))),
      'prices.perHour: expected at most 2000 prices, got 2001',
    ],
  ])('with %s that is none are refused', (_, prices, problem) => {
    expect(problems(prices)).toEqual([problem])
  })
})
