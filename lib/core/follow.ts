/** What became of the servers that were asked: the job is looked at, but only a server's own state settles it. */

import type { Advance } from './asking.ts'
import type { SubJob } from './model.ts'
import { type Case, deadline, escalatesAt, jobEnded, type Looked, type Verdict, verdict } from './verdict.ts'
import type { Ask, Chunk, Request, Settled, WholeChunk } from './work.ts'

/** How long a refused key is left alone, in seconds (six bad signatures in a row lock it: API gateway, "api-sign-0001"). */
export const KEY_REST_SECONDS = 300

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

/** The ids whose servers are to be read now: their job has ended, or their time to escalate or to end has come. */
export function idsToVerify(whole: WholeChunk, looked: Omit<Looked, 'servers'>): string[] {
  const due = (request: Request): boolean =>
    jobEnded(request, looked.jobs) ||
    looked.now >= Math.min(escalatesAt(request, looked), deadline(request, looked.times))
  return [...openMembers(whole)].flatMap(([member, requests]) =>
    due(requests.at(-1)!) ? [whole.servers[member]!.id] : [],
  )
}

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
