/** Looks at the jobs of chunks, then at the servers themselves, until every one of them is settled. */
import { ChunkMessage } from '../lib/core/model/chunk.ts'
import { queueHandler } from '../lib/runtime/handler.ts'
import { liveServices } from '../lib/runtime/services/base.ts'
import { createEventServices } from '../lib/runtime/services/bus.ts'
import { createCloudServices } from '../lib/runtime/services/cloud.ts'
import { follow } from '../lib/steps/follow/follow.ts'

const services = liveServices(base => ({
  ...base,
  ...createCloudServices(base),
  ...createEventServices(base),
}))

export const handler = queueHandler(ChunkMessage, follow, services)
