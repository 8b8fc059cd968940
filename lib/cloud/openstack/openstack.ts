/** The adapter of any OpenStack: its calls, put together as a `Cloud`. */
import type { Accepted } from '../../core/model/accepted.ts'
import type { Act } from '../../core/model/action.ts'
import { type Cloud, type Job, NO_SCALING_GROUPS } from '../../core/model/cloud.ts'
import type { Connection } from '../../core/model/connection.ts'
import type { Kind } from '../../core/model/model.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import type { CloudOptions } from '../http/options.ts'
import { createAsk } from '../http/request.ts'
import { requestEach } from '../request-each.ts'
import { OPENSTACK_CODES } from './codes.ts'
import { userAccount, userProjects } from './identity.ts'
import { createTokens } from './keystone.ts'
import { MICROVERSION, type Nova, novaPages, novaServersById, novaServersPlace } from './servers.ts'

/** Any OpenStack, by Keystone's tokens and Nova's calls for single servers: it has no jobs, the servers alone tell. */
export function createOpenstackCloud(options: CloudOptions): Cloud {
  const { connection, now } = options
  requireEndpoints(connection)
  const ask = createAsk({
    ...options,
    connectionId: connection.id,
    codes: OPENSTACK_CODES,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-openstack-nova-api-version': MICROVERSION,
    },
    credential: createTokens(options),
  })
  const nova: Nova = { connection, ask }
  const place = (id: string) => novaServersPlace(connection, [id, 'action'])
  const request = (kind: Kind, act: Act, ids: string[]): Promise<Accepted> =>
    requestEach({ ask, place, now }, { kind, act, ids })
  return {
    servers: (kind, after) => novaPages(nova, kind, after),
    filteredServers: () => null,
    serversById: (kind, ids, total) => novaServersById(nova, { kind, ids, total }),
    request,
    requestEach: request,
    job: async (): Promise<Job> => ({ status: 'gone', code: null, reason: 'Nova has no jobs', subJobs: [] }),
    countInEnterpriseProject: async () => null,
    scalingGroups: async () => NO_SCALING_GROUPS,
    chargedFlavors: async () => new Set<string>(),
    projects: () => userProjects(options),
    account: () => userAccount(options),
    quotePrices: async () => refuseBilling(connection, 'prices: give them as a table in the settings'),
    bill: async () => refuseBilling(connection, 'bill'),
  }
}

const refuseBilling = ({ id }: Connection, what: string): never =>
  throwCloudError({
    asked: `Connection ${id}: prices and bills`,
    came: `an OpenStack has no ${what}`,
    details: ownDetails({ class: 'refused', code: 'no-billing' }),
  })

function requireEndpoints({ id, endpoints }: Connection): void {
  for (const name of ['identity', 'compute'] as const)
    if (endpoints[name] === undefined)
      throw new Error(`Connection ${id}: expected endpoints.${name}, which openstack needs; got nothing`)
}
