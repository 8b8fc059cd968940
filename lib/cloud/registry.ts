/** The clouds that Curfew speaks to: a folder and a line here for each, and what it can do in `lib/core/model/connection.ts`. */
import type { Cloud } from '../core/model/cloud.ts'
import type { Api, Connection } from '../core/model/connection.ts'
import type { CloudOptions } from './http/options.ts'
import { createHuaweiCloud } from './huawei/huaweicloud.ts'
import { ACCESS_KEY_VARIABLES } from './huawei/secret.ts'
import { createOpenstackCloud } from './openstack/openstack.ts'
import { KEYSTONE_VARIABLES } from './openstack/secret.ts'
import { readVariables, type SecretVariables } from './secret.ts'

interface CloudAdapter {
  create: (options: CloudOptions) => Cloud
  variables: SecretVariables
}
const ADAPTERS: Record<Api, CloudAdapter> = {
  huaweicloud: { create: createHuaweiCloud, variables: ACCESS_KEY_VARIABLES },
  openstack: { create: createOpenstackCloud, variables: KEYSTONE_VARIABLES },
}

/**
 * A connection's cloud; costs nothing until it is called. Throws `CloudError` (credentials) where the secret does not
 * fit, and a plain error where an endpoint is missing that has no default.
 */
export const createCloud = (options: CloudOptions): Cloud => ADAPTERS[options.connection.api].create(options)

/** A connection's secret as environment variables hold it, as far as they do; an empty variable counts as absent. */
export const secretFromVariables = (
  connection: Connection,
  variables: Record<string, string | undefined>,
): Record<string, string> => readVariables(ADAPTERS[connection.api].variables, connection, variables)
