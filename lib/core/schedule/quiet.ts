/** Full and half hours, when everybody sends: some chat tools ask to keep off them. */

const HALF_HOUR_MS = 1_800_000
/** From a minute before them to three after. */
const QUIET_BEFORE_MS = 60_000
const QUIET_AFTER_MS = 180_000
/** What is told before a quiet time has so long to be sent. */
const SENDING_MS = 120_000

/** How long ago, at an instant, so much before a full or half hour was, until the quiet time ends; `null`: it has ended. */
function sinceBefore(beforeMs: number, ms: number): number | null {
  const sinceMs = (ms + beforeMs) % HALF_HOUR_MS
  return sinceMs < beforeMs + QUIET_AFTER_MS ? sinceMs : null
}

/** The instant, or the end of the quiet time that it is in. */
export function afterQuiet(ms: number): number {
  const sinceMs = sinceBefore(QUIET_BEFORE_MS, ms)
  return sinceMs === null ? ms : ms - sinceMs + QUIET_BEFORE_MS + QUIET_AFTER_MS
}

/** The instant, or one before the quiet time that it is in, or close to, soon enough to be sent before that. */
export const beforeQuiet = (ms: number): number => ms - (sinceBefore(QUIET_BEFORE_MS + SENDING_MS, ms) ?? 0)
