/** What one look makes of one server that was asked: only its own state settles it, its job tells why. */

import type { Request } from './chunk.ts'
import type { Job, Server, SubJob } from './cloud.ts'
import type { Policy } from './model.ts'
import type { Settled } from './outcome.ts'
import { mayRepeat } from './reread.ts'
import type { Run } from './run.ts'
import { type Decision, isDeleted, isOff, isPoweringOff, NO_FORCE_TAG, type Selecting } from './select.ts'
import { BUSY_CODES, FINAL_CODES, FOUND_OFF } from './sub-job-codes.ts'

/** How often a member is asked softly, and how often hard after that, where the cloud was busy with it or an answer got lost. */
const MOST_TRIES = 3

export interface FollowTimes {
  firstSeconds: number
  maxSeconds: number
  deadlineMinutes: number
}
export interface Looked {
  /** By job id: every job that was still to be looked at, as it is now. A job that could not be read is absent. */
  jobs: Map<string, Job>
  /** As they are now; `null` where they were not or could not be read. */
  servers: Map<string, Server> | null
  /** Why the connection's key is left alone; a second time in a row ends the wait. */
  keyRefused: string | null
  /** A run that sends nothing more neither escalates nor asks again. */
  run: Pick<Run, 'cancel' | 'withheld'>
  policy: Selecting & Pick<Policy, 'escalateAfterMinutes'>
  times: FollowTimes
  now: number
}

/** What was sent for one member of a chunk that is not settled. */
export interface Sent {
  /** In their order; the latest is looked at. */
  requests: [Request, ...Request[]]
  /** Tries, those that were refused included: soft ones, and hard ones that followed. */
  tries: { first: number; escalation: number }
}
/** The same with all that was seen of it. */
export interface Case extends Sent {
  server: Server | undefined
  subJob: SubJob | undefined
  job: Job | undefined
  troubles: number
  select: (server: Server) => Decision
  looked: Looked
}
export const latest = ({ requests }: Pick<Sent, 'requests'>): Request => requests.at(-1)!

const sendsNothing = ({ cancel, withheld }: Looked['run']): boolean =>
  cancel !== undefined || withheld !== undefined

/** A hard stop that was to follow a soft one, and may never have come to the cloud. */
const isLostEscalation = ({ escalation, answer }: Request): boolean => escalation && answer === 'lost'

/** When a soft request, or a hard one that got lost, is followed by a hard one; never, where that is not wanted or was tried often enough. */
export function escalatesAt(sent: Sent, { policy, run }: Pick<Looked, 'policy' | 'run'>): number {
  const request = latest(sent)
  const { escalateAfterMinutes: after } = policy
  const mayFollow = request.mode === 'soft' || isLostEscalation(request)
  const isPossible = mayFollow && after !== null && sent.tries.escalation < MOST_TRIES
  return isPossible && !sendsNothing(run)
    ? Date.parse(request.sentAt) + after * 60_000
    : Number.POSITIVE_INFINITY
}

/** When what is not known to be off is given up. */
export const deadline = (sent: Sent, times: FollowTimes): number =>
  Date.parse(latest(sent).sentAt) + times.deadlineMinutes * 60_000

/** Whether the request's job is over, as far as was seen. */
export function jobEnded({ job, jobId }: Request, jobs: Map<string, Job>): boolean {
  if (job !== 'running') return true
  const seen = jobId === null ? undefined : jobs.get(jobId)
  return seen !== undefined && seen.status !== 'running'
}

/** Whether the cloud is through with this member: its own part of the job is over, or all of it. */
export const isThrough = (one: Case): boolean =>
  (one.subJob !== undefined && one.subJob.status !== 'running') || jobEnded(latest(one), one.looked.jobs)

export type Verdict =
  | { kind: 'wait' }
  | { kind: 'ask'; escalation: boolean }
  | { kind: 'settled'; settled: Settled }

const WAIT: Verdict = { kind: 'wait' }

function ended(
  one: Case,
  { request = latest(one), ...outcome }: Pick<Settled, 'status' | 'code' | 'reason'> & { request?: Request },
): Verdict {
  const { mode, jobId, requestId, sentAt } = request
  const endedAt = new Date(one.looked.now).toISOString()
  return { kind: 'settled', settled: { ...outcome, mode, jobId, requestId, requestedAt: sentAt, endedAt } }
}

const jobWords = ({ subJob, job }: Case): string =>
  subJob?.status === 'failed'
    ? `; its job failed with ${subJob.code ?? 'no code'}${subJob.reason === null ? '' : `: ${subJob.reason}`}`
    : job?.status === 'failed'
      ? `; the job failed with ${job.code ?? 'no code'}`
      : ''

const failedWith = ({ subJob }: Case): string | null =>
  subJob?.status === 'failed' ? (subJob.code ?? '') : null

/** Off: to the credit of the latest request, but where its own job says that it came too late, of the one before, if any. */
function offVerdict(one: Case): Verdict {
  const cameLate = FOUND_OFF.has(failedWith(one) ?? '')
  const request = one.requests.at(cameLate ? -2 : -1)
  if (!request)
    return ended(one, {
      status: 'skipped',
      code: 'already-stopped',
      reason: `it was off before the request came${jobWords(one)}`,
    })
  if (request.escalation)
    return ended(one, {
      request,
      status: 'stopped',
      code: 'escalated',
      reason: 'off after a hard stop; the soft one had left it up',
    })
  if (request.answer !== 'accepted')
    return ended(one, {
      request,
      status: 'stopped',
      code: 'answer-lost',
      reason: 'off, though the answer to the request was lost',
    })
  const natively = request.native === undefined ? '' : `, a native one because of ${request.native}`
  const reason = `seen off after the request${natively}`
  return ended(one, { request, status: 'stopped', code: 'stopped', reason })
}

function absentVerdict(one: Case): Verdict {
  if (!isThrough(one) && one.looked.now < deadline(one, one.looked.times)) return WAIT
  const status = failedWith(one) === null ? 'unconfirmed' : 'failed'
  const gone = one.server ? `it is deleted (${one.server.status})` : 'the cloud no longer knows it'
  return ended(one, { status, code: 'not-found', reason: `${gone}${jobWords(one)}` })
}

/**
 * It is up and idle, and something happened to it after its own part of the soft stop was done: whoever started it again is not to lose
 * work. Without that the job's word counts for nothing.
 */
const isBack = ({ subJob }: Case, { taskState, updatedAt }: Server): boolean =>
  subJob?.status === 'succeeded' &&
  taskState === null &&
  Date.parse(updatedAt ?? '') > Date.parse(subJob.endedAt ?? '')

/** Whether a hard stop is to follow the soft one, which has left this server up. */
function hardStop(one: Case, server: Server): 'never' | 'later' | 'now' {
  const at = escalatesAt(one, one.looked)
  if (isBack(one, server)) return 'never'
  const idle = { ...server, taskState: null }
  if (at === Number.POSITIVE_INFINITY || !mayRepeat(idle, one.select, { escalation: true })) return 'never'
  // Refused once while the soft stop was under way, it waits until that is over.
  const wasRefused = one.tries.escalation > 0 && !isLostEscalation(latest(one))
  const isBusy = server.taskState !== null && !(isPoweringOff(server) && !wasRefused)
  return one.looked.now < at || isBusy ? 'later' : 'now'
}

/** A request without a job was taken, and the server is up and idle again: its stop failed, and nothing else tells (Nova). */
const fellBack = (one: Case, { status, taskState }: Server): boolean => {
  const { answer, jobId } = latest(one)
  return answer === 'accepted' && jobId === null && status === 'ACTIVE' && taskState === null
}

/** Whether the latest request came to nothing, for a cause that another may not meet. */
function mayAskAgain(one: Case, server: Server): boolean {
  const { answer, job, escalation } = latest(one)
  const isLost =
    answer !== 'accepted' || job === 'gone' || one.job?.status === 'gone' || fellBack(one, server)
  const isBusy = BUSY_CODES.has(failedWith(one) ?? '')
  const tries = escalation ? one.tries.escalation : one.tries.first
  return (
    (isLost || isBusy) &&
    tries < MOST_TRIES &&
    server.taskState === null &&
    !sendsNothing(one.looked.run) &&
    mayRepeat(server, one.select, { escalation })
  )
}

function upVerdict(one: Case, server: Server): Verdict {
  const { looked } = one
  const final = FINAL_CODES[failedWith(one) ?? '']
  if (final !== undefined)
    return ended(one, { status: 'failed', code: final, reason: `still ${server.status}${jobWords(one)}` })
  const hard = hardStop(one, server)
  if (hard === 'now') return { kind: 'ask', escalation: true }
  const last = deadline(one, looked.times)
  if (looked.now >= (hard === 'later' ? Math.max(last, escalatesAt(one, looked)) : last))
    return ended(one, { status: 'failed', code: 'still-running', reason: stillUp(one, server) })
  if (isPoweringOff(server) || !isThrough(one)) return WAIT
  if (mayAskAgain(one, server)) return { kind: 'ask', escalation: latest(one).escalation }
  return hard === 'later' ? WAIT : leftUp(one, server)
}

/** Up, nothing is under way and nothing is left to try: it ends now where that will not change by itself. */
function leftUp(one: Case, server: Server): Verdict {
  const fail = (code: 'job-failed' | 'in-error' | 'still-running', reason: string): Verdict =>
    ended(one, { status: 'failed', code, reason })
  if (failedWith(one) !== null) return fail('job-failed', `still ${server.status}${jobWords(one)}`)
  if (server.status === 'ERROR' && server.taskState === null)
    return fail('in-error', `its status is ERROR${server.fault === undefined ? '' : `: ${server.fault}`}`)
  if (!fellBack(one, server)) return WAIT
  const tries = one.tries.first + one.tries.escalation
  const asked = tries === 1 ? 'asked once' : `asked ${tries} times`
  return fail('still-running', `still ${server.status}: ${asked}, and up and idle again after each`)
}

function stillUp(one: Case, server: Server): string {
  const { times, policy } = one.looked
  const state = server.taskState === null ? server.status : `${server.status} (${server.taskState})`
  const isSpared = policy.escalateAfterMinutes !== null && NO_FORCE_TAG in server.tags
  const spared = isSpared ? `; no hard stop followed, for it carries the tag ${NO_FORCE_TAG}` : ''
  const again = isBack(one, server) ? '; its job stopped it: somebody may have started it again' : ''
  return `still ${state} ${times.deadlineMinutes} minutes after the request${jobWords(one)}${again}${spared}`
}

function unreadVerdict(one: Case): Verdict {
  const { looked } = one
  const escalation = escalatesAt(one, looked)
  const last = Math.max(deadline(one, looked.times), Number.isFinite(escalation) ? escalation : 0)
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
  if (!server || isDeleted(server)) return absentVerdict(one)
  return isOff(server) ? offVerdict(one) : upVerdict(one, server)
}
