/**
 * The limit: the fewest requests over a bare undici Pool, unsigned, nothing written down. A chunk is stopped as soon as a thousand
 * servers that are up are known; each job is looked at once, at the moment it is known to be over (JOB_MS and LATENCY are oracles).
 *   VERIFY=no        believes the jobs; else the fleet is listed once more at the end, and a server's own status counts
 *   PAGES=marker     one page after the other, each by the last id of the one before, as the API reference asks since 2025; else
 *                    by number, side by side
 *   PARSE=stream     a scanner of bytes as they come, no page held whole; else JSON.parse
 */
import { Pool } from 'undici'
import { askedOf, say } from './asked.ts'
import { createScanner } from './scanner.ts'

const { cloudUrl, project, kind, jobMs, latencyMs, pace } = askedOf(process.env)
const { VERIFY, PAGES, PARSE, CONNECTIONS = '8' } = process.env
const PAGE = 1000
const CHUNK = 1000
/** Later windows begin when a request arrives, a little after it was sent. */
const WINDOW_SPARE_MS = 100
const LOOK_AGAIN_MS = 5

const folder = `/v1/${project}/${kind === 'ecs' ? 'cloudservers' : 'baremetalservers'}`
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, Math.max(0, ms)))
const begunMs = performance.now()
// A stop never queues behind a page.
const lists = new Pool(cloudUrl, { connections: Number(CONNECTIONS), pipelining: 1 })
const acts = new Pool(cloudUrl, { connections: Math.max(Number(CONNECTIONS), 32), pipelining: 1 })

async function answered(pool: Pool, request: { method: 'GET' | 'POST'; path: string; body?: string }) {
  const { statusCode, body } = await pool.request({
    ...request,
    headers: { 'content-type': 'application/json' },
  })
  if (statusCode !== 200) throw new Error(`${request.method} ${request.path}: ${statusCode}`)
  return body
}

interface Page {
  count: number
  servers: number
  last: string
}
type Each = (id: string, status: string) => void

async function page(place: string, each: Each): Promise<Page> {
  const body = await answered(lists, { method: 'GET', path: `${folder}/detail?limit=${PAGE}&${place}` })
  if (PARSE === 'stream') {
    let last = ''
    const scanner = createScanner((id, status) => {
      last = id
      each(id, status)
    })
    for await (const chunk of body) scanner.push(chunk)
    return { count: scanner.count(), servers: scanner.servers(), last }
  }
  const { count, servers } = (await body.json()) as {
    count: number
    servers: { id: string; status: string }[]
  }
  for (const { id, status } of servers) each(id, status)
  return { count, servers: servers.length, last: servers.at(-1)?.id ?? '' }
}

async function fleet(each: Each): Promise<number> {
  const first = await page('offset=1', each)
  if (PAGES !== 'marker') {
    const rest = Array.from({ length: Math.ceil(first.count / PAGE) - 1 }, (_, i) =>
      page(`offset=${i + 2}`, each),
    )
    return (await Promise.all(rest)).reduce((sum, { servers }) => sum + servers, first.servers)
  }
  let listed = first.servers
  for (let last = first; listed < first.count; listed += last.servers)
    last = await page(`marker=${last.last}`, each)
  return listed
}

const told = new Map<string, string>()
let order = 0
/** When the first stop was answered: the cloud's first window had begun by then. */
const answeredFirst = Promise.withResolvers<number>()

async function turn(): Promise<void> {
  const window = pace ? Math.floor(order++ / pace.stops) : 0
  if (!pace || window === 0) return
  const begunMs = await answeredFirst.promise
  await sleep(begunMs + window * (pace.seconds * 1000 + WINDOW_SPARE_MS) - performance.now())
}

async function stop(ids: string[]): Promise<void> {
  await turn()
  const type = kind === 'ecs' ? 'SOFT' : 'HARD'
  const body = `{"os-stop":{"type":"${type}","servers":[{"id":"${ids.join('"},{"id":"')}"}]}}`
  const accepted = await answered(acts, { method: 'POST', path: `${folder}/action`, body })
  answeredFirst.resolve(performance.now())
  const { job_id: id } = (await accepted.json()) as { job_id: string }
  // It began when the call was received, one latency before its answer.
  await sleep(jobMs - latencyMs + 1)
  for (;;) {
    const looked = await answered(acts, { method: 'GET', path: `/v1/${project}/jobs/${id}` })
    const job = (await looked.json()) as {
      status: string
      entities: { sub_jobs: { status: string; entities: { server_id: string } }[] }
    }
    if (job.status === 'RUNNING') await sleep(LOOK_AGAIN_MS)
    else {
      for (const { status, entities } of job.entities.sub_jobs) told.set(entities.server_id, status)
      return
    }
  }
}

const waiting: string[] = []
const stops: Promise<void>[] = []
let targets = 0
const listed = await fleet((id, status) => {
  if (status !== 'ACTIVE') return
  targets++
  waiting.push(id)
  if (waiting.length === CHUNK) stops.push(stop(waiting.splice(0)))
})
if (waiting.length > 0) stops.push(stop(waiting))
await Promise.all(stops)

let stopped = 0
if (VERIFY === 'no') for (const status of told.values()) stopped += status === 'SUCCESS' ? 1 : 0
else
  await fleet((id, status) => {
    if (told.has(id) && status === 'SHUTOFF') stopped++
  })
say({ listed, targets, stopped, failed: told.size - stopped, workMs: performance.now() - begunMs })
await Promise.all([lists.close(), acts.close()])
