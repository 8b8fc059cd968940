/** Lists the fleet once for all runs that are planned together, and leaves the rest to another function where the time runs out. */
import type { Cloud } from '../lib/core/model/cloud.ts'
import type { StoredConnection } from '../lib/core/model/model.ts'
import { type Planner, planner } from '../lib/core/plan/planner.ts'
import { LIKELY_FLEET, leftUnseen, nothingElsewhere, otherKind } from '../lib/core/plan/unknown-ids.ts'
import { chunkSize } from '../lib/core/stop/stop.ts'
import type { Invocation } from '../lib/runtime/handler.ts'
import type { Services } from '../lib/runtime/services.ts'
import { complete, forAll, grow, LEASE_SECONDS, type Planning, type Showing } from './planning.ts'
import { later } from './work.ts'

/** With less of the function's time left than this, another function goes on. */
const MARGIN_MS = 60_000

interface Listing {
  connection: StoredConnection
  services: Services
  invocation: Invocation
}

/** Shows every page of the fleet to every planning; false when the rest is left to another function. */
export async function list(
  plannings: Planning[],
  { connection, services, invocation }: Listing,
): Promise<boolean> {
  const { store, now } = services
  const { run, progress } = plannings[0]!
  const size = chunkSize(connection, run.kind)
  const cloud = await services.cloud(connection)
  const shows = planner(
    plannings.map(({ run, policy }) => ({ ...policy, runId: run.id })),
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
    await forAll(plannings, (planning, index) => grow(planning, shares[index]!, showing))
    if (resume !== null && invocation.timeLeftMs() < MARGIN_MS) {
      await pause(plannings, { after: resume, unseen: shows.unseen() }, services)
      return false
    }
    if (now() - heldAt < (LEASE_SECONDS * 1000) / 3) continue
    heldAt = now()
    await forAll(plannings, ({ run }) => store.holdPlanning(run, later(services, LEASE_SECONDS)))
  }
  await finish(plannings, { cloud, shows }, { seen: 0, readAt: askedAt, size, services })
  return true
}

async function pause(
  plannings: Planning[],
  { after, unseen }: { after: string; unseen: string[][] },
  services: Services,
): Promise<void> {
  const { store, queue, log } = services
  await forAll(plannings, ({ run, progress }, index) => {
    const at = { ...progress, after, unseen: unseen[index]! }
    return store.pausePlanning(run, at, later(services, LEASE_SECONDS))
  })
  await queue.plan({ runIds: plannings.map(({ run }) => run.id) })
  log.info('planning paused', { runs: plannings.length, fleet: plannings[0]!.progress.totals.fleet })
}

/** After the last page: named servers that it lacks are asked for by id, then looked for among the other kind. */
async function finish(
  plannings: Planning[],
  { cloud, shows }: { cloud: Cloud; shows: Planner },
  showing: Showing,
): Promise<void> {
  const { kind } = plannings[0]!.run
  const idsOf = (unseen: string[][]): string[] => [...new Set(unseen.flat())]
  // A server is gone only when the cloud says so of that very server, not because a list lacks it.
  const named = [...(await cloud.serversById(kind, idsOf(shows.unseen()), null)).values()]
  const shares = shows.see(named)
  await forAll(plannings, (planning, index) =>
    grow(planning, shares[index]!, { ...showing, seen: named.length }),
  )
  const unseen = shows.unseen()
  const elsewhere = await cloud
    .serversById(otherKind(kind), idsOf(unseen), LIKELY_FLEET)
    .catch(nothingElsewhere)
  await forAll(plannings, (planning, index) => {
    const unseenOnes = { ids: unseen[index]!, elsewhere, now: showing.services.now() }
    return complete(planning, leftUnseen(planning.policy, unseenOnes), showing)
  })
}
