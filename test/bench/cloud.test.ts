import { afterEach, expect, test } from 'vitest'
import { type PretendedCloud, startCloud } from '../../bench/cloud/server.ts'
import { ordinary, type Settings } from '../../bench/cloud/settings.ts'

let cloud: PretendedCloud
afterEach(() => cloud.close())

const FOREVER_MS = 1e9
const start = async (settings: Partial<Settings>): Promise<void> => {
  cloud = await startCloud({ ...ordinary(), latencyMs: 0, jobMs: FOREVER_MS, activeShare: 1, ...settings })
}

interface Wire {
  count: number
  servers: { id: string; name: string; status: string; 'OS-EXT-STS:task_state': string | null }[]
  job_id: string
  status: string
  entities: { sub_jobs: { status: string; entities: { server_id: string } }[] }
}
async function ask(path: string, body?: object): Promise<{ status: number; wire: Wire }> {
  const post = body && { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(`${cloud.url}/v1/p${path}`, post)
  return { status: response.status, wire: (await response.json()) as Wire }
}
const list = async (query = 'limit=1000') => (await ask(`/cloudservers/detail?${query}`)).wire
const idsOf = ({ servers }: Wire): string[] => servers.map(({ id }) => id)
const stop = (ids: string[]) =>
  ask('/cloudservers/action', { 'os-stop': { type: 'SOFT', servers: ids.map(id => ({ id })) } })
const job = async (id: string) => (await ask(`/jobs/${id}`)).wire

test('the fleet comes in pages by number or by marker, each server once, with the count of all', async () => {
  await start({ servers: 25 })
  const byNumber = await Promise.all([1, 2, 3].map(page => list(`limit=10&offset=${page}`)))
  const ids = byNumber.flatMap(idsOf)
  expect(byNumber.map(({ count, servers }) => [count, servers.length])).toEqual([
    [25, 10],
    [25, 10],
    [25, 5],
  ])
  expect(new Set(ids).size).toBe(25)
  expect(idsOf(await list(`limit=10&marker=${ids[9]}`))).toEqual(ids.slice(10, 20))
  expect(idsOf(await list(`limit=10&marker=${ids[24]}`))).toEqual([])
})

test('a page holds no more servers than the cloud gives, whatever is asked for', async () => {
  await start({ servers: 25, maxPage: 7 })
  expect(idsOf(await list('limit=1000'))).toHaveLength(7)
})

test('a stop takes effect at once, its servers are off when its job has ended, and the filters show them as they are', async () => {
  await start({ servers: 4, jobMs: 0 })
  const ids = idsOf(await list())
  await cloud.reset({ jobMs: String(FOREVER_MS) })
  const running = (await stop(ids.slice(0, 2))).wire.job_id
  expect((await list()).servers.map(one => one['OS-EXT-STS:task_state'])).toEqual([
    'powering-off',
    'powering-off',
    null,
    null,
  ])
  expect(await job(running)).toMatchObject({ status: 'RUNNING' })
  await cloud.reset({ jobMs: '0' })
  const ended = (await stop(ids.slice(2))).wire.job_id
  expect(await job(ended)).toMatchObject({
    status: 'SUCCESS',
    entities: { sub_jobs: ids.slice(2).map(id => ({ status: 'SUCCESS', entities: { server_id: id } })) },
  })
  expect(idsOf(await list('status=ACTIVE'))).toEqual(ids.slice(0, 2))
  expect(idsOf(await list('status=SHUTOFF'))).toEqual(ids.slice(2))
  expect(idsOf(await list(`server_id=${ids[3]},${ids[0]}`))).toEqual([ids[3], ids[0]])
  expect(idsOf(await list('tags=Schedule%3Dnight-02'))).toEqual([ids[2]])
  expect(await list('tags=Schedule&limit=3')).toMatchObject({ count: 4, servers: { length: 3 } })
})

test('whoever asks for a server twice, for one that is off, unknown, or for too many, is counted', async () => {
  await start({ servers: 1001, jobMs: 0 })
  const ids = [...idsOf(await list()), ...idsOf(await list('limit=1000&offset=2'))]
  await stop(ids.slice(0, 3))
  expect(cloud.seen()).toMatchObject({ askedAgain: 0, askedWhileOff: 0, unknownIds: 0, refusedStops: 0 })
  await stop([ids[2]!, ids[3]!, ids[3]!.replace(/^......../, '00000000')])
  expect(cloud.seen()).toMatchObject({ askedAgain: 1, askedWhileOff: 1, unknownIds: 1 })
  expect((await stop(ids)).status).toBe(400)
  expect(cloud.seen()).toMatchObject({
    refusedStops: 1,
    fleets: { ecs: { activeAtStart: 1001, asked: 4, stopped: 4, up: 997 } },
  })
})

test('some sub-jobs fail, and leave their servers up', async () => {
  await start({ servers: 500, jobMs: 0, failEvery: 10 })
  const { wire } = await stop(idsOf(await list()))
  const { status, entities } = await job(wire.job_id)
  const failed = entities.sub_jobs.filter(one => one.status === 'FAIL').map(one => one.entities.server_id)
  expect(status).toBe('FAIL')
  expect(failed.length).toBeGreaterThan(10)
  expect(idsOf(await list('limit=1000&status=ACTIVE')).toSorted()).toEqual(failed.toSorted())
})

test('beyond a limit requests are refused, and change nothing', async () => {
  await start({ servers: 3, limit: 'stop=2/3600' })
  const ids = idsOf(await list())
  const statuses = []
  for (const id of ids) statuses.push((await stop([id])).status)
  expect(statuses).toEqual([200, 200, 429])
  expect(cloud.seen()).toMatchObject({ throttled: 1, fleets: { ecs: { asked: 2 } } })
})

test('a faulted request changes nothing; one whose answer is lost is carried out', async () => {
  await start({ servers: 2, faultShare: 1 })
  await cloud.reset({ faultShare: '0' })
  const [one, other] = idsOf(await list())
  await cloud.reset({ faultShare: '1' })
  expect((await stop([one!])).status).toBe(503)
  expect(cloud.seen()).toMatchObject({ faulted: 1, fleets: { ecs: { asked: 0 } } })
  await cloud.reset({ faultShare: '0', loseShare: '1' })
  await expect(stop([other!])).rejects.toThrow('fetch failed')
  expect(cloud.seen()).toMatchObject({ lost: 1, jobs: 1, fleets: { ecs: { asked: 1 } } })
})

test('requests are counted by what they ask, those before the first stop and those to running jobs apart', async () => {
  await start({ servers: 2 })
  const [id] = idsOf(await list())
  await list()
  const { wire } = await stop([id!])
  await job(wire.job_id)
  await list()
  expect(cloud.seen()).toMatchObject({
    requests: 5,
    byRoute: { list: 3, stop: 1, job: 1 },
    listsBeforeStops: 2,
    pollsOfRunning: 1,
    signed: 0,
  })
  await cloud.reset({})
  expect(cloud.seen()).toMatchObject({ requests: 0, fleets: { ecs: { asked: 0, up: 2 } } })
})

test.each(['list', 'list=5', 'list=5/x', 'stop=1/60,oops'])('a limit of "%s" is refused', async limit => {
  await start({ servers: 1 })
  expect(() => cloud.reset({ limit })).toThrow('limit: expected ROUTE=COUNT/SECONDS, got "')
})
