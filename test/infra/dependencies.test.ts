import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
/** What runs for those who installed with `npm ci --omit=dev`: the service on one machine, its console, the command line. */
const RUNNING = ['functions', 'lib', 'infra/local', 'infra/simulator', 'cli', 'console']
/** Makes the console at each start. */
const BUILDER = 'infra/build/console.ts'

const inFolders = RUNNING.flatMap(folder =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map(name => join(folder, name)),
)
const files = [...inFolders, BUILDER]
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
/** Packages that a file loads; types alone are gone by then. */
const loaded = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)(?! type) [^'"]*?from '([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm)]
    .map(([, named, dynamic]) => packageOf(named ?? dynamic ?? ''))
    .filter(name => !name.startsWith('node:'))

test('what runs without development dependencies loads none of them', () => {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')))
  const needed = new Set(files.flatMap(file => loaded(read(file))))
  expect(needed.size).toBeGreaterThan(15)
  expect([...needed].filter(name => !(name in dependencies))).toEqual([])
  // The first on the path of each npm script.
  expect(dependencies).toHaveProperty('node')
})
