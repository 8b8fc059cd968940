import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { documentsOf } from '../../cli/files/documents.ts'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { type HttpWorld, openWorld, policyBody } from '../http/world.ts'
import { aChange } from '../makers.ts'
import { typed } from './terminal.ts'

let world: HttpWorld
let url: string
let close: () => Promise<void>
const folder = mkdtempSync(join(tmpdir(), 'curfew-policies-'))

beforeAll(async () => {
  world = await openWorld()
  await world.connection()
  const handler = world.handler as unknown as Parameters<typeof startGateway>[0]['handler']
  const gateway = await startGateway({
    port: 0,
    handler,
    trouble: (_, error) => void world.troubles.push(error),
  })
  url = gateway.url
  close = gateway.close
})
afterAll(async () => {
  await close()
  await world.close()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  for (const { id } of await world.all('/v1/policies')) await world.ask('DELETE', `/v1/policies/${id}`)
})

function file(name: string, ...documents: object[]): string {
  const path = join(folder, name)
  writeFileSync(path, documents.map(document => JSON.stringify(document)).join('\n---\n'))
  return path
}
function text(name: string, contents: string): string {
  writeFileSync(join(folder, name), contents)
  return join(folder, name)
}

async function policies(...args: string[]) {
  const { code, out, err } = await typed(['policies', ...args], { env: { CURFEW_URL: url } })
  return { code, said: out, complaints: err }
}
const ids = async () => (await world.all('/v1/policies')).map(({ id }) => id)

test('diff shows what would change, and changes nothing', async () => {
  await world.ask('PUT', '/v1/policies/kept', { body: policyBody({ id: 'kept' }) })
  await world.ask('PUT', '/v1/policies/extra', { body: policyBody({ id: 'extra' }) })
  await world.ask('PUT', '/v1/policies/same', { body: policyBody({ id: 'same' }) })
  const path = file(
    'all.yml',
    policyBody({ id: 'new' }),
    policyBody({ id: 'kept', limits: { maxServers: 5 } }),
    policyBody({ id: 'same' }),
  )
  expect(await policies('diff', path)).toEqual({
    code: 0,
    complaints: '',
    said: [
      '~ policy kept',
      '    limits.maxServers: null → 5',
      '+ policy new',
      '  policy extra is not in the files, and stays; --prune deletes it',
      '1 to create, 1 to change, 0 to delete, 1 as in the files',
    ].join('\n'),
  })
  expect(await ids()).toEqual(['extra', 'kept', 'same'])
})

test('apply makes it so, and a second time there is nothing to do', async () => {
  await world.ask('PUT', '/v1/policies/kept', { body: policyBody({ id: 'kept' }) })
  const path = file('apply.yml', policyBody({ id: 'new' }), policyBody({ id: 'kept', mode: 'hard' }))
  expect(await policies('apply', path)).toMatchObject({ code: 0, complaints: '' })
  expect(await world.ask('GET', '/v1/policies/kept')).toMatchObject({ body: { mode: 'hard', version: 2 } })
  expect(await ids()).toEqual(['kept', 'new'])
  expect(await policies('apply', path)).toMatchObject({
    code: 0,
    said: '0 created, 0 changed, 0 deleted, 2 unchanged, 0 failed',
  })
  expect(await world.ask('GET', '/v1/policies/kept')).toMatchObject({ body: { version: 2 } })
})

test('what is not in the files goes with --prune, and only then', async () => {
  await world.ask('PUT', '/v1/policies/extra', { body: policyBody({ id: 'extra' }) })
  const path = file('prune.yml', policyBody({ id: 'new' }))
  expect(await policies('apply', path)).toMatchObject({ code: 0 })
  expect(await ids()).toEqual(['extra', 'new'])
  expect((await policies('diff', path, '--prune')).said).toContain('- policy extra')
  expect(await ids()).toEqual(['extra', 'new'])
  expect(await policies('apply', path, '--prune')).toMatchObject({ code: 0 })
  expect(await ids()).toEqual(['new'])
})

test('with no policy in the files, --prune deletes none', async () => {
  await world.ask('PUT', '/v1/policies/extra', { body: policyBody({ id: 'extra' }) })
  expect(await policies('apply', text('empty.yml', '# nothing\n'), '--prune')).toMatchObject({ code: 2 })
  expect(await ids()).toEqual(['extra'])
})

test('a snooze survives', async () => {
  const path = file('snoozed.yml', policyBody({ id: 'snoozed' }))
  await policies('apply', path)
  const until = new Date(Date.now() + 3_600_000).toISOString()
  await world.ask('POST', '/v1/policies/snoozed/snooze', { body: { until, reason: 'release' } })
  expect((await policies('diff', path)).said).toContain('1 as in the files')
  await policies('apply', file('snoozed.yml', policyBody({ id: 'snoozed', description: 'x' })))
  expect(await world.ask('GET', '/v1/policies/snoozed')).toMatchObject({
    body: { description: 'x', snoozedUntil: until },
  })
})

test('more policies than a page holds are compared whole', async () => {
  const many = Array.from({ length: 1050 }, (_, n) => policyBody({ id: `many-${n}` }))
  for (const one of many) await world.policy(one as Record<string, unknown>)
  const { said } = await policies('diff', file('many.yml', ...many))
  expect(said).toBe('0 to create, 0 to change, 0 to delete, 1050 as in the files')
  await Promise.all(
    many.map(({ id }) => world.store.removePolicy(String(id), 1, aChange({ what: 'deleted' }))),
  )
})

describe('files', () => {
  test('may be YAML or JSON, hold many documents, lists of them, and name their schema', () => {
    const yaml = text(
      'a.yml',
      [
        '$schema: x',
        ...Object.entries(policyBody({ id: 'one' })).map(([k, v]) => `${k}: ${JSON.stringify(v)}`),
        '---',
        '---',
        `[${JSON.stringify(policyBody({ id: 'two' }))}]`,
      ].join('\n'),
    )
    const json = text(
      'b.json',
      JSON.stringify([policyBody({ id: 'three' }), policyBody({ id: 'four' })], null, 2),
    )
    const kinds = ['policy' as const]
    expect(documentsOf([yaml, json], { kinds, owner: null, now: 0 }).map(({ fields }) => fields.id)).toEqual([
      'one',
      'two',
      'three',
      'four',
    ])
  })

  test.each([
    [
      'a mistyped field',
      policyBody({ enabeld: true }),
      /bad\.yml:1: enabeld: unknown field; did you mean enabled\?/,
    ],
    ['no id', policyBody({ id: undefined }), /bad\.yml:1: id: expected a text, got nothing/],
    ['no object', ['x'], /bad\.yml:1: body: expected a policy \(.*\), got "x"/],
  ])('%s is told with its place, and nothing is sent', async (_, document, message) => {
    const good = file('good.yml', policyBody({ id: 'good' }))
    const { code, complaints } = await policies('apply', good, file('bad.yml', document))
    expect(code).toBe(2)
    expect(complaints).toMatch(message)
    expect(await ids()).toEqual([])
  })

  test('each problem is told, in every document', async () => {
    const path = file('both.yml', policyBody({ kind: 'vm' }), policyBody({ id: 'other', mode: 'off' }))
    const { complaints } = await policies('diff', path)
    expect(complaints.split('\n')).toEqual([
      expect.stringContaining('both.yml:1: kind'),
      expect.stringContaining('both.yml:3: mode'),
    ])
  })

  test.each([
    ['no YAML', 'a: [1', /no\.yml:\d: /],
    [
      'the same policy twice',
      `${JSON.stringify(policyBody())}\n---\n${JSON.stringify(policyBody())}`,
      /no\.yml:3: id: expected each policy once, got "nightly-dev" in .*no\.yml:1 as well/,
    ],
  ])('%s is refused', async (_, contents, message) => {
    expect(await policies('diff', text('no.yml', contents))).toMatchObject({
      code: 2,
      complaints: expect.stringMatching(message),
    })
  })

  test('one that is not there is refused', async () => {
    expect(await policies('diff', join(folder, 'none.yml'))).toMatchObject({
      code: 2,
      complaints: expect.stringContaining('none.yml: it cannot be read'),
    })
  })
})

test('what the API refuses is told, and does not stop the others', async () => {
  const path = file('refused.yml', policyBody({ id: 'a', connection: 'none' }), policyBody({ id: 'b' }))
  const { code, complaints } = await policies('apply', path)
  expect(code).toBe(1)
  expect(complaints).toMatch(
    /^PUT \/v1\/policies\/a: 422 connection: expected the id of a connection, got "none"/,
  )
  expect(await ids()).toEqual(['b'])
})

test('where nobody answers, it says whom it asked', async () => {
  const env = { CURFEW_URL: 'http://127.0.0.1:9' }
  const { code, err } = await typed(['policies', 'diff', file('x.yml', policyBody())], { env })
  expect(code).toBe(1)
  expect(err).toMatch(/^GET \/v1\/\w+: nobody answers at http:\/\/127\.0\.0\.1:9 \(CURFEW_URL\)/)
})

test.each([[['diff']], [['destroy', 'x.yml']], [['apply', 'x.yml', '--force']]])(
  'called as %j it tells how it is called',
  async args => {
    expect(await policies(...args)).toMatchObject({
      code: 2,
      complaints: expect.stringContaining('Usage: npx curfew policies'),
    })
  },
)

test('the sample in the repository is right, and the command runs by itself', async () => {
  await world.connection({ id: 'sample' })
  const run = promisify(execFile)(process.execPath, ['cli/policies.ts', 'apply', 'cli/sample.yml'], {
    env: { ...process.env, CURFEW_URL: url },
  })
  expect((await run).stdout).toContain('2 created')
  expect(await ids()).toEqual(['friday-mobile', 'nightly-dev'])
})
