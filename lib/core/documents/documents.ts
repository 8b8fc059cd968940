/** What an edit makes of a connection or a policy. */

import type {
  Connection,
  Policy,
  PolicyState,
  Stamps,
  StoredConnection,
  StoredPolicy,
} from '../model/model.ts'
import { firstDueAt } from '../tick/due-runs.ts'
import { canonical } from './canonical.ts'

interface Edit {
  /** Who asks. */
  actor: string
  /** ms since the epoch */
  now: number
}

/** A stored document of which only what Curfew itself keeps is known to be readable. */
export type Kept<State> = State & { id: string }

const iso = (ms: number): string => new Date(ms).toISOString()

const stamps = (existing: Stamps | null, { actor, now }: Edit): Stamps => ({
  createdAt: existing?.createdAt ?? iso(now),
  updatedAt: iso(now),
  version: (existing?.version ?? 0) + 1,
  updatedBy: actor,
})

/** A document without what Curfew keeps beside it. */
export const withoutState = (doc: object, state: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(doc).filter(([key]) => !Object.hasOwn(state, key)))

/** Whether two documents say the same. */
export const isSame = (one: object, other: object): boolean => canonical(one) === canonical(other)

export const editedConnection = (
  connection: Connection,
  existing: Stamps | null,
  edit: Edit,
): StoredConnection => ({ ...connection, ...stamps(existing, edit) })

/** A due time that has passed stays: the tick has it. */
function nextDueAt(policy: Policy, existing: PolicyState | null, now: number): string | null {
  const passed = existing !== null && existing.nextDueAt !== null && Date.parse(existing.nextDueAt) <= now
  return passed ? existing.nextDueAt : firstDueAt(policy, now)
}

/** A policy in place of another, or of none: its snooze survives. */
export const editedPolicy = (policy: Policy, existing: PolicyState | null, edit: Edit): StoredPolicy => ({
  ...policy,
  ...stamps(existing, edit),
  nextDueAt: nextDueAt(policy, existing, edit.now),
  snoozedUntil: existing?.snoozedUntil ?? null,
  snoozeReason: existing?.snoozeReason ?? null,
})

const MOST_SNOOZE_MS = 30 * 86_400_000

/** Why a snooze may not last until then; `null` when it may. */
export function snoozeProblem(until: string, now: number): string | null {
  const aheadMs = Date.parse(until) - now
  if (aheadMs > 0 && aheadMs <= MOST_SNOOZE_MS) return null
  return `expected an instant later than now and at most 30 days ahead (${iso(now + MOST_SNOOZE_MS)}), got "${until}"`
}

/** A policy whose due times before an instant are skipped; `null` ends that. */
export const snoozedPolicy = (
  policy: StoredPolicy,
  snooze: { until: string; reason: string } | null,
  edit: Edit,
): StoredPolicy => ({
  ...policy,
  ...stamps(policy, edit),
  snoozedUntil: snooze?.until ?? null,
  snoozeReason: snooze?.reason ?? null,
})

/** A policy as it is shown: a snooze that is over is none. */
export function shownPolicy(policy: StoredPolicy, now: number): StoredPolicy {
  const over = policy.snoozedUntil !== null && Date.parse(policy.snoozedUntil) <= now
  return over ? { ...policy, snoozedUntil: null, snoozeReason: null } : policy
}
