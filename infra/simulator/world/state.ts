/** The state of a simulated project: its servers, its jobs and what they do to each other. */
import type { Kind } from '../../../lib/core/model/model.ts'
import { type BatchRequest, batchChange, batchJob, type Member, problemOf } from './batch-action.ts'
import { lackOf } from './capacity.ts'
import { isForgotten, type Job, type JobView, jobView, type SubJob } from './jobs.ts'
import type { Usage } from './meter.ts'
import { type NativeProblem, type NativeRequest, nativeChange, nativeProblem } from './native-action.ts'
import { createScalingGroups, type ScalingGroup, type SeedGroup } from './scaling-groups.ts'
import { type ServerState, type ServerView, viewOf } from './server.ts'
import { createServers, type Servers } from './servers.ts'
import type { Capacity } from './switches/requests.ts'
import type { Switches } from './switches/switches.ts'
import { isAmong } from './switches/which.ts'

/** Everything that outlives the process. */
export interface Kept {
  version: 2
  number: number
  servers: readonly ServerState[]
  jobs: Job[]
  /** Absent in a file from before there were any. */
  groups?: readonly ScalingGroup[]
  /** Absent in a file from before there were bills. */
  usage?: readonly Usage[]
}

export type BatchAnswer =
  | { kind: 'taken'; jobId: string }
  | { kind: 'refused'; member: Member }
  | { kind: 'noCapacity'; lack: Capacity }

/** The simulated project: its servers and jobs. It knows neither HTTP nor the time: `now` is ms since the epoch. */
export interface State extends Pick<Servers, 'add' | 'change' | 'remove' | 'server' | 'list' | 'usage'> {
  view(id: string, now: number): ServerView | undefined
  /** Duplicate ids count once; a BMS stop is hard whatever its type. */
  requestBatch(request: BatchRequest, now: number): BatchAnswer
  /** One server, without a job; null: taken. */
  requestNative(request: NativeRequest, now: number): NativeProblem | null
  kindOfJob(id: string): Kind | undefined
  /** Undefined for one that never was or was forgotten. */
  job(id: string, now: number): JobView | undefined
  addGroups(groups: readonly SeedGroup[], now: number): void
  /** As their health checks have left them. */
  scalingGroups(now: number): readonly ScalingGroup[]
  /** Adds a server to a group by hand. */
  joinGroup(name: string, serverId: string): void
  kept(now: number): Kept
}

const NOTHING: Kept = { version: 2, number: 0, servers: [], jobs: [], usage: [] }

function forget(jobs: Map<string, Job>, now: number): void {
  for (const job of jobs.values()) if (isForgotten(job, now)) jobs.delete(job.id)
}

/** A hard stop that overtakes a soft one ends that one's sub-job with its own. */
function overtake(overtaken: Job | undefined, { serverId, endsAt, code }: SubJob): void {
  const subJob = overtaken?.subJobs.find(earlier => earlier.serverId === serverId)
  if (subJob !== undefined) Object.assign(subJob, { endsAt, code })
}

function createBatches({
  servers,
  jobs,
  switches,
}: {
  servers: Servers
  jobs: Map<string, Job>
  switches: Switches
}) {
  function begin({ server, problem }: Member, subJob: SubJob | undefined, circumstances: Begun): void {
    if (server === undefined || problem !== null || subJob === undefined) return
    if (server.change !== null) overtake(jobs.get(server.change.jobId ?? ''), subJob)
    const { job, request, now } = circumstances
    servers.beginChange(server, batchChange(subJob, job, { request, switches, now }), now)
  }

  return (sent: BatchRequest, now: number): BatchAnswer => {
    const request: BatchRequest = { ...sent, type: sent.type && sent.kind === 'bms' ? 'HARD' : sent.type }
    const members = [...new Set(request.ids)].map(id => {
      const server = servers.server(id, now)
      const lack = server === undefined ? null : lackOf(server, { action: request.action, switches, now })
      return { id, server, problem: problemOf(server, request, switches), lack }
    })
    const bad = members.find(({ problem }) => problem !== null)
    if (bad !== undefined && switches.badMember === 'refuse') return { kind: 'refused', member: bad }
    const lack = members.find(one => one.problem === null && one.lack?.as === 'request-0319')?.lack
    if (lack) return { kind: 'noCapacity', lack }
    const job = batchJob(members, { request, switches, now })
    for (const [index, member] of members.entries()) begin(member, job.subJobs[index], { job, request, now })
    jobs.set(job.id, job)
    return { kind: 'taken', jobId: job.id }
  }
}
interface Begun {
  job: Job
  request: BatchRequest
  now: number
}

export function createState(
  switches: Switches,
  kept: Kept = NOTHING,
  onChange: () => void = () => {},
): State {
  const all = createServers(kept)
  const groups = createScalingGroups(all, kept.groups)
  const check = (now: number): void => {
    if (groups.check(now)) onChange()
  }
  /** Each look finds the servers as health checks have left them. */
  const servers: Servers = {
    ...all,
    server(id, now) {
      check(now)
      return all.server(id, now)
    },
    list(kind, now) {
      check(now)
      return all.list(kind, now)
    },
  }
  const jobs = new Map(kept.jobs.map(job => [job.id, job]))
  const requestBatch = createBatches({ servers, jobs, switches })
  const changing = <A extends unknown[], R>(act: (...args: A) => R) => {
    return (...args: A): R => {
      const result = act(...args)
      onChange()
      return result
    }
  }
  const view = (id: string, now: number): ServerView | undefined => {
    const server = servers.server(id, now)
    return server === undefined ? undefined : viewOf(server)
  }

  return {
    ...servers,
    add: changing(servers.add),
    change: changing(servers.change),
    remove: changing(servers.remove),
    view,
    requestBatch: changing((request, now) => {
      forget(jobs, now)
      return requestBatch(request, now)
    }),
    requestNative: changing((request, now) => {
      const server = servers.server(request.id, now)
      const problem = nativeProblem(server, request)
      if (server === undefined || problem !== null) return problem
      servers.beginChange(server, nativeChange(server, request, { switches, now }), now)
      return null
    }),
    kindOfJob: id => jobs.get(id)?.kind,
    job(id, now) {
      const job = jobs.get(id)
      if (job === undefined || isForgotten(job, now)) return undefined
      const shown = jobView(job, now, switches)
      const { subJobMissing } = switches
      const isShown = ({ serverId }: { serverId: string }) =>
        !isAmong(subJobMissing, serverId, () => view(serverId, now))
      return { ...shown, subJobs: shown.subJobs.filter(isShown) }
    },
    addGroups: changing(groups.add),
    scalingGroups(now) {
      check(now)
      return groups.list()
    },
    joinGroup: changing(groups.join),
    kept: now => ({
      version: 2,
      number: servers.number(),
      servers: servers.list('all', now),
      jobs: [...jobs.values()],
      groups: groups.list(),
      usage: servers.usage(now),
    }),
  }
}
