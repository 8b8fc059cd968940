import type { Cloud } from '../core/model/cloud.ts'
import type { Connection } from '../core/model/connection.ts'
import type { CloudOptions } from './http/options.ts'
import { createHuaweiCloud } from './huawei/huaweicloud.ts'
import { createOpenstackCloud } from './openstack/openstack.ts'

/** The adapters, by a connection's `api`. */
const ADAPTERS: Record<Connection['api'], (options: CloudOptions) => Cloud> = {
  huaweicloud: createHuaweiCloud,
  openstack: createOpenstackCloud,
}

/**
 * A connection's cloud; costs nothing until it is called. Throws `CloudError` (credentials) where the secret does not
 * fit, and a plain error where an endpoint is missing that has no default.
 */
export const createCloud = (options: CloudOptions): Cloud => ADAPTERS[options.connection.api](options)
