/** One page of a list of servers, as ECS and BMS give it. */

import type { Connection } from '../../core/model/connection.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Kind } from '../../core/model/model.ts'
import type { AskCloud } from '../http/request.ts'
import { failAtMarker, isNotAccepted, PAGE_SERVERS } from '../reading-servers.ts'
import { BARE_METAL, type ListedServers, SERVER_SCHEMAS } from '../servers.ts'
import { serversPlace } from './endpoints.ts'

/** A connection to Huawei Cloud, and how it is asked. */
export interface Huawei {
  connection: Connection
  ask: AskCloud
  scope: ListScope
}
/** What its lists hold: the project, or, for a key that has rights inside enterprise projects alone, all of those. */
interface ListScope {
  /** `unknown` until a list has shown servers: a list that began as one goes on as it began. */
  of: 'unknown' | 'project' | 'granted'
}
export interface ListedPage {
  /** All servers before paging; `null` where the answer does not tell. */
  count: number | null
  servers: ListedServers[]
}
/** What of a list is asked for. */
export type Filter = Readonly<Record<string, string>>
/** The ECS list holds bare metal too, unless it is filtered out. */
export const WITHOUT_BARE_METAL: Filter = { 'not-tags': BARE_METAL }
export const UNFILTERED: Filter = {}

interface ListCall {
  kind: Kind
  what: string
  query: Record<string, string>
}

/** ECS and BMS API reference, "Querying Details", and AS, "Querying AS Groups": users with rights inside enterprise projects alone must send it. */
export const GRANTED = { enterprise_project_id: 'all_granted_eps' }
const SCOPES: Record<ListScope['of'], Record<string, string>> = { unknown: {}, project: {}, granted: GRANTED }

/** The key may not ask for this, whichever server it is about. */
export const lacksRight = (error: unknown): boolean =>
  error instanceof CloudError && error.details.class === 'refused' && error.details.status === 403

async function askList(
  { connection, ask, scope }: Huawei,
  { kind, what, query }: ListCall,
): Promise<ListedPage> {
  const at = serversPlace(connection, kind, 'detail')
  const scoped = { ...query, ...SCOPES[scope.of] }
  return (await ask({ what, method: 'GET', ...at, query: scoped, answer: SERVER_SCHEMAS[kind].List })).value
}

/** The same among what is granted; `null` where that is refused as well, or shows nothing either. */
async function askGranted(huawei: Huawei, call: ListCall): Promise<ListedPage | null> {
  const { scope } = huawei
  try {
    const page = await askList({ ...huawei, scope: { of: 'granted' } }, call)
    if (!showsServers(page)) return null
    scope.of = 'granted'
    return page
  } catch (error) {
    if (lacksRight(error) || isNotAccepted(error)) return null
    throw error
  }
}

/** Ids of which the cloud says that they do not exist are no servers: a key may not see those of a project that is not granted. */
const showsServers = ({ servers }: ListedPage): boolean => servers.some(({ server }) => server !== null)

const isFirstPage = ({ marker, offset = '1' }: ListCall['query']): boolean =>
  marker === undefined && offset === '1'

/** Without a right to the whole project a list is refused, or empty: then what is granted inside enterprise projects is listed. */
export async function readList(huawei: Huawei, call: ListCall): Promise<ListedPage> {
  const { scope } = huawei
  if (scope.of !== 'unknown') return askList(huawei, call)
  try {
    const page = await askList(huawei, call)
    if (showsServers(page)) scope.of = 'project'
    else if (isFirstPage(call.query)) return (await askGranted(huawei, call)) ?? page
    return page
  } catch (error) {
    const page = lacksRight(error) ? await askGranted(huawei, call) : null
    if (page === null) throw error
    return page
  }
}

/** How many servers of an enterprise project there are; `null` where the answer does not tell. Throws where it may not be listed. */
export async function countInEnterpriseProject(
  huawei: Huawei,
  kind: Kind,
  enterpriseProjectId: string,
): Promise<number | null> {
  const what = `list of ${kind.toUpperCase()} servers of enterprise project ${enterpriseProjectId}`
  const query = { limit: '1', offset: '1', enterprise_project_id: enterpriseProjectId }
  return (await askList({ ...huawei, scope: { of: 'unknown' } }, { kind, what, query })).count
}

const readPage = (huawei: Huawei, { query, ...call }: ListCall): Promise<ListedPage> =>
  readList(huawei, { ...call, query: { limit: String(PAGE_SERVERS), ...query } })

/** The ECS servers behind one, or the first. Throws `marker-vanished` where that one is gone, or markers are refused. */
export async function readPageAfter(
  huawei: Huawei,
  marker: string | null,
  filter: Filter = WITHOUT_BARE_METAL,
): Promise<ListedPage> {
  const carrying = filter.tags === undefined ? '' : ` with the tag ${filter.tags}`
  const what = `list of ECS servers${carrying}${marker === null ? '' : ` after ${marker}`}`
  const query = { ...filter, ...(marker === null ? {} : { marker }) }
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
  const query = { ...filter, offset: String(number) }
  return readPage(huawei, { kind, what: `list of ${kind.toUpperCase()} servers`, query })
}
