/** Looks for servers in one connection: every kind, page by page, as far as an answer may take. */
import type { Cloud, Server } from '../../../core/model/cloud.ts'
import type { StoredConnection } from '../../../core/model/connection.ts'
import { CloudError } from '../../../core/model/errors.ts'
import { Kind } from '../../../core/model/model.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { mustStartOver } from '../../fleet.ts'

/** Where a search goes on: in this connection and kind, behind the pages before `after` and the ids up to `last`. */
export interface SearchPlace {
  connection: string
  kind: Kind
  /** The `resume` of a page; '' at the beginning of the list. */
  after: string
  /** The last id shown of the page behind `after`; '' for none. */
  last: string
}
export interface FoundServer {
  server: Server
  place: SearchPlace
}
interface KindProblem {
  /** `null`: nothing of the connection could be asked. */
  kind: Kind | null
  error: CloudError
}

/** How far the search of a connection came. */
export interface ConnectionSearch {
  connection: StoredConnection
  found: FoundServer[]
  problems: KindProblem[]
  /** Where it goes on; `null` once it is through. */
  place: SearchPlace | null
  /** Whether it came further than where it began. */
  hasMoved: boolean
  /** Set by the caller: no further page is asked for. */
  isOver: boolean
}

interface SearchWish {
  id?: string | undefined
  matches: (server: Server) => boolean
  /** Servers that one page shows; one more tells that there is a next. */
  limit: number
}

export const placeAt = (connection: string, kind: Kind = 'ecs'): SearchPlace => ({
  connection,
  kind,
  after: '',
  last: '',
})

/** A search that has asked for nothing yet. */
export const newSearch = (connection: StoredConnection, from: SearchPlace | undefined): ConnectionSearch => ({
  connection,
  found: [],
  problems: [],
  hasMoved: false,
  isOver: false,
  place: from?.connection === connection.id ? from : placeAt(connection.id),
})

const isThrough = ({ isOver, found }: ConnectionSearch, { limit }: SearchWish): boolean =>
  isOver || found.length > limit

function moveTo(search: ConnectionSearch, place: SearchPlace | null): void {
  if (search.isOver) return
  search.place = place
  search.hasMoved = true
}

/** Searches until it is through, finds one more than is shown, or is told to end. What the cloud refuses stands in `problems`. */
export async function searchConnection(
  search: ConnectionSearch,
  wanted: SearchWish,
  services: HttpServices,
): Promise<void> {
  const { connection } = search
  const kinds = Kind.options.slice(Kind.options.indexOf(search.place!.kind))
  const cloud = await openOrNote(search, services)
  if (cloud === null) return
  for (const [index, kind] of kinds.entries()) {
    if (index > 0) moveTo(search, placeAt(connection.id, kind))
    try {
      await (wanted.id === undefined
        ? searchKind(search, wanted, cloud)
        : searchById(search, { ...wanted, id: wanted.id }, cloud))
    } catch (error) {
      if (!noteProblem(search, kind, error)) return
    }
    if (isThrough(search, wanted)) return
  }
  moveTo(search, null)
}

async function openOrNote(search: ConnectionSearch, services: HttpServices): Promise<Cloud | null> {
  try {
    return await services.cloud(search.connection)
  } catch (error) {
    noteProblem(search, null, error)
    return null
  }
}

/** Whether the other kind may be asked: a key that was refused is not shown again. Throws what is no `CloudError`. */
function noteProblem(search: ConnectionSearch, kind: Kind | null, error: unknown): boolean {
  if (!(error instanceof CloudError)) throw error
  const isKeyRefused = kind === null || error.details.class === 'credentials'
  if (!search.isOver) search.problems.push({ kind: isKeyRefused ? null : kind, error })
  if (isKeyRefused) moveTo(search, null)
  return !isKeyRefused
}

async function searchById(
  search: ConnectionSearch,
  { id, matches }: SearchWish & { id: string },
  cloud: Cloud,
): Promise<void> {
  const place = search.place!
  const server = (await cloud.serversById(place.kind, [id], null)).get(id)
  if (server && !search.isOver && matches(server)) search.found.push({ server, place })
}

/** Lists a kind; once more from the beginning where the fleet changed meanwhile: then servers may be shown twice, and none is left out. */
async function searchKind(search: ConnectionSearch, wanted: SearchWish, cloud: Cloud): Promise<void> {
  const before = search.found.length
  try {
    await searchList(search, wanted, cloud)
  } catch (error) {
    if (!mustStartOver(error)) throw error
    search.found.length = before
    moveTo(search, placeAt(search.connection.id, search.place!.kind))
    await searchList(search, wanted, cloud)
  }
}

/**
 * Shows the servers of pages from one place where a list can be resumed to the next, ordered by their ids: so the ids that were shown
 * are known by the last of them, even if that server is gone.
 */
async function searchList(search: ConnectionSearch, wanted: SearchWish, cloud: Cloud): Promise<void> {
  let place = search.place!
  let gathered: Server[] = []
  for await (const { servers, resume } of cloud.servers(place.kind, place.after || undefined)) {
    gathered.push(...servers.filter(wanted.matches))
    if (resume === null) continue
    addFound(search, gathered, place)
    gathered = []
    place = { ...place, after: resume, last: '' }
    moveTo(search, place)
    if (isThrough(search, wanted)) return
  }
  addFound(search, gathered, place)
}

const byId = (one: Server, other: Server): number => (one.id < other.id ? -1 : 1)

function addFound(search: ConnectionSearch, servers: Server[], place: SearchPlace): void {
  if (search.isOver) return
  const fresh = servers.filter(({ id }) => id > place.last).toSorted(byId)
  search.found.push(...fresh.map(server => ({ server, place: { ...place, last: server.id } })))
}
