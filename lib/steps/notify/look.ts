/** Looks again at the servers that ended runs stopped: who is up again, and how long the others have been off. */

import { CloudError, Unreadable } from '../../core/model/errors.ts'
import type { Run } from '../../core/model/run.ts'
import { isFollowedBy, LOOK_LEASE_SECONDS, lookState, nextLook, takesLong } from '../../core/savings/looks.ts'
import {
  judgeLook,
  type SeenStart,
  type ServerLook,
  type Sight,
  sightOfServer,
} from '../../core/savings/sight.ts'
import { type PricedTarget, pricedTargets, priceKey } from '../../core/savings/snapshot.ts'
import { isoInstant } from '../../core/schedule/instant.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import { createPriceQuery, type PriceQuery } from './day-prices.ts'

const MAX_LATER_RUNS = 100

const ONE_BY_ONE = { sideBySide: 1 }

/**
 * Looks at the servers of those ended runs whose look is due, with one listing for each connection and kind. A look that fails is tried
 * again later, and holds up no other.
 */
export async function lookAtRuns(runs: Run[], services: NotifyServices): Promise<void> {
  const states = Map.groupBy(runs, run => lookState(run, services.now()))
  for (const run of states.get('over') ?? []) await services.store.letGo(run)
  const due = states.get('due') ?? []
  const held = takesLong(due) ? await holdLooks(due, services) : due
  const groups = Map.groupBy(held, ({ connection, kind }) => `${connection} ${kind}`)
  throwFirstRejection(
    await settleAll([...groups.values()], ONE_BY_ONE, group => lookAtGroup(group, services)),
  )
}

/** Holds runs whose look takes long, or failed: a tick brings them back after the lease, unless they are done by then. */
async function holdLooks(runs: Run[], { store, now }: NotifyServices): Promise<Run[]> {
  const leaseUntil = isoInstant(now() + LOOK_LEASE_SECONDS * 1000)
  const held: Run[] = []
  for (const run of runs) if (await store.holdLook(run, leaseUntil)) held.push(run)
  return held
}

interface Sights {
  /** When the fleet was listed, ms since the epoch. */
  at: number
  sights: Map<string, Sight>
}

interface PricedSights extends Sights {
  findPrices: PriceQuery
}

async function lookAtGroup(group: Run[], services: NotifyServices): Promise<void> {
  const [{ connection, kind }] = group as [Run]
  const seen = await lookAtFleet(connection, kind, services)
  if (!seen) return void (await holdLooks(group, services))
  const results = await settleAll(group, ONE_BY_ONE, run =>
    lookAtRun(run, seen, services).catch(async error => {
      await holdLooks([run], services)
      throw error
    }),
  )
  throwFirstRejection(results)
  services.log.info('looked at again', { connection, kind, runs: group.length })
}

/** Lists all servers of a kind; `null` where they cannot be listed. */
async function lookAtFleet(
  connectionId: string,
  kind: Run['kind'],
  services: NotifyServices,
): Promise<PricedSights | null> {
  const { store, log, now } = services
  const at = now()
  const sights = new Map<string, Sight>()
  try {
    const connection = await store.connection(connectionId)
    if (!connection) return null
    const cloud = await services.cloud(connection)
    for await (const { servers } of cloud.servers(kind))
      for (const server of servers) sights.set(server.id, sightOfServer(server))
    return { at, sights, findPrices: createPriceQuery(connection, services) }
  } catch (error) {
    if (error instanceof Unreadable)
      log.warn('the connection of a run cannot be read', { reason: error.message })
    else if (error instanceof CloudError)
      log.warn('the fleet could not be looked at again', { ...error.details, reason: error.message })
    else throw error
    return null
  }
}

/** Chunk by chunk, and the run last: after a crash the same look is made again, and finds what was saved. */
async function lookAtRun(run: Run, seen: PricedSights, services: NotifyServices): Promise<void> {
  const { store } = services
  const lookedAt = isoInstant(seen.at)
  const later = await laterRuns(run, services)
  const { off, targets } = await lookAtChunks(run, { ...seen, later }, services)
  const isFollowed = later.some(other => isFollowedBy(run, other))
  const nextAt = nextLook(run, { lookedAt, off, isFollowed })
  // The prices of the first look are those of the stop's day, and stay.
  const prices = run.kind === 'bms' ? undefined : (run.prices ?? (await seen.findPrices(targets)))
  await store.looked(run, { lookedAt, nextAt, prices })
}

async function lookAtChunks(
  run: Run,
  { at, sights, later }: Sights & { later: Run[] },
  services: NotifyServices,
): Promise<{ off: number; targets: PricedTarget[] }> {
  const { store } = services
  const targets = new Map<string, PricedTarget>()
  let starts: Map<string, SeenStart> | undefined
  let off = 0
  for await (const chunk of store.stoppedServers(run)) {
    const look: ServerLook = { sights, at, previous: run.lookedAt, starts: new Map() }
    let result = judgeLook(chunk, look)
    if (result.isChanged) {
      starts ??= await readStarts(run, later, services)
      result = judgeLook(chunk, { ...look, starts })
      await store.saveLook(run, chunk, { ...result, lookedAt: isoInstant(at) })
    }
    off += result.stillOff
    for (const target of pricedTargets(chunk)) targets.set(priceKey(target), target)
  }
  return { off, targets: [...targets.values()] }
}

/** Later runs of the same policy and later ad hoc ones: starts among them may have taken its stops back. */
async function laterRuns(
  { id, policyId, connection, dueAt }: Run,
  { store }: NotifyServices,
): Promise<Run[]> {
  const owners = policyId === undefined ? [null] : [policyId, null]
  const pages = await Promise.all(
    owners.map(owner => store.runs({ policyId: owner, connection, since: dueAt, most: MAX_LATER_RUNS })),
  )
  return pages.flatMap(({ items }) => items).filter(run => run.id !== id)
}

/** The servers that our starts found off since the look before, and when. */
async function readStarts(
  { lookedAt, endedAt, kind }: Run,
  later: Run[],
  { store }: NotifyServices,
): Promise<Map<string, SeenStart>> {
  const since = lookedAt ?? endedAt!
  const starts = new Map<string, SeenStart>()
  const ours = later.filter(run => run.action === 'start' && run.kind === kind && !run.dryRun)
  for (const run of ours.toSorted((a, b) => b.dueAt.localeCompare(a.dueAt))) {
    const { startedAt: readAt } = run
    if (readAt === undefined || readAt <= since || run.chunks === undefined) continue
    for await (const targets of store.targetFacts(run))
      for (const { id, facts } of targets)
        if (facts.changedAt !== undefined) starts.set(id, { readAt, changedAt: facts.changedAt })
  }
  return starts
}
