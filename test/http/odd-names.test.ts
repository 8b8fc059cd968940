import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { checkInput } from '../../lib/core/documents/problem.ts'
import type { Example } from '../../lib/http/route.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { type HttpWorld, openWorld, policyBody } from './world.ts'

/** What every JavaScript object has already, and other names that programs trip over. */
const ODD = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', 'length', 'name', 'then', '$ref', '', ' ', '.', 'a.b', '#', '[0]', '\u0000', '\u001b[2J'],
  ...['\ud800', '键', '👍'],
]
const name = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary', maxLength: 300 }))

/** The schema behind whatever makes it optional, gives it a default, checks or changes it. */
function plain(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe) return plain(schema.in as z.ZodType)
  const inner = (schema as { unwrap?: () => z.ZodType }).unwrap
  return inner && !(schema instanceof z.ZodArray) ? plain(inner.call(schema)) : schema
}

/** Paths of all records in a document. */
function recordsIn(schema: z.ZodType, path: string[] = []): string[][] {
  const one = plain(schema)
  if (one instanceof z.ZodRecord) return [path]
  if (one instanceof z.ZodUnion) return one.options.flatMap(option => recordsIn(option as z.ZodType, path))
  if (!(one instanceof z.ZodObject)) return []
  return Object.entries(one.shape).flatMap(([field, inner]) =>
    recordsIn(inner as z.ZodType, [...path, field]),
  )
}

const withRecord = (body: unknown, [field, ...rest]: string[], record: unknown): unknown =>
  field === undefined
    ? record
    : {
        ...(body as object),
        [field]: withRecord((body as Record<string, unknown> | undefined)?.[field], rest, record),
      }

const bodies = ROUTES.flatMap(({ operation, body, examples: sent = {} }) => {
  if (!body) return []
  const examples = Object.values(sent) as Partial<Example>[]
  return recordsIn(body.schema).map(path => ({ operation, path, schema: body.schema, examples }))
})

describe('a name in a record is kept or refused, whatever it is', () => {
  test.each(bodies.map(one => [`${one.operation}: ${one.path.join('.')}`, one] as const))('%s', (_, one) => {
    const { path, schema, examples } = one
    fc.assert(
      fc.property(name, odd => {
        for (const { body } of examples) {
          const sent = withRecord(body, path, Object.fromEntries([[odd, ['x']]]))
          const read = checkInput(schema, sent)
          if (!read.ok) continue
          const kept = path.reduce((value, field) => (value as Record<string, unknown>)[field], read.value)
          expect(Object.entries(kept as object)).toEqual([[odd, ['x']]])
        }
      }),
    )
  })

  test('there are some', () => {
    expect(bodies.map(({ path }) => path.join('.'))).toContain('selector.tags')
  })
})

describe('a policy with an odd tag', () => {
  let world: HttpWorld
  beforeAll(async () => {
    world = await openWorld()
    await world.connection()
  })
  afterAll(() => world.close())

  test.each(ODD.map(one => [one]))('%j is stored as it was sent, or 422', async odd => {
    const selector = { tags: Object.fromEntries([[odd, ['x']]]) }
    for (const body of [
      policyBody({ id: 'odd' }),
      policyBody({ id: 'odd', selector }),
      policyBody({ id: 'odd' }),
    ]) {
      const { status } = await world.ask('PUT', '/v1/policies/odd', { body })
      if (body.selector !== selector) expect([200, 201]).toContain(status)
      else if (status !== 422) {
        expect(status).toBe(200)
        const { body: stored } = await world.ask('GET', '/v1/policies/odd')
        expect(Object.entries((stored.selector as typeof selector).tags)).toEqual([[odd, ['x']]])
      }
    }
  })
})
