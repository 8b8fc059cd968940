/** Which servers a policy and another one would both stop. */
import type { Server } from '../model/cloud.ts'
import { aboutConnection } from '../model/connection.ts'
import type { ConnectionPolicy, Policy } from '../model/model.ts'
import { createSelection } from '../plan/select.ts'
import { MAX_SERVERS, type Overlap } from './warnings.ts'

/** Whether a policy is about a server, whatever state it is in at the moment. */
function scopeOf(policy: Policy, now: number): (server: Server) => boolean {
  const select = createSelection(policy, now)
  return server => {
    const decision = select(server)
    return (
      decision !== null && (decision.kind === 'target' || !['excluded', 'protected'].includes(decision.code))
    )
  }
}

/** Compares a policy with others, one at a time; `servers`: all of its kind. */
export function overlapWith(
  policy: ConnectionPolicy,
  servers: Server[],
  now: number,
): (other: Policy) => Overlap | null {
  const own = servers.filter(scopeOf(policy, now))
  return other => {
    if (!other.enabled || other.id === policy.id) return null
    if (other.kind !== policy.kind || !aboutConnection(other)(policy.connection)) return null
    const shared = own.filter(scopeOf(other, now))
    if (shared.length === 0) return null
    const first = shared.slice(0, MAX_SERVERS).map(({ id, name }) => ({ id, name }))
    return { policyId: other.id, count: shared.length, servers: first }
  }
}
