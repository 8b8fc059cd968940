/** Publishes the hard stops of a chunk. */
import type { Chunk, WholeChunk } from '../../core/model/chunk.ts'
import type { Run } from '../../core/model/run.ts'
import { SERVERS_ESCALATED, serversEscalated, unpublishedEscalations } from '../../core/notify/events.ts'
import { errorFields } from '../../runtime/log.ts'
import type { FollowServices } from '../../runtime/services/services.ts'

/** Publishes hard stops not published yet. What cannot be published now is published at a later poll. */
export async function publishEscalations(
  run: Run,
  whole: Pick<WholeChunk, 'chunk' | 'servers'>,
  services: FollowServices,
): Promise<Chunk> {
  const { chunk } = whole
  const places = unpublishedEscalations(chunk)
  if (places.length === 0) return chunk
  const { log, now, config, publish } = services
  const of = { run, service: config.tableName }
  const details = places.map(place => serversEscalated(whole, place, of))
  try {
    await publish(details.map(detail => ({ detailType: SERVERS_ESCALATED, detail, at: detail.requestedAt })))
  } catch (error) {
    log.warn('an escalation could not be told', { run: run.id, chunk: chunk.number, ...errorFields(error) })
    return chunk
  }
  for (const { count } of details) log.info('escalated', { run: run.id, chunk: chunk.number, servers: count })
  const toldAt = new Date(now()).toISOString()
  const requests = chunk.requests.map((one, place) => (places.includes(place) ? { ...one, toldAt } : one))
  return { ...chunk, requests }
}
