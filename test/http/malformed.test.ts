import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { httpHandler } from '../../lib/http/handler.ts'
import type { Example, Route } from '../../lib/http/route.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import type { Services } from '../services.ts'
import { type Ask, eventOf, replyOf } from './world.ts'

/** More of them: `REQUESTS=100000 npx vitest run test/http/malformed.test.ts`. */
const REQUESTS = Number(process.env.REQUESTS ?? 300)

/** Services of which nothing may be asked: whoever touches the table, a queue or the cloud gets a 500. */
const nothing = new Proxy(
  {
    log: { info: () => undefined, error: () => undefined },
    unique: () => 'unique',
    now: () => 0,
    config: {},
  },
  {
    get: (known, name) => {
      if (name in known) return known[name as keyof typeof known]
      throw new Error(`a refused request asked for ${String(name)}`)
    },
  },
) as unknown as Services

const handler = httpHandler(ROUTES, () => nothing)
interface Malformed extends Ask {
  method: string
  path: string
}

async function send({ method, path, ...ask }: Malformed) {
  return replyOf(await handler(eventOf(method, path, ask) as APIGatewayProxyEventV2, {} as Context))
}

// --- what is malformed --------------------------------------------------------------------------------------

type Arbitrary<T> = fc.Arbitrary<T>
const word = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' })
/** No field anywhere takes one of these. */
const foreign: Arbitrary<unknown> = fc.oneof(
  fc.dictionary(fc.constantFrom('zz', 'yy', '\u0000', 'constructor'), fc.constant({}), { minKeys: 1 }),
  fc.array(fc.array(fc.constant({}), { minLength: 1 }), { minLength: 1, maxLength: 3 }),
)

/** Every place in a document, by its path. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, inner]) => places(inner, [...path, name]))]
}

function put(value: unknown, [name, ...rest]: string[], replacement: unknown): unknown {
  if (name === undefined) return replacement
  const inner = (value as Record<string, unknown>)[name]
  if (Array.isArray(value)) return value.with(Number(name), put(inner, rest, replacement))
  return { ...(value as object), [name]: put(inner, rest, replacement) }
}

function badBody(body: unknown): Arbitrary<unknown> {
  const where = fc.constantFrom(...places(body))
  const replaced = fc.tuple(where, foreign).map(([path, value]) => put(body, path, value))
  const extended = fc
    .tuple(fc.stringMatching(/^zz[a-z]{0,20}$/), foreign)
    .map(([name, value]) => ({ ...(body as object), [name]: value }))
  return fc.oneof(replaced, extended)
}

const json = { 'content-type': 'application/json' }

function badBodies(body: unknown): Arbitrary<Pick<Ask, 'body' | 'raw' | 'headers'>>[] {
  return [
    badBody(body).map(sent => ({ body: sent })),
    fc.json().map(text => ({ raw: `${text}}`, headers: json })),
    fc.string({ minLength: 1 }).map(text => ({ raw: `<${text}`, headers: json })),
    fc.constant({ raw: new Uint8Array([0x22, 0xc3, 0x28, 0x22]), headers: json }),
    fc
      .constantFrom('text/plain', 'application/xml', '', 'json')
      .map(type => ({ raw: '{}', headers: { 'content-type': type } })),
  ]
}

const tooLong = fc
  .integer({ min: 256 * 1024 + 1, max: 300 * 1024 })
  .map(length => ({ raw: new Uint8Array(length), headers: json }))

const badId = fc.oneof(
  fc.constant(''),
  fc.string({ minLength: 201, maxLength: 300 }).map(encodeURIComponent),
  fc.constantFrom('%', '%zz', '%E0%A4%A'),
)

const filled = (path: string, params: Record<string, string> = {}): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name) => params[name] ?? 'x')

function badPath(route: Route, { params = {} }: Partial<Example>): Arbitrary<string>[] {
  const names = Object.keys(params)
  if (names.length === 0) return []
  return [
    fc
      .tuple(fc.constantFrom(...names), badId)
      .map(([name, id]) => filled(route.path, { ...params, [name]: id })),
  ]
}

function badQuery(): Arbitrary<string> {
  const unknown = fc
    .tuple(fc.stringMatching(/^zz[a-z]{0,9}$/), word)
    .map(([name, value]) => new URLSearchParams({ [name]: value }).toString())
  return fc.oneof(
    unknown,
    fc.constantFrom(
      'limit=0',
      'limit=x',
      'limit=1&limit=2',
      'limit=1e9',
      'cursor=',
      'status=&status=',
      'since=0',
    ),
  )
}

function malformed(route: Route): Arbitrary<Malformed> {
  const [example = {} as Partial<Example>] = Object.values(route.examples ?? {}) as Partial<Example>[]
  const { method } = route
  const { params, body } = example
  const path = filled(route.path, params)
  const right = { method, path, ...(body === undefined ? {} : { body }) }
  const inBody = route.body ? badBodies(body ?? {}) : []
  return fc.oneof(
    { weight: 50, arbitrary: badQuery().map(query => ({ ...right, path: `${path}?${query}` })) },
    { weight: 1, arbitrary: tooLong.map(ask => ({ ...ask, method, path })) },
    ...inBody.map(bad => ({ weight: 50, arbitrary: bad.map(ask => ({ ...ask, method, path })) })),
    ...badPath(route, example).map(bad => ({
      weight: 50,
      arbitrary: bad.map(at => ({ ...right, path: at })),
    })),
  )
}

const Problem = z.object({
  status: z.int().min(400).max(499),
  title: z.string().min(1),
  detail: z.string().min(1),
  errors: z
    .array(z.object({ path: z.string().min(1), message: z.string().min(1) }))
    .min(1)
    .max(100),
})

describe(`of ${REQUESTS} malformed requests to a route each is refused by its form alone, with a field that is named`, () => {
  test.each(ROUTES.map(route => [`${route.method} ${route.path}`, route] as const))(
    '%s',
    async (_, route) => {
      const property = fc.asyncProperty(malformed(route), async request => {
        const { status, body, text } = await send(request)
        expect(Problem.parse(body).status).toBe(status)
        expect(text.length).toBeLessThan(50_000)
      })
      await fc.assert(property, { numRuns: REQUESTS })
    },
  )
})

const PATHS = ROUTES.map(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`))
const isKnown = (path: string): boolean => PATHS.some(pattern => pattern.test(path))

test('whatever is asked of whatever path, the answer is 4xx with a field that is named', async () => {
  const path = fc.oneof(
    fc.webPath(),
    fc
      .tuple(fc.constantFrom(...ROUTES.map(({ path }) => path)), fc.webPath())
      .map(([known, more]) => `${known}${more}x`),
  )
  const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE')
  const unknown = fc.asyncProperty(path, method, async (at, how) => {
    if (isKnown(at)) return
    const { status, body } = await send({ method: how, path: at })
    expect([404, 405]).toContain(status)
    expect(Problem.parse(body).errors).not.toEqual([])
  })
  await fc.assert(unknown, { numRuns: REQUESTS })
})

/** Each as long as a body may be: whatever took more than a look at each of its parts would not end in time. */
describe('the worst that fits into 256 KB is refused as quickly as it is read', () => {
  const long = 256 * 1024 - 400
  const policy = {
    connection: 'prod',
    kind: 'ecs',
    schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
    selector: { all: true },
  }
  const many = (text: string) => text.repeat(Math.floor(long / text.length))
  const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, 1]))
  test.each<[string, unknown]>([
    ['lists in lists', `${'['.repeat(long / 2)}${']'.repeat(long / 2)}`],
    ['objects in objects', `${'{"a":'.repeat(long / 6)}1${'}'.repeat(long / 6)}`],
    ['unknown fields', { ...policy, ...keys }],
    ['unknown fields of a selector', { ...policy, selector: keys }],
    ['one very long field', { ...policy, [many('selector')]: 1 }],
    ['a very long cron', { ...policy, schedule: { cron: many('*/1,'), timeZone: 'UTC' } }],
    ['a very long time zone', { ...policy, schedule: { cron: '0 20 * * *', timeZone: many('Asia/') } }],
    [
      'very many wrong dates',
      { ...policy, schedule: { ...policy.schedule, skipDates: new Array(40_000).fill('x') } },
    ],
    ['very many wrong ids', { ...policy, selector: { ids: new Array(80_000).fill(0) } }],
    ['very many wrong tags', { ...policy, selector: { tags: keys } }],
    ['a very long name', { ...policy, selector: { name: many('*a') } }],
    ['a very long wrong address', { ...policy, webhook: { url: many('http://') } }],
  ])('%s', async (_, body) => {
    const raw = typeof body === 'string' ? body : JSON.stringify(body)
    expect(raw.length).toBeLessThanOrEqual(256 * 1024)
    for (let n = 0; n < 5; n++) {
      const { status } = await send({ method: 'PUT', path: '/v1/policies/worst', raw, headers: json })
      expect(status).toBe(422)
    }
  })
})
