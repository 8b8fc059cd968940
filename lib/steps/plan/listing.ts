/** Reads the fleet once for all runs that are planned together, and leaves the rest to another function where the time runs out. */
import type { Cloud } from '../../core/model/cloud.ts'
import type { StoredConnection } from '../../core/model/connection.ts'
import { createPlanner, type Planner } from '../../core/plan/planner.ts'
import { LIKELY_FLEET, nothingElsewhere, otherKind, skipUnknownIds } from '../../core/plan/unknown-ids.ts'
import { chunkSize } from '../../core/stop/stop.ts'
import type { Invocation } from '../../runtime/handler.ts'
import type { PlanServices } from '../../runtime/services/services.ts'
import { readFleet } from '../fleet-reading.ts'
import { leaseEnd } from '../held-chunk.ts'
import {
  addShare,
  completePlanning,
  forEachPlanning,
  LEASE_SECONDS,
  type PageContext,
  type Planning,
} from './planning.ts'

/** With less of the function's time left than this, another function goes on. */
const MARGIN_MS = 60_000

interface FleetListing {
  connection: StoredConnection
  services: PlanServices
  invocation: Invocation
}

/** Shows what is read of the fleet to every planning, page by page; false when the rest is left to another function. */
export async function listFleet(
  plannings: Planning[],
  { connection, services, invocation }: FleetListing,
): Promise<boolean> {
  const { store, now, log } = services
  const { run, progress } = plannings[0]!
  const { kind } = run
  const size = chunkSize(connection, kind)
  const cloud = await services.cloud(connection)
  const planner = createPlanner(
    plannings.map(({ run, rules }) => ({ ...rules, runId: run.id })),
    now(),
    plannings.map(({ progress }) => progress.unseen),
  )
  let heldAt = now()
  let askedAt = now()
  let isListed = true
  const hold = async (): Promise<void> => {
    if (now() - heldAt < (LEASE_SECONDS * 1000) / 3) return
    heldAt = now()
    await forEachPlanning(plannings, ({ run }) => store.holdPlanning(run, leaseEnd(services, LEASE_SECONDS)))
  }
  const wanted = { kind, after: progress.after, rules: plannings.map(({ rules }) => rules) }
  for await (const page of readFleet(wanted, { cloud, log, hold })) {
    const { servers, resume } = page
    isListed = page.isListed
    // After the first page, which proves the key; a page without servers may have taken no request.
    const groups = servers.length > 0 ? await services.scalingGroups(connection, kind) : undefined
    const shares = planner.see(servers, groups)
    const showing = { seen: page.fleet, readAt: askedAt, size, services }
    // The next page is on its way from now on.
    askedAt = now()
    await forEachPlanning(plannings, (planning, index) => addShare(planning, shares[index]!, showing))
    if (resume !== null && invocation.timeLeftMs() < MARGIN_MS) {
      await pauseListing(plannings, { after: resume, unseen: planner.unseen() }, services)
      return false
    }
    await hold()
  }
  await finishListing(
    plannings,
    { cloud, connection, planner, isListed },
    { seen: 0, readAt: askedAt, size, services },
  )
  return true
}

async function pauseListing(
  plannings: Planning[],
  { after, unseen }: { after: string; unseen: string[][] },
  services: PlanServices,
): Promise<void> {
  const { store, queue, log } = services
  await forEachPlanning(plannings, ({ run, progress }, index) => {
    const at = { ...progress, after, unseen: unseen[index]! }
    return store.pausePlanning(run, at, leaseEnd(services, LEASE_SECONDS))
  })
  await queue.plan({ runIds: plannings.map(({ run }) => run.id) })
  log.info('planning paused', { runs: plannings.length, fleet: plannings[0]!.progress.totals.fleet })
}

interface Listed {
  cloud: Cloud
  connection: StoredConnection
  planner: Planner
  /** All pages were of the list: a server that it lacks adds to the fleet. */
  isListed: boolean
}

/** After the last page: named servers that it lacks are asked for by id, then looked for among the other kind. */
async function finishListing(
  plannings: Planning[],
  { cloud, connection, planner, isListed }: Listed,
  showing: PageContext,
): Promise<void> {
  const { kind } = plannings[0]!.run
  const idsOf = (unseen: string[][]): string[] => [...new Set(unseen.flat())]
  // A server is gone only when the cloud says so of that very server, not because a list lacks it.
  const named = [...(await cloud.serversById(kind, idsOf(planner.unseen()), null)).values()]
  const groups = named.length > 0 ? await showing.services.scalingGroups(connection, kind) : undefined
  const shares = planner.see(named, groups)
  await forEachPlanning(plannings, (planning, index) =>
    addShare(planning, shares[index]!, { ...showing, seen: isListed ? named.length : 0 }),
  )
  const unseen = planner.unseen()
  const elsewhere = await cloud
    .serversById(otherKind(kind), idsOf(unseen), LIKELY_FLEET)
    .catch(nothingElsewhere)
  await forEachPlanning(plannings, (planning, index) => {
    const unseenOnes = { ids: unseen[index]!, elsewhere, now: showing.services.now() }
    return completePlanning(planning, skipUnknownIds(planning.rules, unseenOnes), showing)
  })
}
