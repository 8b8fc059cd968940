/** Reads servers by their ids, by whichever way takes the fewest calls: the list, its filter, or one by one. */
import type { Server, ServerPage } from '../../core/model/cloud.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Kind } from '../../core/model/model.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import {
  askableIds,
  askSideBySide,
  findAmong,
  isMarkerVanished,
  isNotAccepted,
  PAGE_SERVERS,
  type ReadRequest,
} from '../reading-servers.ts'
import { type ListedServers, SERVER_SCHEMAS } from '../servers.ts'
import { serversPlace } from './endpoints.ts'
import { serverPages } from './listing.ts'
import { type Huawei, readList, readPageAfter } from './page.ts'

/** The most ids that the `server_id` filter of the ECS list takes. */
const MAX_FILTER_IDS = 100

/** Reads these servers; those that do not exist are absent. */
export async function serversById(
  huawei: Huawei,
  { kind, ids, total }: ReadRequest,
): Promise<Map<string, Server>> {
  const wanted = askableIds(ids)
  const fewest = kind === 'ecs' ? fewestEcsCalls(wanted.length) : wanted.length
  if (pagesOf(total) < fewest) return findAmong(serverPages(huawei, kind), wanted)
  return kind === 'ecs'
    ? readEcs(huawei, wanted, total)
    : serversOfKind(kind, await readEach(huawei, kind, wanted))
}

/** Calls that a whole listing takes. */
const pagesOf = (total: number | null): number =>
  total === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(total / PAGE_SERVERS))

/** Calls that reading ids takes at the least: by ids alone, or by full pages and one call for what those leave. */
const fewestEcsCalls = (count: number): number =>
  Math.min(Math.ceil(count / MAX_FILTER_IDS), Math.ceil(count / PAGE_SERVERS) + 1)

function serversOfKind(kind: Kind, listed: ListedServers[]): Map<string, Server> {
  const servers = listed.flatMap(({ server }) => server ?? []).filter(server => server.kind === kind)
  return new Map(servers.map(server => [server.id, server]))
}

/**
 * The targets of a chunk mostly stand side by side in the list, where one call shows a thousand. The others are asked for by id, or found
 * in the whole list, where that takes fewer calls.
 */
async function readEcs(huawei: Huawei, ids: string[], total: number | null): Promise<Map<string, Server>> {
  const beside = await readEcsBeside(huawei, ids)
  const left = ids.filter(id => !beside.has(id))
  const seen = serversOfKind('ecs', [...beside.values()])
  if (left.length === 0) return seen
  const others =
    pagesOf(total) < Math.ceil(left.length / MAX_FILTER_IDS)
      ? await findAmong(serverPages(huawei, 'ecs'), left)
      : await readEcsByFilter(huawei, left, total)
  return new Map([...seen, ...others])
}

/**
 * Reads pages of the list, each behind a wanted server, until two in a row spare no calls: a single one may be where a row of wanted
 * servers ends.
 */
async function readEcsBeside(huawei: Huawei, ids: string[]): Promise<Map<string, ListedServers>> {
  const found = new Map<string, ListedServers>()
  // Counted from 1, so that a first page that shows few is enough: then the wanted servers stand far apart.
  let inVain = 1
  for (let open = ids; open.length > MAX_FILTER_IDS && inVain < 2; ) {
    const [marker, ...others] = open
    const wanted = new Set(others)
    const some = (await pageBehind(huawei, marker!)).filter(({ id }) => wanted.has(id))
    for (const one of some) found.set(one.id, one)
    inVain = some.length > MAX_FILTER_IDS ? 0 : inVain + 1
    open = others.filter(id => !found.has(id))
  }
  return found
}

async function pageBehind(huawei: Huawei, marker: string): Promise<ListedServers[]> {
  try {
    return (await readPageAfter(huawei, marker)).servers
  } catch (error) {
    if (isMarkerVanished(error)) return []
    throw error
  }
}

/**
 * Reads servers by the filter `server_id`. Those that it does not answer for are found in the list, where that takes fewer calls, or read
 * one by one: some clouds have no such filter, and a server is gone only when the cloud says so of that very server.
 */
async function readEcsByFilter(
  huawei: Huawei,
  ids: string[],
  total: number | null,
): Promise<Map<string, Server>> {
  const { answered } = await filterById(huawei, ids)
  const open = ids.filter(id => !answered.has(id))
  const others =
    pagesOf(total) < open.length
      ? await findAmong(serverPages(huawei, 'ecs'), open)
      : serversOfKind('ecs', await readEach(huawei, 'ecs', open))
  return new Map([...serversOfKind('ecs', [...answered.values()]), ...others])
}

interface Filtered {
  answered: Map<string, ListedServers>
  /** False where the cloud refused the filter, or answered with other servers. */
  isFiltered: boolean
}

/** Reads ECS servers by the filter `server_id` alone. Throws `CloudError` where the cloud has no such filter. */
export async function* namedPages(huawei: Huawei, ids: string[]): AsyncGenerator<ServerPage> {
  const { answered, isFiltered } = await filterById(huawei, askableIds(ids))
  if (!isFiltered)
    throwCloudError({
      asked: `Connection ${huawei.connection.id}: details of ${ids.length} ECS servers`,
      came: 'expected these servers alone, got others or a refusal: the cloud has no filter server_id',
      details: ownDetails({ class: 'refused', code: 'filter-ignored' }),
    })
  const servers = [...serversOfKind('ecs', [...answered.values()]).values()]
  yield { servers, resume: null, total: null }
}

/**
 * ECS API reference, "Querying Details About ECSs", filter `server_id`; an id that does not exist is answered with a fault. A page may be
 * shorter than asked for: ids that it leaves out are asked for again, until an answer has none of them.
 */
async function filterById(huawei: Huawei, ids: string[]): Promise<Filtered> {
  const answered = new Map<string, ListedServers>()
  let isFiltered = true
  const askSlice = async (slice: string[]): Promise<ListedServers[]> => {
    if (!isFiltered) return []
    const listed = await readSlice(huawei, slice)
    const asked = new Set(slice)
    const mentioned = listed?.filter(({ id }) => asked.has(id)) ?? []
    // Servers that were not asked for, or a refusal: the cloud, or a proxy before it, has no such filter.
    if (mentioned.length !== listed?.length) isFiltered = false
    return mentioned
  }
  let open = ids
  while (isFiltered && open.length > 0) {
    const answers = await askSideBySide(slices(open, MAX_FILTER_IDS), askSlice)
    for (const item of answers.flat()) answered.set(item.id, item)
    const left = open.filter(id => !answered.has(id))
    open = left.length < open.length ? left : []
  }
  return { answered, isFiltered }
}

/** `null` where the cloud does not accept the filter. */
async function readSlice(huawei: Huawei, ids: string[]): Promise<ListedServers[] | null> {
  try {
    const query = { server_id: ids.join(','), limit: String(MAX_FILTER_IDS) }
    const what = `details of ${ids.length} ECS servers`
    return (await readList(huawei, { kind: 'ecs', what, query })).servers
  } catch (error) {
    if (isNotAccepted(error)) return null
    throw error
  }
}

/** ECS and BMS API reference, "Querying Details About an ECS", "… a BMS". */
const readEach = (huawei: Huawei, kind: Kind, ids: string[]): Promise<ListedServers[]> =>
  askSideBySide(ids, async id => {
    try {
      const at = serversPlace(huawei.connection, kind, id)
      const what = `details of ${kind.toUpperCase()} server ${id}`
      return (await huawei.ask({ what, method: 'GET', ...at, answer: SERVER_SCHEMAS[kind].Single })).value
        .server
    } catch (error) {
      if (isGone[kind](error)) return { id, server: null }
      throw error
    }
  })

/** Whether the service itself does not know the thing; a gateway's 404 says that it does not know the API. */
export const isUnknownThing = (error: unknown, code: string): error is CloudError =>
  error instanceof CloudError &&
  error.details.class === 'refused' &&
  (error.details.code === code || (error.details.status === 404 && !/^APIGW?\./.test(error.details.code)))

/** A cloud or a proxy that does not know the path answers 404, too: for an ECS only the service's own word counts. */
const isGone: Record<Kind, (error: unknown) => boolean> = {
  ecs: error => isUnknownThing(error, 'Ecs.0114') && /^(Ecs\.|itemNotFound$)/.test(error.details.code),
  bms: error => isUnknownThing(error, 'BMS.0040'),
}

const slices = <T>(items: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
