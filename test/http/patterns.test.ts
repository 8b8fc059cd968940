import { expect, test } from 'vitest'
import * as z from 'zod'
import { ROUTES } from '../../lib/http/routes.ts'

/** Every schema within a schema, itself among them. */
function within(schema: unknown, seen = new Set<unknown>()): z.ZodType[] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return []
  seen.add(schema)
  const inner = schema instanceof z.ZodType ? Object.values(schema.def) : Object.values(schema)
  return [...(schema instanceof z.ZodType ? [schema] : []), ...inner.flatMap(one => within(one, seen))]
}

const patternsOf = (schema: z.ZodType): RegExp[] => {
  const checks = (schema.def.checks ?? []) as { _zod: { def: { pattern?: RegExp } } }[]
  return checks.flatMap(({ _zod }) => _zod.def.pattern ?? [])
}

test('no pattern needs a flag: a JSON Schema has no place for one, and would refuse what the API takes', () => {
  const schemas = ROUTES.flatMap(({ params, query, body }) => within([params, query, body?.schema]))
  const patterns = schemas.flatMap(patternsOf)
  expect(patterns.length).toBeGreaterThan(3)
  expect(patterns.filter(({ flags }) => /[ims]/.test(flags)).map(String)).toEqual([])
})
