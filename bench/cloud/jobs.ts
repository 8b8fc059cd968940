/** Stops and their jobs: a stop takes effect when it is received, its servers are off when its job has ended. */
import type { Fleet } from './fleet.ts'
import { BEGUN_AT, chance, ENDED_AT, hex, type JobStatus, mix, subJobText } from './record.ts'
import type { Settings } from './settings.ts'

export interface Job {
  id: string
  fleet: Fleet
  places: number[]
  failed: Set<number>
  endsAtMs: number
  /** Built when first asked for in a status. */
  body?: { status: JobStatus; parts: Buffer[] }
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
      const job: Job = {
        id: `ff80808294${hex(number, 6)}0194${hex(mix(number), 8)}${hex(number, 4)}`,
        fleet,
        places,
        failed: new Set(places.filter(place => fails(place, settings))),
        endsAtMs: Date.now() + settings.jobMs * (1 + settings.jobSpread * chance(number)),
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
export function jobParts(job: Job): Buffer[] {
  const status = statusOf(job)
  if (job.body?.status !== status) job.body = { status, parts: parts(job, status) }
  return job.body.parts
}

function parts({ id, fleet, places, failed }: Job, status: JobStatus): Buffer[] {
  const { kind } = fleet
  const type = kind === 'ecs' ? 'serversAction' : 'baremetalBatchOperate'
  const subStatus = (place: number): JobStatus => {
    if (status === 'RUNNING') return 'RUNNING'
    return failed.has(place) ? 'FAIL' : 'SUCCESS'
  }
  const ended = status === 'RUNNING' ? '' : ENDED_AT
  const code = status === 'FAIL' ? '"Ecs.0319"' : 'null'
  return [
    Buffer.from(
      `{"status":"${status}","job_id":"${id}","job_type":"${type}","begin_time":"${BEGUN_AT}","end_time":"${ended}",` +
        `"error_code":${code},"fail_reason":null,"entities":{"sub_jobs_total":${places.length},"sub_jobs":[`,
    ),
    Buffer.from(places.map(place => subJobText(place, kind, subStatus(place))).join(',')),
    Buffer.from(']}}'),
  ]
}
