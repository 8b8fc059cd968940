/**
 * Decides how the servers that runs may select are read: by filters of the cloud's own list, or by the whole list. Either way the planner
 * judges each server: a filter may let through more than is selected, and never less.
 */
import type { Server, ServerFilter, TagFilter } from '../../model/cloud.ts'
import type { Selector } from '../../model/policy/selector.ts'

const PAGE_SERVERS = 1000
/** The most ids that one request names. */
const FILTER_IDS = 100
/** Bounded, for what filters show is held in memory until all of it came, and no other function can go on with it. */
const MAX_FILTER_REQUESTS = 40

/**
 * Filters that together let through every server that any of the selectors matches; `null` where none do, such as for a selector by
 * name.
 */
export function filtersFor(selectors: Selector[]): ServerFilter[] | null {
  const ids = new Set<string>()
  const tags = new Map<string, TagFilter>()
  for (const selector of selectors) {
    const filters = selector.ids ? [] : tagFilters(selector)
    if (filters === null) return null
    for (const id of selector.ids ?? []) ids.add(id)
    for (const filter of filters) tags.set(`${filter.key}=${filter.value}`, filter)
  }
  return [...(ids.size > 0 ? [{ ids: [...ids] }] : []), ...tags.values()]
}

/** Filters of one key are enough, for a server must have every key: the key with the fewest values. A key without a value is no filter. */
function tagFilters({ tags = {} }: Selector): TagFilter[] | null {
  const [fewest] = Object.entries(tags)
    .filter(([, values]) => values.length > 0 && !values.includes(''))
    .toSorted(([, some], [, others]) => some.length - others.length)
  if (fewest === undefined) return null
  const [key, values] = fewest
  return values.map(value => ({ key, value }))
}

/** How many servers there are, as far as that was counted so far; `null`: the cloud does not tell. */
interface FilterCounts {
  /** All of the kind. */
  fleet: number | null
  /** Those that each filter lets through. */
  passed: ReadonlyMap<ServerFilter, number | null>
}

/** A last page that is full is followed by an empty one. */
const listRequests = (servers: number): number => Math.floor(servers / PAGE_SERVERS) + 1

/** How many requests a filter takes; the fewest that it can, while it is not counted yet. */
function requestsBy(filter: ServerFilter, passed: number | null | undefined): number {
  if ('ids' in filter) return Math.ceil(filter.ids.length / FILTER_IDS)
  return passed === null ? Number.POSITIVE_INFINITY : listRequests(passed ?? 0)
}

/** Whether filters take no more requests than any listing, whatever would be counted. */
export const needsNoList = (filters: ServerFilter[]): boolean =>
  filters.every(filter => 'ids' in filter && requestsBy(filter, undefined) <= 1)

/** After the first page of the list: the filters, or the rest of the list, whichever takes fewer requests. */
export function chooseReading(filters: ServerFilter[], { fleet, passed }: FilterCounts): 'filters' | 'list' {
  if (fleet === null) return 'list'
  const requests = filters.reduce((sum, filter) => sum + requestsBy(filter, passed.get(filter)), 0)
  return requests < listRequests(fleet) - 1 && requests <= MAX_FILTER_REQUESTS ? 'filters' : 'list'
}

/** Whether a filter is to let a server through; a server whose tags cannot be read may have the tag. */
function filterTest(filter: ServerFilter): (server: Server) => boolean {
  if ('ids' in filter) {
    const ids = new Set(filter.ids)
    return ({ id }) => ids.has(id)
  }
  const { key, value } = filter
  return ({ tags, unreadable }) =>
    unreadable !== undefined || (Object.hasOwn(tags, key) && tags[key]!.includes(value))
}

/** Why a filter that showed these servers is not to be trusted; `null` where it is. */
export function whyIgnored(filter: ServerFilter, servers: Server[]): string | null {
  const passes = filterTest(filter)
  const other = servers.find(server => !passes(server))
  return other ? `a filter shows server ${other.id}, which it should not` : null
}

/** What all filters showed, and a page of the list to hold it against. */
interface ShownByFilters {
  found: ReadonlyMap<string, Server>
  passed: FilterCounts['passed']
  page: Server[]
  /** `limits.maxPercent` of each run that has one. */
  percents: number[]
}

/** A tag that only the list shows may be the one that protects the server. */
const isStripped = ({ tags, unreadable }: Server, found: Server | undefined): boolean =>
  unreadable === undefined &&
  found !== undefined &&
  found.unreadable === undefined &&
  Object.keys(tags).some(key => !Object.hasOwn(found.tags, key))

/** Why filters may have left servers out; `null` where nothing speaks for that. */
export function whyIncomplete(
  filters: ServerFilter[],
  { found, passed, page, percents }: ShownByFilters,
): string | null {
  const byTag = filters.filter(filter => !('ids' in filter))
  // No server may carry the tags. But a cloud that does not know such filters answers alike, and nothing tells the two apart.
  if (byTag.length > 0 && byTag.every(filter => passed.get(filter) === 0)) return 'no filter shows a server'
  const tests = filters.map(filterTest)
  const missed = page.find(
    server =>
      server.unreadable === undefined && !found.has(server.id) && tests.some(passes => passes(server)),
  )
  if (missed) return `the filters lack server ${missed.id}, which the list shows`
  const stripped = page.find(server => isStripped(server, found.get(server.id)))
  if (stripped) return `a filter shows server ${stripped.id} without a tag that the list shows`
  // The fleet has at least the servers that came. The count of a list may include bare metal, and is not used.
  const { size: seen } = new Set([...found.keys(), ...page.map(({ id }) => id)])
  const exceeded = percents.find(percent => found.size * 100 > percent * seen)
  return exceeded === undefined
    ? null
    : `limits.maxPercent of ${exceeded} % can be judged by all servers alone`
}
