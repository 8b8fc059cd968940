import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Bundle, bundle } from '../../infra/build/bundle.ts'
import { FUNCTIONS } from '../../infra/build/functions.ts'
import { defaultProvider } from '../../infra/build/lambda-credentials.ts'
import { createCloud } from '../../infra/build/no-cloud.ts'
import { zip } from '../../infra/build/zip.ts'
import { unpacked } from './archive.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curfew-build-'))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

/** Loads a bundle as Node does, and not as the test runner would. */
const required = createRequire(import.meta.url)

describe('an archive', () => {
  const FILES = [
    { name: 'index.mjs', text: 'export const handler = 1\n'.repeat(1000) },
    { name: 'wörter/leer.txt', text: '' },
  ]
  const made = () => zip(FILES.map(({ name, text }) => ({ name, bytes: Buffer.from(text) })))

  test('gives back what was put in, readable by every user', async () => {
    expect(await unpacked(made())).toEqual(FILES.map(file => ({ ...file, mode: '644' })))
  })

  test('is the same on any day', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21') })
    const today = made()
    vi.setSystemTime(new Date('2031-02-03'))
    expect(made().equals(today)).toBe(true)
  })
})

describe('a bundle', () => {
  const source = join(import.meta.dirname, 'sample-function.ts')
  const madeIn = (name: string) =>
    bundle({ name: 'sample', source, folder: join(folder, name), callsCloud: true })
  let sample: Bundle
  beforeAll(async () => {
    sample = await madeIn('first')
  })
  const origins = () => sample.from.map(({ origin }) => origin)

  test('runs where no package is installed, with the credentials that Lambda gives', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    vi.stubEnv('AWS_SESSION_TOKEN', 'token')
    const server = createServer((request, response) => request.pipe(response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { handler } = required(join(folder, 'first/sample/index.mjs'))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await handler({ origin })).toMatchObject({
      exchanged: { kind: 'answered', status: 200, text: 'hello' },
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
      dueMs: Date.parse('1970-01-01T20:30:00Z'),
    })
    server.closeAllConnections()
    server.close()
  })

  test('is the same, archive and all, when it is made again', async () => {
    await madeIn('second')
    for (const file of ['sample.zip', 'sample/index.mjs', 'sample/index.mjs.map']) {
      const [first, second] = await Promise.all(
        ['first', 'second'].map(name => readFile(join(folder, name, file))),
      )
      expect(second!.equals(first!)).toBe(true)
    }
  })

  test('has its source map beside it, and the code alone in its archive', async () => {
    expect(await readdir(join(folder, 'first/sample'))).toEqual(['index.mjs', 'index.mjs.map'])
    const code = await readFile(join(folder, 'first/sample/index.mjs'), 'utf8')
    expect(await unpacked(await readFile(join(folder, 'first/sample.zip')))).toEqual([
      { name: 'index.mjs', text: code, mode: '644' },
    ])
  })

  test('says where its bytes come from', () => {
    expect(origins()).toEqual(expect.arrayContaining(['undici', '@aws-sdk/client-dynamodb', 'ours']))
    const explained = sample.from.reduce((sum, { size }) => sum + size, 0)
    expect(explained / sample.size).toBeGreaterThan(0.95)
  })

  test('leaves out the credential chain, luxon and most of undici, of which it needs little', () => {
    expect(origins().filter(origin => /credential-provider|luxon/.test(origin))).toEqual([])
    expect(sample.from.find(({ origin }) => origin === 'undici')?.size).toBeLessThan(350_000)
  })
})

test('credentials that are not in the environment are an error that names the variable', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
  await expect(defaultProvider()()).rejects.toThrow('expected AWS_ACCESS_KEY_ID in the environment')
})

test('a function that was built without the cloud and calls it says what to change', () => {
  expect(() => createCloud()).toThrow('infra/build/functions.ts')
})

describe.each(FUNCTIONS)('the bundle of $name', entry => {
  let made: Bundle
  beforeAll(async () => {
    made = await bundle({ ...entry, folder: join(folder, 'real') })
  })

  test('has less than a megabyte', () => {
    expect(made.size).toBeLessThan(1_000_000)
  })

  test('exports the handler that the template names', () => {
    const { handler } = required(join(folder, `real/${entry.name}/index.mjs`))
    expect(handler).toBeTypeOf('function')
  })

  test('holds the HTTP client of the cloud only if it calls the cloud', () => {
    expect(made.from.some(({ origin }) => origin === 'undici')).toBe(entry.callsCloud)
  })
})
