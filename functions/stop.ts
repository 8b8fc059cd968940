/** Asks the cloud to stop one chunk of servers. */
import { ChunkMessage } from '../lib/core/model/chunk.ts'
import { each, queueHandler } from '../lib/runtime/handler.ts'
import { liveServices } from '../lib/runtime/services/base.ts'
import { createCloudServices } from '../lib/runtime/services/cloud.ts'
import { stop } from '../lib/steps/stop/stop.ts'

const services = liveServices(base => ({ ...base, ...createCloudServices(base) }))

export const handler = queueHandler(ChunkMessage, each(stop), services)
