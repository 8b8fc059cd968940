/** The route that searches servers in the clouds of all connections. */
import * as z from 'zod'
import { canonicalText } from '../../../core/documents/canonical.ts'
import type { StoredConnection } from '../../../core/model/connection.ts'
import { Id, Kind } from '../../../core/model/model.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { countThatFit } from '../../lists/answer-size.ts'
import { cursorPlace, cursorText, refuseCursor } from '../../lists/cursor.ts'
import { type Answer, defineRoute, jsonAnswer } from '../../route.ts'
import { ServerList, ServersQuery } from '../../schemas/server-schemas.ts'
import { allConnections } from '../connections/all.ts'
import { existingConnection } from '../connections/connections.ts'
import { SERVER_EXAMPLES } from './examples.ts'
import { type SearchProblem, type SearchRequest, searchPage } from './page.ts'
import type { SearchPlace } from './search.ts'
import { viewPage } from './view.ts'

interface Searched {
  connections: StoredConnection[]
  unreachable: SearchProblem[]
}

const UNREADABLE =
  'the connection, as it is stored, cannot be read by this version: PUT it again, or DELETE it'

async function everywhere(services: HttpServices): Promise<Searched> {
  const { connections, unreadable } = await allConnections(services)
  const nothing = { kind: null, isRefused: false, reason: UNREADABLE }
  return { connections, unreachable: unreadable.map(connection => ({ connection, ...nothing })) }
}

export async function searchedConnections(id: string | undefined, services: HttpServices): Promise<Searched> {
  if (id === undefined) return everywhere(services)
  return { connections: [await existingConnection(id, services)], unreachable: [] }
}

const Place = z.strictObject({ connection: Id, kind: Kind, after: z.string(), last: z.string() })

/** Throws 400 for a cursor of another list. */
function placeOf(list: string, cursor: string | undefined): SearchPlace | undefined {
  const place = cursorPlace(list, cursor)
  return place && (Place.safeParse(place).data ?? refuseCursor())
}

async function listServers(query: ServersQuery, services: HttpServices): Promise<Answer> {
  const { name, id, connection, limit, cursor } = query
  const list = `servers ${canonicalText({ name, id, connection })}`
  const from = placeOf(list, cursor)
  const searched = await searchedConnections(connection, services)
  const { connections } = searched
  const request: SearchRequest = { connections, from, name, id, limit }
  const page = await searchPage(request, services)
  // Named once, on the first page.
  if (from === undefined) page.unreachable.unshift(...searched.unreachable)
  const shown = await viewPage(page, connections, services)
  const count = countThatFit(shown.items)
  const next = count < shown.items.length ? page.found[count - 1]!.place : page.next
  const items = shown.items.slice(0, count)
  return jsonAnswer({ ...shown, items, nextCursor: next && cursorText(list, { ...next }) })
}

export const serverRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/servers',
    operation: 'servers',
    examples: SERVER_EXAMPLES.servers,
    summary: 'Servers of all connections, by name or id, as they are now',
    description:
      'Asks the clouds, side by side, for both kinds; with neither `name` nor `id`, for all. A connection that refuses, or takes longer than an answer may, is named in `unreachable` and not waited for. Ordered by connection. A page may hold fewer than `limit`, or none, and go on at its `nextCursor`: a large fleet takes several. Bare metal, or virtual servers, that the key may not list are only named where a policy is about them.',
    query: ServersQuery,
    answers: { 200: { description: 'A page of them.', schema: ServerList } },
    problems: { 404: 'There is no such connection.' },
    run: ({ query }, services) => listServers(query, services),
  }),
]
