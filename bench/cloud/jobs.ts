/** Stops and their jobs: a stop takes effect when it is received, its servers are off when its job has ended. */
import { jobItem } from '../../infra/simulator/huawei/job-item.ts'
import type { JobView, SubJobView } from '../../infra/simulator/world/jobs.ts'
import type { Fleet } from './fleet.ts'
import { chance, hex, idOf, mix } from './record.ts'
import type { Settings } from './settings.ts'

type JobStatus = JobView['status']
export interface Job {
  id: string
  fleet: Fleet
  places: number[]
  failed: Set<number>
  begunAtMs: number
  endsAtMs: number
  /** Built when first asked for in a status. */
  body?: { status: JobStatus; bytes: Buffer }
}

const fails = (place: number, { failEvery }: Settings): boolean =>
  failEvery > 0 && mix(place ^ 0x33) % failEvery === 0

export function createJobs() {
  const jobs = new Map<string, Job>()
  let open: Job[] = []

  function end({ fleet, places, failed }: Job): void {
    for (const place of places) {
      if (failed.has(place)) fleet.show(place, 'up')
      else {
        fleet.stopped[place] = 1
        fleet.show(place, 'off')
      }
    }
  }

  return {
    /** The job of a stop that was just received. */
    begin(fleet: Fleet, places: number[], settings: Settings): Job {
      const number = jobs.size + 1
      const begunAtMs = Date.now()
      const job: Job = {
        id: `ff80808294${hex(number, 6)}0194${hex(mix(number), 8)}${hex(number, 4)}`,
        fleet,
        places,
        failed: new Set(places.filter(place => fails(place, settings))),
        begunAtMs,
        endsAtMs: begunAtMs + settings.jobMs * (1 + settings.jobSpread * chance(number)),
      }
      for (const place of places) if (fleet.isUp(place)) fleet.show(place, 'stopping')
      jobs.set(job.id, job)
      open.push(job)
      return job
    },
    /** Ends the jobs whose time has come. */
    settle(): void {
      const now = Date.now()
      if (open.every(({ endsAtMs }) => endsAtMs > now)) return
      for (const job of open) if (job.endsAtMs <= now) end(job)
      open = open.filter(({ endsAtMs }) => endsAtMs > now)
    },
    job: (id: string): Job | undefined => jobs.get(id),
    count: () => jobs.size,
    clear(): void {
      jobs.clear()
      open = []
    },
  }
}
export type Jobs = ReturnType<typeof createJobs>

export function statusOf(job: Job): JobStatus {
  if (Date.now() < job.endsAtMs) return 'RUNNING'
  return job.failed.size > 0 ? 'FAIL' : 'SUCCESS'
}

/** The answer of "Querying Task Execution Status". */
export function jobBody(job: Job): Buffer {
  const status = statusOf(job)
  if (job.body?.status !== status)
    job.body = { status, bytes: Buffer.from(JSON.stringify(jobItem(viewOf(job, status)))) }
  return job.body.bytes
}

function viewOf({ id, fleet, places, failed, begunAtMs, endsAtMs }: Job, status: JobStatus): JobView {
  const { kind } = fleet
  const times = { begunAt: begunAtMs, endedAt: status === 'RUNNING' ? null : endsAtMs }
  const subJobs = places.map((place): SubJobView => {
    const hasFailed = status === 'FAIL' && failed.has(place)
    return {
      id: `ff808082${hex(mix(place ^ 0x99), 8)}${hex(place, 16)}`,
      serverId: idOf(place, kind),
      status: status === 'FAIL' && !hasFailed ? 'SUCCESS' : status,
      ...times,
      code: hasFailed ? 'Ecs.0611' : null,
    }
  })
  return { id, action: 'stop', kind, status, ...times, total: places.length, subJobs }
}
