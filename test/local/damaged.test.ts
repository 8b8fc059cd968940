import { randomBytes } from 'node:crypto'
import { cp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { mend } from '../../infra/local/emulators/mend.ts'
import { startQueues } from '../../infra/local/emulators/queues.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import { openFolder } from '../../infra/local/folder.ts'
import { Problem } from '../../infra/local/problem.ts'
import { startSampleCloud } from '../../infra/local/sample.ts'
import { tableTemplate } from '../../infra/local/templates.ts'
import { aFolder } from './children.ts'

/** Opens all that a start keeps in a data folder, and closes it again. */
async function openAll(path: string): Promise<void> {
  const folder = openFolder({ path })
  try {
    if (folder.state() === null)
      folder.saveState({ simulator: true, openstack: false, projects: 1, sampleAt: null })
    const cloud = await startSampleCloud(path)
    await cloud.close()
    const table = await startTable({ folder: join(path, 'table') })
    await table.close()
    const queues = await startQueues({ folder: join(path, 'queues') })
    await queues.close()
  } finally {
    folder.close()
  }
}

/** Every file of a data folder that holds something. */
async function keptFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(paths.map(async path => (await stat(path)).size))
  return paths.filter((_, index) => sizes[index]! > 0).map(path => relative(folder, path))
}

test('whichever file of a data folder is overwritten, it opens, or says which part is damaged and what to do', async () => {
  const root = await aFolder()
  const whole = join(root, 'whole')
  await openAll(whole)
  const files = await keptFiles(whole)
  const refused: string[] = []
  for (const [index, file] of files.entries()) {
    const folder = join(root, String(index))
    await cp(whole, folder, { recursive: true })
    await writeFile(join(folder, file), randomBytes((await stat(join(folder, file))).size))
    const error = await openAll(folder).catch(cause => cause)
    if (error === undefined) continue
    refused.push(file)
    expect(error, `${file}: ${error}`).toBeInstanceOf(Problem)
    expect(error.message).toContain(folder)
    expect(error.message).toMatch(/is damaged.* move (it|the data folder) away/i)
    expect(error.exitCode).toBe(1)
  }
  expect(refused).toEqual(expect.arrayContaining(['curfew.json', 'fleet.json']))
})

test('a simulated fleet that is JSON of another shape is refused in the same words', async () => {
  const folder = await aFolder()
  const file = join(folder, 'fleet.json')
  await writeFile(file, '{"version":1,"servers":[null],"jobs":[]}')
  await expect(startSampleCloud(folder)).rejects.toThrow(
    `${file} is damaged, or of another version. Move it away`,
  )
})

const { input } = tableTemplate('curfew')

/** A table folder whose items lie in table files and, those of the last start, in a log. */
async function aTableFolder(): Promise<string> {
  const folder = await aFolder()
  for (const start of ['first', 'second', 'third']) {
    const table = await startTable({ folder })
    const client = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
    for (let number = 0; number < 20; number++) {
      const Item = {
        pk: { S: `${start} ${number}` },
        sk: { S: 'HEAD' },
        text: { S: 'text '.repeat(number * 5) },
      }
      await client.send(new PutItemCommand({ TableName: table.tableName, Item }))
    }
    client.destroy()
    await table.close()
  }
  return folder
}

const dataFiles = async (folder: string) =>
  (await keptFiles(folder)).filter(file => /\.(log|ldb)$/.test(file))

test('a single damaged bit in whichever log or table file is noticed before anything is lost', async () => {
  const folder = await aTableFolder()
  const files = await dataFiles(folder)
  expect(files.map(file => extname(file))).toEqual(expect.arrayContaining(['.log', '.ldb']))
  for (const file of files) {
    const path = join(folder, file)
    const whole = await readFile(path)
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 1 << (at % 8)
      await writeFile(path, damaged)
      await expect(mend({ folder, input }), `${file} at ${at}`).rejects.toThrow(`${path} is damaged`)
      expect(await readFile(path), 'what LevelDB opens it deletes').toEqual(damaged)
    }
    await writeFile(path, whole)
  }
  expect(await mend({ folder, input })).toMatchObject({ items: 60 })
})

test.each([
  ['cut short', 0],
  ['zeros in place of its end', 5000],
])('the last write of a log, broken off by a loss of power, is left out in silence: %s', async (_, zeros) => {
  const folder = await aTableFolder()
  const log = join(folder, (await dataFiles(folder)).find(file => file.endsWith('.log'))!)
  const whole = await readFile(log)
  await writeFile(log, Buffer.concat([whole.subarray(0, -10), Buffer.alloc(zeros)]))
  expect(await mend({ folder, input })).toMatchObject({ items: 59 })
})

test('with a damaged log moved away, as advised, what was stored before the last start is there', async () => {
  const folder = await aTableFolder()
  const log = join(folder, (await dataFiles(folder)).find(file => file.endsWith('.log'))!)
  await writeFile(log, randomBytes((await stat(log)).size))
  await expect(mend({ folder, input })).rejects.toThrow('Moving only this file away keeps')
  await rename(log, `${folder}.moved`)
  onTestFinished(() => rm(`${folder}.moved`))
  expect(await mend({ folder, input })).toMatchObject({ items: 40 })
})
