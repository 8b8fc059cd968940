/** Shows the servers of a page with the policies that match them. */

import type { ScalingGroups } from '../../../core/model/cloud.ts'
import { aboutConnection, type StoredConnection } from '../../../core/model/connection.ts'
import { CloudError } from '../../../core/model/errors.ts'
import {
  type ConnectionOutlook,
  prepareSelection,
  type SelectingPolicy,
  viewServer,
} from '../../../core/preview/server-view.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { waitAtMost } from '../../late.ts'
import { switchReader } from '../../outlook.ts'
import type { FoundPage, SearchProblem } from './page.ts'

const SIDE_BY_SIDE = 8
/** Groups that are not read by then count as unknown. */
const GROUPS_MS = 4_000

interface PoliciesRead {
  policies: SelectingPolicy[]
  unreadable: string[]
}

/** All policies that may be about these connections, each read once. */
export async function readPolicies(connections: string[], { store }: HttpServices): Promise<PoliciesRead> {
  const read: PoliciesRead = { policies: [], unreadable: [] }
  if (connections.length === 0) return read
  for await (const rows of store.policiesByIds(await store.policyIdsOf(connections)))
    for (const row of rows)
      if ('unreadable' in row) read.unreadable.push(row.unreadable)
      else read.policies.push(prepareSelection(row.item))
  return read
}

type Groups = { groups: ScalingGroups | null; unreachable: SearchProblem[] }

/** Members of a guarded group are left by every stop; where that cannot be known, no stop is made at all. */
export async function readGuardedGroups(
  connection: StoredConnection,
  services: HttpServices,
): Promise<Groups> {
  const unknown = (reason: string): Groups => ({
    groups: null,
    unreachable: [{ connection: connection.id, kind: 'ecs', reason, isRefused: false }],
  })
  try {
    const groups = await waitAtMost(GROUPS_MS, services.scalingGroups(connection, 'ecs'))
    if (groups !== null) return { groups, unreachable: [] }
    return unknown(`its Auto Scaling groups were not told within ${GROUPS_MS / 1000} s`)
  } catch (error) {
    if (error instanceof CloudError) return unknown(error.message)
    throw error
  }
}

type OutlookRead = ConnectionOutlook & Pick<Groups, 'unreachable'>

/** What holds for the servers of each connection of the page. */
async function readOutlooks(
  connections: StoredConnection[],
  policies: SelectingPolicy[],
  services: HttpServices,
): Promise<Map<string, OutlookRead>> {
  const { switchesOf } = switchReader(services)
  const found = new Map<string, OutlookRead>()
  const results = await settleAll(connections, { sideBySide: SIDE_BY_SIDE }, async connection => {
    const { id } = connection
    const [switches, groups, snoozes] = await Promise.all([
      switchesOf({ connection: id }),
      readGuardedGroups(connection, services),
      services.store.serverSnoozes(id),
    ])
    const own = policies.filter(({ policy }) => aboutConnection(policy)(id))
    found.set(id, { connection: id, policies: own, switches, snoozes, now: services.now(), ...groups })
  })
  throwFirstRejection(results)
  return found
}

/** A kind that the key may not list is named where a policy needs it: many a key is for one kind alone, and rightly so. */
export const isNeeded = (
  { isRefused, connection, kind }: SearchProblem,
  policies: SelectingPolicy[],
): boolean =>
  !isRefused || policies.some(({ policy }) => policy.kind === kind && aboutConnection(policy)(connection))

/** The items of a page, and what stands beside them. */
export async function viewPage(
  { found, unreachable }: FoundPage,
  connections: StoredConnection[],
  services: HttpServices,
) {
  const shown = new Set(found.map(({ place }) => place.connection))
  const named = new Set([...shown, ...unreachable.map(({ connection }) => connection)])
  const { policies, unreadable } = await readPolicies([...named], services)
  const around = await readOutlooks(
    connections.filter(({ id }) => shown.has(id)),
    policies,
    services,
  )
  const problems = [...unreachable, ...[...around.values()].flatMap(one => one.unreachable)]
  return {
    items: found.map(({ server, place }) => viewServer(server, around.get(place.connection)!)),
    unreachable: problems
      .filter(problem => isNeeded(problem, policies))
      .map(({ connection, kind, reason }) => ({ connection, kind, reason })),
    ...(unreadable.length > 0 ? { unreadable } : {}),
  }
}
