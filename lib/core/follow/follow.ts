/** What became of the servers that were asked: the job is looked at, but only a server's own state settles it. */

import { type Ask, awaitsStop, type Chunk, type Request, type WholeChunk } from '../model/chunk.ts'
import type { SubJob } from '../model/cloud.ts'
import { KEY_COOLDOWN_SECONDS } from '../model/credential-cooldown.ts'
import type { Settled } from '../model/outcome.ts'
import type { Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'
import type { Advance } from '../stop/chunk-transitions.ts'
import { selectionOf } from '../stop/recheck-before-send.ts'
import { firstLookSeconds, nextLookSeconds } from './job-times.ts'
import { type LackingRequest, lackingRequests } from './lacking.ts'
import {
  deadlineOf,
  escalatesAt,
  isRequestFinished,
  jobEnded,
  latestRequest,
  type Observation,
  type SentRequests,
  type TrackedServer,
  type Verdict,
} from './tracked-server.ts'
import { verdictOf } from './verdict.ts'

const PAGE_SECONDS = 4
const PAGE_SERVERS = 1000
/** How much of a listing fits into every lease: a lease that need not be extended is not written twice. */
const ROOM_SECONDS = 60
/** A longer listing outlasts a function. */
const MAX_LISTING_SECONDS = 240
/** Servers that only wait for room are looked at this often: the run may be cancelled, or a person may have started them. */
const IDLE_SECONDS = 300

export const secondsToList = ({ fleet }: Pick<Run, 'fleet'>): number =>
  PAGE_SECONDS * Math.ceil(fleet / PAGE_SERVERS)

/** The fleet whose list may be searched for servers; `null` where that takes too long, or it is not known how long: they are asked for by their ids. */
export const searchableFleet = (run: Pick<Run, 'fleet'>): number | null =>
  run.fleet > 0 && secondsToList(run) <= MAX_LISTING_SECONDS ? run.fleet : null

/** How much longer a look may take that lists the whole fleet: begun again by another function meanwhile, it would never end. */
export const listingSeconds = (run: Pick<Run, 'fleet'>): number =>
  Math.max(0, Math.min(MAX_LISTING_SECONDS, secondsToList(run)) - ROOM_SECONDS)

export interface FollowUp extends Advance {
  /** Requests that the cloud has no room for: what waits for it is to be published. */
  lacking: LackingRequest[]
  next: { kind: 'again'; delaySeconds: number } | { kind: 'stop' } | { kind: 'done' }
}

/** The jobs that are still to be looked at. */
export const runningJobs = (chunk: Chunk): string[] =>
  chunk.requests.flatMap(request =>
    request.job === 'running' && request.jobId !== null ? [request.jobId] : [],
  )

/** The members that are asked and not settled, with what was sent for each. */
function openMembers({ chunk, settled }: WholeChunk): Map<number, SentRequests> {
  const open = new Map<number, SentRequests>()
  const kind = ({ escalation }: Pick<Request, 'escalation'>) => (escalation ? 'escalation' : 'first')
  for (const request of chunk.requests)
    for (const member of request.members) {
      if (settled.has(member)) continue
      const sent = open.get(member)
      if (sent) sent.requests.push(request)
      else open.set(member, { requests: [request], tries: { first: 0, escalation: 0 } })
      if (!awaitsStop(request)) open.get(member)!.tries[kind(request)]++
    }
  for (const refused of chunk.refused)
    for (const member of refused.members) {
      const sent = open.get(member)
      if (sent) sent.tries[kind(refused)]++
    }
  return open
}

/** By job and server. */
function subJobs(
  { chunk }: WholeChunk,
  { jobs }: Pick<Observation, 'jobs'>,
): Map<string, Map<string, SubJob>> {
  const seen = runningJobs(chunk).flatMap(jobId => {
    const job = jobs.get(jobId)
    return job ? [[jobId, new Map(job.subJobs.map(one => [one.serverId, one]))] as const] : []
  })
  return new Map(seen)
}

function trackedServers(whole: WholeChunk, looked: Observation): Map<number, TrackedServer> {
  const bySubJob = subJobs(whole, looked)
  const { rules: selecting, now, groups } = looked
  const select = selectionOf({ selecting, now, groups: groups ?? undefined })
  const all = [...openMembers(whole)].map(([member, sent]): [number, TrackedServer] => {
    const { id } = whole.servers[member]!
    const { jobId } = latestRequest(sent)
    const [job, subJob] = jobId === null ? [] : [looked.jobs.get(jobId), bySubJob.get(jobId)?.get(id)]
    const { troubles } = whole.chunk
    return [member, { ...sent, server: looked.servers?.get(id), subJob, job, troubles, select, looked }]
  })
  return new Map(all)
}

/** When a member escalates or ends, whatever its job says. */
const nextInstant = (sent: SentRequests, looked: Pick<Observation, 'rules' | 'run' | 'times'>): number =>
  Math.min(escalatesAt(sent, looked), deadlineOf(sent, looked.times))

/** The ids whose servers are to be read now: the cloud is through with them, or their time to escalate or to end has come. */
export const idsToVerify = (whole: WholeChunk, looked: Omit<Observation, 'servers'>): string[] =>
  [...trackedServers(whole, { ...looked, servers: null })].flatMap(([member, one]) =>
    isRequestFinished(one) || looked.now >= nextInstant(one, looked) ? [whole.servers[member]!.id] : [],
  )

/**
 * A request's job is over only once its servers were read after it ended; and it is looked at again as long as it alone knows what it
 * did to a server that is not off.
 */
function updateRequest(request: Request, looked: Observation, waitingFor: Set<string | null>): Request {
  const { job, jobId } = request
  if (job !== 'running' || looked.servers === null || !jobEnded(request, looked.jobs)) return request
  if (waitingFor.has(jobId)) return request
  return { ...request, job: looked.jobs.get(jobId!)?.status === 'gone' ? 'gone' : 'ended' }
}

function asksFor(verdicts: Map<number, Verdict>, open: Map<number, SentRequests>): Ask[] {
  const groups = new Map<string, Ask>()
  for (const [member, verdict] of verdicts) {
    if (verdict.kind !== 'ask') continue
    const { escalation } = verdict
    const { mode: last, native, answer, refusal } = latestRequest(open.get(member)!)
    const mode = escalation ? 'hard' : last
    const alone = answer === 'deferred' && refusal !== undefined
    const key = `${mode} ${escalation} ${native} ${alone}`
    const group = groups.get(key)
    if (group) group.members.push(member)
    else
      groups.set(key, {
        members: [member],
        mode,
        escalation,
        ...(native && { native }),
        ...(alone && { alone }),
      })
  }
  return [...groups.values()]
}

/** Later looks come more slowly, but never after the next escalation or deadline; `waits`: of those that are not settled. */
function delaySeconds(whole: WholeChunk, looked: Observation, waits: Waiting[]): number {
  if (looked.closed) return KEY_COOLDOWN_SECONDS
  const untils = waits.map(({ until }) => until ?? 0)
  const isIdle = untils.every(until => until > looked.now)
  return untilNextInstant(whole, looked, {
    usual: isIdle ? IDLE_SECONDS : usualSeconds(whole, looked),
    untils,
  })
}

/** `usual`, or the seconds until something is to happen to a member, where that is sooner. */
function untilNextInstant(
  whole: WholeChunk,
  looked: Pick<Observation, 'rules' | 'run' | 'times' | 'now'>,
  { usual, untils }: { usual: number; untils: number[] },
): number {
  const instants = [...openMembers(whole).values()].map(sent => nextInstant(sent, looked))
  const next = Math.min(...[...instants, ...untils].filter(at => at > looked.now))
  return Math.max(1, Math.min(usual, Math.ceil((next - looked.now) / 1000)))
}

/** While a job of expected length goes on, its end is near; without one, looks come more and more slowly. */
function usualSeconds({ chunk }: WholeChunk, { expected = null, times }: Observation): number {
  const seconds =
    expected === null || runningJobs(chunk).length === 0
      ? times.firstSeconds * 2 ** chunk.looks
      : nextLookSeconds(expected, chunk.looks)
  return Math.min(seconds, times.maxSeconds)
}

/** How many seconds after its requests went out a chunk is looked at first. */
export const firstDelaySeconds = (
  whole: WholeChunk,
  looked: Pick<Observation, 'rules' | 'run' | 'times' | 'now' | 'expected'>,
): number =>
  untilNextInstant(whole, looked, {
    usual: firstLookSeconds(looked.expected ?? null, looked.times.firstSeconds),
    untils: [],
  })

type Waiting = Extract<Verdict, { kind: 'wait' }>

/** Decides from a read of a chunk's jobs and servers: what is settled, what to ask again or harder, when to poll again. */
export function followUp(whole: WholeChunk, looked: Observation): FollowUp {
  const open = trackedServers(whole, looked)
  const verdicts = new Map([...open].map(([member, one]) => [member, verdictOf(one)]))
  const settled = new Map<number, Settled>()
  for (const [member, one] of verdicts) if (one.kind === 'settled') settled.set(member, one.settled)
  const waitingFor = new Set<string | null>()
  for (const [member, one] of open)
    if (one.subJob && one.subJob.status !== 'running' && verdicts.get(member)!.kind === 'wait')
      waitingFor.add(latestRequest(one).jobId)
  const requests = whole.chunk.requests.map(request => updateRequest(request, looked, waitingFor))
  const todo = [...whole.chunk.todo, ...asksFor(verdicts, open)]
  const readAt = looked.servers?.size ? isoInstant(looked.now) : whole.chunk.readAt
  const troubles = looked.closed === null ? 0 : whole.chunk.troubles + 1
  const chunk: Chunk = { ...whole.chunk, requests, todo, readAt, troubles }
  const all = new Map([...whole.settled, ...settled])
  const lacking = lackingRequests(whole.chunk, open, verdicts)
  const happened = { settled, lacking }
  if (todo.length > 0) return { chunk: { ...chunk, status: 'waiting' }, ...happened, next: { kind: 'stop' } }
  if (all.size === chunk.size)
    return { chunk: { ...chunk, status: 'done' }, ...happened, next: { kind: 'done' } }
  const waits = [...verdicts.values()].filter(verdict => verdict.kind === 'wait')
  const next = delaySeconds({ ...whole, chunk, settled: all }, looked, waits)
  const again = { kind: 'again' as const, delaySeconds: next }
  return { chunk: { ...chunk, status: 'following' }, ...happened, next: again }
}
