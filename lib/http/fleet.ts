/** Reads the fleet for a caller that waits for the answer. */
import type { Server } from '../core/model/cloud.ts'
import type { StoredConnection } from '../core/model/connection.ts'
import { CloudError } from '../core/model/errors.ts'
import type { Policy } from '../core/model/model.ts'
import { LIKELY_FLEET, nothingElsewhere, otherKind, unseenIds } from '../core/plan/unknown-ids.ts'
import type { HttpServices } from '../runtime/services/services.ts'
import { HttpProblem } from './problem.ts'

/** The fleet changed while it was listed: once more, from the beginning. */
const STARTS_OVER = new Set(['marker-vanished', 'listing-shifts'])
const MAX_LISTINGS = 3
export const mustStartOver = (error: unknown): boolean =>
  error instanceof CloudError && STARTS_OVER.has(error.details.code)

/** Throws 503 for what passes, 502 for what does not, each with the cloud's own words; anything else as it is. */
export function cloudProblem(error: unknown): never {
  if (!(error instanceof CloudError)) throw error
  const { class: kind, retryAfterSeconds } = error.details
  const passes = kind === 'throttled' || kind === 'unavailable'
  const headers: Record<string, string> = passes ? { 'retry-after': String(retryAfterSeconds ?? 5) } : {}
  throw new HttpProblem({ status: passes ? 503 : 502, detail: error.message, headers }, { cause: error })
}

type Wanted = Pick<Policy, 'kind' | 'selector'>

async function listedOnce(
  connection: StoredConnection,
  { kind, selector }: Wanted,
  services: HttpServices,
): Promise<Server[]> {
  const servers: Server[] = []
  const cloud = await services.cloud(connection)
  for await (const page of cloud.servers(kind)) servers.push(...page.servers)
  const named = await cloud.serversById(kind, unseenIds(selector, servers), null)
  return [...servers, ...named.values()]
}

/** Every server of a policy's kind, as a planning sees them. Throws `CloudError`. */
export async function fleetOf(
  connection: StoredConnection,
  policy: Wanted,
  services: HttpServices,
): Promise<Server[]> {
  for (let listings = 1; ; listings++) {
    try {
      return await listedOnce(connection, policy, services)
    } catch (error) {
      if (!mustStartOver(error) || listings === MAX_LISTINGS) throw error
    }
  }
}

/** Servers that a policy names by id and that are of the other kind, as far as that can be told. */
export async function serversElsewhere(
  connection: StoredConnection,
  { kind, selector }: Wanted,
  { servers, services }: { servers: Server[]; services: HttpServices },
): Promise<Map<string, Server>> {
  const ids = unseenIds(selector, servers)
  if (ids.length === 0) return new Map()
  const cloud = await services.cloud(connection)
  return cloud.serversById(otherKind(kind), ids, LIKELY_FLEET).catch(nothingElsewhere)
}
