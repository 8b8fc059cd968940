import { readFileSync } from 'node:fs'
import dynalite from 'dynalite'
import db from 'dynalite/db/index.js'
import { describe, expect, test } from 'vitest'
import { loadDynalite } from '../../infra/local/emulators/embedded-dynalite.ts'
import { importFauxqs, openFauxqs } from '../../infra/local/emulators/embedded-fauxqs.ts'
import { Problem } from '../../infra/local/problem.ts'
import { aFolder } from './children.ts'

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

test('a dynalite that names the rows of its data files otherwise is named, for they would look empty', async () => {
  const create: typeof db.create = options => {
    const store = db.create(options)
    return { ...store, getItemDb: table => store.getItemDb(`2-${table}`) }
  }
  const problem = await problemOf(loadDynalite(async () => ({ dynalite, db: { ...db, create } })))
  expect(problem.message).toBe(words('dynalite', 'it has no row item-t~key in its data files'))
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

describe('a fauxqs that keeps its messages otherwise', () => {
  const openedWith = async (folder: string, change: (persistence: object) => void) => {
    const parts = await importFauxqs()
    class Changed extends parts.PersistenceManager {
      constructor(path: string) {
        super(path)
        change(this)
      }
    }
    return problemOf(openFauxqs(folder, async () => ({ ...parts, PersistenceManager: Changed })))
  }

  test('is named where its database is not to be had', async () => {
    const problem = await openedWith(await aFolder(), persistence =>
      Reflect.set(persistence, 'db', undefined),
    )
    expect(problem.message).toBe(words('fauxqs', 'it has no db in its PersistenceManager'))
  })

  test('is named where the table of messages is another one', async () => {
    const problem = await openedWith(await aFolder(), persistence =>
      Reflect.get(persistence, 'db').exec('ALTER TABLE sqs_messages RENAME TO messages'),
    )
    expect(problem.message).toBe(words('fauxqs', 'its table sqs_messages is another one'))
  })
})
