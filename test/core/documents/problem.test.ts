import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { checkInput, quoteValue } from '../../../lib/core/documents/problem.ts'

const Schema = z.strictObject({
  count: z.int().min(1).max(9).optional(),
  share: z.number().gt(0).max(1).optional(),
  name: z.string().min(2).max(5).optional(),
  one: z.array(z.string()).min(1).optional(),
  two: z.array(z.string()).min(2).optional(),
  kind: z.enum(['ecs', 'bms']).optional(),
  yes: z.literal(true).optional(),
  flag: z.boolean().optional(),
  url: z.url().optional(),
  date: z.iso.date().optional(),
  tags: z.record(z.string().min(1), z.array(z.string())).optional(),
  own: z.string().regex(/^x/, { error: 'expected an x in front' }).optional(),
  told: z
    .string()
    .refine(() => false, { error: 'expected other, got this' })
    .optional(),
})

const errors = (input: unknown, schema: z.ZodType = Schema) => {
  const result = checkInput(schema, input)
  return result.ok ? [] : result.errors
}

test.each([
  [{ count: 'a' }, 'count', 'expected a number, got "a"'],
  [{ count: 1.5 }, 'count', 'expected a whole number, got 1.5'],
  [{ count: 0 }, 'count', 'expected at least 1, got 0'],
  [{ count: 10 }, 'count', 'expected at most 9, got 10'],
  [{ share: 0 }, 'share', 'expected more than 0, got 0'],
  [{ name: 'a' }, 'name', 'expected at least 2 characters, got "a"'],
  [{ name: 'abcdef' }, 'name', 'expected at most 5 characters, got "abcdef"'],
  [{ name: null }, 'name', 'expected a text, got null'],
  [{ one: [] }, 'one', 'expected at least 1 item, got a list of 0'],
  [{ two: ['a'] }, 'two', 'expected at least 2 items, got a list of 1'],
  [{ one: 'a' }, 'one', 'expected a list, got "a"'],
  [{ one: ['a', 2] }, 'one.1', 'expected a text, got 2'],
  [{ kind: 'vm' }, 'kind', 'expected "ecs" or "bms", got "vm"'],
  [{ yes: false }, 'yes', 'expected true, got false'],
  [{ flag: 'no' }, 'flag', 'expected true or false, got "no"'],
  [{ url: 'here' }, 'url', 'expected a URL such as https://example.com/path, got "here"'],
  [{ date: '1.2.2026' }, 'date', 'expected a date such as 2026-10-01, got "1.2.2026"'],
  [{ tags: { a: 'b' } }, 'tags.a', 'expected a list, got "b"'],
  [{ own: 'y' }, 'own', 'expected an x in front, got "y"'],
  [{ told: 'y' }, 'told', 'expected other, got this'],
  [{ cuont: 1 }, 'cuont', 'unknown field; did you mean count?'],
  ['text', 'body', 'expected an object, got "text"'],
  [[], 'body', 'expected an object, got a list of 0'],
])('%j', (input, path, message) => {
  expect(errors(input)).toEqual([{ path, message }])
})

test('an unknown field that resembles none is told which there are', () => {
  expect(errors({ zzzzzzzz: 1 })[0]?.message).toMatch(
    /^unknown field; the fields here are count, share, name/,
  )
})

test('where there are no fields, none is expected', () => {
  expect(errors({ x: 1 }, z.strictObject({}))).toEqual([
    { path: 'x', message: 'unknown field: expected none here' },
  ])
})

test('read-only fields are not among those that are recommended', () => {
  const schema = z.strictObject({
    name: z.string(),
    version: z.unknown().optional().meta({ readOnly: true }),
  })
  expect(errors({ name: 'a', versoin: 1 }, schema)[0]?.message).toBe(
    'unknown field; the fields here are name',
  )
})

describe('of several forms the one that was meant is judged', () => {
  const Forms = z.union([
    z.strictObject({ policyId: z.string() }),
    z.strictObject({ connection: z.string(), kind: z.string() }),
  ])
  test.each([
    [{}, ['policyId']],
    [{ connection: 'a' }, ['kind']],
    [{ connection: 1, kind: 'a' }, ['connection']],
    [{ policyId: 1 }, ['policyId']],
    [{ policyId: 'a', mode: 'x' }, ['mode']],
  ])('%j', (input, paths) => {
    expect(errors(input, Forms).map(({ path }) => path)).toEqual(paths)
  })
})

describe('however bad the input, the answer stays short', () => {
  test('a hundred problems at most', () => {
    expect(errors({ one: new Array(5000).fill(1) })).toHaveLength(100)
    expect(errors(Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`x${n}`, 1])))).toHaveLength(100)
  })

  test('long names and values are cut', () => {
    const [error] = errors({ ['x'.repeat(10_000)]: 1 })
    expect(error!.path.length).toBeLessThan(100)
    expect(errors({ kind: 'y'.repeat(10_000) })[0]!.message.length).toBeLessThan(120)
  })
})

test.each([
  [undefined, 'nothing'],
  [null, 'null'],
  [true, 'true'],
  ['a', '"a"'],
  [[1, 2], 'a list of 2'],
  [{ secret: 1 }, 'an object'],
])('%j is shown as %s', (value, text) => {
  expect(quoteValue(value)).toBe(text)
})

test('what was found right is given back as the schema reads it', () => {
  expect(checkInput(z.strictObject({ a: z.int().default(3) }), {})).toEqual({ ok: true, value: { a: 3 } })
})
