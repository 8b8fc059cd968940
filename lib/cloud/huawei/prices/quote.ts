/** What servers cost by the hour, as BSS quotes it to the account. */
import * as z from 'zod'
import { CloudError } from '../../../core/model/errors.ts'
import type { Quotation, QuotedKind } from '../../../core/model/prices/prices.ts'
import { Amount, type Billing, billingPlace, ECS_PRODUCT } from './place.ts'

/** BSS API reference, "Querying the Price of a Pay-per-Use Product". */
const MAX_PRODUCTS = 100
/** Hours, as "Querying Measurement Units" numbers them. */
const HOURS = 4
/** Ten digits behind the point. */
const PRECISE = 1
/** In one go: a kind that is unknown takes some for each hundred. */
const MAX_REQUESTS = 30

const UNKNOWN_PRODUCT = new Set(['CBC.6006', 'CBC.99006006', 'CBC.6074'])
const isUnknownProduct = (error: unknown): boolean =>
  error instanceof CloudError && UNKNOWN_PRODUCT.has(error.details.code)

/** After the account's discount, where the key may see that; else as listed. */
const Rating = z.object({ id: z.union([z.string(), z.number()]).transform(Number), amount: Amount })
const Ratings = z.object({
  // An empty one is the yuan.
  currency: z
    .string()
    .nullish()
    .transform(currency => currency || 'CNY'),
  product_rating_results: z.array(Rating),
})

const productInfo = ({ flavor, windows }: QuotedKind, region: string, place: number) => ({
  id: String(place),
  ...ECS_PRODUCT,
  resource_spec: `${flavor}.${windows ? 'win' : 'linux'}`,
  region,
  usage_factor: 'Duration',
  usage_value: 1,
  usage_measure_id: HOURS,
  subscription_num: 1,
})

/** Throws `CloudError`, also where one of them is unknown. */
async function askRatings({ connection, ask }: Billing, kinds: readonly QuotedKind[]) {
  const { region, projectId } = connection
  const { value } = await ask({
    what: `prices of ${kinds.length} flavors`,
    method: 'POST',
    ...billingPlace(connection, ['ratings', 'on-demand-resources']),
    body: JSON.stringify({
      project_id: projectId,
      inquiry_precision: PRECISE,
      product_infos: kinds.map((kind, place) => productInfo(kind, region, place)),
    }),
    answer: Ratings,
    permission: 'billing:contract:viewDiscount (bss:discount:view in policies of the older form)',
    isOptional: true,
  })
  return value
}

/** Places in a list, from the first up to the end. */
type Range = [first: number, end: number]

const halves = ([first, end]: Range): Range[] => {
  const middle = Math.ceil((first + end) / 2)
  return [
    [first, middle],
    [middle, end],
  ]
}

const hundreds = (count: number): Range[] =>
  Array.from({ length: Math.ceil(count / MAX_PRODUCTS) }, (_, n) => [
    n * MAX_PRODUCTS,
    Math.min(count, (n + 1) * MAX_PRODUCTS),
  ])

/** One that is unknown fails all that are asked with it: these are asked again in halves. */
export async function quotePrices(billing: Billing, kinds: readonly QuotedKind[]): Promise<Quotation> {
  const quotation: Quotation = { currency: 'CNY', perHour: kinds.map(() => undefined) }
  const waiting = hundreds(kinds.length)
  for (let requests = 0; requests < MAX_REQUESTS; requests++) {
    const range = waiting.shift()
    if (range === undefined) break
    const [first, end] = range
    try {
      const { currency, product_rating_results: results } = await askRatings(billing, kinds.slice(first, end))
      const amounts = new Map(results.map(({ id, amount }) => [id, amount]))
      quotation.currency = currency
      for (let place = first; place < end; place++)
        quotation.perHour[place] = amounts.get(place - first) ?? null
    } catch (error) {
      if (!isUnknownProduct(error)) throw error
      if (end - first > 1) waiting.unshift(...halves(range))
      else quotation.perHour[first] = null
    }
  }
  return quotation
}
