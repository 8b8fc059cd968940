/** Looks at the jobs of chunks, then at the servers themselves, until every one of them is settled. */

import {
  type FollowUp,
  followUp,
  idsToVerify,
  listingSeconds,
  runningJobs,
} from '../../core/follow/follow.ts'
import { expectedSeconds, type JobTimes, withEndedJobs } from '../../core/follow/job-times.ts'
import { connectionGone, type Observation, type Unreachable } from '../../core/follow/tracked-server.ts'
import { type Chunk, type ChunkMessage, messageOf } from '../../core/model/chunk.ts'
import type { Cloud, Job, ScalingGroups, Server } from '../../core/model/cloud.ts'
import type { StoredConnection } from '../../core/model/connection.ts'
import { CloudError, Unreadable } from '../../core/model/errors.ts'
import type { Kind } from '../../core/model/model.ts'
import { verifiedMetrics } from '../../core/notify/metrics.ts'
import { chunkFailures } from '../../core/stop/halt.ts'
import { settleAll } from '../../runtime/concurrency.ts'
import type { BatchWork } from '../../runtime/handler.ts'
import { errorFields } from '../../runtime/log.ts'
import type { FollowServices } from '../../runtime/services/services.ts'
import {
  claimChunk,
  completeChunk,
  type Held,
  LEASE_SECONDS,
  logContext,
  saveChunk,
  serversNow,
} from '../held-chunk.ts'
import { readRulesOnce } from '../held-off.ts'
import { publishRequests } from './publish.ts'

const SIDE_BY_SIDE = 8
/** Counts a look when it begins, so that one that finds nothing new has nothing to save. */
const CLAIMING = { extraSeconds: listingSeconds, looks: ({ looks }: Pick<Chunk, 'looks'>) => looks + 1 }

/** A chunk that is being looked at, and what was seen of it so far. */
interface ObservedChunk {
  held: Held
  looked: Omit<Observation, 'servers'>
  ids: string[]
}

/** Takes many messages at once: chunks of one connection and kind share one reading of their servers. */
export const follow: BatchWork<ChunkMessage, FollowServices> = async (messages, services) => {
  const held: Held[] = []
  const results = await settleAll(messages, { sideBySide: SIDE_BY_SIDE }, async message => {
    const one = await claimChunk(message, services, CLAIMING)
    if (one) held.push(one)
  })
  // In the order of their planning, which is the cloud's: servers that stand side by side are read together.
  held.sort((a, b) => a.run.id.localeCompare(b.run.id) || a.whole.chunk.number - b.whole.chunk.number)
  const groups = Map.groupBy(held, ({ run }) => `${run.connection} ${run.kind}`)
  for (const group of groups.values()) await followGroup(group, services)
  return results
}

async function followGroup(group: Held[], services: FollowServices): Promise<void> {
  const { log } = services
  const { run } = group[0]!
  const opened = await openRunCloud(run.connection, services)
  const times = await services.store.jobTimes(run.connection)
  const observed = await readJobs(group, { ...opened, times }, services)
  await noteEndedJobs(observed, times, services)
  const ids = [...new Set(observed.flatMap(one => one.ids))]
  const seen = await readServers({ ids, opened, run }, services)
  const readMs = services.now()
  let groups: Promise<ScalingGroups | null> | undefined
  const rulesNow = readRulesOnce(services)
  const results = await settleAll(observed, { sideBySide: SIDE_BY_SIDE }, async ({ held, looked, ids }) => {
    const servers = ids.length === 0 ? new Map<string, Server>() : seen.servers
    const closed = looked.closed ?? seen.closed
    const shown = { ...looked, closed, servers: closed ? null : servers, readMs }
    const first = followUp(held.whole, shown)
    // Groups cost a request, snoozes and other policies a query: they are read only before a repeated request, as a server may have come
    // among them.
    if (first.next.kind !== 'stop') return applyFollowUp(held, first, services)
    groups ??= readGroups(opened, run.kind, services)
    const rules = await rulesNow(held)
    await applyFollowUp(held, followUp(held.whole, { ...shown, groups: await groups, rules }), services)
  })
  results.forEach((result, index) => {
    if (result.status === 'rejected')
      log.error('a chunk could not be followed; its lease brings it back', {
        ...logContext(group[index]!),
        ...errorFields(result.reason),
      })
  })
}

type Opened =
  | { cloud: Cloud; connection: StoredConnection; closed: null }
  | { cloud: null; closed: Unreachable | null }

async function openRunCloud(connectionId: string, services: FollowServices): Promise<Opened> {
  const { store, cloud } = services
  try {
    const connection = await store.connection(connectionId)
    if (!connection) return { cloud: null, closed: connectionGone(connectionId) }
    return { cloud: await cloud(connection), connection, closed: null }
  } catch (error) {
    return { cloud: null, closed: noteUnreachable(error, services) }
  }
}

async function readJobs(
  group: Held[],
  opened: Opened & { times: JobTimes },
  services: FollowServices,
): Promise<ObservedChunk[]> {
  const jobs = new Map<string, Job>()
  let { closed } = opened
  const asked = group.flatMap(held =>
    runningJobs(held.whole.chunk).map(jobId => ({ jobId, kind: held.run.kind })),
  )
  await settleAll(asked, { sideBySide: SIDE_BY_SIDE }, async ({ jobId, kind }) => {
    if (!opened.cloud || closed) return
    try {
      jobs.set(jobId, await opened.cloud.job(kind, jobId))
    } catch (error) {
      closed = noteUnreachable(error, services) ?? closed
    }
  })
  return group.map(held => {
    const { run, rules } = held
    const expected = expectedSeconds(opened.times, run, held.whole.chunk)
    const looked = { jobs, closed, run, rules, expected, times: services.config.follow, now: services.now() }
    return { held, looked, ids: idsToVerify(held.whole, looked) }
  })
}

/** Saves unconditionally: of two functions at once the later one wins, and a lost sample does no harm. */
async function noteEndedJobs(
  observed: ObservedChunk[],
  times: JobTimes,
  { store }: FollowServices,
): Promise<void> {
  const after = observed.reduce(
    (known, { held, looked }) =>
      withEndedJobs(known, held.run, { chunk: held.whole.chunk, jobs: looked.jobs }),
    times,
  )
  if (after !== times) await store.saveJobTimes(observed[0]!.held.run.connection, after)
}

/** Logs a failure to read. Only a refused key makes the cloud unreachable; everything else is read again at a later look. */
function noteUnreachable(error: unknown, { log }: FollowServices): Unreachable | null {
  if (error instanceof Unreadable) {
    log.warn('the connection of a run cannot be read', { reason: error.message })
    return null
  }
  if (!(error instanceof CloudError)) throw error
  log.warn('the cloud could not be asked', { ...error.details, reason: error.message })
  return error.details.class === 'credentials' ? { code: 'credentials', reason: error.message } : null
}

interface FleetReading {
  ids: string[]
  opened: Opened
  run: Held['run']
}

async function readServers(
  { ids, opened, run }: FleetReading,
  services: FollowServices,
): Promise<{ servers: Map<string, Server> | null; closed: Unreachable | null }> {
  if (ids.length === 0 || !opened.cloud) return { servers: null, closed: opened.closed }
  try {
    return { servers: await serversNow(opened.cloud, run, ids), closed: null }
  } catch (error) {
    return { servers: null, closed: noteUnreachable(error, services) }
  }
}

/** `null` where they cannot be read: no request is repeated then, and a later poll tries again. */
async function readGroups(
  opened: Opened,
  kind: Kind,
  services: FollowServices,
): Promise<ScalingGroups | null> {
  if (!opened.cloud) return null
  try {
    return await services.scalingGroups(opened.connection, kind)
  } catch (error) {
    noteUnreachable(error, services)
    return null
  }
}

async function applyFollowUp(
  held: Held,
  { chunk, settled, lacking, next }: FollowUp,
  services: FollowServices,
): Promise<void> {
  const { log, queue, emitMetrics } = services
  const wait = next.kind === 'again' ? next.delaySeconds : 0
  const told = await publishRequests(held.run, { ...held.whole, chunk, lacking }, services)
  const happened = { chunk: told, settled }
  const saved =
    next.kind === 'done'
      ? await completeChunk(held, happened, services)
      : await saveChunk(held, happened, services, wait + LEASE_SECONDS)
  if (!saved) return
  emitMetrics(verifiedMetrics(held.run, settled.values()), { ...logContext(saved) })
  if (next.kind === 'done') return
  if (settled.size > 0) await saveFailureCount(saved, services)
  switch (next.kind) {
    case 'again':
      log.debug('looked at, and will be again', { ...logContext(saved), delaySeconds: next.delaySeconds })
      return queue.follow(messageOf(saved.whole.chunk), next.delaySeconds)
    case 'stop':
      for (const { mode, escalation, members } of told.todo)
        log.info('to be asked again', { ...logContext(saved), mode, escalation, servers: members.length })
      return queue.stop(messageOf(saved.whole.chunk))
  }
}

/** A chunk may take an hour: its failures must count towards a halt of the run before it is done. */
async function saveFailureCount({ whole }: Held, { store }: FollowServices): Promise<void> {
  const seen = chunkFailures(whole)
  if (seen) await store.saveFailing(whole.chunk, seen)
}
