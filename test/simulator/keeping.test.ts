import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSimulator } from '../../infra/simulator/index.ts'
import type { PowerChange } from '../../infra/simulator/world/server.ts'
import { aSimulator, ecs, holdClock, ids, job, KEY, list, PROJECT, stop } from './client.ts'

async function aFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'data', 'fleet.json')
}
const switches = { jobSeconds: { first: 30, spread: 0, close: 8 } }
const start = (file: string, servers = [ecs({ id: 'a' }), ecs({ id: 'b' })]) =>
  startSimulator({ projectId: PROJECT, keys: [KEY], file, servers, switches })

test('a second start finds the fleet of the first, not the one it is given', async () => {
  const file = await aFile()
  const first = await start(file)
  first.change('a', { tags: { env: 'dev' } })
  first.remove('b')
  first.addServers([ecs({ id: 'c' }), ecs()])
  const before = first.servers()
  await first.close()
  const second = await aSimulator({ file, servers: [ecs({ id: 'z' })] })
  expect(second.servers()).toEqual(before)
  second.addServers([ecs()])
  expect(new Set(ids(await list(second))).size).toBe(4)
})

test('a job goes on over a restart', async () => {
  const advance = holdClock()
  const file = await aFile()
  const first = await start(file)
  const { body } = await stop(first, ['a'])
  advance(10)
  await first.close()
  const second = await aSimulator({ file, switches })
  expect(second.server('a')?.taskState).toBe('powering-off')
  advance(20)
  expect(second.server('a')?.status).toBe('SHUTOFF')
  advance(8)
  expect((await job(second, body.job_id)).body.status).toBe('SUCCESS')
})

test('a file from before there were starts is read, its stops under way among it', async () => {
  const advance = holdClock()
  const file = await aFile()
  const first = await start(file)
  const { body } = await stop(first, ['a'])
  await first.close()
  const kept = JSON.parse(await readFile(file, 'utf8'))
  const older = ({ change, fault, ...server }: { change: PowerChange | null; fault: unknown }) => {
    const { action, end, ...stop } = change ?? {}
    return { ...server, stop: change === null ? null : { ...stop, endsOff: end?.status === 'SHUTOFF' } }
  }
  const jobs = kept.jobs.map(({ action, ...job }: { action: string }) => job)
  await writeFile(file, JSON.stringify({ ...kept, version: 1, servers: kept.servers.map(older), jobs }))
  const second = await aSimulator({ file, switches })
  advance(38)
  expect(second.servers().map(({ status }) => status)).toEqual(['SHUTOFF', 'ACTIVE'])
  expect((await job(second, body.job_id)).body.status).toBe('SUCCESS')
})

test('a change is in the file soon, without a close', async () => {
  const file = await aFile()
  const simulator = await aSimulator({ file, servers: [ecs({ id: 'a' })] })
  simulator.change('a', { name: 'renamed' })
  await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toContain('renamed')
  expect(await readdir(join(file, '..'))).toEqual(['fleet.json'])
})

test.each(['not JSON', '{}', '{"version": 3, "servers": [], "jobs": []}'])(
  'a file that holds %s stops the start',
  async text => {
    const file = await aFile()
    await (await start(file)).close()
    await writeFile(file, text)
    await expect(start(file)).rejects.toThrow(`${file} is not a simulated fleet of this version`)
  },
)
