/** Where the calls of a connection go: the host of each API, and the paths behind it. */
import { serviceHost } from '../../core/documents/connections/site.ts'
import type { Connection } from '../../core/model/connection.ts'
import type { Kind } from '../../core/model/model.ts'
import type { ApiPlace } from '../http/place.ts'

const COLLECTIONS = { ecs: 'cloudservers', bms: 'baremetalservers' } as const

/** Where an API of a connection is: its override, else by region. */
export function endpointOf(
  { endpoints, region }: Connection,
  api: 'ecs' | 'bms' | 'iam' | 'as' | 'sts',
): string {
  return endpoints[api] ?? `https://${serviceHost(api, region)}`
}

/** ECS and BMS share the paths of version 1 but for the collection's name, and not the host. */
const servicePlace = (connection: Connection, kind: Kind, path: string[]): ApiPlace => ({
  endpoint: endpointOf(connection, kind),
  path: ['v1', connection.projectId, ...path],
})

/** Open Telekom Cloud's list of ECS servers has no filter `server_id`, and takes no notice of it. */
export const filtersById = (connection: Connection): boolean =>
  !new URL(endpointOf(connection, 'ecs')).hostname.endsWith('.otc.t-systems.com')

export const serversPlace = (connection: Connection, kind: Kind, item: string): ApiPlace =>
  servicePlace(connection, kind, [COLLECTIONS[kind], item])

/** The native call for a single server: for a BMS, too, at the ECS host. */
export const nativePlace = (connection: Connection, serverId: string): ApiPlace => ({
  endpoint: endpointOf(connection, 'ecs'),
  path: ['v2.1', connection.projectId, 'servers', serverId, 'action'],
})

export const jobPlace = (connection: Connection, kind: Kind, jobId: string): ApiPlace =>
  servicePlace(connection, kind, ['jobs', jobId])
