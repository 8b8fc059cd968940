import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fc } from '@fast-check/vitest'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Bundle, bundle } from '../../infra/build/bundle.ts'
import { FUNCTIONS } from '../../infra/build/functions.ts'
import { defaultProvider } from '../../infra/build/lambda-credentials.ts'
import { zip } from '../../infra/build/zip.ts'
import { anAcceptedCron } from '../core/schedule/schedule-crons.ts'
import { unpacked } from './archive.ts'
import { dueTimes } from './sample-function.ts'

const ROOT = join(import.meta.dirname, '../..')

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
  const made = () => Buffer.from(zip(FILES.map(({ name, text }) => ({ name, bytes: Buffer.from(text) }))))

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
  const madeIn = (name: string) => bundle({ name: 'sample', source, folder: join(folder, name) })
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
    const parts = (await readdir(join(folder, 'first/sample'))).map(name => `sample/${name}`)
    for (const file of ['sample.zip', ...parts]) {
      const [first, second] = await Promise.all(
        ['first', 'second'].map(name => readFile(join(folder, name, file))),
      )
      expect(second!.equals(first!)).toBe(true)
    }
  })

  test('is the same when the console lies beside it, of which a browser loads 61 kB at most', async () => {
    const madeWith = (name: string) =>
      bundle({ name: 'sample', source, folder: join(folder, name), hasConsole: true })
    await madeWith('third')
    await madeWith('fourth')
    const [one, other] = await Promise.all(
      ['third', 'fourth'].map(name => readFile(join(folder, name, 'sample.zip'))),
    )
    expect(other!.equals(one!)).toBe(true)
    const files = (await unpacked(one!)).filter(({ name }) => name.startsWith('console/'))
    const loaded = files.reduce((sum, { text }) => sum + gzipSync(text).length, 0)
    expect(files).toHaveLength(5)
    expect(loaded).toBeLessThan(61_000)
  })

  test('has its source maps beside it, and the code alone in its archive', async () => {
    const files = await readdir(join(folder, 'first/sample'))
    const code = files.filter(name => name.endsWith('.mjs'))
    expect(code).toContain('index.mjs')
    expect(files.toSorted()).toEqual(code.flatMap(name => [name, `${name}.map`]).toSorted())
    const texts = code.map(name => readFileSync(join(folder, 'first/sample', name), 'utf8'))
    const kept = code.map((name, place) => ({ name, text: texts[place], mode: '644' }))
    const held = await unpacked(await readFile(join(folder, 'first/sample.zip')))
    expect(held.toSorted((one, other) => (one.name < other.name ? -1 : 1))).toEqual(
      kept.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    )
  })

  test('loads what is imported when it is needed, such as undici, after its start', () => {
    const undici = sample.from.find(({ origin }) => origin === 'undici')!
    expect(sample.startSize).toBeLessThan(sample.size - undici.size)
  })

  test('imports none of the modules of Node that are slow to import, neither at once nor later', async () => {
    const code = (await readdir(join(folder, 'first/sample'))).filter(name => name.endsWith('.mjs'))
    const texts = code.map(name => readFileSync(join(folder, 'first/sample', name), 'utf8'))
    expect(texts.join()).toMatch(/getBuiltinModule\("node:https?"\)/)
    expect(texts.join()).not.toMatch(/(from|import) ?\(?"(node:)?(http|https|http2)"/)
  })

  test('says where its bytes come from', () => {
    expect(origins()).toEqual(expect.arrayContaining(['undici', '@aws-sdk/client-dynamodb', 'ours']))
    const explained = sample.from.reduce((sum, { size }) => sum + size, 0)
    expect(explained / sample.size).toBeGreaterThan(0.95)
  })

  test('tells the due times that the source tells, though it has no luxon to ask', () => {
    const crons = fc.sample(anAcceptedCron, { numRuns: 300, seed: 20261121 }).map(({ text }) => text)
    const bundled: { dueTimes: typeof dueTimes } = required(join(folder, 'first/sample/index.mjs'))
    const told = bundled.dueTimes(crons)
    expect(told).toEqual(dueTimes(crons))
    expect(new Set(told).size).toBeGreaterThan(100)
  })

  test('leaves out the credential chain, luxon and most of undici, of which it needs little', () => {
    expect(origins().filter(origin => /credential-provider|luxon/.test(origin))).toEqual([])
    expect(sample.from.find(({ origin }) => origin === 'undici')?.size).toBeLessThan(350_000)
  })
})

describe('what stands in for a package', () => {
  test('says so when it is asked for more than it has', () => {
    const { DateTime } = required('../../infra/build/lean-luxon.js')
    expect(DateTime.fromMillis(0).isValid).toBe(true)
    expect(() => DateTime.fromMillis(0).year).toThrow('built without luxon, whose date.year')
    expect(() => DateTime.local()).toThrow('built without luxon, whose DateTime.local')
  })

  test('is all of undici that the product uses', async () => {
    const folders = ['lib', 'functions'].map(name => join(ROOT, name))
    const files = await Promise.all(
      folders.map(one => readdir(one, { recursive: true, withFileTypes: true })),
    )
    const texts = files
      .flat()
      .filter(one => one.isFile())
      .map(one => readFileSync(join(one.parentPath, one.name), 'utf8'))
    const uses = texts.flatMap(text => [...text.matchAll(/.*'undici'.*/g)].map(([line]) => line.trim()))
    const running = uses.filter(line => !line.startsWith('import type '))
    expect(running).toEqual([expect.stringContaining("import('undici').then(({ Agent, ProxyAgent }) =>")])
    expect(Object.keys(required('../../infra/build/lean-undici.js'))).toEqual(['Agent', 'ProxyAgent'])
  })

  test('is refused where a name is asked for that it has not', async () => {
    const source = join(folder, 'asks.ts')
    await writeFile(source, "import { fetch } from 'undici'\nexport const handler = () => fetch('')\n")
    const made = bundle({ name: 'asks', source, folder: join(folder, 'asks') })
    await expect(made).rejects.toThrow(
      'No matching export in "infra/build/lean-undici.js" for import "fetch"',
    )
  })
})

test('credentials that are not in the environment are an error that names the variable', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
  await expect(defaultProvider()()).rejects.toThrow('expected AWS_ACCESS_KEY_ID in the environment')
})

/** What each function may use beyond the table, the queues and the log. */
const PARTS: Record<string, string[]> = {
  tick: [],
  plan: ['cloud'],
  stop: ['cloud'],
  follow: ['cloud', 'events'],
  notify: ['cloud', 'events', 'webhook', 'channel', 'calendar'],
  http: ['cloud', 'webhook', 'channel', 'calendar'],
}
/** The files of each part that a bundle holds. */
const HELD = {
  cloud: ['/lib/cloud/registry.ts', '/undici/', '/@aws-sdk/client-ssm/', '/@aws-sdk/client-secrets-manager/'],
  events: ['/lib/aws/events.ts', '/@aws-sdk/client-eventbridge/'],
  webhook: ['/lib/runtime/webhook.ts'],
  channel: ['/lib/runtime/channel-post.ts'],
  calendar: ['/lib/runtime/services/calendar.ts', '/ical.js/'],
}
/** A start costs time by the bytes that it loads. What a bundle grows beyond this is to be meant. */
const MAX_BYTES: Record<string, number> = {
  follow: 550_000,
  http: 745_000,
  notify: 580_000,
  tick: 505_000,
}
const maxBytes = (name: string): number => MAX_BYTES[name] ?? 520_000

describe.each(FUNCTIONS)('the bundle of $name', entry => {
  let made: Bundle
  beforeAll(async () => {
    made = await bundle({ ...entry, folder: join(folder, 'real') })
  })

  test(`loads less than ${maxBytes(entry.name) / 1000} kB at its start`, () => {
    expect(made.startSize).toBeLessThan(maxBytes(entry.name))
  })

  test(entry.hasConsole ? 'has the console beside it' : 'has nothing beside it', async () => {
    const files = await unpacked(await readFile(join(folder, `real/${entry.name}.zip`)))
    const beside = files.filter(({ name }) => !/^[\w-]+-[A-Z0-9]{8}\.mjs$/.test(name))
    const kinds = beside.map(({ name }) => name.replace(/-[A-Z0-9]{8}/, ''))
    const console = ['app.js', 'icon.svg', 'index.html', 'oidc.js', 'style.css'].map(
      name => `console/${name}`,
    )
    expect(kinds).toEqual(['index.mjs', ...(entry.hasConsole ? console : [])])
    expect(new Set(files.map(({ mode }) => mode))).toEqual(new Set(['644']))
  })

  test('exports the handler that the template names', () => {
    const { handler } = required(join(folder, `real/${entry.name}/index.mjs`))
    expect(handler).toBeTypeOf('function')
  })

  test('holds the adapters that its step may use, and no other', async () => {
    const place = join(folder, 'real', entry.name)
    const maps = (await readdir(place)).filter(name => name.endsWith('.map'))
    const sources = maps.flatMap(
      name => (JSON.parse(readFileSync(join(place, name), 'utf8')) as { sources: string[] }).sources,
    )
    const holds = (path: string) => sources.some(source => source.includes(path))
    for (const [part, paths] of Object.entries(HELD))
      for (const path of paths) expect(holds(path), path).toBe(PARTS[entry.name]!.includes(part))
  })
})
