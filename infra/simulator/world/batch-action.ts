/** What a call for many servers does to each of them. */
import { randomUUID } from 'node:crypto'
import { Action } from '../../../lib/core/model/action.ts'
import type { Kind } from '../../../lib/core/model/model.ts'
import { ACTIONS_IN_CLOUD } from './actions.ts'
import { lackFailure } from './capacity.ts'
import { type Job, jobFrom, lastEnd, type SubJob, workMs } from './jobs.ts'
import { type PowerChange, type ServerState, type StopType, viewOf } from './server.ts'
import type { Capacity, Problem } from './switches/requests.ts'
import type { Switches } from './switches/switches.ts'
import { isAmong } from './switches/which.ts'

export interface BatchRequest {
  action: Action
  kind: Kind
  /** Null: the action has none. */
  type: StopType | null
  ids: string[]
}
export interface Member {
  id: string
  /** Undefined where there is none. */
  server: ServerState | undefined
  problem: Problem | null
  /** That there is no room for it. */
  lack: Capacity | null
}
interface Circumstances {
  request: BatchRequest
  switches: Switches
  now: number
}

/** An action that is refused or fails on the spot takes this share of the time of one that works. */
const SHORT_SHARE = 0.1

const TASK_PROBLEMS: Record<string, Problem> = { 'powering-off': 'stopping', 'powering-on': 'starting' }

function taskProblem(server: ServerState, type: BatchRequest['type'], switches: Switches): Problem | null {
  if (server.taskState === null) return null
  const overtakes = type === 'HARD' && server.change?.type === 'SOFT' && switches.hardDuringSoft === 'taken'
  return overtakes ? null : (TASK_PROBLEMS[server.taskState] ?? 'busy')
}

/** Why this request can do nothing for this server, in the order in which the cloud looks. */
export function problemOf(
  server: ServerState | undefined,
  { action, kind, type }: BatchRequest,
  switches: Switches,
): Problem | null {
  if (server === undefined || server.inRecycleBin) return 'missing'
  if (server.kind !== kind && switches.otherKind === 'missing') return 'missing'
  if (server.locked) return 'locked'
  if (server.frozen) return 'frozen'
  const busy = taskProblem(server, type, switches)
  if (busy !== null) return busy
  const { from, end, already } = ACTIONS_IN_CLOUD[action]
  if (server.status === end.status) return already
  if (server.status !== from) return 'unready'
  return isAmong(switches.nativeOnly, server.id, () => viewOf(server)) ? 'unserved' : null
}

const hangs = ({ id, server }: Member, { request, switches }: Circumstances): boolean =>
  request.type === 'SOFT' &&
  isAmong(switches.softHangs, id, () => (server === undefined ? undefined : viewOf(server)))

function hangingEnd({ now, switches }: Circumstances): Pick<SubJob, 'endsAt' | 'code'> {
  if (switches.softHangSeconds === null) return { endsAt: null, code: null }
  return { endsAt: now + switches.softHangSeconds * 1000, code: 'Ecs.1002' }
}

const isThere = (problem: Problem): boolean =>
  Action.options.some(action => ACTIONS_IN_CLOUD[action].already === problem)

function subJobEnd(member: Member, circumstances: Circumstances): Pick<SubJob, 'endsAt' | 'code' | 'words'> {
  const { request, switches, now } = circumstances
  const ms = workMs(switches.jobSeconds, member.id)
  const soon = now + Math.round(ms * SHORT_SHARE)
  if (member.problem !== null) {
    const fine = switches.badMember === 'doneIsFine' && isThere(member.problem)
    return { endsAt: soon, code: fine ? null : switches.memberCodes[request.kind][member.problem] }
  }
  if (member.lack !== null) return { endsAt: soon, ...lackFailure(member.lack) }
  if (hangs(member, circumstances)) return hangingEnd(circumstances)
  return { endsAt: now + ms, code: switches.partialFail[member.id] ?? null }
}

/** The job of a request that is taken. */
export function batchJob(members: Member[], circumstances: Circumstances): Job {
  const { request, switches, now } = circumstances
  const subJobs = members.map(member => ({
    id: randomUUID().replaceAll('-', ''),
    serverId: member.id,
    ...subJobEnd(member, circumstances),
  }))
  return jobFrom({ action: request.action, kind: request.kind, subJobs }, switches.jobSeconds, now)
}

/** What the job does to a server of its, and when that shows. */
export function batchChange(subJob: SubJob, job: Job, { request, switches }: Circumstances): PowerChange {
  const { action, type } = request
  const late = subJob.code === null && subJob.endsAt !== null && switches.showsAfterJobSeconds > 0
  const endsAt = late ? lastEnd(job) + job.closeMs + switches.showsAfterJobSeconds * 1000 : subJob.endsAt
  const end = subJob.code === null ? ACTIONS_IN_CLOUD[action].end : {}
  return { action, type, jobId: job.id, endsAt, end }
}
