/** Alarms that steps ring: what the event bus tells people to mend, and how seldom it tells the same. */
import * as z from 'zod'
import { Instant } from '../model/model.ts'
import type { Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'

export const ALARM_NAMES = [
  'RunMissed',
  'RunFailed',
  'RunPartial',
  'RunBlocked',
  'StartFailed',
  'NothingMatched',
  'CredentialsRefused',
  'WebhookGivenUp',
  'DueItemFailed',
  'WorkOverdue',
] as const
const AlarmName = z.enum(ALARM_NAMES)
type AlarmName = z.infer<typeof AlarmName>

/** Something that needs a person, as a step has seen it. */
export const Alarm = z.object({
  name: AlarmName,
  /** Such as `run nightly-dev.20261120T120000Z`. */
  about: z.string().min(1),
  reason: z.string(),
  /** What is told once for all that it is about; absent: each by itself. */
  cause: z.string().min(1).optional(),
  /** Since when it is so, where that is known; else since it was first seen. */
  since: Instant.optional(),
})
export type Alarm = z.infer<typeof Alarm>

/** What an alarm is told once for. */
export const alarmCause = ({ cause, about }: Alarm): string => cause ?? about

/** What is remembered of an alarm and its cause. */
export const AlarmState = z.object({
  /** When it was first seen, without a pause since. */
  since: Instant,
  seenAt: Instant,
  /** A step is about to tell of it, or did: when, and what it saw. */
  ringsAt: Instant.optional(),
  ringsFor: z.string().optional(),
  /** When it was told: once that is published. */
  toldAt: Instant.optional(),
})
export type AlarmState = z.infer<typeof AlarmState>

interface AlarmTimes {
  /** How long it must be so before it rings. */
  afterMs: number
  /** After so long unseen it is over: seen again, it is new. */
  overMs: number
  /** How often it rings while it lasts. */
  againMs: number
}

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
/** Ends of one minute and connection have one cause, mostly. */
const END: AlarmTimes = { afterMs: 0, overMs: MINUTE_MS, againMs: MINUTE_MS }
const FAULT: AlarmTimes = { afterMs: 0, overMs: 60 * MINUTE_MS, againMs: DAY_MS }

const TIMES: Record<AlarmName, AlarmTimes> = {
  RunMissed: END,
  RunFailed: END,
  RunPartial: END,
  RunBlocked: END,
  StartFailed: END,
  NothingMatched: FAULT,
  CredentialsRefused: FAULT,
  WebhookGivenUp: FAULT,
  // Once is made good by the next try, which comes within two or three minutes.
  DueItemFailed: { afterMs: MINUTE_MS / 2, overMs: 5 * MINUTE_MS, againMs: DAY_MS },
  // Work that dies on its way is found every few minutes.
  WorkOverdue: { afterMs: 15 * MINUTE_MS, overMs: 20 * MINUTE_MS, againMs: DAY_MS },
}

/** Longer than it takes to tell of an alarm: another step that sees it meanwhile leaves it to the first. */
const RINGING_MS = MINUTE_MS
/** Seen again so soon, nothing needs to be noted. */
const SAME_MS = 10_000

interface AlarmDecision {
  rings: boolean
  /** What is to be remembered; `null`: as before. */
  state: AlarmState | null
}

/** Whether an alarm rings now that it is seen, given what is remembered of its cause. */
export function decideAlarm(alarm: Alarm, before: AlarmState | null, now: number): AlarmDecision {
  const times = TIMES[alarm.name]
  const seenAt = isoInstant(now)
  // What was seen later than now was seen by a clock that ran ahead.
  const isLasting = before !== null && Math.abs(now - Date.parse(before.seenAt)) <= times.overMs
  const lasting = isLasting ? before : null
  const since = alarm.since ?? lasting?.since ?? seenAt
  const seen: AlarmState = { ...lasting, since, seenAt }
  const rings = { rings: true, state: { ...seen, ringsAt: seenAt, ringsFor: alarm.about } }
  if (lasting && isUntold(lasting)) {
    const isOwn = lasting.ringsFor === alarm.about || now - Date.parse(lasting.ringsAt) >= RINGING_MS
    // The same event once more, under its own id: the step that was at it may have died.
    if (isOwn) return { rings: true, state: { ...seen, ringsAt: lasting.ringsAt, ringsFor: alarm.about } }
  } else if (now - Date.parse(since) >= times.afterMs && isToldAgain(lasting, times, now)) return rings
  const isNoted = lasting !== null && now - Date.parse(lasting.seenAt) < SAME_MS
  return { rings: false, state: isNoted ? null : seen }
}

const isUntold = (state: AlarmState): state is AlarmState & { ringsAt: string } =>
  state.ringsAt !== undefined && (state.toldAt === undefined || state.toldAt < state.ringsAt)

const isToldAgain = (lasting: AlarmState | null, { againMs }: AlarmTimes, now: number): boolean =>
  lasting?.toldAt === undefined || now - Date.parse(lasting.toldAt) >= againMs

const BAD_ENDS: Partial<Record<Run['status'], AlarmName>> = {
  missed: 'RunMissed',
  failed: 'RunFailed',
  partial: 'RunPartial',
  blocked: 'RunBlocked',
}

/** The alarm that a run's end rings; `null`: none. People wait for the servers of a start, however it fell short. */
export function endAlarm({
  id,
  action,
  status,
  reason = '',
  connection,
}: Pick<Run, 'id' | 'action' | 'status' | 'reason' | 'connection'>): Alarm | null {
  const bad = BAD_ENDS[status]
  if (bad === undefined) return null
  const name = action === 'start' ? 'StartFailed' : bad
  return { name, about: `run ${id}`, reason, cause: `connection ${connection}` }
}
