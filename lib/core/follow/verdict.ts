/** Judges one server that was asked, from one look: only its own state settles it, its job tells why. */

import { ACTIONS, type Action, isDone, isUnderWay, isUntouched } from '../model/action.ts'
import { awaitsStop, type Request } from '../model/chunk.ts'
import type { Server, SubJobCause } from '../model/cloud.ts'
import type { Settled } from '../model/outcome.ts'
import { isoInstant } from '../schedule/instant.ts'
import { mayRepeat } from '../stop/recheck-before-send.ts'
import { lackOfRoom, requestsBeforeWait, retryAt, retryUntil } from './capacity.ts'
import { stoppingVerdict } from './stopping.ts'
import {
  deadlineOf,
  escalatesAt,
  isLostEscalation,
  isRequestFinished,
  latestRequest,
  leftWords,
  MAX_TRIES,
  sendsNothing,
  sparedWords,
  type TrackedServer,
  type Verdict,
} from './tracked-server.ts'

const WAIT: Verdict = { kind: 'wait' }

const actionOf = ({ looked }: TrackedServer): Action => looked.run.action

function settledAs(
  one: TrackedServer,
  {
    request = latestRequest(one),
    ...outcome
  }: Pick<Settled, 'status' | 'code' | 'reason'> & { request?: Request },
): Verdict {
  const { jobId, requestId, sentAt } = request
  const mode = ACTIONS[actionOf(one)].hasModes ? request.mode : null
  const endedAt = isoInstant(one.looked.readMs ?? one.looked.now)
  return { kind: 'settled', settled: { ...outcome, mode, jobId, requestId, requestedAt: sentAt, endedAt } }
}

const jobWords = ({ subJob, job }: TrackedServer): string =>
  subJob?.status === 'failed'
    ? `; its job failed with ${subJob.code ?? 'no code'}${subJob.reason === null ? '' : `: ${subJob.reason}`}`
    : job?.status === 'failed'
      ? `; the job failed with ${job.code ?? 'no code'}`
      : ''

const failedWith = ({ subJob }: TrackedServer): string | null =>
  subJob?.status === 'failed' ? (subJob.code ?? '') : null

const failedFor = ({ subJob }: TrackedServer, ...causes: SubJobCause[]): boolean =>
  subJob?.status === 'failed' && subJob.cause !== null && causes.includes(subJob.cause)

/** Causes that no other request changes. */
const FINAL_CAUSES = ['locked', 'frozen', 'not-found'] as const

/** Settles it as done, by the latest request, or by the one before where the latest one's job says that it came too late. */
function doneVerdict(one: TrackedServer): Verdict {
  const { already, done, goalWord } = ACTIONS[actionOf(one)]
  const cameLate = failedFor(one, 'already-done', 'wrong-state')
  const sent = one.requests.filter(({ answer }) => answer !== 'deferred')
  const request = sent.at(cameLate ? -2 : -1)
  if (!request)
    return settledAs(one, {
      status: 'skipped',
      code: already,
      reason: `it was ${goalWord} before the request came${jobWords(one)}`,
    })
  if (request.escalation)
    return settledAs(one, {
      request,
      status: done,
      code: 'escalated',
      reason: 'off after a hard stop; the soft one had left it up',
    })
  if (request.answer !== 'accepted')
    return settledAs(one, {
      request,
      status: done,
      code: 'answer-lost',
      reason: `${goalWord}, though the answer to the request was lost`,
    })
  const natively = request.native === undefined ? '' : `, a native one because of ${request.native}`
  const reason = `seen ${goalWord} after the request${natively}`
  return settledAs(one, { request, status: done, code: done, reason })
}

function absentVerdict(one: TrackedServer): Verdict {
  if (!isRequestFinished(one) && one.looked.now < deadlineOf(one, one.looked.times)) return WAIT
  const status = failedWith(one) === null ? 'unconfirmed' : 'failed'
  const gone = one.server ? `it is deleted (${one.server.status})` : 'the cloud no longer knows it'
  return settledAs(one, { status, code: 'not-found', reason: `${gone}${jobWords(one)}` })
}

/** A start takes longer than this; the cloud's own records of a stop are written sooner. */
const MIN_START_MS = 10_000

/**
 * It is up and idle, and was changed so long after its own part of the soft stop was done that it must have been started again: the work
 * done on it since is not to be lost. Without that the job's word counts for nothing.
 */
const isBack = ({ subJob }: TrackedServer, { busy, updatedAt }: Server): boolean =>
  subJob?.status === 'succeeded' &&
  busy === null &&
  Date.parse(updatedAt ?? '') - Date.parse(subJob.endedAt ?? '') >= MIN_START_MS

/** Whether a hard stop is to follow the soft one, which has left this server up. */
function hardStop(one: TrackedServer, server: Server): 'never' | 'later' | 'now' {
  const at = escalatesAt(one, one.looked)
  if (isBack(one, server)) return 'never'
  const idle = { ...server, busy: null }
  if (at === Number.POSITIVE_INFINITY || !mayRepeat(idle, one.select, { escalation: true })) return 'never'
  // Refused once while the soft stop was under way, it waits until that is over.
  const wasRefused = one.tries.escalation > 0 && !isLostEscalation(latestRequest(one))
  const isBusy = server.busy !== null && !(isUnderWay(actionOf(one), server) && !wasRefused)
  return one.looked.now < at || isBusy ? 'later' : 'now'
}

/** A request without a job was taken, and the server is idle where it was: the request failed, and nothing else tells (Nova). */
const fellBack = (one: TrackedServer, server: Server): boolean => {
  const { answer, jobId } = latestRequest(one)
  return answer === 'accepted' && jobId === null && isUntouched(actionOf(one), server)
}

/** Whether the latest request came to nothing, for a cause that another may not meet. */
function mayAskAgain(one: TrackedServer, server: Server): boolean {
  const { answer, job, escalation } = latestRequest(one)
  const isLost =
    answer !== 'accepted' || job === 'gone' || one.job?.status === 'gone' || fellBack(one, server)
  const isBusy = failedFor(one, 'busy', 'wrong-state')
  const tries = escalation ? one.tries.escalation : one.tries.first - requestsBeforeWait(one)
  return (
    (isLost || isBusy) &&
    tries < MAX_TRIES &&
    server.busy === null &&
    !sendsNothing(one.looked.run) &&
    mayRepeat(server, one.select, { escalation })
  )
}

/** The soft stop may never have come to the cloud: a hard one is for those that a soft one has left up. */
const mayNotHaveCome = (one: TrackedServer, server: Server): boolean => {
  const { answer, escalation } = latestRequest(one)
  return answer !== 'accepted' && !escalation && mayAskAgain(one, server)
}

const askedWords = (tries: number): string => (tries === 1 ? 'asked once' : `asked ${tries} times`)

/** There was no room for it: it is asked once more when its time has come, and is as it was. */
function roomVerdict(one: TrackedServer, server: Server, why: string): Verdict {
  const { rules, run, now } = one.looked
  const [first, ...others] = one.requests.filter(request => !awaitsStop(request)) as typeof one.requests
  const attempt = others.length + 1
  const at = retryAt([first, ...others], rules.retryMinutes)
  const isRefused = one.tries.first - attempt >= MAX_TRIES
  const isWhereItWas = server.power === ACTIONS[actionOf(one)].from
  const mayTry = at !== null && !isRefused && !sendsNothing(run) && isWhereItWas
  const lacking = { reason: why, attempt, until: retryUntil([first], rules.retryMinutes) }
  if (mayTry && now < at) return { kind: 'wait', until: at, lacking }
  // Such as a backup, which ends by itself.
  if (mayTry && server.busy !== null && now < deadlineOf(one, one.looked.times)) return WAIT
  if (mayTry && mayRepeat(server, one.select, { escalation: false }))
    return { kind: 'ask', escalation: false, lacking }
  const end = `${askedWords(attempt)}${mayTry ? leftWords(one.select(server)) : ''}`
  return settledAs(one, { status: 'failed', code: 'no-capacity', reason: `${why}; ${end}` })
}

function undoneVerdict(one: TrackedServer, server: Server): Verdict {
  const { looked } = one
  const lacking = isUnderWay(actionOf(one), server) ? null : lackOfRoom(one, server)
  if (lacking !== null) return roomVerdict(one, server, lacking)
  const final = FINAL_CAUSES.find(cause => failedFor(one, cause))
  if (final !== undefined)
    return settledAs(one, { status: 'failed', code: final, reason: `still ${server.status}${jobWords(one)}` })
  const hard = hardStop(one, server)
  if (hard === 'now') return { kind: 'ask', escalation: !mayNotHaveCome(one, server) }
  const last = deadlineOf(one, looked.times)
  if (looked.now >= (hard === 'later' ? Math.max(last, escalatesAt(one, looked)) : last))
    return settledAs(one, {
      status: 'failed',
      // It is there, and something else is under way on it.
      code: server.power === ACTIONS[actionOf(one)].goal ? 'busy' : ACTIONS[actionOf(one)].unchanged,
      reason: lateReason(one, server),
    })
  if (isUnderWay(actionOf(one), server) || !isRequestFinished(one)) return WAIT
  if (mayAskAgain(one, server)) return { kind: 'ask', escalation: latestRequest(one).escalation }
  return hard === 'later' ? WAIT : settleUndone(one, server)
}

/** Not done, nothing is under way and nothing is left to try: it ends now where that will not change by itself. */
function settleUndone(one: TrackedServer, server: Server): Verdict {
  const { unchanged, from } = ACTIONS[actionOf(one)]
  const fail = (code: 'job-failed' | 'in-error' | typeof unchanged, reason: string): Verdict =>
    settledAs(one, { status: 'failed', code, reason })
  if (failedWith(one) !== null) return fail('job-failed', `still ${server.status}${jobWords(one)}`)
  if (server.power === 'error' && server.busy === null)
    return fail('in-error', `its status is ERROR${server.fault === undefined ? '' : `: ${server.fault}`}`)
  if (!fellBack(one, server)) return WAIT
  const asked = askedWords(one.tries.first + one.tries.escalation)
  const again = from === 'on' ? 'up and idle' : 'off and idle'
  return fail(unchanged, `still ${server.status}: ${asked}, and ${again} again after each`)
}

function lateReason(one: TrackedServer, server: Server): string {
  const { times, rules } = one.looked
  const state = server.busy === null ? server.status : `${server.status} (${server.busy})`
  const spared = rules.escalateAfterMinutes === null ? '' : sparedWords(one, server)
  const again = isBack(one, server)
    ? `; its job ${ACTIONS[actionOf(one)].done} it: somebody may have undone that`
    : ''
  return `still ${state} ${times.deadlineMinutes} minutes after the request${jobWords(one)}${again}${spared}`
}

function unreadVerdict(one: TrackedServer): Verdict {
  const { looked } = one
  const escalation = escalatesAt(one, looked)
  const last = Math.max(deadlineOf(one, looked.times), Number.isFinite(escalation) ? escalation : 0)
  if (looked.closed && one.troubles > 0) return settledAs(one, { status: 'unconfirmed', ...looked.closed })
  if (looked.now < last) return WAIT
  return settledAs(one, {
    status: 'unconfirmed',
    code: 'not-learnt',
    reason: 'the cloud could not be asked about it in time',
  })
}

/** Settled, to be asked (again, or harder), or to be looked at once more. No request is sent while scaling groups are unknown. */
export function verdictOf(one: TrackedServer): Verdict {
  const { looked } = one
  const found = seenVerdict(one)
  if (found.kind !== 'ask' || looked.groups !== null) return found
  return looked.now < deadlineOf(one, looked.times) ? WAIT : seenVerdict({ ...one, select: () => null })
}

function seenVerdict(one: TrackedServer): Verdict {
  const { looked, server } = one
  if (looked.servers === null) return unreadVerdict(one)
  if (!server || server.power === 'deleted') return absentVerdict(one)
  if (awaitsStop(latestRequest(one))) return stoppingVerdict(one, server)
  return isDone(actionOf(one), server) ? doneVerdict(one) : undoneVerdict(one, server)
}
