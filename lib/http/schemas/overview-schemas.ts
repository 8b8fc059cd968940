/** What is shown over all policies: now, and the week. */
import * as z from 'zod'
import { Action } from '../../core/model/action.ts'
import { Id, Instant, Kind, Mode } from '../../core/model/model.ts'
import { ATTENTION_CODES } from '../../core/overview/attention.ts'
import { timeZoneProblem } from '../../core/schedule/zone.ts'
import { RunDocument } from './run-schemas.ts'
import { listSchema, page } from './schemas.ts'

const Local = z.string().meta({ description: 'On the clock of the policy, with its offset from UTC.' })

/** Either of both is there. */
const connectionFields = {
  connection: Id.optional(),
  connections: z.array(z.string()).optional().meta({ description: 'Ids and globs of connections.' }),
}

const NextAction = z
  .object({
    policyId: Id,
    action: Action,
    at: Instant,
    local: Local,
    timeZone: z.string(),
    ...connectionFields,
    kind: Kind,
    mode: Mode.nullable().meta({ description: 'null: it is a start.' }),
    escalateAfterMinutes: z.int().nullable(),
    returnsAt: Instant.nullable().meta({
      description: 'Of a stop: the next start of the policy after it; null: there is none.',
    }),
    returnsLocal: Local.nullable(),
  })
  .meta({ id: 'NextAction' })

const Attention = z
  .object({
    code: z.enum(ATTENTION_CODES),
    message: z.string(),
    policyId: Id.optional(),
    connection: Id.optional(),
    runId: z.string().optional(),
    at: Instant,
  })
  .meta({
    id: 'Attention',
    description:
      "`run-…`: how the latest run of that policy, connection and action ended, for seven days, or until one ends well; runs without a policy, for a day. `key-refused`: the connection's key is not used for now. `matches-nothing`: the latest scheduled stop of the policy found no server. `unreadable`: a document that was to be read for this answer.",
  })

export const Now = z
  .object({
    at: Instant.meta({ description: 'The clock of the service.' }),
    stopsEnabled: z.boolean(),
    startsEnabled: z.boolean(),
    next: z
      .array(NextAction)
      .meta({ description: 'The next stop and the next start of policies that will act: the first ten.' }),
    nextKnownUntil: Instant.nullable().meta({
      description:
        'null: no other policy acts earlier. Else many policies are due and will not act: what is due after this instant was not looked at.',
    }),
    snoozed: z
      .array(z.object({ policyId: Id, snoozedUntil: Instant, snoozeReason: z.string().nullable() }))
      .meta({ description: 'Policies that are snoozed: the 100 that are so the longest.' }),
    underWay: z
      .array(RunDocument)
      .meta({ description: 'Runs that are pending or running, newest first: 50 at most.' }),
    latest: z
      .array(RunDocument)
      .meta({ description: 'Runs that ended in the last 24 hours, newest first: 50 at most.' }),
    attention: z
      .array(Attention)
      .meta({ description: 'What needs a person, the latest first: 100 at most.' }),
  })
  .meta({ id: 'Now' })

/** Years in which local dates are instants of four digits, in every zone. */
const MIN_DATE = '2000-01-01'
const MAX_DATE = '2199-12-31'

export const WeekQuery = z.strictObject({
  from: z.iso
    .date({ error: 'expected a date such as 2026-11-23' })
    .refine(date => date >= MIN_DATE && date <= MAX_DATE, {
      error: `expected a date from ${MIN_DATE} to ${MAX_DATE}`,
    })
    .optional()
    .meta({ description: 'The first date, on the clock of each row. Left out: Monday of this week.' }),
  days: z.coerce.number().int().min(1).max(31).default(7),
  timeZone: z
    .string()
    .superRefine((text, context) => {
      const message = timeZoneProblem(text)
      if (message !== null) context.addIssue({ code: 'custom', message, input: text })
    })
    .optional()
    .meta({ description: "Of all rows: an IANA name. Left out: each policy's own." }),
  ...page,
})
export type WeekQuery = z.infer<typeof WeekQuery>

const Reason = z.string().nullable()
const RangeShown = z.object({ from: Instant, to: Instant })

const WeekRow = z
  .object({
    policyId: Id,
    description: z.string(),
    enabled: z.boolean(),
    ...connectionFields,
    kind: Kind,
    timeZone: z.string().meta({ description: 'By whose clock the days are drawn.' }),
    policyTimeZone: z.string().meta({ description: "The policy's own." }),
    days: z
      .array(
        z.object({
          date: z.string(),
          ...RangeShown.shape,
          skippedBecause: Reason.meta({
            description: 'Nothing is due on it, by dates of `skipDates`; null: it is no such day.',
          }),
        }),
      )
      .meta({ description: 'Each from its midnight to the next: 23, 24 or 25 hours.' }),
    marks: z
      .array(
        z.object({
          at: Instant,
          local: z.string().meta({ description: 'With its offset from UTC.' }),
          action: Action,
          skippedBecause: Reason.meta({
            description:
              'Why nothing is, or was, done then; null: it will, or a run was made that did not pass it over.',
          }),
          runId: z
            .string()
            .nullable()
            .meta({ description: 'The run that was made then; null: none was yet.' }),
        }),
      )
      .meta({
        description:
          'Due times in order: from now on by the schedule, as a preview has them; before now those whose runs there are.',
      }),
    marksUntil: Instant.nullable().meta({
      description: 'null: all are there. Else there are more than 500 to come, and later ones are left out.',
    }),
    off: z.array(RangeShown).meta({
      description:
        'From each stop that was, is or will be carried out to the next such start, within the days; of several connections, in any of them. Stops that were skipped, missed, cancelled, blocked or failed make none; nor does a policy without a `start`.',
    }),
    snooze: z
      .object({ from: Instant.nullable(), until: Instant, reason: z.string().nullable() })
      .nullable()
      .meta({ description: '`from` is null where that is not kept: of a policy without a `start`.' }),
    runs: z.array(RunDocument).meta({
      description:
        'Those due within the days, newest first: 200 at most, or 1000 of a policy with `connections`.',
    }),
    runsSince: Instant.nullable().meta({
      description: 'null: all are there. Else what was due before it is left out of runs, marks and off.',
    }),
    unreadableRuns: z
      .array(z.string())
      .optional()
      .meta({ description: 'Ids of runs that cannot be read; absent where all can.' }),
  })
  .meta({ id: 'WeekRow', description: 'A policy in a week.' })
export const Week = z.object({ at: Instant, ...listSchema(WeekRow).shape }).meta({ id: 'Week' })
