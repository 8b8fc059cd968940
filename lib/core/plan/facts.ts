/** What a run keeps of its targets beside their names: what a price depends on, and tags, as planning saw them. */
import * as z from 'zod'
import type { Action } from '../model/action.ts'
import type { Member } from '../model/chunk.ts'
import type { Server } from '../model/cloud.ts'
import { Instant } from '../model/model.ts'
import { isoInstant } from '../schedule/instant.ts'
import { minuteFromMs } from '../schedule/zone.ts'

/** Of a stop all but the last; of a start the last alone. */
export const Facts = z.object({
  flavor: z.string().optional(),
  windows: z.literal(true).optional(),
  /** Absent where the cloud did not tell. */
  charging: z.enum(['payPerUse', 'yearlyMonthly', 'spot']).optional(),
  tags: z.record(z.string(), z.array(z.string())).optional(),
  /** When anything about the server had changed last, at the full minute after: most of a chunk share it. */
  changedAt: Instant.optional(),
})
export type Facts = z.infer<typeof Facts>

/** A target as its planning saw it. */
export interface SeenTarget extends Member {
  facts?: Facts
}

/** When anything about a server changed last, ms since the epoch; `null` where the cloud does not tell. */
export function changedMs({ updatedAt }: Pick<Server, 'updatedAt'>): number | null {
  const ms = Date.parse(updatedAt ?? '')
  return Number.isNaN(ms) ? null : ms
}

function startFacts(server: Server): Facts {
  const ms = changedMs(server)
  return ms === null ? {} : { changedAt: isoInstant(minuteFromMs(ms)) }
}

function stopFacts({ flavor, windows, chargingMode, tags }: Server): Facts {
  return { flavor, ...(windows && { windows }), ...(chargingMode && { charging: chargingMode }), tags }
}

export const factsFor = (action: Action, server: Server): Facts =>
  action === 'start' ? startFacts(server) : stopFacts(server)
