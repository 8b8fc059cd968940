/** What reading servers has in common at all clouds. */
import type { Server, ServerPage } from '../core/model/cloud.ts'
import type { Connection } from '../core/model/connection.ts'
import { CloudError } from '../core/model/errors.ts'
import type { Kind } from '../core/model/model.ts'
import { drainQueue } from '../runtime/concurrency.ts'
import { throwCloudError } from './http/failure.ts'

/** The most servers that a page may hold, at ECS and at BMS, and at Nova unless it is set up otherwise. */
export const PAGE_SERVERS = 1000
const MAX_SIDE_BY_SIDE = 8

export interface ReadRequest {
  kind: Kind
  ids: string[]
  /** How many servers of the kind there are, where that is known. */
  total: number | null
}

/** The ids, each once. A text that cannot be an id is left out: in a path or a list it would mean something else. */
export const askableIds = (ids: string[]): string[] => [...new Set(ids)].filter(id => /^[\w-]+$/.test(id))

/** Finds servers in a list, and reads it no further than needed. */
export async function findAmong(
  pages: AsyncIterable<ServerPage>,
  ids: string[],
): Promise<Map<string, Server>> {
  const wanted = new Set(ids)
  const found = new Map<string, Server>()
  for await (const { servers } of pages) {
    for (const server of servers) if (wanted.has(server.id)) found.set(server.id, server)
    if (found.size === wanted.size) break
  }
  return found
}

/** The first goes alone: a refused key is seen by one bad signature, where six in a row would lock it. */
export async function askSideBySide<I, O>(items: I[], ask: (item: I) => Promise<O>): Promise<O[]> {
  const queue = [...items.entries()]
  const answers: O[] = []
  const askNext = async ([index, item]: [number, I]) => {
    answers[index] = await ask(item)
  }
  const first = queue.shift()
  if (first) await askNext(first)
  await drainQueue(queue, { sideBySide: MAX_SIDE_BY_SIDE }, askNext)
  return answers
}

/** The same call without this parameter was accepted, or would be. */
export const isNotAccepted = (error: unknown): error is CloudError =>
  error instanceof CloudError &&
  error.details.class === 'refused' &&
  [400, 404].includes(error.details.status)

export const isMarkerVanished = (error: unknown): error is CloudError =>
  error instanceof CloudError && error.details.code === 'marker-vanished'

/** Throws that a page could not be had because the server at its marker is gone, as far as can be told. */
export const failAtMarker = (what: string, { id }: Connection, cause: CloudError): never =>
  throwCloudError({
    asked: `Connection ${id}: ${what}`,
    came: `expected the next page, but the server seems to be gone (${cause.details.status} ${cause.details.code})`,
    details: { ...cause.details, class: 'unavailable', code: 'marker-vanished' },
    cause,
  })
