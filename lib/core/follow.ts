/** What became of the servers that were asked: the job is looked at, but only a server's own state settles it. */
import type { Job, Policy, Server, SubJob } from './model.ts'
import { isOff, isPoweringOff, NO_FORCE_TAG, PROTECT_TAG } from './select.ts'
import type { Advance } from './stop.ts'
import type { Ask, Chunk, Request, Run, Settled, WholeChunk } from './work.ts'

/** How often a member is asked in all, where an answer or a job got lost or the cloud was busy with it. */
const MOST_ASKS = 3
/** How long a refused key is left alone, in seconds (six bad signatures in a row lock it: API gateway, "api-sign-0001"). */
export const KEY_REST_SECONDS = 300

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
export interface FollowUp extends Advance {
  next: { kind: 'again'; delaySeconds: number } | { kind: 'stop' } | { kind: 'done' }
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** The jobs that are still to be looked at. */
export const runningJobs = (chunk: Chunk): string[] =>
  chunk.requests.flatMap(request =>
    request.job === 'running' && request.jobId !== null ? [request.jobId] : [],
  )

/** The members that are asked and not settled. */
const openMembers = ({ chunk, settled }: WholeChunk): Map<number, Request[]> => {
  const open = new Map<number, Request[]>()
  for (const request of chunk.requests)
    for (const member of request.members)
      if (!settled.has(member)) open.set(member, [...(open.get(member) ?? []), request])
  return open
}

const escalatesAt = (request: Request, { policy, run }: Pick<Looked, 'policy' | 'run'>): number =>
  request.mode === 'hard' || policy.escalateAfterMinutes === null || run.cancel
    ? Number.POSITIVE_INFINITY
    : Date.parse(request.sentAt) + policy.escalateAfterMinutes * 60_000

const deadline = (request: Request, times: FollowTimes): number =>
  Date.parse(request.sentAt) + times.deadlineMinutes * 60_000

function jobEnded(request: Request, jobs: Map<string, Job>): boolean {
  if (request.job !== 'running') return true
  const job = request.jobId === null ? undefined : jobs.get(request.jobId)
  return job !== undefined && job.status !== 'running'
}

/** The ids whose servers are to be read now: their job has ended, or their time to escalate or to end has come. */
export function idsToVerify(whole: WholeChunk, looked: Omit<Looked, 'servers'>): string[] {
  const due = (request: Request): boolean =>
    jobEnded(request, looked.jobs) ||
    looked.now >= Math.min(escalatesAt(request, looked), deadline(request, looked.times))
  return [...openMembers(whole)].flatMap(([member, requests]) =>
    due(requests.at(-1)!) ? [whole.servers[member]!.id] : [],
  )
}

// --- one member ---------------------------------------------------------------------------------------------

type Verdict = { kind: 'wait' } | { kind: 'ask'; escalation: boolean } | { kind: 'settled'; settled: Settled }
interface Case {
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

function verdict(one: Case): Verdict {
  const { looked, server } = one
  if (looked.servers === null) return unreadVerdict(one)
  if (!server) return absentVerdict(one)
  return isOff(server) ? offVerdict(one) : upVerdict(one, server)
}

// --- the chunk ----------------------------------------------------------------------------------------------

function cases(whole: WholeChunk, looked: Looked): Map<number, Case> {
  const subJobs = new Map<string, SubJob>()
  for (const job of looked.jobs.values())
    for (const subJob of job.subJobs) subJobs.set(subJob.serverId, subJob)
  const all = [...openMembers(whole)].map(([member, requests]): [number, Case] => {
    const request = requests.at(-1)!
    const { id } = whole.servers[member]!
    const job = request.jobId === null ? undefined : looked.jobs.get(request.jobId)
    const server = looked.servers?.get(id)
    const { troubles } = whole.chunk
    return [
      member,
      { request, asks: requests.length, server, subJob: job && subJobs.get(id), job, troubles, looked },
    ]
  })
  return new Map(all)
}

/** A request's job is over only once its servers were read after it ended: what its sub-jobs said would be lost. */
function looking(request: Request, looked: Looked): Request {
  if (request.job !== 'running' || looked.servers === null || !jobEnded(request, looked.jobs)) return request
  const gone = looked.jobs.get(request.jobId!)?.status === 'gone'
  return { ...request, job: gone ? 'gone' : 'ended' }
}

function asks(verdicts: Map<number, Verdict>, whole: WholeChunk): Ask[] {
  const open = openMembers(whole)
  const groups = new Map<string, Ask>()
  for (const [member, verdict] of verdicts) {
    if (verdict.kind !== 'ask') continue
    const mode = verdict.escalation ? 'hard' : open.get(member)!.at(-1)!.mode
    const key = `${mode} ${verdict.escalation}`
    const group = groups.get(key) ?? { members: [], mode, escalation: verdict.escalation }
    groups.set(key, { ...group, members: [...group.members, member] })
  }
  return [...groups.values()]
}

/** Later looks come more slowly, but never after the next escalation or deadline. */
function delaySeconds(whole: WholeChunk, looked: Looked): number {
  const { firstSeconds, maxSeconds } = looked.times
  if (looked.keyRefused !== null) return KEY_REST_SECONDS
  const usual = Math.min(firstSeconds * 2 ** whole.chunk.looks, maxSeconds)
  const instants = [...openMembers(whole).values()].map(requests =>
    Math.min(escalatesAt(requests.at(-1)!, looked), deadline(requests.at(-1)!, looked.times)),
  )
  const ahead = instants.filter(at => at > looked.now).map(at => Math.ceil((at - looked.now) / 1000))
  return Math.max(1, Math.min(usual, ...ahead))
}

/** What a look at a chunk's jobs and servers makes of it: who is settled, who is to be asked (again, or harder), when to look again. */
export function followUp(whole: WholeChunk, looked: Looked): FollowUp {
  const verdicts = new Map([...cases(whole, looked)].map(([member, one]) => [member, verdict(one)]))
  const settled = new Map<number, Settled>()
  for (const [member, one] of verdicts) if (one.kind === 'settled') settled.set(member, one.settled)
  const todo = [...whole.chunk.todo, ...asks(verdicts, whole)]
  const requests = whole.chunk.requests.map(request => looking(request, looked))
  const readAt = looked.servers === null ? whole.chunk.readAt : iso(looked.now)
  const troubles = looked.keyRefused === null ? 0 : whole.chunk.troubles + 1
  const chunk: Chunk = { ...whole.chunk, requests, todo, readAt, troubles, looks: whole.chunk.looks + 1 }
  const all = new Map([...whole.settled, ...settled])
  if (todo.length > 0) return { chunk: { ...chunk, status: 'waiting' }, settled, next: { kind: 'stop' } }
  if (all.size === chunk.size) return { chunk: { ...chunk, status: 'done' }, settled, next: { kind: 'done' } }
  const next = delaySeconds({ ...whole, chunk, settled: all }, looked)
  return { chunk: { ...chunk, status: 'following' }, settled, next: { kind: 'again', delaySeconds: next } }
}
