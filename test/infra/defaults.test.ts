/** A default of the deployment is the same in serverless.yml, in docs/deploy.md and in the environment's schema. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { Environment } from '../../lib/runtime/config.ts'

const Values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const { params } = z
  .object({ params: z.object({ default: Values, prod: Values }) })
  .parse(parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' }))
const names = Object.keys(params.default)

/** The cell of the column "default" in docs/deploy.md, by parameter. */
const documented = new Map(
  [
    ...readFileSync('docs/deploy.md', 'utf8').matchAll(/^\| (`\w+`(?:, `\w+`)*) \| ([^|]+) \|.*\|$/gm),
  ].flatMap(([, cell, value]) =>
    cell!.split(', ').map(name => [name.replaceAll('`', ''), value!.replaceAll('`', '')] as const),
  ),
)

/** An empty default stands as words in the docs: `none`, or what applies without a value. */
const WORDS = /^[A-Za-z' -]+$/

test.for(names)('docs/deploy.md gives the default of %s', name => {
  const value = String(params.default[name])
  if (value === '') expect(documented.get(name)).toMatch(WORDS)
  else expect(documented.get(name)).toBe(name in params.prod ? `${value}, prod ${params.prod[name]}` : value)
})

const variable = (name: string): string => name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()

test('a variable that is not set has the default of the deployment', () => {
  const shape = new Map(Object.entries(Environment.shape))
  const withDefault = names.flatMap(name => {
    const value = shape.get(variable(name))?.safeParse(undefined).data
    return value === undefined || params.default[name] === '' ? [] : [[name, value] as const]
  })
  expect(withDefault.length).toBeGreaterThan(6)
  expect(withDefault).toEqual(withDefault.map(([name]) => [name, params.default[name]]))
})
