/** One page of servers over all connections: asked side by side, shown in order, none waited for longer than an answer may take. */

import type { StoredConnection } from '../../../core/model/connection.ts'
import { globTest } from '../../../core/model/glob.ts'
import type { Kind } from '../../../core/model/model.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { waitAtMost } from '../../late.ts'
import {
  type ConnectionSearch,
  type FoundServer,
  newSearch,
  placeAt,
  type SearchPlace,
  searchConnection,
} from './search.ts'

/** Connections that are asked at a time. */
const SIDE_BY_SIDE = 8

/** Both together stay well below what the gateway waits for an answer, 29 s. */
interface Patience {
  /** After this long no further connection is asked for this page. */
  startMs: number
  /** After this long a connection is not waited for. */
  connectionMs: number
}
const PATIENCE: Patience = { startMs: 10_000, connectionMs: 12_000 }

export interface SearchRequest {
  connections: StoredConnection[]
  from: SearchPlace | undefined
  name?: string | undefined
  id?: string | undefined
  limit: number
}
export interface SearchProblem {
  connection: string
  /** `null`: nothing of the connection could be asked. */
  kind: Kind | null
  reason: string
  /** Whether the cloud refuses this kind alone, which many a key has no right to. */
  isRefused: boolean
}
export interface FoundPage {
  found: FoundServer[]
  unreachable: SearchProblem[]
  next: SearchPlace | null
}

/** A page is full once the first searches, in their order, are through and found more than it shows, or one of them goes on later. */
function isPageFull(searches: ConnectionSearch[], done: Set<ConnectionSearch>, limit: number): boolean {
  let count = 0
  for (const search of searches) {
    if (!done.has(search)) return false
    count += search.found.length
    if (count > limit || search.place !== null) return true
  }
  return false
}

/** Searches the connections in their order, as many as fill a page. */
export async function searchPage(
  request: SearchRequest,
  services: HttpServices,
  patience: Patience = PATIENCE,
): Promise<FoundPage> {
  const { name, id, limit, from } = request
  const isNamed = name === undefined ? () => true : globTest(name)
  const wanted = { id, limit, matches: (server: FoundServer['server']) => isNamed(server.name) }
  const searches = request.connections
    .filter(connection => from === undefined || connection.id >= from.connection)
    .map(connection => newSearch(connection, from))
  const done = new Set<ConnectionSearch>()
  const begunAt = performance.now()
  const results = await settleAll(searches, { sideBySide: SIDE_BY_SIDE }, async search => {
    if (isPageFull(searches, done, limit) || performance.now() - begunAt > patience.startMs) return
    await waitAtMost(patience.connectionMs, searchConnection(search, wanted, services))
    search.isOver = true
    done.add(search)
  })
  throwFirstRejection(results)
  return cutFoundPage(searches, { done, limit, connectionMs: patience.connectionMs })
}

const lateProblem = ({ connection, place }: ConnectionSearch, ms: number): SearchProblem => ({
  connection: connection.id,
  kind: place?.kind === 'bms' ? 'bms' : null,
  reason: `it gave no answer within ${ms / 1000} s`,
  isRefused: false,
})

const missingOf = ({ connection, problems }: ConnectionSearch): SearchProblem[] =>
  problems.map(({ kind, error }) => ({
    connection: connection.id,
    kind,
    reason: error.message,
    isRefused: problems.length === 1 && error.details.class === 'refused',
  }))

interface Cutting {
  done: Set<ConnectionSearch>
  limit: number
  connectionMs: number
}

/** The first servers in the order of their connections, and where the next page begins. */
function cutFoundPage(searches: ConnectionSearch[], { done, limit, connectionMs }: Cutting): FoundPage {
  const page: FoundPage = { found: [], unreachable: [], next: null }
  for (const search of searches) {
    const { found, place } = search
    const room = limit - page.found.length
    if (!done.has(search) || (room === 0 && found.length > 0))
      return { ...page, next: placeAt(search.connection.id) }
    page.found.push(...found.slice(0, room))
    page.unreachable.push(...missingOf(search))
    if (found.length > room) return { ...page, next: page.found.at(-1)!.place }
    if (place === null) continue
    if (search.hasMoved) return { ...page, next: place }
    page.unreachable.push(lateProblem(search, connectionMs))
  }
  return page
}
