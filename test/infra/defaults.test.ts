/** A default of the deployment has one value: in the schema of the environment, in serverless.yml and in the docs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { Environment } from '../../lib/runtime/config.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

const Value = z.union([z.string(), z.number(), z.boolean()])
type Value = z.infer<typeof Value>
const Template = z.object({
  params: z.record(z.string(), z.record(z.string(), Value)),
  provider: z.object({ environment: z.record(z.string(), z.unknown()) }),
})
const { params, provider } = Template.parse(parse(read('serverless.yml'), { logLevel: 'silent' }))
const { default: defaults = {}, ...stages } = params

/** What the code takes where a variable is absent or empty; `undefined`: it does without. */
const inCode = (variable: string): unknown => {
  const field = Environment.shape[variable as keyof typeof Environment.shape]
  return field.safeParse(undefined).data
}
/** On AWS the console's files lie beside the code, and no key is told by a server of Huawei Cloud. */
const LOCAL_ONLY = ['CONSOLE_FOLDER', 'METADATA_KEYS']
/** Of the local run in the code; on AWS the API's own, which its deployment makes. */
const ADDRESS = { variable: 'PUBLIC_URL', parameter: 'publicUrl' }
/** The parameter that a variable is filled from; `undefined`: none. */
const parameterOf = (variable: string): string | undefined =>
  /^\$\{param:(\w+)\}$/.exec(String(provider.environment[variable]))?.[1]

describe('the environment of the functions', () => {
  test('has every variable that the code reads, and no other', () => {
    // Of the standard names in two spellings, a deployment uses one.
    const variables = Object.keys(Environment.shape).filter(
      name => name === name.toUpperCase() && !LOCAL_ONLY.includes(name),
    )
    expect(Object.keys(provider.environment).sort()).toEqual(variables.sort())
  })

  const withDefault = Object.keys(Environment.shape).filter(
    name => inCode(name) !== undefined && ![...LOCAL_ONLY, ADDRESS.variable].includes(name),
  )
  test.each(withDefault)('gives %s the default that the code has, or leaves it to the code', variable => {
    const value = defaults[parameterOf(variable) ?? `the parameter of ${variable}`]
    expect(value).toBeDefined()
    if (value !== '') expect(value).toBe(inCode(variable))
  })

  test('gives the address of links that of the API', () => {
    expect(provider.environment[ADDRESS.variable]).toMatch('param:publicUrl')
    expect(defaults[ADDRESS.parameter]).toContain('.execute-api.')
  })
})

/** The rows of the docs' table of parameters: the names of the first cell, and the second cell as it stands. */
const documented = [...read('docs/deploy.md').matchAll(/^\| (`\w+`(?:, `\w+`)*) \| ([^|]+) \|/gm)].map(
  ([, names = '', cell = '']) => ({ names: names.split(', ').map(name => name.slice(1, -1)), cell }),
)
const shown = (value: Value | undefined): string => {
  if (value === '') return 'none'
  return typeof value === 'string' ? `\`${value}\`` : String(value)
}
/** The defaults of a row as the docs write them: one after the other, equal ones once, then what a stage has instead. */
function defaultsOf(names: string[]): string {
  const plain = new Set(names.map(name => shown(defaults[name])))
  const staged = Object.entries(stages).flatMap(([stage, own]) =>
    names.flatMap(name => (name in own ? [`${stage} ${shown(own[name])}`] : [])),
  )
  return [...plain, ...staged].join(', ')
}
/** Too long for a cell: the code's own, which the docs describe. */
const IN_WORDS: Record<string, string> = {
  allowedEndpointHosts: "Huawei's and T-Systems' services",
  [ADDRESS.parameter]: "the API's own address",
}

describe('the table of parameters in docs/deploy.md', () => {
  test('has a row for every parameter of serverless.yml, and no other', () => {
    expect(documented.flatMap(({ names }) => names).sort()).toEqual(Object.keys(defaults).sort())
  })

  test('gives the defaults of serverless.yml', () => {
    const expected = documented.map(({ names }) => ({
      names,
      cell: IN_WORDS[names.join()] ?? defaultsOf(names),
    }))
    expect(documented).toEqual(expected)
  })

  test('says in words only what is left to the code', () => {
    for (const name of Object.keys(IN_WORDS)) if (name !== ADDRESS.parameter) expect(defaults[name]).toBe('')
  })
})
