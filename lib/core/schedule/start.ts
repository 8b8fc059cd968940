/** When a policy starts servers again: a cron beside that of its schedule, in the same zone and with the same skipped dates and calendars. */
import * as z from 'zod'
import type { Cover } from './calendars.ts'
import { cronProblem, parseCron, sharedMinute } from './cron.ts'
import { nextDueAt } from './due-times.ts'
import { memoiseAnswers } from './memoised.ts'
import { CronText, type DueSchedule, type Schedule } from './schedule.ts'

/** A day: by then the next start is due. */
const MAX_RETRY_MINUTES = 1440

export const StartSchedule = z.strictObject({
  cron: CronText.describe(
    'When, as `schedule.cron` is written; `timeZone`, `skipDates` and `calendars` of the schedule hold for it, too. It names no minute of a day that `schedule.cron` names.',
  ),
  servers: z
    .enum(['stopped', 'selected'])
    .default('stopped')
    .describe(
      '`stopped`: what runs of this policy stopped and is still off; `selected`: every server of the selector that is off.',
    ),
  catchUpMinutes: z
    .int()
    .min(1)
    .default(240)
    .describe('How late a start may still begin; a later one is recorded as missed.'),
  retryMinutes: z
    .int()
    .min(0)
    .max(MAX_RETRY_MINUTES)
    .default(120)
    .describe('How long a start that the cloud refuses for want of capacity is asked again; 0: once.'),
})
export type StartSchedule = z.infer<typeof StartSchedule>

/** When a policy acts, as a person wrote it. */
export interface PolicySchedules {
  schedule: Schedule
  start: StartSchedule | null
}

/** The parts of a policy that its due times follow from. */
export interface Schedules extends PolicySchedules {
  /** Stops that come later than the schedule says, once. */
  delays?: Delay[] | undefined
  /** What the calendars of the schedule cover. */
  covers?: Cover[] | undefined
}

const Instant = z.iso.datetime()
/** A due stop that comes later, once. */
export const Delay = z.object({
  dueAt: Instant.describe('When the schedule names it.'),
  until: Instant.describe('When it is due instead.'),
  reason: z.string(),
})
export type Delay = z.infer<typeof Delay>

const movedBy = (delays: Delay[]): NonNullable<DueSchedule['moved']> =>
  delays.map(({ dueAt, until }) => ({ fromMs: Date.parse(dueAt), toMs: Date.parse(until) }))

/** What a policy's stops are due by. */
export const stopSchedule = ({ schedule, delays, covers }: Schedules): DueSchedule => ({
  ...schedule,
  ...(delays && { moved: movedBy(delays) }),
  ...(covers && { covers }),
})

/** Whether the schedule names that stop, delays aside. */
export const namesStop = ({ delays: _, ...undelayed }: Schedules, dueMs: number): boolean =>
  nextDueAt(stopSchedule(undelayed), dueMs - 1) === dueMs

/** Those of stops that the schedule still names: by an edit, a skipped date or a calendar the others move nothing. */
export const delaysInForce = (policy: Schedules): Delay[] =>
  (policy.delays ?? []).filter(({ dueAt }) => namesStop(policy, Date.parse(dueAt)))

/** What a policy's starts are due by; null: it starts nothing. */
export const startSchedule = ({ schedule, start, covers }: Schedules): DueSchedule | null =>
  start && {
    ...schedule,
    cron: start.cron,
    catchUpMinutes: start.catchUpMinutes,
    ...(covers && { covers }),
  }

/** Every read of a policy asks it again. */
const sharedTime = memoiseAnswers(1000, (crons: string) => {
  const [one, other] = crons.split('\n').map(parseCron)
  return { minute: sharedMinute(one!, other!) }
})

/** A stop and a start at the same minute of the same day on the wall: neither of them can be meant to win. */
export function startProblems({ schedule, start }: PolicySchedules, context: z.RefinementCtx): void {
  if (start === null || [schedule.cron, start.cron].some(cron => cronProblem(cron) !== null)) return
  const { minute } = sharedTime(`${schedule.cron}\n${start.cron}`)
  if (minute === null) return
  const time = new Date(minute * 60_000).toISOString().slice(11, 16)
  const message = `expected no time at which schedule.cron stops, got "${start.cron}": it and "${schedule.cron}" both name ${time} of the same day`
  context.addIssue({ code: 'custom', path: ['start', 'cron'], message, input: start.cron })
}
