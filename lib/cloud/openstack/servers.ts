/** Reads servers from Nova, by its list or one by one. */
import * as z from 'zod'
import type { Server, ServerPage } from '../../core/model/cloud.ts'
import type { Connection } from '../../core/model/connection.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Kind } from '../../core/model/model.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import { type ApiPlace, withoutProject } from '../http/place.ts'
import type { AskCloud } from '../http/request.ts'
import {
  askableIds,
  askSideBySide,
  failAtMarker,
  findAmong,
  isNotAccepted,
  PAGE_SERVERS,
  type ReadRequest,
} from '../reading-servers.ts'
import { seenIds } from '../seen-ids.ts'
import { type ListedServers, SERVER_SCHEMAS } from '../servers.ts'

/** A connection to a Nova, and how it is asked. */
export interface Nova {
  connection: Connection
  ask: AskCloud
}

/** `tags` come from 2.26 on, `locked` from 2.9 (Compute API, "REST API Version History"); before 2.47 a flavour has its id. */
export const MICROVERSION = '2.26'

/** What proves that the microversion was heard: without it, a tag that protects a server would be overlooked. */
const Heard = z.looseObject({
  tags: z.array(z.unknown(), { error: `expected tags, which microversion ${MICROVERSION} brings` }),
  locked: z.boolean({ error: `expected a flag, which microversion ${MICROVERSION} brings` }),
})
const NovaServer = z.intersection(Heard, SERVER_SCHEMAS.ecs.ListedServer)
const Links = z.array(z.object({ rel: z.string(), href: z.string() })).nullish()
const NovaPage = z.object({ servers: z.array(NovaServer).nullable(), servers_links: Links })
const NovaSingle = z.object({ server: NovaServer })

/** Compute API, from the project on. */
export const novaServersPlace = ({ endpoints, projectId }: Connection, path: string[]): ApiPlace => ({
  endpoint: withoutProject(endpoints.compute!, projectId),
  path: [projectId, 'servers', ...path],
})

interface NovaPage {
  servers: ListedServers[]
  /** Whether a next page is told of. */
  hasNext: boolean
}

/**
 * Every server of a kind, page by page, each once: Compute API, "List Servers Detailed". Nova knows no kinds: all are `ecs` but those
 * that carry Huawei Cloud's mark of bare metal. Throws `CloudError`: after `marker-vanished` start over; `listing-incomplete` where
 * a next page is told of and cannot be had.
 */
export async function* novaPages(nova: Nova, kind: Kind, after?: string): AsyncGenerator<ServerPage> {
  const seen = seenIds()
  let marker = after ?? null
  let next: Promise<NovaPage> | null = novaPage(nova, marker)
  while (next !== null) {
    const { servers, hasNext }: NovaPage = await next
    // Pages may overlap: what stands before the marker was shown by the page before, which may be another listing's.
    const behind = servers.slice(servers.findIndex(({ id }) => id === marker) + 1)
    const fresh = behind.filter(({ id }) => seen.add(id))
    if (hasNext && fresh.length === 0) failIncomplete(nova, { marker, came: seen.size() })
    marker = hasNext ? servers.at(-1)!.id : null
    next = marker === null ? null : novaPage(nova, marker)
    // A caller that stops early leaves this request pending; one that goes on awaits it above, failure and all.
    next?.catch(() => undefined)
    const shown = fresh.flatMap(({ server }) => (server?.kind === kind ? server : []))
    yield { servers: shown, resume: marker, total: null }
  }
}

const serverListOf = (marker: string | null): string =>
  marker === null ? 'list of servers' : `list of servers after ${marker}`

const failIncomplete = (
  { connection }: Nova,
  { marker, came }: { marker: string | null; came: number },
): never =>
  throwCloudError({
    asked: `Connection ${connection.id}: ${serverListOf(marker)}`,
    came: `expected more servers, for a next page is told of, but none that is new came after ${came}`,
    details: ownDetails({ class: 'refused', code: 'listing-incomplete' }),
  })

async function novaPage({ connection, ask }: Nova, marker: string | null): Promise<NovaPage> {
  const call = {
    what: serverListOf(marker),
    method: 'GET' as const,
    ...novaServersPlace(connection, ['detail']),
    query: { limit: String(PAGE_SERVERS), ...(marker === null ? {} : { marker }) },
    answer: NovaPage,
  }
  try {
    const { servers, servers_links: links } = (await ask(call)).value
    return { servers: servers ?? [], hasNext: links?.some(({ rel }) => rel === 'next') ?? false }
  } catch (error) {
    if (marker !== null && isNotAccepted(error)) failAtMarker(call.what, connection, error)
    throw error
  }
}

/** These servers as they are now, by whichever way takes fewer calls; Nova's list has no filter by ids. */
export async function novaServersById(
  nova: Nova,
  { kind, ids, total }: ReadRequest,
): Promise<Map<string, Server>> {
  const wanted = askableIds(ids)
  if (total !== null && Math.floor(total / PAGE_SERVERS) + 1 < wanted.length)
    return findAmong(novaPages(nova, kind), wanted)
  const found = await askSideBySide(wanted, id => novaServer(nova, id))
  const servers = found.flatMap(server => (server?.kind === kind ? server : []))
  return new Map(servers.map(server => [server.id, server]))
}

/** Compute API, "Show Server Details"; `null` where there is none. */
async function novaServer({ connection, ask }: Nova, id: string): Promise<Server | null> {
  const at = novaServersPlace(connection, [id])
  try {
    const call = { what: `details of server ${id}`, method: 'GET' as const, ...at, answer: NovaSingle }
    return (await ask(call)).value.server.server
  } catch (error) {
    // Only Nova's own word counts: a router's 404 says that the path is wrong.
    if (error instanceof CloudError && /^(itemNotFound|Ecs\.0[16]14)$/.test(error.details.code)) return null
    throw error
  }
}
