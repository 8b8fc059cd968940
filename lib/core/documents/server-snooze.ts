/** What an edit makes of the snooze of a server. */
import type { KeptSnooze, ServerSnooze } from '../plan/server-snooze.ts'
import { snoozeEnd } from '../plan/server-snooze.ts'
import { isoInstant } from '../schedule/instant.ts'

/** What a person asks for; `null` ends it. */
export type SnoozeChange = Pick<ServerSnooze, 'until' | 'reason'> | null

/** A server's snooze, as it is shown. */
interface SnoozeView {
  snoozedUntil: string | null
  snoozeReason: string | null
  snoozedBy: string | null
  version: number | null
}

/** One that is over is none. */
export function viewSnooze(kept: KeptSnooze | undefined, now: number): SnoozeView {
  const snooze = kept && snoozeEnd(kept, now) !== null ? kept : null
  return {
    snoozedUntil: snooze?.until ?? null,
    snoozeReason: snooze?.reason ?? null,
    snoozedBy: snooze?.actor ?? null,
    version: snooze?.version ?? null,
  }
}

/** Whether an edit changes nothing: it was made already, or there is nothing to end. */
export function isSnoozedSo(kept: KeptSnooze | undefined, wanted: SnoozeChange, now: number): boolean {
  if (kept === null) return false
  const snooze = snoozeEnd(kept, now) === null ? null : kept!
  if (snooze === null || wanted === null) return snooze === wanted
  return snooze.until === wanted.until && snooze.reason === wanted.reason
}

/** The snooze after an edit; the latest counts. */
export const editedSnooze = (
  kept: KeptSnooze | undefined,
  wanted: NonNullable<SnoozeChange>,
  { actor, now }: { actor: string; now: number },
): ServerSnooze => ({ ...wanted, actor, at: isoInstant(now), version: (kept?.version ?? 0) + 1 })
