/** What a stop would do to servers that a service of the cloud looks after. */
import type { Server } from '../model/cloud.ts'
import type { Connection } from '../model/connection.ts'
import type { Kind } from '../model/model.ts'
import { scalingGuard } from '../plan/scaling-groups.ts'
import { aboutServers, type Warning } from './warnings.ts'

const UNGUARDED: Warning = {
  code: 'scaling-groups-unguarded',
  message:
    'the connection names its own ecs endpoint and no as endpoint, so nobody knows who is a member of an Auto Scaling group: a member that is stopped is removed by its group, and may be deleted; name endpoints.as, or set scalingGroups to "ignore" where there are no groups',
}

/** That the connection's scaling groups are not guarded, without anybody having said so. */
export const unguardedWarnings = (connection: Connection, kind: Kind): Warning[] =>
  scalingGuard(connection, kind) === 'unguarded' ? [UNGUARDED] : []

/** CCE tags its nodes `CCE-Cluster-ID` and `CCE-Dynamic-Provisioning-Node`. */
const CLUSTER_TAG = /^cce[\W_]*(cluster|dynamic[\W_]*provisioning)/i

export function clusterWarnings(targets: Server[]): Warning[] {
  const tags = new Set<string>()
  const nodes = targets.filter(server => {
    const own = Object.keys(server.tags).filter(tag => CLUSTER_TAG.test(tag))
    for (const tag of own) tags.add(tag)
    return own.length > 0
  })
  if (nodes.length === 0) return []
  const count = nodes.length === 1 ? '1 target is a node' : `${nodes.length} targets are nodes`
  const message = `${count} of a CCE cluster (tag ${[...tags].sort().join(', ')}): the cluster loses it while it is off, and its autoscaler may replace or delete it; hibernate the cluster instead, or exclude the tag`
  return [{ code: 'cluster-nodes', message, ...aboutServers(nodes) }]
}
