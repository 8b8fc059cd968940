/** An hour after a run, once: which of the servers that it stopped are up again. */

import { isUnderWay } from '../model/action.ts'
import type { WholeChunk } from '../model/chunk.ts'
import type { Server } from '../model/cloud.ts'
import type { Settled } from '../model/outcome.ts'
import { isEnded, type Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'

/** How long after its end the servers that a run stopped are looked at once more, and how long that may be tried. */
const RECHECK_MINUTES = 60
const GIVE_UP_MINUTES = 24 * 60
/** How long a look may take; one that fails is tried again after this. */
export const RECHECK_LEASE_SECONDS = 900

const minutesAfter = (instant: string, minutes: number): number => Date.parse(instant) + minutes * 60_000

/** When an ended run is looked at once more; `null` = never. */
export const recheckAt = ({ endedAt, summary }: Run): string | null =>
  endedAt === undefined || summary.stopped === 0
    ? null
    : new Date(minutesAfter(endedAt, RECHECK_MINUTES)).toISOString()

/** `over`: it could not be looked at in time, and is not any more. */
export function recheckState(run: Run, now: number): 'due' | 'over' | 'none' {
  const at = recheckAt(run)
  if (!isEnded(run) || at === null || run.recheckedAt !== undefined || now < Date.parse(at)) return 'none'
  return now < minutesAfter(run.endedAt!, GIVE_UP_MINUTES) ? 'due' : 'over'
}

/** Up, and not on its way down by a later stop. */
export const isUpAgain = (server: Server): boolean => server.power === 'on' && !isUnderWay('stop', server)

/** The outcomes of a chunk with `restartedAt` on those that were stopped and are up again; `null` where none is. */
export function markRestarted(
  { servers, settled }: Pick<WholeChunk, 'servers' | 'settled'>,
  up: Set<string>,
  now: number,
): Map<number, Settled> | null {
  const restartedAt = isoInstant(now)
  const cameBack = [...settled].filter(
    ([member, { status }]) => status === 'stopped' && up.has(servers[member]!.id),
  )
  if (cameBack.length === 0) return null
  return new Map([...settled, ...cameBack.map(([member, one]) => [member, { ...one, restartedAt }] as const)])
}
