/** When a policy warns people of a stop: so many minutes before it is due. */
import * as z from 'zod'
import { nextDueAt } from './due-times.ts'
import { isoInstant } from './instant.ts'
import { beforeQuiet } from './quiet.ts'
import { type Schedules, stopSchedule } from './start.ts'

const MINUTE_MS = 60_000

export const Warn = z.strictObject({
  minutesBefore: z
    .int()
    .min(5)
    .max(1440)
    .default(30)
    .describe('How long before a stop is due people are warned of it.'),
  maxSnoozeHours: z
    .int()
    .min(1)
    .max(12)
    .default(12)
    .describe('How much later than the schedule says the links of warnings may let a stop come, in all.'),
})

/** Whom a policy tells, and whether of its stops before they come. */
export interface WarnFields {
  warn: z.infer<typeof Warn> | null
  notify: { on: string[] }[]
}

/** A warning that no channel is told of. */
export function warnProblems({ warn, notify }: WarnFields, context: z.RefinementCtx): void {
  if (warn === null || notify.some(({ on }) => on.includes('warning'))) return
  const message = 'expected null, or a channel in "notify" with "warning" in its "on": nobody would be warned'
  context.addIssue({ code: 'custom', path: ['warn'], message, input: warn })
}

/** The parts of a policy that its warnings follow from. */
interface Warned extends Schedules {
  enabled: boolean
  warn: z.infer<typeof Warn> | null
  /** There is no warning of a stop that a snooze skips. */
  snoozedUntil?: string | null
  /** The tool of a channel asks to keep off full and half hours: people are warned before these. */
  warnsEarly?: true | undefined
}

interface WarnTime {
  /** When people are warned next; absent: never. */
  nextWarnAt?: string | undefined
}

/** The first stop later than an instant that no snooze skips. */
function stopAfter(policy: Warned, afterMs: number): number | null {
  const snoozedMs = policy.snoozedUntil ? Date.parse(policy.snoozedUntil) - 1 : 0
  return nextDueAt(stopSchedule(policy), Math.max(afterMs, snoozedMs))
}

const leadMs = ({ minutesBefore }: z.infer<typeof Warn>): number => minutesBefore * MINUTE_MS

/** When people are warned of a stop. */
function warnMs({ warn, warnsEarly }: Pick<Warned, 'warn' | 'warnsEarly'>, stopMs: number): number {
  const ms = stopMs - leadMs(warn!)
  return warnsEarly ? beforeQuiet(ms) : ms
}

/** For the first stop later than an instant; that time may have passed. */
export function warnTimeAfter(policy: Warned, afterMs: number): WarnTime {
  const { enabled, warn } = policy
  const stopMs = enabled && warn ? stopAfter(policy, afterMs) : null
  return stopMs === null ? {} : { nextWarnAt: isoInstant(warnMs(policy, stopMs)) }
}

interface DueWarning extends WarnTime {
  /** The stops of which people are to be warned now: several only where one time before a full or half hour is that of all. */
  stops: string[]
}

/**
 * What a tick makes of the time at which a policy warns; `null`: it has not come. There is no warning of a stop that has passed, however
 * late the tick is.
 */
export function dueWarning(policy: Warned & WarnTime, nowMs: number): DueWarning | null {
  const { nextWarnAt, warn } = policy
  if (nextWarnAt === undefined || Date.parse(nextWarnAt) > nowMs) return null
  if (warn === null) return { stops: [] }
  const firstMs = Date.parse(nextWarnAt) + leadMs(warn)
  const stopMs = policy.enabled ? stopAfter(policy, Math.max(nowMs, firstMs - 1)) : null
  if (stopMs === null) return { stops: [] }
  if (warnMs(policy, stopMs) > nowMs) return { stops: [], ...warnTimeAfter(policy, stopMs - 1) }
  const stops = stopsWarnedWith(policy, stopMs)
  return { stops: stops.map(isoInstant), ...warnTimeAfter(policy, stops.at(-1)!) }
}

/** A stop, and those after it of which people are warned at the same time. */
function stopsWarnedWith(policy: Warned, stopMs: number): number[] {
  const stops = [stopMs]
  for (;;) {
    const next = stopAfter(policy, stops.at(-1)!)
    if (next === null || warnMs(policy, next) > warnMs(policy, stopMs)) return stops
    stops.push(next)
  }
}
