import { readFileSync } from 'node:fs'
import dynalite from 'dynalite'
import db from 'dynalite/db/index.js'
import { expect, test } from 'vitest'
import { loadDynalite } from '../../infra/local/emulators/embedded-dynalite.ts'
import { openFauxqs } from '../../infra/local/emulators/embedded-fauxqs.ts'
import { Problem } from '../../infra/local/problem.ts'

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8'))
    .version

const problemOf = (opened: Promise<unknown>): Promise<Problem> =>
  opened.then(
    () => expect.unreachable('it opened'),
    error => error,
  )
const words = (name: 'dynalite' | 'fauxqs', missing: string): string =>
  `Cannot start: the package ${name} ${versionOf(name)} is not as Curfew uses it: ${missing}. ` +
  `Install the version of package-lock.json with npm ci, or adapt infra/local/emulators/embedded-${name}.ts.`

test('a dynalite whose data files have another interface is named, with what is missing', async () => {
  const broken = { ...db, getIndexActions: undefined as unknown as typeof db.getIndexActions }
  const problem = await problemOf(loadDynalite(async () => ({ dynalite, db: broken })))
  expect(problem).toBeInstanceOf(Problem)
  expect(problem.message).toBe(words('dynalite', 'it has no db.getIndexActions()'))
})

test('a dynalite that opens its data files in another way is named', async () => {
  const own = { ...db }
  const { createEmulator } = await loadDynalite(async () => ({ dynalite, db: own }))
  expect(() => createEmulator(null)).toThrow(words('dynalite', 'it has no use of db.create()'))
})

test('a fauxqs whose files are elsewhere is named, with the file', async () => {
  const problem = await problemOf(openFauxqs(null, () => import(String('../fauxqs/dist/moved.js'))))
  expect(problem).toBeInstanceOf(Problem)
  expect(problem.message).toMatch(/^Cannot start: the package fauxqs [\d.]+ is not as .*moved\.js.* npm ci/)
})

test('a fauxqs whose classes have changed is named, with every method that is missing', async () => {
  const problem = await problemOf(openFauxqs(null, async () => ({}) as never))
  expect(problem.message).toContain('it has no function buildApp(), no class SnsStore, no class S3Store')
  expect(problem.message).toContain('no SqsQueue.inspectMessages()')
})
