/** Hands a chunk whose requests are out to `follow`. */
import { firstDelaySeconds } from '../../core/follow/follow.ts'
import { expectedSeconds } from '../../core/follow/job-times.ts'
import { messageOf } from '../../core/model/chunk.ts'
import type { StopServices } from '../../runtime/services/services.ts'
import { type Held, LEASE_SECONDS, saveChunk } from '../held-chunk.ts'

/** How much later than usual a first look may come within the lease that the chunk has. */
const ROOM_SECONDS = LEASE_SECONDS / 2

/** Queues the first look at a chunk for when most of the latest jobs like its own were over. */
export async function followLater(held: Held, services: StopServices): Promise<null> {
  const { run, rules, whole, jobTimes = {} } = held
  const { config, queue, now } = services
  const times = config.follow
  const expected = expectedSeconds(jobTimes, run, whole.chunk)
  const seconds = firstDelaySeconds(whole, { run, rules, times, expected, now: now() })
  const isLate = seconds > times.firstSeconds + ROOM_SECONDS
  const kept = isLate
    ? await saveChunk(held, { chunk: whole.chunk }, services, seconds + LEASE_SECONDS)
    : held
  if (kept) await queue.follow(messageOf(kept.whole.chunk), seconds)
  return null
}
