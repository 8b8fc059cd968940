/**
 * Which way the servers that runs may select are read: by filters of the cloud's own list, or by the list itself. What comes is judged by
 * the planner alike: a filter may let through more than is selected, and never less.
 */
import type { Server, ServerFilter, TagFilter } from '../../model/cloud.ts'
import type { Selector } from '../../model/policy/selector.ts'

const PAGE_SERVERS = 1000
/** The most ids that one request names. */
const FILTER_IDS = 100
/** What filters show is kept whole before any of it counts, and no other function goes on with it. */
const MAX_FILTER_REQUESTS = 40

/**
 * Filters that together let through every server that any of the selectors matches; `null` where there are none: a name, say, is looked
 * for in the whole list.
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

/** Every key must be there: the one that says the fewest values is enough. A key alone, or without a value, is no filter. */
function tagFilters({ tags = {} }: Selector): TagFilter[] | null {
  const [fewest] = Object.entries(tags)
    .filter(([, values]) => values.length > 0 && !values.includes(''))
    .toSorted(([, some], [, others]) => some.length - others.length)
  if (fewest === undefined) return null
  const [key, values] = fewest
  return values.map(value => ({ key, value }))
}

/** Servers that are counted so far: `fleet`: all of the kind; `passed`: those that a filter lets through. `null`: the cloud does not tell. */
interface FilterCounts {
  fleet: number | null
  passed: ReadonlyMap<ServerFilter, number | null>
}

/** A last page that is full is followed by an empty one. */
const listRequests = (servers: number): number => Math.floor(servers / PAGE_SERVERS) + 1

/** At least so many, where the filter is not counted yet. */
function requestsBy(filter: ServerFilter, passed: number | null | undefined): number {
  if ('ids' in filter) return Math.ceil(filter.ids.length / FILTER_IDS)
  return passed === null ? Number.POSITIVE_INFINITY : listRequests(passed ?? 0)
}

/** Before anything is counted: whether no listing takes fewer requests than the filters. */
export const needsNoList = (filters: ServerFilter[]): boolean =>
  filters.every(filter => 'ids' in filter && requestsBy(filter, undefined) <= 1)

/** After the first page of the list: the filters, or the rest of the list, whichever takes fewer requests. */
export function chooseReading(filters: ServerFilter[], { fleet, passed }: FilterCounts): 'filters' | 'list' {
  if (fleet === null) return 'list'
  const requests = filters.reduce((sum, filter) => sum + requestsBy(filter, passed.get(filter)), 0)
  return requests < listRequests(fleet) - 1 && requests <= MAX_FILTER_REQUESTS ? 'filters' : 'list'
}

/** Whether a filter is to let a server through; one of which the tags cannot be read may have them. */
function filterTest(filter: ServerFilter): (server: Server) => boolean {
  if ('ids' in filter) {
    const ids = new Set(filter.ids)
    return ({ id }) => ids.has(id)
  }
  const { key, value } = filter
  return ({ tags, unreadable }) =>
    unreadable !== undefined || (Object.hasOwn(tags, key) && tags[key]!.includes(value))
}

/** Why a filter is not believed that showed these servers; `null` where nothing speaks against it. */
export function ignoresFilter(filter: ServerFilter, servers: Server[]): string | null {
  const passes = filterTest(filter)
  const other = servers.find(server => !passes(server))
  return other ? `a filter shows server ${other.id}, which it should not` : null
}

/** What all filters showed, and beside it a page of the list: they must show those of its servers that they are to let through. */
interface ShownByFilters {
  found: ReadonlyMap<string, Server>
  passed: FilterCounts['passed']
  page: Server[]
  /** What runs may select of the fleet at most, in percent, each. */
  percents: number[]
}

/** Why what filters showed is not believed to be all; `null` where nothing speaks against it. */
export function lacksServers(
  filters: ServerFilter[],
  { found, passed, page, percents }: ShownByFilters,
): string | null {
  const byTag = filters.filter(filter => !('ids' in filter))
  // A tag may be on no server; where filters by tags show none at all, nothing tells that the cloud knows such filters.
  if (byTag.length > 0 && byTag.every(filter => passed.get(filter) === 0)) return 'no filter shows a server'
  const tests = filters.map(filterTest)
  const missed = page.find(
    server =>
      server.unreadable === undefined && !found.has(server.id) && tests.some(passes => passes(server)),
  )
  if (missed) return `the filters lack server ${missed.id}, which the list shows`
  // The count of a list may include bare metal: only servers that came are sure to be of the fleet.
  const { size: seen } = new Set([...found.keys(), ...page.map(({ id }) => id)])
  const exceeded = percents.find(percent => found.size * 100 > percent * seen)
  return exceeded === undefined ? null : `whether limits.maxPercent, ${exceeded} %, is kept takes all servers`
}
