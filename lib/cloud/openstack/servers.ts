import * as z from 'zod'
import type { Server, ServerPage } from '../../core/model/cloud.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Connection, Kind } from '../../core/model/model.ts'
import { type Asked, among, askable, sideBySide } from '../by-id.ts'
import type { Place } from '../endpoints.ts'
import type { Ask } from '../http/request.ts'
import { failAtMarker, isNotAccepted, PAGE_SERVERS } from '../listing.ts'
import { ListedServer } from '../servers.ts'

/** A connection to a Nova, and how it is asked. */
export interface Nova {
  connection: Connection
  ask: Ask
}

/** `tags` come from 2.26 on, `locked` from 2.9 (Compute API, "REST API Version History"); before 2.47 a flavour has its id. */
export const MICROVERSION = '2.26'

/** What proves that the microversion was heard: without it, a tag that protects a server would be overlooked. */
const Heard = z.looseObject({
  tags: z.array(z.string(), { error: `expected tags, which microversion ${MICROVERSION} brings` }),
  locked: z.boolean({ error: `expected a flag, which microversion ${MICROVERSION} brings` }),
})
const NovaServer = z.intersection(Heard, ListedServer('ecs'))
const Links = z.array(z.object({ rel: z.string(), href: z.string() })).nullish()
const NovaPage = z.object({ servers: z.array(NovaServer), servers_links: Links })
const NovaSingle = z.object({ server: NovaServer })

/** Compute API, from the project on. */
export const serversPlace = ({ endpoints, projectId }: Connection, path: string[]): Place => ({
  endpoint: endpoints.compute!,
  path: [projectId, 'servers', ...path],
})

interface Page {
  servers: Server[]
  /** After which server the next page begins; `null` at the end. */
  marker: string | null
}

/**
 * Every server of a kind, page by page: Compute API, "List Servers Detailed". Nova knows no kinds: all are `ecs` but those
 * that carry Huawei Cloud's mark of bare metal. Throws `CloudError`, `marker-vanished` among them: start over.
 */
export async function* novaPages(nova: Nova, kind: Kind, after?: string): AsyncGenerator<ServerPage> {
  let next: Promise<Page> | null = novaPage(nova, after ?? null)
  while (next !== null) {
    const { servers, marker }: Page = await next
    next = marker === null ? null : novaPage(nova, marker)
    // Whoever stops in the middle leaves a page on its way; whoever goes on awaits it above, failure and all.
    next?.catch(() => undefined)
    yield { servers: servers.filter(server => server.kind === kind), resume: marker, total: null }
  }
}

async function novaPage({ connection, ask }: Nova, marker: string | null): Promise<Page> {
  const call = {
    what: marker === null ? 'list of servers' : `list of servers after ${marker}`,
    method: 'GET' as const,
    ...serversPlace(connection, ['detail']),
    query: { limit: String(PAGE_SERVERS), ...(marker === null ? {} : { marker }) },
    answer: NovaPage,
  }
  try {
    const { servers, servers_links: links } = (await ask(call)).value
    const last = servers.at(-1)?.id ?? null
    const isLast = last === null || last === marker || !links?.some(({ rel }) => rel === 'next')
    return { servers: servers.flatMap(({ server }) => server ?? []), marker: isLast ? null : last }
  } catch (error) {
    if (marker !== null && isNotAccepted(error)) failAtMarker(call.what, connection, error)
    throw error
  }
}

/** These servers as they are now, by whichever way takes fewer calls; Nova's list has no filter by ids. */
export async function novaServersById(nova: Nova, { kind, ids, total }: Asked): Promise<Map<string, Server>> {
  const wanted = askable(ids)
  if (total !== null && Math.floor(total / PAGE_SERVERS) + 1 < wanted.length)
    return among(novaPages(nova, kind), wanted)
  const found = await sideBySide(wanted, id => novaServer(nova, id))
  const servers = found.flatMap(server => (server?.kind === kind ? server : []))
  return new Map(servers.map(server => [server.id, server]))
}

/** Compute API, "Show Server Details"; `null` where there is none. */
async function novaServer({ connection, ask }: Nova, id: string): Promise<Server | null> {
  const at = serversPlace(connection, [id])
  try {
    const call = { what: `details of server ${id}`, method: 'GET' as const, ...at, answer: NovaSingle }
    return (await ask(call)).value.server.server
  } catch (error) {
    if (isUnknown(error)) return null
    throw error
  }
}

/** Only Nova's own word counts: a router's 404 says that the path is wrong. */
const isUnknown = (error: unknown): boolean =>
  error instanceof CloudError && /^(itemNotFound|Ecs\.0[16]14)$/.test(error.details.code)
