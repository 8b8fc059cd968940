import type { ServerPage } from '../core/model/cloud.ts'
import { CloudError } from '../core/model/errors.ts'
import type { Connection, Kind } from '../core/model/model.ts'
import { serversPlace } from './endpoints.ts'
import { fail, ownDetails } from './http/failure.ts'
import type { Ask } from './http/request.ts'
import { seenIds } from './seen-ids.ts'
import { BARE_METAL, type Listed, ServerList } from './servers.ts'

/** The most servers a page may hold, at ECS and at BMS. */
export const PAGE_SERVERS = 1000
const MAX_LISTINGS = 3

/** A connection to Huawei Cloud, and how it is asked. */
export interface Huawei {
  connection: Connection
  ask: Ask
}
interface Page {
  count: number | null
  servers: Listed[]
}

/** Every server of a kind, page by page. Throws `CloudError`, `marker-vanished` and `listing-shifts` among them: start over. */
export const serverPages = (huawei: Huawei, kind: Kind, after?: string): AsyncGenerator<ServerPage> =>
  kind === 'ecs' ? ecsPages(huawei, after ?? null) : bmsPages(huawei)

/**
 * ECS API reference, "Querying Details About ECSs": `marker` is the last id of the page before. The next page is on
 * its way while one is worked on.
 */
async function* ecsPages(huawei: Huawei, after: string | null): AsyncGenerator<ServerPage> {
  const paging = createPaging()
  let next: Promise<Page> | null = ecsPage(huawei, after)
  let isPure = true
  while (next !== null) {
    const { count, servers }: Page = await next
    const { fresh, marker } = paging(servers, count)
    next = marker === null ? null : ecsPage(huawei, marker)
    // Whoever stops in the middle leaves a page on its way; whoever goes on awaits it above, failure and all.
    next?.catch(() => undefined)
    const ecs = fresh.flatMap(({ server }) => server ?? []).filter(server => server.kind === 'ecs')
    isPure &&= ecs.length === fresh.length
    yield { servers: ecs, resume: marker, total: isPure ? count : null }
  }
}

/**
 * Which servers of a page are new, and after which to go on; `null` at the end. The cloud may give shorter pages than
 * asked for, so a page is the last only when short and nothing is missing of the count, or when it tells nothing new.
 */
function createPaging(): (
  servers: Listed[],
  count: number | null,
) => { fresh: Listed[]; marker: string | null } {
  const seen = seenIds()
  let fullPage = PAGE_SERVERS
  return (servers, count) => {
    const fresh = servers.filter(({ id }) => seen.add(id))
    const isLast = servers.length < fullPage && seen.size() >= (count ?? Number.POSITIVE_INFINITY)
    fullPage = Math.min(fullPage, servers.length)
    return { fresh, marker: isLast || fresh.length === 0 ? null : (servers.at(-1)?.id ?? null) }
  }
}

/** The first servers of the list behind one, or of all of it. Throws `marker-vanished` where that one is gone. */
export async function ecsPage(huawei: Huawei, marker: string | null): Promise<Page> {
  const what = marker === null ? 'list of ECS servers' : `list of ECS servers after ${marker}`
  const query = {
    limit: String(PAGE_SERVERS),
    'not-tags': BARE_METAL,
    ...(marker === null ? {} : { marker }),
  }
  try {
    return await page({ huawei, kind: 'ecs', what, query })
  } catch (error) {
    if (marker !== null && isNotAccepted(error)) failAtMarker(what, huawei.connection, error)
    throw error
  }
}

/** The same call without a marker was accepted. */
export const isNotAccepted = (error: unknown): error is CloudError =>
  error instanceof CloudError &&
  error.details.class === 'refused' &&
  [400, 404].includes(error.details.status)

/** Throws that a page could not be had because the server at its marker is gone, as far as can be told. */
export const failAtMarker = (what: string, { id }: Connection, cause: CloudError): never =>
  fail({
    asked: `Connection ${id}: ${what}`,
    came: `expected the next page, but the server seems to be gone (${cause.details.status} ${cause.details.code})`,
    details: { ...cause.details, class: 'unavailable', code: 'marker-vanished' },
    cause,
  })

/**
 * BMS API reference, "Querying Details About BMSs": pages by number, `limit` and `offset` both sent or `count` is no
 * total. Pages shift while servers come and go, so the whole list is taken, counted, and given as one page.
 */
async function* bmsPages(huawei: Huawei): AsyncGenerator<ServerPage> {
  const counted: string[] = []
  while (counted.length < MAX_LISTINGS) {
    const { listed, counts } = await bmsList(huawei)
    if (counts.every(count => count === listed.length)) {
      yield { servers: listed.flatMap(({ server }) => server ?? []), resume: null, total: listed.length }
      return
    }
    counted.push(`${listed.length} of ${[...new Set(counts)].join(' or ')}`)
  }
  fail({
    asked: `Connection ${huawei.connection.id}: list of BMS servers`,
    came: `expected as many servers as each page's count says, but ${counted.join(', then ')} came`,
    details: ownDetails({ class: 'unavailable', code: 'listing-shifts' }),
  })
}

/** The distinct servers of all pages, and what the pages said that there are. */
async function bmsList(huawei: Huawei): Promise<{ listed: Listed[]; counts: number[] }> {
  const listed = new Map<string, Listed>()
  const pages: Page[] = []
  for (let isLast = false; !isLast; ) {
    const query = { limit: String(PAGE_SERVERS), offset: String(pages.length + 1) }
    const { servers, count } = await page({ huawei, kind: 'bms', what: 'list of BMS servers', query })
    const before = listed.size
    for (const item of servers) listed.set(item.id, item)
    pages.push({ servers, count })
    const isWhole = servers.length < PAGE_SERVERS && listed.size >= (count ?? Number.POSITIVE_INFINITY)
    isLast = isWhole || listed.size === before
  }
  return { listed: [...listed.values()], counts: totals(pages) }
}

/** What pages say about the total; nothing, where each of several only counts itself. */
function totals(pages: Page[]): number[] {
  const telling = pages.filter(({ servers }, index) => index === 0 || servers.length > 0)
  const countsItself = telling.length > 1 && telling.every(({ servers, count }) => count === servers.length)
  return countsItself ? [] : telling.flatMap(({ count }) => count ?? [])
}

interface PageCall {
  huawei: Huawei
  kind: Kind
  what: string
  query: Record<string, string>
}

async function page({ huawei, kind, what, query }: PageCall): Promise<Page> {
  const at = serversPlace(huawei.connection, kind, 'detail')
  const { value } = await huawei.ask({ what, method: 'GET', ...at, query, answer: ServerList(kind) })
  return value
}
