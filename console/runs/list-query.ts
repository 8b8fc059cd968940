/** What the address of the list of runs asks for, and the request that it is. */

const FILTERS = ['policy', 'connection', 'action', 'status', 'bad', 'since', 'until'] as const
export type Filter = (typeof FILTERS)[number]

/** By name; empty: not asked for. Dates are those of the reader's own zone. */
export type RunFilters = Record<Filter, string>

export function readFilters(query: URLSearchParams): RunFilters {
  return Object.fromEntries(FILTERS.map(name => [name, query.get(name) ?? ''])) as RunFilters
}

export const isFiltered = (filters: RunFilters): boolean => FILTERS.some(name => filters[name] !== '')

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** The first instant of a local date, or of one some days later. `null`: it is no date. */
function startOfDate(date: string, daysLater = 0): Date | null {
  const [, year, month, day] = DATE.exec(date) ?? []
  if (year === undefined) return null
  const start = new Date(Number(year), Number(month) - 1, Number(day) + daysLater)
  return Number.isNaN(start.getTime()) ? null : start
}

/** From the first instant of `since` to the last of `until`. What is no date goes to the API, which says what it expects. */
export function instantsOf({ since, until }: Pick<RunFilters, 'since' | 'until'>) {
  const end = startOfDate(until, 1)
  return {
    since: startOfDate(since)?.toISOString() ?? since,
    until: end === null ? until : new Date(end.getTime() - 1).toISOString(),
  }
}

/** The query of `GET /v1/runs`. */
export function runsQuery(filters: RunFilters, limit: number) {
  const { policy, connection, action, status, bad } = filters
  return { policyId: policy, connection, action, status, bad, ...instantsOf(filters), limit }
}
