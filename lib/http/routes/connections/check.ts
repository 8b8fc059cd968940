/** The route that tries a connection: whether its cloud answers, whose its key is, and which rights it lacks. */
import type { Account } from '../../../core/model/cloud.ts'
import { aboutConnection, type StoredConnection } from '../../../core/model/connection.ts'
import { CloudError } from '../../../core/model/errors.ts'
import type { Kind } from '../../../core/model/model.ts'
import { scalingGuard } from '../../../core/plan/scaling-groups.ts'
import { unguardedWarnings } from '../../../core/preview/cloud-warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { foundInTime } from '../../late.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { Check, PathId } from '../../schemas/schemas.ts'
import { existingConnection } from './connections.ts'
import { CONNECTION_EXAMPLES } from './examples.ts'

type CountedServers = { count: number } | { error: CloudError }

/** The cloud's own total is believed once a second page came: the cloud pages its list. */
const PAGES_TO_BELIEVE_TOTAL = 2

/** How many servers of a kind there are: by the cloud's own total where it tells one and pages its list, else by the list. */
async function countServers(
  connection: StoredConnection,
  kind: Kind,
  services: HttpServices,
): Promise<CountedServers> {
  try {
    let count = 0
    let pages = 0
    const cloud = await services.cloud(connection)
    for await (const { servers, total } of cloud.servers(kind)) {
      count += servers.length
      pages++
      if (total !== null && (count >= total || pages === PAGES_TO_BELIEVE_TOTAL)) return { count: total }
    }
    return { count }
  } catch (error) {
    if (error instanceof CloudError) return { error }
    throw error
  }
}

const countOf = (counted: CountedServers): number | null => ('count' in counted ? counted.count : null)
const countError = (counted: CountedServers): CloudError | null => ('error' in counted ? counted.error : null)

/** The `CloudError` that work ends with; `null` where it succeeds. */
async function cloudErrorOf(work: Promise<unknown>): Promise<CloudError | null> {
  try {
    await work
    return null
  } catch (error) {
    if (error instanceof CloudError) return error
    throw error
  }
}

/** Why scaling groups cannot be read; `null` where they can be, or need not be. */
const groupsProblem = (connection: StoredConnection, services: HttpServices): Promise<CloudError | null> =>
  scalingGuard(connection, 'ecs') === 'guarded'
    ? cloudErrorOf(services.cloud(connection).then(cloud => cloud.scalingGroups()))
    : Promise.resolve(null)

/** Whose the key is, as far as the cloud tells: a check does not depend on it. */
async function accountOf(connection: StoredConnection, services: HttpServices): Promise<Account | null> {
  try {
    return await (await services.cloud(connection)).account()
  } catch (error) {
    if (error instanceof CloudError) return null
    throw error
  }
}

/** How many needs are tried, each by a request. */
const MAX_TRIED = 20

/** What enabled policies need to list in a connection, each with the first policy that needs it. */
async function needsOf(connection: StoredConnection, { store }: HttpServices): Promise<Map<string, Need>> {
  const needs = new Map<string, Need>()
  for await (const rows of store.policiesByIds(await store.policyIdsOf([connection.id])))
    for (const row of rows) {
      if ('unreadable' in row || !row.item.enabled || !aboutConnection(row.item)(connection.id)) continue
      const { id, kind, selector } = row.item
      const need = { policyId: id, kind, enterpriseProjectId: selector.enterpriseProjectId ?? null }
      const name = `${need.kind} ${need.enterpriseProjectId}`
      if (!needs.has(name)) needs.set(name, need)
    }
  return needs
}

interface Need {
  policyId: string
  kind: Kind
  enterpriseProjectId: string | null
}

/** Why a policy's servers cannot be listed; `null` where those of all policies can. */
async function needProblem(
  connection: StoredConnection,
  counted: Record<Kind, CountedServers>,
  services: HttpServices,
): Promise<string | null> {
  const cloud = await services.cloud(connection)
  const needs = [...(await needsOf(connection, services)).values()].slice(0, MAX_TRIED)
  for (const { policyId, kind, enterpriseProjectId: project } of needs) {
    const refused =
      countError(counted[kind]) ??
      (project === null ? null : await cloudErrorOf(cloud.countInEnterpriseProject(kind, project)))
    const where = project === null ? '' : ` in enterprise project ${project}`
    if (refused !== null) return `policy ${policyId} needs the ${kind} servers${where}: ${refused.message}`
  }
  return null
}

/** What the check of a connection finds whose key was not refused. */
async function checkWithKey(connection: StoredConnection, ecs: CountedServers, services: HttpServices) {
  const [bms, groups, account] = await Promise.all([
    countServers(connection, 'bms', services),
    countError(ecs) ? null : groupsProblem(connection, services),
    accountOf(connection, services),
  ])
  // Every run fails while groups are guarded and cannot be read.
  if (groups) return { ok: false, reason: groups.message, account }
  const counted = { ecs, bms }
  const [error, ...others] = [countError(ecs), countError(bms)].filter(one => one !== null)
  const isWhole = others.length > 0 || (error && error.details.class !== 'refused')
  if (error && isWhole) return { ok: false, reason: error.message, account }
  const lacking = await needProblem(connection, counted, services)
  if (lacking !== null) return { ok: false, reason: lacking, account }
  return {
    ok: true,
    servers: { ecs: countOf(ecs), bms: countOf(bms) },
    ...(error ? { reason: error.message } : {}),
    account,
    warnings: unguardedWarnings(connection, 'ecs'),
  }
}

/** One kind that is not offered, or not allowed, does not spoil the other. */
async function checkConnection(connection: StoredConnection, services: HttpServices) {
  // A key that was refused may be right by now, and a check is to find out.
  await services.store.removeKeyHealth(connection.id)
  const ecs = await countServers(connection, 'ecs', services)
  const refused = countError(ecs)
  if (refused?.details.class === 'credentials') return { ok: false, reason: refused.message }
  return checkWithKey(connection, ecs, services)
}

export const checkRoutes = [
  defineRoute({
    method: 'POST',
    needs: 'operate',
    path: '/v1/connections/{id}/check',
    operation: 'checkConnection',
    examples: CONNECTION_EXAMPLES.checkConnection,
    summary: 'Reach the cloud with the credentials of a connection',
    description:
      'Also tries a key that the cloud has just refused, and that is otherwise left alone for some minutes.',
    params: PathId,
    answers: {
      200: { description: 'Whether the cloud could be reached, and what stood in the way.', schema: Check },
    },
    run: async ({ params }, services) => {
      const connection = await existingConnection(params.id, services)
      return jsonAnswer(await foundInTime(services, checkConnection(connection, services)))
    },
  }),
]
