/** Reads the servers that runs may select, by whichever way takes fewer requests: filters of the cloud's list, or the list itself. */
import type { Cloud, Server, ServerFilter, ServerPage } from '../core/model/cloud.ts'
import { CloudError } from '../core/model/errors.ts'
import type { Kind } from '../core/model/model.ts'
import {
  chooseReading,
  filtersFor,
  needsNoList,
  whyIgnored,
  whyIncomplete,
} from '../core/plan/filters/filters.ts'
import type { Rules } from '../core/plan/rules.ts'
import type { Log } from '../runtime/log.ts'

interface FleetPage extends Pick<ServerPage, 'servers' | 'resume'> {
  /** How many servers of the fleet it accounts for; 0 where filters found them and nothing counted the fleet. */
  fleet: number
  /** Whether it is a page of the whole list, not of what filters found. */
  isListed: boolean
}

interface FleetSource {
  cloud: Cloud
  log: Log
  /** Called between requests, for a caller that must extend its lease. */
  hold?: () => Promise<void>
}

interface FleetWanted {
  kind: Kind
  /** What each run selects, and its limits. */
  rules: Pick<Rules, 'selector' | 'limits'>[]
  /** The server after which the list goes on; `null`: from the beginning. */
  after: string | null
}

/** Yields every server that any of the runs may select, each once; what filters find comes as one page. Throws `CloudError`. */
export async function* readFleet(
  { kind, rules, after }: FleetWanted,
  source: FleetSource,
): AsyncGenerator<FleetPage> {
  let filters = after === null ? filtersFor(rules.map(({ selector }) => selector)) : null
  const percents = rules.flatMap(({ limits }) => limits.maxPercent ?? [])
  const tryFilters = async (page: ServerPage | null): Promise<FleetPage | null> => {
    const servers = filters && (await readByFilters({ kind, filters, percents, page }, source))
    // Filters are tried once: after that the list is read to its end.
    filters = null
    return servers && { servers, resume: null, fleet: page?.total ?? 0, isListed: false }
  }
  const shown = filters && needsNoList(filters) && percents.length === 0 ? await tryFilters(null) : null
  if (shown) return yield shown
  for await (const page of source.cloud.servers(kind, after ?? undefined)) {
    const shown = await tryFilters(page)
    if (shown) return yield shown
    yield { ...page, fleet: page.servers.length, isListed: true }
  }
}

interface Filtering {
  kind: Kind
  filters: ServerFilter[]
  /** Limits that need the number of the fleet. */
  percents: number[]
  /** The first page of the list; `null` where none was read. */
  page: ServerPage | null
}

/** All servers that the filters let through; `null` where the list takes no more requests, or the filters are not to be trusted. */
async function readByFilters(filtering: Filtering, source: FleetSource): Promise<Server[] | null> {
  try {
    return await readEachFilter(filtering, source)
  } catch (error) {
    if (error instanceof CloudError && isAboutFilter(error)) return distrustFilters(error.message, source)
    throw error
  }
}

/** Any other failure would meet the list as well. */
const isAboutFilter = ({ details }: CloudError): boolean =>
  details.class === 'refused' || details.class === 'unavailable'

function distrustFilters(reason: string, { log }: FleetSource): null {
  log.info('the whole list is read, for its filters are not believed', { reason })
  return null
}

async function readEachFilter(
  { kind, filters, percents, page }: Filtering,
  source: FleetSource,
): Promise<Server[] | null> {
  const found = new Map<string, Server>()
  const passed = new Map<ServerFilter, number | null>()
  const isListShorter = (): boolean =>
    page !== null && chooseReading(filters, { fleet: page.total, passed }) === 'list'
  const opened = filters.map(filter => [filter, source.cloud.filteredServers(kind, filter)] as const)
  if (isListShorter() || opened.some(([, pages]) => pages === null)) return null
  for (const [filter, pages] of opened)
    for await (const { servers, total } of pages!) {
      passed.set(filter, total)
      if (isListShorter()) return null
      const ignored = whyIgnored(filter, servers)
      if (ignored !== null) return distrustFilters(ignored, source)
      for (const server of servers) found.set(server.id, server)
      await source.hold?.()
    }
  const lacking = whyIncomplete(filters, { found, passed, page: page?.servers ?? [], percents })
  return lacking === null ? [...found.values()] : distrustFilters(lacking, source)
}
