/** Jobs, and how far each is at an instant. */
import { randomUUID } from 'node:crypto'
import type { Action } from '../../../lib/core/model/action.ts'
import type { Kind } from '../../../lib/core/model/model.ts'
import type { Switches } from './switches/switches.ts'

const DAY_MS = 86_400_000
/** The share of its sub-jobs' time a job spends in INIT, and then each of them. */
const INIT_SHARE = 0.02

export interface SubJob {
  id: string
  serverId: string
  /** Null: never. */
  endsAt: number | null
  /** Why it will have failed; null: it will have succeeded. */
  code: string | null
  /** What it says of a failure beside its code; absent: the usual words. */
  words?: string
}

/** A job as it was made; what it is at an instant follows from the clock alone. Instants are ms since the epoch. */
export interface Job {
  id: string
  action: Action
  kind: Kind
  begunAt: number
  initMs: number
  closeMs: number
  subJobs: SubJob[]
}

type JobStatus = 'INIT' | 'RUNNING' | 'SUCCESS' | 'FAIL'
export interface SubJobView {
  id: string
  serverId: string
  status: JobStatus
  begunAt: number
  endedAt: number | null
  code: string | null
  words?: string
}
export interface JobView {
  id: string
  action: Action
  kind: Kind
  status: JobStatus
  begunAt: number
  endedAt: number | null
  /** Servers it was made for; in INIT none of them is listed yet. */
  total: number
  subJobs: SubJobView[]
}

/** ECS job ids are 32 hex digits, those of BMS have dashes. */
const newJobId = (kind: Kind): string => (kind === 'ecs' ? randomUUID().replaceAll('-', '') : randomUUID())

/** From 0 to 1, always the same for the same text. */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}

export const workMs = ({ first, spread }: Switches['jobSeconds'], serverId: string): number =>
  Math.round((first + spread * shareOf(serverId)) * 1000)

export function jobFrom(
  { action, kind, subJobs }: Pick<Job, 'action' | 'kind' | 'subJobs'>,
  { first, close }: Switches['jobSeconds'],
  now: number,
): Job {
  const closeMs = (close ?? first / 4) * 1000
  const initMs = first * 1000 * INIT_SHARE
  return { id: newJobId(kind), action, kind, begunAt: now, initMs, closeMs, subJobs }
}

/** When the last sub-job that ends has ended. */
export const lastEnd = (job: Job): number =>
  job.subJobs.reduce((last, { endsAt }) => Math.max(last, endsAt ?? 0), job.begunAt)

function endOf(job: Job): number | null {
  return job.subJobs.some(({ endsAt }) => endsAt === null) ? null : lastEnd(job) + job.closeMs
}

/** Ended jobs are forgotten after a day (ECS API reference, "querying task execution status"). */
export function isForgotten(job: Job, now: number): boolean {
  if (now <= job.begunAt + DAY_MS) return false
  const end = endOf(job)
  return end !== null && now > end + DAY_MS
}

function subJobView({ id, serverId, endsAt, code, words }: SubJob, job: Job, now: number): SubJobView {
  const begunAt = Math.round(job.begunAt + job.initMs)
  const view = { id, serverId, begunAt, endedAt: null, code: null }
  if (endsAt !== null && now >= endsAt)
    return {
      ...view,
      status: code === null ? 'SUCCESS' : 'FAIL',
      endedAt: endsAt,
      code,
      ...(words === undefined ? {} : { words }),
    }
  return { ...view, status: now < begunAt + job.initMs ? 'INIT' : 'RUNNING' }
}

function endStatus(job: Job, { parentFailsOnPartial }: Pick<Switches, 'parentFailsOnPartial'>): JobStatus {
  const failed = job.subJobs.filter(({ code }) => code !== null).length
  return failed > 0 && (parentFailsOnPartial || failed === job.subJobs.length) ? 'FAIL' : 'SUCCESS'
}

/** The job as it is shown at `now`. */
export function jobView(
  job: Job,
  now: number,
  switches: Pick<Switches, 'jobStuck' | 'parentFailsOnPartial'>,
): JobView {
  const { id, action, kind, begunAt } = job
  const end = switches.jobStuck ? null : endOf(job)
  const stuck = switches.jobStuck ? { endsAt: null } : {}
  const subJobs = job.subJobs.map(subJob => subJobView({ ...subJob, ...stuck }, job, now))
  const view = { id, action, kind, begunAt, endedAt: null, total: subJobs.length, subJobs }
  if (end !== null && now >= end) return { ...view, status: endStatus(job, switches), endedAt: end }
  return now < begunAt + job.initMs
    ? { ...view, status: 'INIT', subJobs: [] }
    : { ...view, status: 'RUNNING' }
}
