/** Delays one due stop of a policy. */
import type { StoredPolicy } from '../model/model.ts'
import { nextDueAt } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Delay, delaysInForce, namesStop, type Schedules, startSchedule } from '../schedule/start.ts'
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

/** The stops that an instant names, delayed so: all that are due then; where none is, the one that was to be, and was delayed. */
function delaysOf(policy: StoredPolicy, { dueAt, minutes, reason }: WantedDelay): Delay[] {
  const until = isoInstant(Date.parse(dueAt) + minutes * MINUTE_MS)
  const inForce = delaysInForce(policy)
  const moved = inForce.find(one => one.dueAt === dueAt)
  const moveHere = inForce.filter(one => one.until === dueAt).map(one => one.dueAt)
  const isOwn = moved === undefined && namesStop(policy, Date.parse(dueAt))
  const due = [...moveHere, ...(isOwn ? [dueAt] : [])]
  const named = due.length > 0 || moved === undefined ? due : [moved.dueAt]
  return named.map(namedAt => ({ dueAt: namedAt, until, reason }))
}

/** When stops are due as things stand, ms since the epoch. */
function dueMsOf(policy: StoredPolicy, [{ dueAt }]: [Delay, ...Delay[]]): number {
  const moved = delaysInForce(policy).find(one => one.dueAt === dueAt)
  return Date.parse(moved?.until ?? dueAt)
}

/** Delays that are not over, or whose run is still to be made, without these. */
function otherDelays(
  { delays = [], nextDueAt: dueNext }: StoredPolicy,
  these: Delay[],
  now: number,
): Delay[] {
  const leastMs = Math.min(now + 1, dueNext === null ? Infinity : Date.parse(dueNext))
  const isOther = (delay: Delay): boolean => these.every(({ dueAt }) => dueAt !== delay.dueAt)
  return delays.filter(one => isOther(one) && Date.parse(one.until) >= leastMs)
}

const refuse = (path: string, message: string): DelayRefusal => ({ kind: 'refused', path, message })

/** The first start that is still to come and that a delayed stop does not come before, ms since the epoch; `null`: there is none. */
function startBeforeStop(policy: Schedules, { dueAt, until }: Delay, now: number): number | null {
  const starts = startSchedule(policy)
  const startMs = starts && nextDueAt(starts, Math.max(Date.parse(dueAt), now))
  return startMs !== null && startMs <= Date.parse(until) ? startMs : null
}

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
function untilRefusal(policy: Schedules, { dueAt, until }: Delay, now: number): DelayRefusal | null {
  const fromMs = Date.parse(dueAt)
  const untilMs = Date.parse(until)
  if (untilMs - now < MIN_LEAD_MS) return refuse('minutes', `expected a time later than now, got ${until}`)
  if (untilMs - fromMs > MAX_DELAY_MINUTES * MINUTE_MS)
    return refuse('minutes', `expected at most ${MAX_DELAY_MINUTES} minutes after ${dueAt}, got ${until}`)
  const startMs = startBeforeStop(policy, { dueAt, until, reason: '' }, now)
  if (startMs === null) return null
  return refuse(
    'minutes',
    `expected a time before the next start (${isoInstant(startMs)}), got ${until}: snooze the stop instead`,
  )
}

/** `null`: it may be delayed so. */
export function delayRefusal(policy: StoredPolicy, wanted: WantedDelay, now: number): DelayRefusal | null {
  const [first, ...more] = delaysOf(policy, wanted)
  if (first === undefined) {
    const next = policy.nextDueAt === null ? '' : `, such as ${policy.nextDueAt}`
    return refuse(
      'dueAt',
      `expected an instant at which a stop of the policy is due${next}, got ${wanted.dueAt}`,
    )
  }
  const delays: [Delay, ...Delay[]] = [first, ...more]
  const dueMs = dueMsOf(policy, delays)
  if (dueMs - now < MIN_LEAD_MS) {
    const message = `the stop of ${isoInstant(dueMs)} has its run, or gets it at this moment: cancel or undo that run`
    return { kind: 'late', message }
  }
  const [refusal] = delays.flatMap(delay => untilRefusal(policy, delay, now) ?? [])
  if (refusal) return refusal
  if (otherDelays(policy, delays, now).length + delays.length > MAX_DELAYS)
    return refuse('dueAt', `expected at most ${MAX_DELAYS} stops delayed at a time`)
  return null
}

/** Whether the stop is delayed so already. */
export function isDelayed(policy: StoredPolicy, wanted: WantedDelay): boolean {
  const delays = delaysOf(policy, wanted)
  const isSo = ({ dueAt, until, reason }: Delay) =>
    policy.delays?.some(one => one.dueAt === dueAt && one.until === until && one.reason === reason) ?? false
  return delays.length > 0 && delays.every(isSo)
}

/** A policy of which one stop comes later, once; the others as they were. */
export function delayedPolicy(policy: StoredPolicy, wanted: WantedDelay, edit: Edit): StoredPolicy {
  const these = delaysOf(policy, wanted)
  const delays = [...otherDelays(policy, these, edit.now), ...these]
  const delayed = { ...policy, delays }
  return { ...delayed, ...stampEdit(policy, edit), ...dueAfterEdit(delayed, policy, edit.now) }
}
