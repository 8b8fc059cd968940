/** Pages of Nova's list of servers. */
import { heardParameters } from '../huawei/listing.ts'
import type { Answer, Request } from '../route.ts'
import { type ServerState, viewOf } from '../world/server.ts'
import type { State } from '../world/state.ts'
import type { Switches } from '../world/switches/switches.ts'
import { isAmong } from '../world/switches/which.ts'
import { controllerAnswer, fault } from './answer.ts'
import { novaItem } from './item.ts'

interface Listing {
  state: State
  projectId: string
  switches: Switches
}

/** Newest first, and nothing that is deleted. */
const newestFirst = (state: State, { now, query }: Request): ServerState[] => {
  const status = query.get('status')
  const servers = state.list('all', now).filter(server => !server.inRecycleBin)
  return servers.filter(server => status === null || server.status === status).reverse()
}

/** Compute API, "List Servers Detailed": a link to the next page comes whenever the page is full. */
export function novaPage(request: Request, { state, projectId, switches }: Listing): Answer {
  const { path, headers } = request
  const { params: query, refused } = heardParameters(request.query, switches)
  const { maxPage, novaOverlap } = switches
  if (refused !== undefined)
    return fault(request, 'badRequest', `Invalid input for query parameters ${refused}`)
  if (query.has('all_tenants')) {
    const rule = 'os_compute_api:servers:detail:get_all_tenants'
    return fault(request, 'forbidden', `Policy doesn't allow ${rule} to be performed.`)
  }
  const asked = query.get('limit') ?? String(maxPage)
  if (!/^\d*$/.test(asked)) {
    const words = `Invalid input for query parameters limit. Value: ${asked}. '${asked}' does not match '^[0-9]*$'`
    return fault(request, 'badRequest', words)
  }
  const servers = newestFirst(state, request)
  const marker = query.get('marker')
  const after = marker === null ? -1 : servers.findIndex(({ id }) => id === marker)
  if (marker !== null && after < 0) return fault(request, 'badRequest', `marker [${marker}] not found`)
  const limit = Math.min(Number(asked), maxPage)
  const begin = Math.max(0, after + 1 - novaOverlap)
  const page = servers.slice(begin, begin + limit)
  const last = page.at(-1)
  const next = new URLSearchParams(query)
  if (last !== undefined) next.set('marker', last.id)
  const href = `http://${headers.host}${path}?${next}`
  const isFull = last !== undefined && page.length === limit
  const items = page.map(server => ({
    ...novaItem(server, request, projectId),
    ...(isAmong(switches.statusUntold, server.id, () => viewOf(server)) ? { status: null } : {}),
  }))
  return controllerAnswer(request, 200, {
    servers: items.length === 0 && switches.emptyListIsNull ? null : items,
    ...(isFull ? { servers_links: [{ rel: 'next', href }] } : {}),
  })
}
