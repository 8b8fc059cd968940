/** What one look makes of one server that was asked: only its own state settles it, its job tells why. */
import type { Job, Policy, Server, SubJob } from './model.ts'
import { isOff, isPoweringOff, NO_FORCE_TAG, PROTECT_TAG } from './select.ts'
import type { Request, Run, Settled } from './work.ts'

/** How often a member is asked in all, where an answer or a job got lost or the cloud was busy with it. */
const MOST_ASKS = 3
export interface FollowTimes {
  firstSeconds: number
  maxSeconds: number
  deadlineMinutes: number
}
export interface Looked {
  /** By job id: every job that was still running, as it is now. A job that could not be read is absent. */
  jobs: Map<string, Job>
  /** As they are now; `null` where they were not or could not be read. */
  servers: Map<string, Server> | null
  /** Why the connection's key is left alone; a second time in a row ends the wait. */
  keyRefused: string | null
  /** `cancel` says that nothing escalates any more. */
  run: Pick<Run, 'cancel'>
  policy: Pick<Policy, 'escalateAfterMinutes'>
  times: FollowTimes
  now: number
}
/** When a soft request is followed by a hard one; never, where that is not wanted. */
export const escalatesAt = (request: Request, { policy, run }: Pick<Looked, 'policy' | 'run'>): number =>
  request.mode === 'hard' || policy.escalateAfterMinutes === null || run.cancel
    ? Number.POSITIVE_INFINITY
    : Date.parse(request.sentAt) + policy.escalateAfterMinutes * 60_000

/** When what is not known to be off is given up. */
export const deadline = (request: Request, times: FollowTimes): number =>
  Date.parse(request.sentAt) + times.deadlineMinutes * 60_000

/** Whether the request's job is over, as far as was seen. */
export function jobEnded(request: Request, jobs: Map<string, Job>): boolean {
  if (request.job !== 'running') return true
  const job = request.jobId === null ? undefined : jobs.get(request.jobId)
  return job !== undefined && job.status !== 'running'
}

const iso = (ms: number): string => new Date(ms).toISOString()

export type Verdict =
  | { kind: 'wait' }
  | { kind: 'ask'; escalation: boolean }
  | { kind: 'settled'; settled: Settled }
/** One member of a chunk, with all that was seen of it. */
export interface Case {
  request: Request
  asks: number
  server: Server | undefined
  subJob: SubJob | undefined
  job: Job | undefined
  troubles: number
  looked: Looked
}

const WAIT: Verdict = { kind: 'wait' }

function ended(
  { request, looked }: Case,
  { status, code, reason }: Pick<Settled, 'status' | 'code' | 'reason'>,
): Verdict {
  const { mode, jobId, requestId, sentAt } = request
  const settled = {
    status,
    code,
    reason,
    mode,
    jobId,
    requestId,
    requestedAt: sentAt,
    endedAt: iso(looked.now),
  }
  return { kind: 'settled', settled }
}

const jobWords = ({ subJob, job }: Case): string =>
  subJob?.status === 'failed'
    ? `; its job failed with ${subJob.code ?? 'no code'}${subJob.reason === null ? '' : `: ${subJob.reason}`}`
    : job?.status === 'failed'
      ? `; the job failed with ${job.code ?? 'no code'}`
      : ''

function offVerdict(one: Case): Verdict {
  const { request } = one
  if (request.escalation)
    return ended(one, {
      status: 'stopped',
      code: 'escalated',
      reason: 'off after a hard stop; the soft one had left it up',
    })
  if (request.answer !== 'accepted')
    return ended(one, {
      status: 'stopped',
      code: 'answer-lost',
      reason: 'off, though the answer to the request was lost',
    })
  return ended(one, { status: 'stopped', code: 'stopped', reason: 'seen off after the request' })
}

function absentVerdict(one: Case): Verdict {
  if (!jobEnded(one.request, one.looked.jobs) && one.looked.now < deadline(one.request, one.looked.times))
    return WAIT
  const status = one.subJob?.status === 'failed' ? 'failed' : 'unconfirmed'
  return ended(one, { status, code: 'not-found', reason: `the cloud no longer knows it${jobWords(one)}` })
}

/** The cloud's own codes for what a sub-job found, where another try changes nothing (API reference, error codes). */
const FINAL_CODES: Record<string, string> = {
  'Ecs.0605': 'locked',
  'BMS.0605': 'locked',
  'Ecs.0030': 'frozen',
  'BMS.0360': 'frozen',
  'Ecs.0114': 'not-found',
  'Ecs.0614': 'not-found',
  'BMS.0040': 'not-found',
}
/** Codes that say the server was busy: a later try may pass. */
const BUSY_CODES = new Set(['Ecs.0603', 'Ecs.0100', 'BMS.0035', 'BMS.0037', 'BMS.0212', 'Common.0024'])

const mayEscalate = (server: Server, looked: Looked): boolean =>
  looked.policy.escalateAfterMinutes !== null &&
  !looked.run.cancel &&
  !(NO_FORCE_TAG in server.tags) &&
  !(PROTECT_TAG in server.tags)

function upVerdict(one: Case, server: Server): Verdict {
  const { request, looked, subJob, asks } = one
  const final = subJob?.status === 'failed' ? FINAL_CODES[subJob.code ?? ''] : undefined
  if (final !== undefined)
    return ended(one, { status: 'failed', code: final, reason: `still ${server.status}${jobWords(one)}` })
  const willEscalate = request.mode === 'soft' && mayEscalate(server, looked)
  if (willEscalate && looked.now >= escalatesAt(request, looked)) return { kind: 'ask', escalation: true }
  const over = !willEscalate && looked.now >= deadline(request, looked.times)
  if (over) return ended(one, { status: 'failed', code: 'still-running', reason: stillUp(one, server) })
  if (isPoweringOff(server) || !jobEnded(request, looked.jobs)) return WAIT
  const lost = request.answer !== 'accepted' || request.job === 'gone' || one.job?.status === 'gone'
  const busy = subJob?.status === 'failed' && BUSY_CODES.has(subJob.code ?? '')
  if ((lost || busy) && server.taskState === null && asks < MOST_ASKS)
    return { kind: 'ask', escalation: request.escalation }
  if (subJob?.status !== 'failed' || willEscalate) return WAIT
  return ended(one, {
    status: 'failed',
    code: 'job-failed',
    reason: `still ${server.status}${jobWords(one)}`,
  })
}

const stillUp = (one: Case, server: Server): string =>
  `still ${server.status}${server.taskState === null ? '' : ` (${server.taskState})`} ${one.looked.times.deadlineMinutes} minutes after the request${jobWords(one)}`

function unreadVerdict(one: Case): Verdict {
  const { request, looked } = one
  const escalation = escalatesAt(request, looked)
  const last = Math.max(deadline(request, looked.times), Number.isFinite(escalation) ? escalation : 0)
  if (looked.keyRefused !== null && one.troubles > 0)
    return ended(one, { status: 'unconfirmed', code: 'credentials', reason: looked.keyRefused })
  if (looked.now < last) return WAIT
  return ended(one, {
    status: 'unconfirmed',
    code: 'not-learnt',
    reason: 'the cloud could not be asked about it in time',
  })
}

/** Settled, to be asked (again, or harder), or to be looked at once more. */
export function verdict(one: Case): Verdict {
  const { looked, server } = one
  if (looked.servers === null) return unreadVerdict(one)
  if (!server) return absentVerdict(one)
  return isOff(server) ? offVerdict(one) : upVerdict(one, server)
}
