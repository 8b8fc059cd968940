/** Leaves a refused key alone for a while. */
import { isoInstant } from '../schedule/instant.ts'

/** How long a refused key is not used (six bad signatures in a row lock it: API gateway, "api-sign-0001"). */
export const KEY_COOLDOWN_SECONDS = 300

/**
 * Why a connection's key is not used: the cloud refused it less than five minutes ago, and the connection was not changed since.
 * `null` when it may be used; a refusal that lies far ahead was written by a clock that ran ahead, and does not count.
 */
export function keyCooldownReason(
  health: { version: number; refusedAt: string; reason: string } | null,
  connection: { version: number },
  now: number,
): string | null {
  if (!health || health.version !== connection.version) return null
  const until = Date.parse(health.refusedAt) + KEY_COOLDOWN_SECONDS * 1000
  const isAhead = until - now > 2 * KEY_COOLDOWN_SECONDS * 1000
  return now < until && !isAhead
    ? `${health.reason} (left alone until ${isoInstant(until)}, or until it is changed or checked)`
    : null
}
