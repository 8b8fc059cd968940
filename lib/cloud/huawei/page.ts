/** One page of a list of servers, as ECS and BMS give it. */

import type { Connection } from '../../core/model/connection.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Kind } from '../../core/model/model.ts'
import { throwCloudError } from '../http/failure.ts'
import type { AskCloud } from '../http/request.ts'
import { BARE_METAL, type ListedServers, SERVER_SCHEMAS } from '../servers.ts'
import { serversPlace } from './endpoints.ts'

/** The most servers a page may hold, at ECS and at BMS. */
export const PAGE_SERVERS = 1000

/** A connection to Huawei Cloud, and how it is asked. */
export interface Huawei {
  connection: Connection
  ask: AskCloud
}
export interface ListedPage {
  /** All servers before paging; `null` where the answer does not tell. */
  count: number | null
  servers: ListedServers[]
}
/** The ECS list holds bare metal too, unless it is filtered out. */
export type Filter = 'without-bare-metal' | 'unfiltered'

interface PageCall {
  kind: Kind
  what: string
  query: Record<string, string>
}

async function readPage({ connection, ask }: Huawei, { kind, what, query }: PageCall): Promise<ListedPage> {
  const at = serversPlace(connection, kind, 'detail')
  const paged = { limit: String(PAGE_SERVERS), ...query }
  return (await ask({ what, method: 'GET', ...at, query: paged, answer: SERVER_SCHEMAS[kind].List })).value
}

const filterQuery = (kind: Kind, filter: Filter): Record<string, string> =>
  kind === 'ecs' && filter === 'without-bare-metal' ? { 'not-tags': BARE_METAL } : {}

/** The ECS servers behind one, or the first. Throws `marker-vanished` where that one is gone, or markers are refused. */
export async function readPageAfter(
  huawei: Huawei,
  marker: string | null,
  filter: Filter = 'without-bare-metal',
): Promise<ListedPage> {
  const what = marker === null ? 'list of ECS servers' : `list of ECS servers after ${marker}`
  const query = { ...filterQuery('ecs', filter), ...(marker === null ? {} : { marker }) }
  try {
    return await readPage(huawei, { kind: 'ecs', what, query })
  } catch (error) {
    if (marker !== null && isNotAccepted(error)) failAtMarker(what, huawei.connection, error)
    throw error
  }
}

/** A page by its number, from 1. `limit` and `offset` are both sent: without `offset`, BMS counts no further than `limit`. */
export const readNumberedPage = (
  huawei: Huawei,
  kind: Kind,
  { number, filter }: { number: number; filter: Filter },
): Promise<ListedPage> => {
  const query = { ...filterQuery(kind, filter), offset: String(number) }
  return readPage(huawei, { kind, what: `list of ${kind.toUpperCase()} servers`, query })
}

/** The same call without this parameter was accepted, or would be. */
export const isNotAccepted = (error: unknown): error is CloudError =>
  error instanceof CloudError &&
  error.details.class === 'refused' &&
  [400, 404].includes(error.details.status)

export const isMarkerVanished = (error: unknown): error is CloudError =>
  error instanceof CloudError && error.details.code === 'marker-vanished'

/** Throws that a page could not be had because the server at its marker is gone, as far as can be told. */
export const failAtMarker = (what: string, { id }: Connection, cause: CloudError): never =>
  throwCloudError({
    asked: `Connection ${id}: ${what}`,
    came: `expected the next page, but the server seems to be gone (${cause.details.status} ${cause.details.code})`,
    details: { ...cause.details, class: 'unavailable', code: 'marker-vanished' },
    cause,
  })
