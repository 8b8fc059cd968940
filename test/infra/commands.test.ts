/**
 * The AWS commands in docs, word by word: AWS makes its command line and its SDKs from the same models, so what the
 * SDK knows as an operation, a member and a waiter, the command line knows too.
 */
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const required = createRequire(createRequire(import.meta.url).resolve('osls/package.json'))
const text = globSync(join(ROOT, 'docs/*.md'))
  .map(path => readFileSync(path, 'utf8').replaceAll(/\\\n\s*/g, ''))
  .join('\n')

/** Each command in the text, in a block or within a line. */
const COMMANDS = [
  ...[...text.matchAll(/```\w*\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split(/\n|&&|\$\(/)),
  ...[...text.matchAll(/`(aws [^`]+)`/g)].map(([, command]) => command!),
]
  .map(line => line.trim().replace(/\)(?:; do)?$|\s+#.*$/, ''))
  .filter(line => line.startsWith('aws '))

interface Member {
  name: string
  type: string
  isRequired: boolean
}

const pascal = (name: string): string =>
  name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
const kebab = (name: string): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()

function client(service: string) {
  const name = `@aws-sdk/client-${service.replace('secretsmanager', 'secrets-manager')}`
  const types = join(dirname(required.resolve(`${name}/package.json`)), 'dist-types')
  const models = globSync(join(types, 'models/models_*.d.ts'))
    .map(path => readFileSync(path, 'utf8'))
    .join('\n')
  return {
    exports: required(name) as Record<string, unknown>,
    inputOf: (command: string): string =>
      /Input extends (\w+)/.exec(readFileSync(join(types, `commands/${command}.d.ts`), 'utf8'))![1]!,
    members(type: string): Member[] {
      const body = new RegExp(`export interface ${type} \\{([\\s\\S]*?)\\n\\}`).exec(models)?.[1] ?? ''
      return [...body.matchAll(/^ {4}(\w+)(\??): (\w+)/gm)].map(([, name, optional, type]) => ({
        name: name!,
        type: type!,
        isRequired: optional === '',
      }))
    },
  }
}

/** Those that every command takes. */
const COMMON = ['query', 'output']

/** What is given, such as `--queue-url X`, as `['queue-url', 'X']`. */
const options = (line: string): [string, string][] =>
  [...line.matchAll(/ --([a-z-]+)(?: (?!--)('[^']*'|"[^"]*"|\S+))?/g)]
    .map(([, flag, value = '']): [string, string] => [flag!, value])
    .filter(([flag]) => !COMMON.includes(flag))

function problems(line: string): string[] {
  const [, service = '', operation = '', waiter = ''] = line.split(' ')
  const { exports, inputOf, members } = client(service)
  if (operation === 'wait') return `waitUntil${pascal(waiter)}` in exports ? [] : [`no waiter ${waiter}`]
  const command = `${pascal(operation)}Command`
  if (!(command in exports)) return [`no operation ${operation}`]
  const known = members(inputOf(command))
  const found: string[] = []
  const given = options(line).map(([flag, value]) => {
    const bare = flag.replace(/^no-/, '')
    const member = known.find(({ name }) => kebab(name) === flag || kebab(name) === bare)
    if (!member) found.push(`no option --${flag}`)
    else if ((member.type === 'boolean') !== (value === '')) found.push(`--${flag} is a ${member.type}`)
    else if (/^\w+=/.test(value)) {
      const parts = members(member.type).map(({ name }) => name)
      const unknown = value.split(',').filter(part => !parts.includes(part.split('=')[0]!))
      found.push(...unknown.map(part => `no ${part} in --${flag}`))
    }
    return member?.name
  })
  const missing = known.filter(({ name, isRequired }) => isRequired && !given.includes(name))
  return [...found, ...missing.map(({ name }) => `--${kebab(name)} is missing`)]
}

test('the docs have commands', () => {
  expect(COMMANDS.length).toBeGreaterThan(15)
})

test.each(COMMANDS)('%s', line => {
  expect(problems(line)).toEqual([])
})

test.each([
  ['aws sqs empty-queue --queue-url X', 'no operation empty-queue'],
  ['aws sqs purge-queue --url X', 'no option --url'],
  ['aws sqs purge-queue', '--queue-url is missing'],
  ['aws dynamodb update-table --table-name X --deletion-protection-enabled true', 'is a boolean'],
  ['aws dynamodb update-time-to-live --table-name X --time-to-live-specification On=true', 'no On=true'],
  ['aws cloudformation wait stack-adopted --stack-name X', 'no waiter stack-adopted'],
])('a wrong one would be noticed: %s', (line, problem) => {
  expect(problems(line).join()).toContain(problem)
})
