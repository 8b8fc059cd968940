/** Delays one due stop of a policy. */
import type { StoredPolicy } from '../model/model.ts'
import { nextDueAt } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Delay, type Schedules, startSchedule, stopSchedule } from '../schedule/start.ts'
import { dueAfterEdit, type Edit, stampEdit } from './documents.ts'
import type { FieldProblem } from './input.ts'

const MINUTE_MS = 60_000
export const MAX_DELAY_MINUTES = 720
/** Of one policy, at any time. */
const MAX_DELAYS = 20
/** Closer to its due time a stop may have its run already: clocks differ. */
const MIN_LEAD_MS = 5000

interface WantedDelay {
  /** When the stop is due: by the schedule, or as it was delayed before. */
  dueAt: string
  minutes: number
  reason: string
}

/** Why a stop cannot be delayed so. `late`: its time has come; `refused`: a field is not allowed. */
type DelayRefusal = { kind: 'late'; message: string } | { kind: 'refused'; path: string; message: string }

const delayNamed = ({ delays = [] }: StoredPolicy, instant: string): Delay | undefined =>
  delays.find(({ dueAt, until }) => dueAt === instant || until === instant)

function delayOf(policy: StoredPolicy, { dueAt, minutes, reason }: WantedDelay): Delay {
  const until = isoInstant(Date.parse(dueAt) + minutes * MINUTE_MS)
  return { dueAt: delayNamed(policy, dueAt)?.dueAt ?? dueAt, until, reason }
}

/** Delays that are not over, without this one. */
const otherDelays = ({ delays = [] }: StoredPolicy, { dueAt }: Delay, now: number): Delay[] =>
  delays.filter(one => one.dueAt !== dueAt && Date.parse(one.until) > now)

const refuse = (path: string, message: string): DelayRefusal => ({ kind: 'refused', path, message })

/** The first start that is still to come and that a delayed stop does not come before, ms since the epoch; `null`: there is none. */
function startBeforeStop(policy: Schedules, { dueAt, until }: Delay, now: number): number | null {
  const starts = startSchedule(policy)
  const startMs = starts && nextDueAt(starts, Math.max(Date.parse(dueAt), now))
  return startMs !== null && startMs <= Date.parse(until) ? startMs : null
}

/** Whether the schedule names that time, delays aside. */
const namesStop = ({ delays: _, ...undelayed }: Schedules, dueMs: number): boolean =>
  nextDueAt(stopSchedule(undelayed), dueMs - 1) === dueMs

/**
 * Why a policy may not start when it says so: what a delayed stop stops would stay off until the start after that. A disabled one does
 * neither, and must never be kept from being disabled.
 */
export function delayedStartProblem(
  policy: Schedules & Pick<StoredPolicy, 'enabled'>,
  delays: Delay[],
  now: number,
): FieldProblem | null {
  if (!policy.enabled) return null
  for (const delay of delays) {
    const startMs = startBeforeStop(policy, delay, now)
    if (startMs === null || !namesStop(policy, Date.parse(delay.dueAt))) continue
    const message = `expected no start before ${delay.until}, to which the stop of ${delay.dueAt} is delayed, got "${policy.start?.cron}", due at ${isoInstant(startMs)}: delay the stop anew, to an earlier time, or let it start later`
    return { path: 'start.cron', message }
  }
  return null
}

/** Why the new instant will not do. */
function untilRefusal(policy: StoredPolicy, { dueAt, until }: Delay, now: number): DelayRefusal | null {
  const fromMs = Date.parse(dueAt)
  const untilMs = Date.parse(until)
  if (untilMs - now < MIN_LEAD_MS) return refuse('minutes', `expected a time later than now, got ${until}`)
  if (untilMs - fromMs > MAX_DELAY_MINUTES * MINUTE_MS)
    return refuse('minutes', `expected at most ${MAX_DELAY_MINUTES} minutes after ${dueAt}, got ${until}`)
  const startMs = startBeforeStop(policy, { dueAt, until, reason: '' }, now)
  if (startMs !== null)
    return refuse(
      'minutes',
      `expected a time before the next start (${isoInstant(startMs)}), got ${until}: snooze the stop instead`,
    )
  if (otherDelays(policy, { dueAt, until, reason: '' }, now).length >= MAX_DELAYS)
    return refuse('dueAt', `expected at most ${MAX_DELAYS} stops delayed at a time`)
  return null
}

/** `null`: it may be delayed so. */
export function delayRefusal(policy: StoredPolicy, wanted: WantedDelay, now: number): DelayRefusal | null {
  const delay = delayOf(policy, wanted)
  if (!namesStop(policy, Date.parse(delay.dueAt))) {
    const next = policy.nextDueAt === null ? '' : `, such as ${policy.nextDueAt}`
    return refuse(
      'dueAt',
      `expected an instant at which a stop of the policy is due${next}, got ${wanted.dueAt}`,
    )
  }
  const dueMs = Date.parse(delayNamed(policy, wanted.dueAt)?.until ?? delay.dueAt)
  if (dueMs - now >= MIN_LEAD_MS) return untilRefusal(policy, delay, now)
  const message = `the stop of ${isoInstant(dueMs)} has its run, or gets it at this moment: cancel or undo that run`
  return { kind: 'late', message }
}

/** Whether the stop is delayed so already. */
export function isDelayed(policy: StoredPolicy, wanted: WantedDelay): boolean {
  const { dueAt, until, reason } = delayOf(policy, wanted)
  return (
    policy.delays?.some(one => one.dueAt === dueAt && one.until === until && one.reason === reason) ?? false
  )
}

/** A policy of which one stop comes later, once; the others as they were. */
export function delayedPolicy(policy: StoredPolicy, wanted: WantedDelay, edit: Edit): StoredPolicy {
  const delay = delayOf(policy, wanted)
  const delays = [...otherDelays(policy, delay, edit.now), delay]
  const delayed = { ...policy, delays }
  return { ...delayed, ...stampEdit(policy, edit), ...dueAfterEdit(delayed, policy, edit.now) }
}
