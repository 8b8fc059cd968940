import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFolder } from '../../infra/local/folder.ts'
import { diskProblem, Problem } from '../../infra/local/problem.ts'
import { aFolder, aProcess, killed } from './children.ts'

const sampleAt = '2026-11-21T12:00:00.000Z'

test('a folder that is not there is made, and what is saved in it is there at the next start', async () => {
  const path = join(await aFolder(), 'deep', 'down')
  const first = openFolder({ path })
  expect(first.state()).toBeNull()
  first.saveState({ simulator: true, openstack: false, projects: 1, sampleAt: null })
  first.saveState({ simulator: true, openstack: false, projects: 1, sampleAt })
  first.close()
  const second = openFolder({ path })
  expect(second.state()).toEqual({ simulator: true, openstack: false, projects: 1, sampleAt })
  second.close()
})

test('a folder that a living process holds is refused with its pid, and with the folder', async () => {
  const path = await aFolder()
  const holder = await aProcess('folder-holder', path)
  expect(() => openFolder({ path })).toThrow(`The data folder ${path} is in use by process ${holder.pid}.`)
  await killed(holder)
})

test('a folder whose process was killed with -9 is taken over', async () => {
  const path = await aFolder()
  const holder = await aProcess('folder-holder', path)
  await killed(holder)
  expect(await readFile(join(path, 'owner.pid'), 'utf8')).toBe(String(holder.pid))
  const folder = openFolder({ path })
  expect(await readFile(join(path, 'owner.pid'), 'utf8')).toBe(String(process.pid))
  folder.close()
})

test('a folder is free again once it is closed', async () => {
  const path = await aFolder()
  openFolder({ path }).close()
  expect(() => openFolder({ path }).close()).not.toThrow()
})

test('a folder with other things in it is refused', async () => {
  const path = await aFolder()
  await writeFile(join(path, 'thesis.txt'), '')
  expect(() => openFolder({ path })).toThrow(`${path} is no data folder: it holds other files (thesis.txt)`)
})

test('a path that is a file, or goes through one, is refused with what to do', async () => {
  const file = join(await aFolder(), 'file')
  await writeFile(file, '')
  expect(() => openFolder({ path: file })).toThrow(`Cannot write to the data folder ${file}: it is a file`)
  expect(() => openFolder({ path: join(file, 'deep') })).toThrow(
    'a part of its path is a file: choose another folder',
  )
})

test('a folder that cannot be made in one that is there is refused, and not tried for ever', () => {
  expect(() => openFolder({ path: '/proc/curfew/data' })).toThrow(
    'Cannot write to the data folder /proc/curfew/data: its path does not exist and cannot be made',
  )
})

test('a folder is readable by its owner alone, one that was made wider too', async () => {
  const path = await aFolder()
  await chmod(path, 0o755)
  openFolder({ path }).close()
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('a disk with too little room is refused, with how little there is', async () => {
  const path = await aFolder()
  const open = () => openFolder({ path, leastFreeBytes: Number.MAX_SAFE_INTEGER })
  expect(open).toThrow(/^The disk of the data folder .* is full: \d+ MB free, at least \d+ MB needed/)
})

test('a state that cannot be read is named, and nothing is thrown away', async () => {
  const path = await aFolder()
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'curfew.json'), '{')
  const folder = openFolder({ path })
  expect(() => folder.state()).toThrow(`${join(path, 'curfew.json')} is damaged: expected JSON`)
  folder.close()
})

const withCode = (code: string) => Object.assign(new Error('write failed'), { code })

test.for<[string, unknown]>([
  ['the system', withCode('ENOSPC')],
  ['LevelDB', new Error('IO error: /data/000005.log: No space left on device')],
  ['SQLite', new Error('database or disk is full')],
  ['something else, as its cause', new Error('not saved', { cause: withCode('ENOSPC') })],
])('a full disk is recognised in the words of %s', ([, error]) => {
  const problem = diskProblem(error, '/data')
  expect(problem).toBeInstanceOf(Problem)
  expect(problem?.message).toBe(
    'Cannot write to the data folder /data: the disk is full: free some space and start again.',
  )
})

test.for([
  new Error('file is not a database'),
  new Error('database disk image is malformed'),
  new Error('Database failed to open', { cause: new Error('Corruption: checksum mismatch') }),
])('a damaged file is told with what to do: %s', error => {
  expect(diskProblem(error, '/data/queues')?.message).toMatch(
    /^\/data\/queues is damaged \(.+\)\. Put a copy of it back, or move it away to start with an empty one\.$/,
  )
})

test('an error about something else is no problem of the disk', () => {
  expect(diskProblem(new Error('the cloud said no'), '/data')).toBeNull()
  expect(diskProblem('ENOSPC', '/data')).toBeNull()
})
