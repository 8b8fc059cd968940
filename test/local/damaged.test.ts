import { randomBytes } from 'node:crypto'
import { cp, readdir, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { startQueues } from '../../infra/local/emulators/queues.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import { openFolder } from '../../infra/local/folder.ts'
import { Problem } from '../../infra/local/problem.ts'
import { startSampleCloud } from '../../infra/local/sample.ts'
import { aFolder } from './children.ts'

/** Opens all that a start keeps in a data folder, and closes it again. */
async function openAll(path: string): Promise<void> {
  const folder = openFolder({ path })
  try {
    if (folder.state() === null) folder.saveState({ simulator: true, openstack: false, sampleAt: null })
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
