/** Starts for which there is no room: a stopped server gave its place back. */
import type { Action } from '../../../lib/core/model/action.ts'
import type { SubJob } from './jobs.ts'
import { type PowerChange, type ServerState, viewOf } from './server.ts'
import type { Capacity } from './switches/requests.ts'
import type { Switches } from './switches/switches.ts'
import { isAmong } from './switches/which.ts'

const NO_VALID_HOST = 'No valid host was found. There are not enough hosts available.'
const SOLD_OUT = 'Insufficient resources for this flavor. Try another flavor.'

/** Whether there is no room for what is asked, and how that is said. A bare-metal server is its owner's own machine. */
export function lackOf(
  server: ServerState,
  { action, switches, now }: { action: Action; switches: Switches; now: number },
): Capacity | null {
  const { capacity } = switches
  if (action !== 'start' || capacity === null || server.kind === 'bms') return null
  const { refuses, untilMs = Number.POSITIVE_INFINITY } = capacity
  return now < untilMs && isAmong(refuses, server.id, () => viewOf(server)) ? capacity : null
}

export const lackWords = ({ as, words }: Capacity): string =>
  words ?? (as === 'sub-job-0226' ? NO_VALID_HOST : SOLD_OUT)

/** How a sub-job fails for it. */
export function lackFailure(lack: Capacity): Required<Pick<SubJob, 'code' | 'words'>> {
  const words = lackWords(lack)
  if (lack.as !== 'sub-job-0226') return { code: 'Ecs.0319', words }
  const nested = JSON.stringify({ badRequest: { message: words, code: 400 } })
  return { code: 'Ecs.0226', words: `Failed to start the cloud server: ${nested}` }
}

/** How a native start ends for it, which is taken: only the server tells. */
export function lackEnd({ nativeEnds, words: fault = NO_VALID_HOST }: Capacity): PowerChange['end'] {
  return nativeEnds === 'error' ? { status: 'ERROR', vmState: 'error', powerState: 0, fault } : { fault }
}
