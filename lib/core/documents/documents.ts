/** What an edit makes of a connection, a channel or a policy. */

import type { Policy, PolicyState, Stamps, StoredPolicy } from '../model/model.ts'
import { previousDueAt } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { delaysInForce, type Schedules, stopSchedule } from '../schedule/start.ts'
import { warnTimeAfter } from '../schedule/warn.ts'
import { type DueTimes, firstDueTimes } from '../tick/due-runs.ts'
import { canonicalText } from './canonical.ts'

export interface Edit {
  /** The actor. */
  actor: string
  /** ms since the epoch */
  now: number
}

/** A stored document of which only what Curfew itself keeps is known to be readable. */
export type KeptDocument<State> = State & { id: string }

export const stampEdit = (existing: Stamps | null, { actor, now }: Edit): Stamps => ({
  createdAt: existing?.createdAt ?? isoInstant(now),
  updatedAt: isoInstant(now),
  version: (existing?.version ?? 0) + 1,
  updatedBy: actor,
})

/** A document without what Curfew keeps beside it. */
export const withoutState = (doc: object, state: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(doc).filter(([key]) => !Object.hasOwn(state, key)))

/** Whether two documents say the same. */
export const isSame = (one: object, other: object): boolean => canonicalText(one) === canonicalText(other)

/** A connection or a channel in place of another, or of none. */
export const editedDocument = <D extends object>(
  document: D,
  existing: Stamps | null,
  edit: Edit,
): D & Stamps => ({ ...document, ...stampEdit(existing, edit) })

/** Due times after an edit. One that has passed stays: the tick makes its run. A coming stop is warned of, however late. */
export function dueAfterEdit(
  policy: Policy & Schedules & Pick<PolicyState, 'warnsEarly'>,
  existing: PolicyState | null,
  now: number,
): DueTimes {
  const snoozed = { snoozedUntil: existing?.snoozedUntil ?? null }
  const first = { nextWarnAt: undefined, ...firstDueTimes({ ...policy, ...snoozed }, now) }
  const later = (field: 'nextDueAt' | 'nextStartDueAt'): string | null => {
    const stored = existing?.[field] ?? null
    return stored !== null && Date.parse(stored) <= now ? stored : first[field]
  }
  return { ...first, nextDueAt: later('nextDueAt'), nextStartDueAt: later('nextStartDueAt') }
}

/** Since when a policy that starts is snoozed: what was due since then, and before its end, was skipped. */
const snoozedSince = ({ start }: Policy, existing: PolicyState | null): string | null =>
  start === null || !existing?.snoozedUntil ? null : (existing.snoozedAt ?? existing.updatedAt)

const keptDelays = (existing: PolicyState | null): Pick<PolicyState, 'delays'> =>
  existing?.delays ? { delays: existing.delays } : {}

/** A policy in place of another, or of none: its snooze survives, and what was delayed of its stops. */
export const editedPolicy = (
  policy: Policy & Pick<PolicyState, 'covers' | 'warnsEarly'>,
  existing: PolicyState | null,
  edit: Edit,
): StoredPolicy => ({
  ...policy,
  ...stampEdit(existing, edit),
  ...dueAfterEdit({ ...policy, delays: existing?.delays }, existing, edit.now),
  ...keptDelays(existing),
  snoozedUntil: existing?.snoozedUntil ?? null,
  snoozeReason: existing?.snoozeReason ?? null,
  snoozedAt: snoozedSince(policy, existing),
})

const MAX_SNOOZE_MS = 30 * 86_400_000

/** Why a snooze may not last until then; `null` when it may. */
export function snoozeProblem(until: string, now: number): string | null {
  const aheadMs = Date.parse(until) - now
  if (aheadMs > 0 && aheadMs <= MAX_SNOOZE_MS) return null
  return `expected an instant later than now and at most 30 days ahead (${isoInstant(now + MAX_SNOOZE_MS)}), got "${until}"`
}

type SnoozeState = Pick<PolicyState, 'snoozedUntil' | 'snoozeReason' | 'snoozedAt'>

/** What is left of a snooze that is ended: of a policy that starts, which of its stops it has skipped. */
function endedSnooze(
  { start, snoozedUntil, snoozeReason, snoozedAt }: StoredPolicy,
  now: number,
): SnoozeState {
  if (start === null || snoozedUntil === null)
    return { snoozedUntil: null, snoozeReason: null, snoozedAt: null }
  const isOver = Date.parse(snoozedUntil) <= now
  return { snoozedUntil: isOver ? snoozedUntil : isoInstant(now), snoozeReason, snoozedAt }
}

/** What an earlier snooze skipped stays skipped, as far as no stop came since. */
function skippedSince(policy: StoredPolicy, now: number): string | null {
  if (policy.start === null) return null
  const { snoozedAt, snoozedUntil } = policy
  const latest = snoozedUntil && previousDueAt(stopSchedule(policy), now)
  return latest && snoozedAt && latest < Date.parse(snoozedUntil) ? snoozedAt : isoInstant(now)
}

/** A policy whose stops before an instant are skipped; `null` ends that. */
export function snoozedPolicy(
  policy: StoredPolicy,
  snooze: { until: string; reason: string } | null,
  edit: Edit,
): StoredPolicy {
  const state =
    snooze === null
      ? endedSnooze(policy, edit.now)
      : {
          snoozedUntil: snooze.until,
          snoozeReason: snooze.reason,
          snoozedAt: skippedSince(policy, edit.now),
        }
  const { nextWarnAt } = warnTimeAfter({ ...policy, ...state }, edit.now)
  return { ...policy, ...stampEdit(policy, edit), ...state, nextWarnAt }
}

/** A policy as it is shown: a snooze that is over is none, nor is a delay that is, or that moves nothing. */
export function shownPolicy(stored: StoredPolicy, now: number): StoredPolicy {
  const { delays: _, ...policy } = stored
  const isOver = policy.snoozedUntil !== null && Date.parse(policy.snoozedUntil) <= now
  const coming = delaysInForce(stored).filter(({ until }) => Date.parse(until) > now)
  return {
    ...policy,
    ...(isOver ? { snoozedUntil: null, snoozeReason: null, snoozedAt: null } : {}),
    ...(coming.length > 0 ? { delays: coming } : {}),
  }
}
