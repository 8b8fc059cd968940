/** Taking up a chunk and putting it down: what `stop` and `follow` share. */

import { searchableFleet } from '../core/follow/follow.ts'
import type { JobTimes } from '../core/follow/job-times.ts'
import { type LogContext, outcomeLines } from '../core/follow/outcome-lines.ts'
import {
  type Chunk,
  type ChunkInRun,
  type ChunkMessage,
  isCurrent,
  type Member,
  type WholeChunk,
} from '../core/model/chunk.ts'
import type { Cloud, Server } from '../core/model/cloud.ts'
import type { Settled } from '../core/model/outcome.ts'
import { countOutcomes } from '../core/model/outcome.ts'
import type { Run } from '../core/model/run.ts'
import { type Rules, rulesOf } from '../core/plan/rules.ts'
import type { Advance } from '../core/stop/chunk-transitions.ts'
import type { BaseServices } from '../runtime/services/base.ts'
import { endIfOver } from './run-end.ts'

/** A chunk that this function holds, and the rules of its run. */
export interface Held extends Omit<ChunkInRun, 'policy'> {
  rules: Rules
  /** From then on another function may claim it. */
  leaseUntil: string
  /** As they were before its latest request. */
  jobTimes?: JobTimes
}

/** Longer than any one pass over a chunk takes: the cloud's slowest answer, and the table's. */
export const LEASE_SECONDS = 120
const usualLeaseSeconds = ({ config }: BaseServices): number => LEASE_SECONDS + config.follow.firstSeconds

/** Rounded up to a full minute, as ticks come: saves within one minute leave index `due` as it is, and cost half. */
export const leaseEnd = ({ now }: BaseServices, seconds: number): string =>
  new Date(Math.ceil((now() + seconds * 1000) / 60_000) * 60_000).toISOString()

/** `extraSeconds`: how much longer than usual it is held. `looks`: its count of looks from now on. */
interface Claiming {
  extraSeconds?: (run: Run) => number
  looks?: (chunk: Chunk) => number
}

/** Claims the chunk of a message; `null` when its work is done, or another function holds it. */
export async function claimChunk(
  message: ChunkMessage,
  services: BaseServices,
  { extraSeconds = () => 0, looks = chunk => chunk.looks }: Claiming = {},
): Promise<Held | null> {
  const { store, unique } = services
  const seen = await store.chunkInRun(message)
  if (!seen || !isCurrent(message, seen.run, seen.whole.chunk)) return null
  const { run, policy, whole } = seen
  const leaseUntil = leaseEnd(services, usualLeaseSeconds(services) + extraSeconds(run))
  const claim = { owner: unique(), leaseUntil, looks: looks(whole.chunk) }
  const chunk = await store.claimChunk(whole.chunk, claim)
  return chunk && { run, rules: rulesOf(run, policy), leaseUntil, whole: { ...whole, chunk } }
}

type ChunkUpdate = { chunk: Chunk; settled?: Advance['settled'] }

/** Whether the table holds all of it already, under a lease that lasts long enough. */
const isSaved = (held: Held, { chunk, settled }: ChunkUpdate, leaseUntil: string | null): boolean =>
  leaseUntil !== null &&
  leaseUntil <= held.leaseUntil &&
  !settled?.size &&
  JSON.stringify(chunk) === JSON.stringify(held.whole.chunk)

/** Saves what happened to a held chunk; `null` when another function took it over. Without a lease it needs no attention any more. */
export async function saveChunk(
  held: Held,
  advance: ChunkUpdate,
  services: BaseServices,
  leaseSeconds: number | null = usualLeaseSeconds(services),
): Promise<Held | null> {
  const leaseUntil = leaseSeconds === null ? null : leaseEnd(services, leaseSeconds)
  if (isSaved(held, advance, leaseUntil)) return held
  const settled = new Map([...held.whole.settled, ...(advance.settled ?? [])])
  const whole = { ...held.whole, chunk: advance.chunk, settled }
  if (!(await services.store.saveChunk(whole, leaseUntil))) return null
  const fresh = [...(advance.settled ?? [])].map(([member, one]): [Member, Settled] => [
    whole.servers[member]!,
    one,
  ])
  services.log.lines(outcomeLines(logContext(held), fresh))
  return { ...held, whole, leaseUntil: leaseUntil ?? held.leaseUntil }
}

/** Saves a chunk whose members are all settled as done, and adds it to its run; `null` as for `saveChunk`. */
export async function completeChunk(
  held: Held,
  advance: ChunkUpdate,
  services: BaseServices,
): Promise<Held | null> {
  const done = await saveChunk(
    held,
    { ...advance, chunk: { ...advance.chunk, status: 'done' } },
    services,
    null,
  )
  if (done) await addToRun(done.whole, services)
  return done
}

/** Adds a chunk that is done to its run: once, however often it is called. */
export async function countChunk({ runId, planning, number }: Chunk, services: BaseServices): Promise<void> {
  const whole = await services.store.wholeChunk({ runId, planning, number })
  if (whole) await addToRun(whole, services)
}

async function addToRun({ chunk, settled }: WholeChunk, services: BaseServices): Promise<void> {
  const { runId, number } = chunk
  const run = await services.store.chunkDone(runId, { number, delta: countOutcomes(settled.values()) })
  if (run) await endIfOver(run, services, settled.values())
}

/** Reads servers of a run. A list may omit some while others come and go: a server is gone only if its id is not found either. */
export async function serversNow(cloud: Cloud, run: Run, ids: string[]): Promise<Map<string, Server>> {
  const seen = await cloud.serversById(run.kind, ids, searchableFleet(run))
  const unseen = ids.filter(id => !seen.has(id))
  if (unseen.length === 0) return seen
  return new Map([...seen, ...(await cloud.serversById(run.kind, unseen, null))])
}

/** The fields by which log lines name a chunk. */
export const logContext = ({ whole: { chunk } }: Held): LogContext => ({
  run: chunk.runId,
  chunk: chunk.number,
})
