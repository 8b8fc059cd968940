/** What is next to act, which is not what is next due: snoozes and switches are heard. */

import type { Connection } from '../model/connection.ts'
import type { Policy, StoredPolicy } from '../model/model.ts'
import { isoInstant } from '../schedule/instant.ts'
import { nextDueAt } from '../schedule/schedule.ts'

/** What holds every stop of a connection back. */
export interface Switches {
  connection: Pick<Connection, 'enabled'> | null
  stopsEnabled: boolean
}
type Snoozable = Pick<Policy, 'enabled' | 'connection'> & {
  snoozedUntil?: string | null
  snoozeReason?: string | null
}

function heldBack({ enabled, connection: id }: Snoozable, { connection, stopsEnabled }: Switches) {
  if (!enabled) return 'the policy is disabled'
  if (!stopsEnabled) return 'all stops are switched off (PUT /v1/settings)'
  if (connection === null) return `connection ${id} does not exist`
  return connection.enabled ? null : `connection ${id} is disabled`
}

/** Why a due time of a policy will stop nothing, as things stand; `null` when it will. */
export function skippedBecause(policy: Snoozable, dueMs: number, switches: Switches): string | null {
  const { snoozedUntil = null, snoozeReason } = policy
  const isSnoozed = snoozedUntil !== null && dueMs < Date.parse(snoozedUntil)
  const snooze = isSnoozed ? `snoozed until ${snoozedUntil}: ${snoozeReason ?? 'no reason given'}` : null
  return heldBack(policy, switches) ?? snooze
}

/** The first due time of a policy that will stop something, as things stand; `null`: none will. */
export function nextStopAt(policy: StoredPolicy, switches: Switches): string | null {
  const { nextDueAt: dueAt, snoozedUntil, schedule } = policy
  if (dueAt === null || heldBack(policy, switches) !== null) return null
  if (snoozedUntil === null || Date.parse(dueAt) >= Date.parse(snoozedUntil)) return dueAt
  const first = nextDueAt(schedule, Date.parse(snoozedUntil) - 1)
  return first === null ? null : isoInstant(first)
}
