/** What the links of a warning do to its stop, and what may be in their way. */
import type { StoredPolicy } from '../../model/model.ts'
import { type LinkAction, linkName, type SnoozeLink } from '../../notify/snooze-link.ts'
import type { LinkUse } from '../../notify/stop-warning.ts'
import { nextDueAt } from '../../schedule/due-times.ts'
import { isoInstant } from '../../schedule/instant.ts'
import { delaysInForce, stopSchedule } from '../../schedule/start.ts'
import { delayedPolicy, delayRefusal } from '../delay.ts'
import { type Edit, snoozedPolicy } from '../documents.ts'

const MINUTE_MS = 60_000
/** Closer to its time a stop may have its run already: clocks differ. */
const MIN_LEAD_MS = 5000

/** How much later the stop comes; `null`: not at all. */
const DELAYS: Record<LinkAction, number | null> = { 'not-tonight': null, 'one-hour': 60, 'three-hours': 180 }

/** How a link stands. */
export type LinkState =
  /** Its button acts. `until`: when the snooze ends, or the stop comes. */
  | { kind: 'open'; until: string }
  /** The stop is skipped, by this link or otherwise. */
  | { kind: 'skipped'; reason: string | null }
  | { kind: 'moved'; until: string }
  /** It acted, and what it did was taken back. */
  | { kind: 'used' }
  /** That stop is not due any more. */
  | { kind: 'gone'; nextStopAt: string | null }
  | { kind: 'refused'; message: string }
  /** The time of the stop has come. */
  | { kind: 'late' }

/** When the stop comes by the schedule, whatever was delayed of it: of several the first. */
const scheduledMs = (policy: StoredPolicy, stopAt: string): number =>
  Math.min(
    Date.parse(stopAt),
    ...delaysInForce(policy).flatMap(({ dueAt, until }) => (until === stopAt ? Date.parse(dueAt) : [])),
  )

const wantedDelay = ({ stopAt }: SnoozeLink, minutes: number, reason = '') => ({
  dueAt: stopAt,
  minutes,
  reason,
})

function refusedBecause(policy: StoredPolicy, link: SnoozeLink, now: number): string | null {
  const minutes = DELAYS[link.action]
  if (minutes === null) return null
  const { maxSnoozeHours } = policy.warn!
  const laterMs = Date.parse(link.stopAt) + minutes * MINUTE_MS - scheduledMs(policy, link.stopAt)
  if (laterMs > maxSnoozeHours * 60 * MINUTE_MS)
    return `expected a stop at most ${maxSnoozeHours} hours later than the schedule says (warn.maxSnoozeHours)`
  return delayRefusal(policy, wantedDelay(link, minutes), now)?.message ?? null
}

/** One minute after the stop: the next that may come. */
const untilOf = ({ action, stopAt }: SnoozeLink): string =>
  isoInstant(Date.parse(stopAt) + (DELAYS[action] ?? 1) * MINUTE_MS)

const isStopDue = (policy: StoredPolicy, stopMs: number): boolean =>
  policy.enabled && nextDueAt(stopSchedule(policy), stopMs - 1) === stopMs

const isSnoozedOver = ({ snoozedUntil }: StoredPolicy, stopMs: number): boolean =>
  snoozedUntil !== null && stopMs < Date.parse(snoozedUntil)

/** Whether people are still to be warned of a stop: it is due, and no snooze skips it. */
export function isToCome(policy: StoredPolicy, stopAt: string): boolean {
  const stopMs = Date.parse(stopAt)
  return policy.warn !== null && isStopDue(policy, stopMs) && !isSnoozedOver(policy, stopMs)
}

interface Pressing {
  now: number
  /** When this very link acted; absent: it did not. */
  use?: LinkUse | undefined
}

/** How a link stands with the policy as it is; `null`: there is no policy any more. */
export function linkState(policy: StoredPolicy | null, link: SnoozeLink, { now, use }: Pressing): LinkState {
  const stopMs = Date.parse(link.stopAt)
  if (stopMs - now < MIN_LEAD_MS) return { kind: 'late' }
  if (policy === null) return { kind: 'gone', nextStopAt: null }
  if (isSnoozedOver(policy, stopMs)) return { kind: 'skipped', reason: policy.snoozeReason }
  if (!isToCome(policy, link.stopAt)) {
    const moved = delaysInForce(policy).find(({ dueAt }) => dueAt === link.stopAt)
    return moved ? { kind: 'moved', until: moved.until } : { kind: 'gone', nextStopAt: policy.nextDueAt }
  }
  if (use) return { kind: 'used' }
  const message = refusedBecause(policy, link, now)
  return message === null ? { kind: 'open', until: untilOf(link) } : { kind: 'refused', message }
}

/** The actions whose links would act now. */
export const openActions = (
  policy: StoredPolicy,
  warned: Omit<SnoozeLink, 'action'>,
  now: number,
): LinkAction[] =>
  (Object.keys(DELAYS) as LinkAction[]).filter(
    action => linkState(policy, { ...warned, action }, { now }).kind === 'open',
  )

/** What a press makes of the policy, where the link is open. */
export function pressedPolicy(policy: StoredPolicy, link: SnoozeLink, edit: Edit): StoredPolicy {
  const minutes = DELAYS[link.action]
  const reason = `by the link ${linkName(link)} of the warning`
  return minutes === null
    ? snoozedPolicy(policy, { until: untilOf(link), reason }, edit)
    : delayedPolicy(policy, wantedDelay(link, minutes, reason), edit)
}

/** The actor, as far as that is known: a name is written down as it was given. */
export const linkActor = (link: SnoozeLink, name: string): string =>
  `link:${linkName(link)}${name === '' ? '' : ` (as "${name}")`}`
