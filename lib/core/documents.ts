/** What an edit makes of a document, and what of a document is shown. */

import { canonical } from './canonical.ts'
import type { Chunk } from './chunk.ts'
import { firstDueAt } from './due.ts'
import type {
  Connection,
  Policy,
  PolicyState,
  RunPolicy,
  Stamps,
  StoredConnection,
  StoredPolicy,
} from './model.ts'
import { newRun, type Run } from './run.ts'

export interface Edit {
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
  Object.fromEntries(Object.entries(doc).filter(([key]) => !(key in state)))

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

const RUN_FIELDS = [
  'id',
  'policyId',
  'connection',
  'kind',
  'trigger',
  'actor',
  'dueAt',
  'createdAt',
  'startedAt',
  'endedAt',
  'status',
  'reason',
  'dryRun',
  'overrideLimits',
  'summary',
  'codes',
  'cancel',
] as const satisfies (keyof Run)[]
export type ShownRun = Pick<Run, (typeof RUN_FIELDS)[number]> & { policy?: RunPolicy }

/** A run as it is shown, without what only its steps need. */
export function shownRun(run: Run, policy?: RunPolicy): ShownRun {
  const fields = RUN_FIELDS.filter(field => run[field] !== undefined).map(field => [field, run[field]])
  return { ...(Object.fromEntries(fields) as ShownRun), ...(policy ? { policy } : {}) }
}

/** How many chunks of a run are sent, and followed to their end; `undefined` until it is planned. `heads`: those of a run that goes on. */
export function progress(
  { chunks, doneChunks }: Pick<Run, 'chunks' | 'doneChunks'>,
  heads: Pick<Chunk, 'status'>[],
): { chunks: number; sent: number; followed: number } | undefined {
  if (chunks === undefined) return undefined
  const sent = heads.filter(({ status }) => status === 'following' || status === 'done').length
  return { chunks, sent: Math.max(sent, doneChunks.size), followed: doneChunks.size }
}

export interface ManualRun {
  id: string
  /** Absent for an ad hoc target. */
  policyId?: string
  policy: RunPolicy
  dryRun: boolean
  overrideLimits: boolean
  bodyHash?: string
}

/** A run that somebody asks for now. */
export function manualRun({ policy, ...request }: ManualRun, { actor, now }: Edit): Run {
  return { ...newRun(policy), ...request, trigger: 'manual', actor, dueAt: iso(now), createdAt: iso(now) }
}
