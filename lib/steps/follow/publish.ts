/** Publishes what happened to the requests of a chunk, and has channels told: hard stops, and starts that there is no room for. */
import type { LackingRequest } from '../../core/follow/lacking.ts'
import type { Chunk, WholeChunk } from '../../core/model/chunk.ts'
import type { Run } from '../../core/model/run.ts'
import { NO_CAPACITY, requestEvents, SERVERS_ESCALATED } from '../../core/notify/events.ts'
import { errorFields } from '../../runtime/log.ts'
import type { FollowServices } from '../../runtime/services/services.ts'
import { tellRequests } from '../notify/tell.ts'

/** What a line of the log says of each event. */
const WORDS = { [SERVERS_ESCALATED]: 'escalated', [NO_CAPACITY]: 'no capacity; to be asked again' }

interface ToPublish extends Pick<WholeChunk, 'chunk' | 'servers'> {
  lacking: LackingRequest[]
}

/**
 * Publishes events of requests not published yet, then marks the requests: a crash in between publishes the same events
 * again. What cannot be published now is published at a later poll.
 */
export async function publishRequests(
  run: Run,
  { lacking, ...told }: ToPublish,
  services: FollowServices,
): Promise<Chunk> {
  const { chunk } = told
  const { log, now, config, publish } = services
  const events = requestEvents(told, lacking, { run, service: config.tableName })
  if (events.length === 0) return chunk
  try {
    await tellRequests(events, run, services)
    await publish(events)
  } catch (error) {
    log.warn('an event could not be published', { run: run.id, chunk: chunk.number, ...errorFields(error) })
    return chunk
  }
  for (const { detailType, detail } of events)
    log.info(WORDS[detailType], { run: run.id, chunk: chunk.number, servers: detail.count })
  const toldAt = new Date(now()).toISOString()
  const places = new Set(events.map(({ place }) => place))
  const requests = chunk.requests.map((one, place) => (places.has(place) ? { ...one, toldAt } : one))
  return { ...chunk, requests }
}
