/** Lists the fleet once for all runs that are planned together, and leaves the rest to another function where the time runs out. */
import type { Cloud } from '../../core/model/cloud.ts'
import type { StoredConnection } from '../../core/model/connection.ts'
import { createPlanner, type Planner } from '../../core/plan/planner.ts'
import { LIKELY_FLEET, nothingElsewhere, otherKind, skipUnknownIds } from '../../core/plan/unknown-ids.ts'
import { chunkSize } from '../../core/stop/stop.ts'
import type { Invocation } from '../../runtime/handler.ts'
import type { PlanServices } from '../../runtime/services/services.ts'
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

/** Shows every page of the fleet to every planning; false when the rest is left to another function. */
export async function listFleet(
  plannings: Planning[],
  { connection, services, invocation }: FleetListing,
): Promise<boolean> {
  const { store, now } = services
  const { run, progress } = plannings[0]!
  const size = chunkSize(connection, run.kind)
  const cloud = await services.cloud(connection)
  const shows = createPlanner(
    plannings.map(({ run, rules }) => ({ ...rules, runId: run.id })),
    now(),
    plannings.map(({ progress }) => progress.unseen),
  )
  let [heldAt, askedAt] = [now(), now()]
  for await (const { servers, resume } of cloud.servers(run.kind, progress.after ?? undefined)) {
    // After the first page, which tells whether the key is good at all.
    const groups = await services.scalingGroups(connection, run.kind)
    const shares = shows.see(servers, groups)
    const showing = { seen: servers.length, readAt: askedAt, size, services }
    // The next page is on its way from now on.
    askedAt = now()
    await forEachPlanning(plannings, (planning, index) => addShare(planning, shares[index]!, showing))
    if (resume !== null && invocation.timeLeftMs() < MARGIN_MS) {
      await pauseListing(plannings, { after: resume, unseen: shows.unseen() }, services)
      return false
    }
    if (now() - heldAt < (LEASE_SECONDS * 1000) / 3) continue
    heldAt = now()
    await forEachPlanning(plannings, ({ run }) => store.holdPlanning(run, leaseEnd(services, LEASE_SECONDS)))
  }
  await finishListing(plannings, { cloud, shows }, { seen: 0, readAt: askedAt, size, services })
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

/** After the last page: named servers that it lacks are asked for by id, then looked for among the other kind. */
async function finishListing(
  plannings: Planning[],
  { cloud, shows }: { cloud: Cloud; shows: Planner },
  showing: PageContext,
): Promise<void> {
  const { kind } = plannings[0]!.run
  const idsOf = (unseen: string[][]): string[] => [...new Set(unseen.flat())]
  // A server is gone only when the cloud says so of that very server, not because a list lacks it.
  const named = [...(await cloud.serversById(kind, idsOf(shows.unseen()), null)).values()]
  const shares = shows.see(named)
  await forEachPlanning(plannings, (planning, index) =>
    addShare(planning, shares[index]!, { ...showing, seen: named.length }),
  )
  const unseen = shows.unseen()
  const elsewhere = await cloud
    .serversById(otherKind(kind), idsOf(unseen), LIKELY_FLEET)
    .catch(nothingElsewhere)
  await forEachPlanning(plannings, (planning, index) => {
    const unseenOnes = { ids: unseen[index]!, elsewhere, now: showing.services.now() }
    return completePlanning(planning, skipUnknownIds(planning.rules, unseenOnes), showing)
  })
}
