/** Asks the cloud to stop one chunk of servers. */
import { ChunkMessage } from '../lib/core/model/chunk.ts'
import { each, queueHandler } from '../lib/runtime/handler.ts'
import { stop } from '../lib/steps/stop/stop.ts'

export const handler = queueHandler(ChunkMessage, each(stop))
