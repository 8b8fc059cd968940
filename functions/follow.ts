/** Looks at the jobs of chunks, then at the servers themselves, until every one of them is settled. */
import { ChunkMessage } from '../lib/core/model/chunk.ts'
import { queueHandler } from '../lib/runtime/handler.ts'
import { follow } from '../lib/steps/follow/follow.ts'

export const handler = queueHandler(ChunkMessage, follow)
