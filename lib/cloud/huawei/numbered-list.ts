/** A list that is paged by number: pages shift while servers come and go, so it is read as a whole, and counted. */
import type { Kind } from '../../core/model/model.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import { PAGE_SERVERS } from '../reading-servers.ts'
import type { ListedServers } from '../servers.ts'
import {
  type Filter,
  type Huawei,
  type ListedPage,
  readNumberedPage,
  UNFILTERED,
  WITHOUT_BARE_METAL,
} from './page.ts'

const MAX_LISTINGS = 3

/** The distinct servers of all pages, and what the pages said that there are. */
interface NumberedList {
  listed: ListedServers[]
  counts: number[]
  /** The same page came under two numbers, and there are or may be more servers than it shows. */
  isNumberIgnored: boolean
}

/**
 * Every server of a list, read again until it holds as many as each of its pages counts.
 * Throws `CloudError`: `listing-shifts` where it never does, `listing-incomplete` where the cloud ignores page numbers.
 */
export async function readWholeList(huawei: Huawei, kind: Kind): Promise<ListedServers[]> {
  const counted: string[] = []
  while (counted.length < MAX_LISTINGS) {
    // A count may include bare metal that the filter leaves out: without the filter both speak of the same servers.
    const filter = kind === 'ecs' && counted.length === 0 ? WITHOUT_BARE_METAL : UNFILTERED
    const list = await readNumberedList(huawei, kind, filter)
    const { listed, counts } = list
    if (!list.isNumberIgnored && counts.every(count => count === listed.length)) return listed
    counted.push(`${listed.length} of ${[...new Set(counts)].join(' or ') || 'an unknown number'}`)
    if (list.isNumberIgnored) failIncomplete(huawei, kind, counted[0]!)
  }
  return throwCloudError({
    asked: `Connection ${huawei.connection.id}: list of ${kind.toUpperCase()} servers`,
    came: `expected as many servers as each page's count says, but ${counted.join(', then ')} came`,
    details: ownDetails({ class: 'unavailable', code: 'listing-shifts' }),
  })
}

const failIncomplete = ({ connection }: Huawei, kind: Kind, came: string): never =>
  throwCloudError({
    asked: `Connection ${connection.id}: list of ${kind.toUpperCase()} servers`,
    came: `expected every server, but only ${came} came: the same page comes again whatever page is asked for`,
    details: ownDetails({ class: 'refused', code: 'listing-incomplete' }),
  })

async function readNumberedList(huawei: Huawei, kind: Kind, filter: Filter): Promise<NumberedList> {
  const listed = new Map<string, ListedServers>()
  const pages: ListedPage[] = []
  let isLast = false
  let isNumberIgnored = false
  while (!isLast) {
    const page = await readNumberedPage(huawei, kind, { number: pages.length + 1, filter })
    const { servers, count } = page
    const before = listed.size
    for (const item of servers) listed.set(item.id, item)
    const isNothingNew = listed.size === before
    isNumberIgnored = isNothingNew && isRepeated(page, pages.at(-1)) && mayHoldMore(page, listed.size)
    isLast =
      isNothingNew || (servers.length < PAGE_SERVERS && listed.size >= (count ?? Number.POSITIVE_INFINITY))
    pages.push(page)
  }
  return { listed: [...listed.values()], counts: countsOf(pages), isNumberIgnored }
}

const isRepeated = ({ servers }: ListedPage, before: ListedPage | undefined): boolean =>
  servers.length > 0 && servers[0]!.id === before?.servers[0]?.id

const mayHoldMore = ({ count, servers }: ListedPage, seen: number): boolean =>
  count === null || count === servers.length ? servers.length >= PAGE_SERVERS : count > seen

/** The parts of a page that tell how many servers there are. */
export interface CountedPage {
  count: number | null
  servers: { length: number }
}

/** What pages say about the total; nothing, where each of several counts only itself. */
export function countsOf(pages: CountedPage[]): number[] {
  const telling = pages.filter(({ servers }, index) => index === 0 || servers.length > 0)
  const countsItself = telling.length > 1 && telling.every(({ servers, count }) => count === servers.length)
  return countsItself ? [] : telling.flatMap(({ count }) => count ?? [])
}
