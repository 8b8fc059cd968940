/** What a cloud makes of a stop beside the servers themselves: services that look after them, hard stops that are soft. */
import type { Server } from '../model/cloud.ts'
import { type Connection, traitsOf } from '../model/connection.ts'
import type { Kind, Policy } from '../model/model.ts'
import { scalingGuard } from '../plan/scaling-groups.ts'
import type { Guard } from '../stop/stop.ts'
import { aboutServers, type Warning } from './warnings.ts'

const UNGUARDED: Warning = {
  code: 'scaling-groups-unguarded',
  message:
    'the connection names its own ecs endpoint and no as endpoint, so nobody knows who is a member of an Auto Scaling group: a member that is stopped is removed by its group, and may be deleted; name endpoints.as, or set scalingGroups to "ignore" where there are no groups',
}

/** Warns where a connection's scaling groups are not guarded, and no person has said so. */
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

const UNHEARD = 'a plain OpenStack takes a hard stop and does a soft one (clouds by Huawei heed it)'

type Hard = Pick<Policy, 'kind' | 'mode' | 'escalateAfterMinutes'>

/** Where it stops hard or escalates on a cloud that may not heed that; a BMS is stopped hard whatever is asked. */
export function hardWarnings({ kind, mode, escalateAfterMinutes }: Hard, { connection }: Guard): Warning[] {
  if (!connection || !traitsOf(connection).hardMayBeSoft || kind === 'bms') return []
  if (mode === 'hard') return [{ code: 'hard-may-be-soft', message: `mode is hard: ${UNHEARD}` }]
  if (escalateAfterMinutes === null) return []
  const message = `escalateAfterMinutes is ${escalateAfterMinutes}: ${UNHEARD}, and refuses any while the soft one is under way`
  return [{ code: 'hard-may-be-soft', message }]
}
