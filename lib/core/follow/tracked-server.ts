/** One server that was asked: what was sent for it, what a look showed of it, and when it escalates or is given up. */
import type { Request } from '../model/chunk.ts'
import type { Job, ScalingGroups, Server, SubJob } from '../model/cloud.ts'
import type { Settled } from '../model/outcome.ts'
import type { Run } from '../model/run.ts'
import type { Rules } from '../plan/rules.ts'
import { type Decision, NO_FORCE_TAG, type Selecting } from '../plan/select.ts'

/** How often a member is asked softly, and how often hard after that, where the cloud was busy with it or an answer got lost. */
export const MAX_TRIES = 3

interface FollowTimes {
  firstSeconds: number
  maxSeconds: number
  deadlineMinutes: number
}
/** Why a cloud stays out of reach until a person acts, and the code with which servers end there. */
export interface Unreachable {
  code: 'credentials' | 'not-learnt'
  reason: string
}
export const connectionGone = (id: string): Unreachable => ({
  code: 'not-learnt',
  reason: `connection ${id} was deleted after the request, so nobody can look what became of it`,
})
export interface Observation {
  /** By job id: every job that was still to be looked at, as it is now. A job that could not be read is absent. */
  jobs: Map<string, Job>
  /** As they are now; `null` where they were not or could not be read. */
  servers: Map<string, Server> | null
  /** The scaling groups that are guarded; `null` where they could not be read, absent until they are needed. */
  groups?: ScalingGroups | null
  /** Why the cloud cannot be read; a second time in a row ends the wait. */
  closed: Unreachable | null
  /** A run that sends nothing more neither escalates nor asks again. */
  run: Pick<Run, 'action' | 'cancel' | 'withheld'>
  rules: Pick<Rules, 'escalateAfterMinutes' | 'retryMinutes'> & Selecting
  times: FollowTimes
  /** How long such jobs are expected to take; absent where nothing is known of them. */
  expected?: number | null
  now: number
  /** After its servers were read: what the read proves holds from then on. Absent: `now`. */
  readMs?: number
}

/** What was sent for one member of a chunk that is not settled. */
export interface SentRequests {
  /** In their order; the latest is looked at. */
  requests: [Request, ...Request[]]
  /** Tries, those that were refused included: soft ones, and hard ones that followed. */
  tries: { first: number; escalation: number }
}
/** The same with all that was seen of it. */
export interface TrackedServer extends SentRequests {
  server: Server | undefined
  subJob: SubJob | undefined
  job: Job | undefined
  troubles: number
  select: (server: Server) => Decision
  looked: Observation
}
export const latestRequest = ({ requests }: Pick<SentRequests, 'requests'>): Request => requests.at(-1)!

export const sendsNothing = ({ cancel, withheld }: Pick<Run, 'cancel' | 'withheld'>): boolean =>
  cancel !== undefined || withheld !== undefined

/** A hard stop that was to follow a soft one, and may never have come to the cloud. */
export const isLostEscalation = ({ escalation, answer }: Request): boolean => escalation && answer === 'lost'

/** When a soft request, or a hard one that got lost, is followed by a hard one; never, where that is not wanted or was tried often enough. */
export function escalatesAt(sent: SentRequests, { rules, run }: Pick<Observation, 'rules' | 'run'>): number {
  const request = latestRequest(sent)
  const { escalateAfterMinutes: after } = rules
  const mayFollow = request.mode === 'soft' || isLostEscalation(request)
  const isPossible = mayFollow && after !== null && sent.tries.escalation < MAX_TRIES
  return isPossible && !sendsNothing(run)
    ? Date.parse(request.sentAt) + after * 60_000
    : Number.POSITIVE_INFINITY
}

/** When what is not known to be done is given up. */
export const deadlineOf = (sent: SentRequests, times: FollowTimes): number =>
  Date.parse(latestRequest(sent).sentAt) + times.deadlineMinutes * 60_000

/** Whether the request's job is over, as far as was seen. */
export function jobEnded({ job, jobId }: Request, jobs: Map<string, Job>): boolean {
  if (job !== 'running') return true
  const seen = jobId === null ? undefined : jobs.get(jobId)
  return seen !== undefined && seen.status !== 'running'
}

/** Whether the cloud is through with this member: its own part of the job is over, or all of it. */
export const isRequestFinished = (one: TrackedServer): boolean =>
  (one.subJob !== undefined && one.subJob.status !== 'running') ||
  jobEnded(latestRequest(one), one.looked.jobs)

/** What kept a hard stop from a server that the soft one left up. */
export function sparedWords({ select }: TrackedServer, server: Server): string {
  if (NO_FORCE_TAG in server.tags) return `; no hard stop followed, for it carries the tag ${NO_FORCE_TAG}`
  const left = select({ ...server, busy: null })
  return left?.kind === 'skip' ? `; no hard stop followed: ${left.reason}` : ''
}

/** Why a server that waited for room is not asked any more, though there would be time. */
export const leftWords = (decision: Decision): string =>
  decision?.kind === 'skip' ? `, and no more: ${decision.reason}` : ''

/** A server that waits for room. */
interface Lacking {
  /** In the cloud's words. */
  reason: string
  /** Which request for it was the latest. */
  attempt: number
  /** Until when requests for it go out again. */
  until: number
}

/** Settled, to be asked (again, or harder), or to be looked at once more. */
export type Verdict =
  /** `until`: there is nothing to see before. */
  | { kind: 'wait'; until?: number; lacking?: Lacking }
  | { kind: 'ask'; escalation: boolean; lacking?: Lacking }
  | { kind: 'settled'; settled: Settled }
