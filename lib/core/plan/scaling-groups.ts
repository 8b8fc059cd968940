/** Auto Scaling groups: a member that is stopped counts as unhealthy there, is removed, and deleted where the group made it. */
import type { ScalingGroups, Server } from '../model/cloud.ts'
import { type Connection, traitsOf } from '../model/connection.ts'
import type { Kind } from '../model/model.ts'

/**
 * guarded     members are left alone
 * ignored     the connection says that they are servers like every other
 * unguarded   its cloud may have groups, and no endpoint is known to read them
 * none        there are no groups of this kind in this cloud
 */
type ScalingGuard = 'guarded' | 'ignored' | 'unguarded' | 'none'

export function scalingGuard(connection: Connection, kind: Kind): ScalingGuard {
  const { endpoints, scalingGroups } = connection
  if (!traitsOf(connection).hasScalingGroups || kind !== 'ecs') return 'none'
  if (scalingGroups === 'ignore') return 'ignored'
  return endpoints.ecs !== undefined && endpoints.as === undefined ? 'unguarded' : 'guarded'
}

/** Why a member of a guarded group is left alone; `null` for a server that is in none. */
export function skipMember(
  { id }: Server,
  groups: ScalingGroups,
): { code: 'in-scaling-group'; reason: string } | null {
  const group = groups.get(id)
  if (group === undefined) return null
  const reason = `it is a member of the Auto Scaling group ${group}, which would remove it once it is off, and may delete it`
  return { code: 'in-scaling-group', reason }
}
