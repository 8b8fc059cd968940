import { randomUUID } from 'node:crypto'
import type { Kind } from '../../../lib/core/model/model.ts'
import { type Job, jobFrom, lastEnd, type SubJob, workMs } from './jobs.ts'
import { type ServerState, type ServerStop, type StopType, viewOf } from './server.ts'
import { isAmong, type Problem, type Switches } from './switches.ts'

export interface StopRequest {
  kind: Kind
  type: StopType
  ids: string[]
}
export interface Member {
  id: string
  /** Undefined where there is none. */
  server: ServerState | undefined
  problem: Problem | null
}
interface Circumstances {
  request: StopRequest
  switches: Switches
  now: number
}

/** A stop that is refused or fails on the spot takes this share of the time of one that works. */
const SHORT_SHARE = 0.1

const TASK_PROBLEMS: Record<string, Problem> = { 'powering-off': 'stopping', 'powering-on': 'starting' }

function taskProblem(server: ServerState, type: StopType, switches: Switches): Problem | null {
  if (server.taskState === null) return null
  const overtakes = type === 'HARD' && server.stop?.type === 'SOFT' && switches.hardDuringSoft === 'taken'
  return overtakes ? null : (TASK_PROBLEMS[server.taskState] ?? 'busy')
}

/** Why this server cannot be stopped by this request, in the order in which the cloud looks. */
export function problemOf(
  server: ServerState | undefined,
  { kind, type }: StopRequest,
  switches: Switches,
): Problem | null {
  if (server === undefined || server.inRecycleBin) return 'missing'
  if (server.kind !== kind && switches.otherKind === 'missing') return 'missing'
  if (server.locked) return 'locked'
  if (server.frozen) return 'frozen'
  const busy = taskProblem(server, type, switches)
  if (busy !== null) return busy
  if (server.status === 'SHUTOFF') return 'stopped'
  if (server.status !== 'ACTIVE') return 'notUp'
  return isAmong(switches.nativeOnly, server.id, () => viewOf(server)) ? 'unserved' : null
}

const hangs = ({ id, server }: Member, { request, switches }: Circumstances): boolean =>
  request.type === 'SOFT' &&
  isAmong(switches.softHangs, id, () => (server === undefined ? undefined : viewOf(server)))

function hangingEnd({ now, switches }: Circumstances): Pick<SubJob, 'endsAt' | 'code'> {
  if (switches.softHangSeconds === null) return { endsAt: null, code: null }
  return { endsAt: now + switches.softHangSeconds * 1000, code: 'Ecs.1002' }
}

function subJobEnd(member: Member, circumstances: Circumstances): Pick<SubJob, 'endsAt' | 'code'> {
  const { request, switches, now } = circumstances
  const ms = workMs(switches.jobSeconds, member.id)
  if (member.problem !== null) {
    const fine = member.problem === 'stopped' && switches.badMember === 'stoppedIsFine'
    const code = fine ? null : switches.memberCodes[request.kind][member.problem]
    return { endsAt: now + Math.round(ms * SHORT_SHARE), code }
  }
  if (hangs(member, circumstances)) return hangingEnd(circumstances)
  return { endsAt: now + ms, code: switches.partialFail[member.id] ?? null }
}

/** The job of a stop that is taken; a BMS has no soft stop, whatever the type says. */
export function stopJob(members: Member[], circumstances: Circumstances): Job {
  const { request, switches, now } = circumstances
  const subJobs = members.map(member => ({
    id: randomUUID().replaceAll('-', ''),
    serverId: member.id,
    ...subJobEnd(member, circumstances),
  }))
  return jobFrom({ kind: request.kind, subJobs }, switches.jobSeconds, now)
}

/** What the job does to a server of its, and when that shows. */
export function serverStop(subJob: SubJob, job: Job, { request, switches }: Circumstances): ServerStop {
  const late = subJob.code === null && subJob.endsAt !== null && switches.stillActiveAfterJobSeconds > 0
  const endsAt = late
    ? lastEnd(job) + job.closeMs + switches.stillActiveAfterJobSeconds * 1000
    : subJob.endsAt
  return { type: request.type, jobId: job.id, endsAt, endsOff: subJob.code === null }
}
