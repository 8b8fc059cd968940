import { describe, expect, test } from 'vitest'
import {
  NOTHING_QUOTED,
  type QuotedPrices,
  quotedTable,
  unquotedKinds,
  withFailure,
  withQuotation,
} from '../../../lib/core/savings/quoted.ts'
import { START } from '../../makers.ts'

const HOUR = 3_600_000
/** Four hours before midnight of UTC+8. */
const MIDNIGHT = START + 4 * HOUR
const linux = { flavor: 's6.large.2', windows: false }
const windows = { flavor: 's6.large.2', windows: true }
const unknown = { flavor: 'x1.large.2', windows: false }
const quoted = (perHour: (number | null | undefined)[], now = START, before = NOTHING_QUOTED): QuotedPrices =>
  withQuotation(
    before,
    { kinds: [linux, windows, unknown].slice(0, perHour.length), quotation: { currency: 'USD', perHour } },
    now,
  )
const refused = { reason: 'no right', isRefused: true }

describe('a quotation', () => {
  test('is kept until the day of the bill ends, a price that is unknown likewise', () => {
    const kept = quoted([0.4, 0.7, null])
    expect(unquotedKinds(kept, [linux, windows, unknown], MIDNIGHT - 1)).toEqual([])
    expect(unquotedKinds(kept, [linux, unknown], MIDNIGHT)).toEqual([linux, unknown])
    expect(quotedTable(kept, 'eu-de', START)).toEqual({
      currency: 'USD',
      perHour: { 'eu-de/s6.large.2.linux': 0.4, 'eu-de/s6.large.2.win': 0.7 },
    })
  })

  test('of yesterday is no price of today', () => {
    expect(quotedTable(quoted([0.4]), 'eu-de', MIDNIGHT).perHour).toEqual({})
  })

  test('is added to what is kept, and ends with its own day', () => {
    const laterAt = (now: number): QuotedPrices =>
      withQuotation(quoted([0.4]), { kinds: [windows], quotation: { currency: 'USD', perHour: [0.7] } }, now)
    expect(unquotedKinds(laterAt(START + HOUR), [linux, windows], START + HOUR)).toEqual([])
    expect(unquotedKinds(laterAt(MIDNIGHT), [linux, windows], MIDNIGHT + HOUR)).toEqual([linux])
  })

  test('in another currency takes the place of all that is kept', () => {
    const later = withQuotation(
      quoted([0.4]),
      { kinds: [windows], quotation: { currency: 'CNY', perHour: [5] } },
      START,
    )
    expect(quotedTable(later, 'eu-de', START)).toEqual({
      currency: 'CNY',
      perHour: { 'eu-de/s6.large.2.win': 5 },
    })
  })

  test('is asked for each kind once, for none without a flavour, and again where none was asked', () => {
    expect(unquotedKinds(NOTHING_QUOTED, [linux, linux, { flavor: '', windows: false }], START)).toEqual([
      linux,
    ])
    expect(unquotedKinds(quoted([undefined, 0.7]), [linux, windows], START)).toEqual([linux])
  })
})

describe('a failure', () => {
  test('leaves a cloud that refuses alone for an hour, any other for minutes', () => {
    const kept = withFailure(NOTHING_QUOTED, refused, START)
    expect(unquotedKinds(kept, [linux], START + HOUR - 1)).toEqual([])
    expect(unquotedKinds(kept, [linux], START + HOUR)).toEqual([linux])
    const passing = withFailure(NOTHING_QUOTED, { ...refused, isRefused: false }, START)
    expect(unquotedKinds(passing, [linux], START + 5 * 60_000)).toEqual([linux])
  })

  test('keeps the prices of the day; a quotation ends it', () => {
    const kept = withFailure(quoted([0.4]), refused, START + HOUR)
    expect(quotedTable(kept, 'eu-de', START + HOUR).perHour).toEqual({ 'eu-de/s6.large.2.linux': 0.4 })
    expect(quoted([0.4, 0.7], START + HOUR, kept).failed).toBeUndefined()
  })
})
