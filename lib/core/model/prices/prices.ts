/** Where prices come from, as the settings say it, and what a price depends on. */
import * as z from 'zod'

const MAX_PRICES = 2000

/** A flavour, or a region and a flavour. */
const PRICE_KEY = /^([a-zA-Z0-9][a-zA-Z0-9-]*\/)?[^/\s\p{C}]{1,128}$/u

const PerHour = z.record(z.string(), z.number().min(0).max(1_000_000)).superRefine((perHour, context) => {
  const keys = Object.keys(perHour)
  if (keys.length > MAX_PRICES) context.addIssue(`expected at most ${MAX_PRICES} prices, got ${keys.length}`)
  for (const key of keys.filter(one => !PRICE_KEY.test(one))) {
    const message = `${KEY_EXPECTED}, got ${JSON.stringify(key.slice(0, 60))}`
    context.addIssue({ code: 'custom', path: [key], message, input: perHour })
  }
})
const KEY_EXPECTED = 'expected a flavor, or region/flavor, such as cn-north-4/s6.large.2'

const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'expected the three letters of a currency, such as CNY' })
  .describe('Of all prices here (ISO 4217), such as CNY.')

const perHour = PerHour.describe(
  'What an hour costs, by `flavor` or `region/flavor`. A key that ends in `.win` or `.linux` is of that system alone; the most exact key counts.',
)

const sourceProblem = (input: unknown): string =>
  `expected "none", "table" or "bss", got ${JSON.stringify(fieldOf(input, 'source')) ?? 'nothing'}`
const fieldOf = (input: unknown, name: string): unknown => (input as Record<string, unknown>)[name]

export const Prices = z
  .discriminatedUnion(
    'source',
    [
      z.strictObject({ source: z.literal('none') }),
      z.strictObject({ source: z.literal('table'), currency, perHour }),
      z.strictObject({ source: z.literal('bss') }),
    ],
    { error: ({ code, input }) => (code === 'invalid_union' ? sourceProblem(input) : undefined) },
  )
  .describe(
    '`none`: no price is known. `table`: yours. `bss`: as the cloud quotes them to the account of each connection, kept until the day of the bill (UTC+8) ends.',
  )
export type Prices = z.infer<typeof Prices>
export const NO_PRICES: Prices = { source: 'none' }

/** What the price of a server depends on, beside its region. */
export interface QuotedKind {
  flavor: string
  windows: boolean
}

/** What the cloud quotes. */
export interface Quotation {
  currency: string
  /** In the order of what was asked: an hour's price; `null`: the cloud knows none; absent: it was not asked. */
  perHour: (number | null | undefined)[]
}
