/** Where prices and bills are asked for, and what quotations and bills share. */
import * as z from 'zod'
import { bssHost } from '../../../core/documents/connections/site.ts'
import type { Connection } from '../../../core/model/connection.ts'
import { ownDetails, throwCloudError } from '../../http/failure.ts'
import type { ApiPlace } from '../../http/place.ts'
import type { AskCloud } from '../../http/request.ts'

export interface Billing {
  connection: Connection
  /** Without a project: prices and bills are the account's. */
  ask: AskCloud
}

/** As BSS calls an elastic cloud server. */
export const ECS_PRODUCT = {
  cloud_service_type: 'hws.service.type.ec2',
  resource_type: 'hws.resource.type.vm',
}

/** BSS writes them as numbers and as texts. */
export const Amount = z.union([
  z.number().min(0),
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number),
])

const HOST_UNKNOWN =
  'it is not known where to ask: name endpoints.bss of the connection, or give prices as a table in the settings'

/** Throws `CloudError` where its host is not known: the key is shown to none that only follows where the servers are elsewhere. */
export function billingPlace(connection: Connection, path: string[]): ApiPlace {
  const { endpoints, region, id } = connection
  const host = endpoints.ecs === undefined ? bssHost(region) : null
  const endpoint = endpoints.bss ?? (host === null ? null : `https://${host}`)
  if (endpoint !== null) return { endpoint, path: ['v2', 'bills', ...path] }
  return throwCloudError({
    asked: `Connection ${id}: prices and bills (BSS)`,
    came: HOST_UNKNOWN,
    details: ownDetails({ class: 'refused', code: 'no-bss' }),
  })
}
