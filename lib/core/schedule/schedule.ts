/** What people write of when a policy stops: its schedule. */
import * as z from 'zod'
import { type Calendared, UsedCalendar } from './calendars.ts'
import { cronProblem } from './cron.ts'
import { timeZoneProblem } from './zone.ts'

const refine =
  (problem: (text: string) => string | null) =>
  (text: string, context: z.RefinementCtx): void => {
    const message = problem(text)
    if (message !== null) context.addIssue({ code: 'custom', message, input: text })
  }

export const CronText = z
  .string()
  .superRefine(refine(cronProblem))
  .describe(
    'Five fields: minute, hour, day of month, month, day of week. Numbers, names, `*`, lists, ranges, steps, `L`, `#`; Sunday is 0 or 7.',
  )

/** What they cover lies beside the policy, in one item of the table. */
const MAX_CALENDARS = 4

export const Schedule = z.strictObject({
  cron: CronText,
  timeZone: z.string().superRefine(refine(timeZoneProblem)).describe('An IANA name, such as Asia/Shanghai.'),
  skipDates: z
    .array(z.iso.date({ error: 'expected a date such as 2026-10-01' }))
    .max(1000, { error: 'expected at most 1000 dates' })
    .default([])
    .describe('Local dates on which nothing is due.'),
  /** Absent in policies of earlier versions. */
  calendars: z
    .array(UsedCalendar)
    .max(MAX_CALENDARS, { error: `expected at most ${MAX_CALENDARS} calendars` })
    .refine(all => new Set(all.map(({ id }) => id)).size === all.length, {
      error: 'expected each calendar once',
    })
    .default([])
    .describe('Calendars whose events leave due times out, or add days.'),
  catchUpMinutes: z
    .int()
    .min(1)
    .default(60)
    .describe('How late a run may still start; a later one is recorded as missed.'),
})
export type Schedule = z.infer<typeof Schedule>

/** A due time that comes later than the cron says, once; ms since the epoch. */
export interface MovedDue {
  fromMs: number
  toMs: number
}

/** The parts of a schedule that its due times follow from. */
export type Times = Pick<Schedule, 'cron' | 'timeZone' | 'skipDates'> & Calendared & { moved?: MovedDue[] }

/** A schedule with the due times of it that were moved, and with what its calendars cover. */
export type DueSchedule = Schedule & Pick<Times, 'moved' | 'covers'>
