/** What pay-per-use products cost (BSS API reference, "Querying the Price of a Pay-per-Use Product", 2024-12). */
import { type Answer, gatewayRefusal, type Request, type Route } from '../../route.ts'
import { priceAt } from '../../world/prices.ts'
import type { Switches } from '../../world/switches/switches.ts'
import { badParameter, bodyOf, type Json } from './answers.ts'

const RATINGS_PATH = '/v2/bills/ratings/on-demand-resources'
const MAX_PRODUCTS = 100
const HOURS = 4

/** An answer of its own kind: the status is that of success. */
const unknownProduct = (): Answer => ({
  ...gatewayRefusal(200, 'CBC.6006', 'The required product cannot be found.'),
})

const rounded = (amount: number, digits: number): number => Number(amount.toFixed(digits))

const MANDATORY = [
  ...['id', 'cloud_service_type', 'resource_type', 'resource_spec', 'region'],
  ...['usage_factor', 'usage_value', 'usage_measure_id', 'subscription_num'],
]

/** The name of what is wrong; null: nothing. */
function productProblem(product: Json): string | null {
  const missing = MANDATORY.find(name => product[name] === undefined || product[name] === '')
  if (missing !== undefined) return missing
  if (String(product.usage_factor).toLowerCase() !== 'duration') return 'usage_factor'
  if (product.usage_measure_id !== HOURS) return 'usage_measure_id'
  return typeof product.id === 'string' && product.id.length <= 64 ? null : 'id'
}

function requestProblem({ project_id: projectId, product_infos: products }: Json): string | null {
  if (typeof projectId !== 'string' || projectId === '') return 'project_id'
  if (!Array.isArray(products) || products.length === 0 || products.length > MAX_PRODUCTS)
    return 'product_infos'
  const problem = (products as Json[]).map(productProblem).find(one => one !== null)
  if (problem !== undefined) return problem
  return new Set((products as Json[]).map(({ id }) => id)).size < products.length ? 'id' : null
}

const isSold = (
  { cloud_service_type: service, resource_type: resource, resource_spec: spec, region }: Json,
  { unpriced }: Switches,
): boolean =>
  service === 'hws.service.type.ec2' &&
  resource === 'hws.resource.type.vm' &&
  /^[\w.-]+\.(linux|win)$/.test(String(spec)) &&
  ![String(spec), `${region}/${spec}`].some(one => unpriced.includes(one))

function rating(product: Json, digits: number, { now, switches }: { now: number; switches: Switches }) {
  const { id, resource_spec: spec, usage_value: value, subscription_num: count } = product
  const listed = priceAt(String(spec), now, switches) * Number(value) * Number(count)
  const amount = rounded(listed * (1 - switches.discount), digits)
  return {
    id,
    product_id: `00301-${spec}`,
    amount,
    measure_id: 1,
    official_website_amount: rounded(listed, digits),
    discount_amount: rounded(listed - amount, digits),
    discount_rating_results: [],
  }
}

function ratingsAnswer(request: Request, switches: Switches): Answer {
  const body = bodyOf(request)
  const problem = requestProblem(body)
  if (problem !== null) return badParameter(problem)
  const products = body.product_infos as Json[]
  if (!products.every(product => isSold(product, switches))) return unknownProduct()
  const digits = body.inquiry_precision === 1 ? 10 : 6
  const results = products.map(product => rating(product, digits, { now: request.now, switches }))
  const sum = (field: 'amount' | 'official_website_amount' | 'discount_amount') =>
    rounded(
      results.reduce((total, one) => total + one[field], 0),
      digits,
    )
  return {
    status: 200,
    body: {
      amount: sum('amount'),
      discount_amount: sum('discount_amount'),
      measure_id: 1,
      official_website_amount: sum('official_website_amount'),
      currency: switches.currency,
      product_rating_results: results,
    },
  }
}

export const ratingsRoute = (switches: Switches, guard: Route['guard']): Route => ({
  name: 'ratings',
  method: 'POST',
  path: RATINGS_PATH,
  guard,
  answer: request => ratingsAnswer(request, switches),
})
