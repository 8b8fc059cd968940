/** What stops saved, and the bill beside it. */
import * as z from 'zod'
import { Id, Instant } from '../../core/model/model.ts'
import { ZeroBecause } from '../../core/savings/line.ts'
import type { SavingsKey } from '../../core/savings/sums.ts'
import { timeZoneProblem } from '../../core/schedule/zone.ts'
import { page, RequestInstant } from './schemas.ts'

const EXPECTED_BY = 'expected policy, connection, server, day, month or tag:KEY'
const By = z
  .string()
  .max(200)
  .regex(/^(policy|connection|server|day|month|tag:.+)$/, { error: EXPECTED_BY })
  .transform(text => text as SavingsKey)

const TimeZone = z
  .string()
  .max(100)
  .superRefine((text, context) => {
    const problem = timeZoneProblem(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem, input: text })
  })

const range = {
  from: RequestInstant.optional().meta({
    description: 'Times off are counted from then on; absent: from 30 days before `to`.',
  }),
  to: RequestInstant.optional().meta({ description: 'Until then; absent: until now.' }),
  connection: Id.optional().meta({ description: 'Only servers of this connection.' }),
}

export const SavingsQuery = z.strictObject({
  ...range,
  by: By.default('policy').meta({
    description:
      '`tag:KEY`: by the value of a tag, as it was when the server was stopped. `day`, `month`: by the date on the clock of `timeZone`.',
  }),
  timeZone: TimeZone.default('UTC').meta({ description: 'Of days and months.' }),
  cursor: page.cursor,
})
export type SavingsQuery = z.infer<typeof SavingsQuery>

export const SavingsLinesQuery = z.strictObject({ ...range, ...page })
export type SavingsLinesQuery = z.infer<typeof SavingsLinesQuery>

const Hours = z.number().min(0)
const Currency = z
  .string()
  .nullable()
  .meta({ description: 'null: no prices were known when these servers were stopped.' })
const Amount = z.number().min(0)

export const SavingsSummary = z
  .object({
    from: Instant,
    to: Instant,
    by: z.string(),
    items: z
      .array(
        z.object({
          key: z.string().meta({
            description: 'Empty for what has none: an ad hoc run, a server without the tag.',
          }),
          servers: z.int().min(0).meta({ description: 'Each server once.' }),
          hours: Hours.meta({ description: 'Time off that runs caused and looks proved.' }),
          savingHours: Hours.meta({ description: 'Those of them that saved money.' }),
          noPriceHours: Hours.meta({ description: 'Those of them for which no price was known.' }),
          amount: Amount,
          currency: Currency,
        }),
      )
      .meta({ description: 'The first 1000, those that saved most first; each currency by itself.' }),
    moreKeys: z.int().min(0).meta({ description: 'How many more there are; the totals are of all.' }),
    totals: z.array(z.object({ currency: z.string(), amount: Amount })),
    nextCursor: z.string().nullable().meta({
      description:
        'Not null: there was no time for all runs. These are the sums of the first of them; those behind the cursor add to them.',
    }),
  })
  .meta({ id: 'SavingsSummary', description: 'What stops saved, summed up.' })

export const SavingsLineDocument = z
  .object({
    serverId: z.string(),
    name: z.string(),
    connection: Id,
    policyId: z.string().nullable().meta({ description: 'null: an ad hoc run.' }),
    runId: z.string(),
    flavor: z.string().nullable().meta({ description: 'null: not known.' }),
    from: Instant.meta({ description: 'The read that saw it off.' }),
    to: Instant.meta({ description: 'The latest proof that it was still off as it was left.' }),
    hours: Hours,
    savingHours: Hours,
    perHour: z.number().nullable().meta({ description: 'The price on the day of the stop.' }),
    amount: Amount,
    currency: Currency,
    zeroBecause: ZeroBecause.nullable().meta({
      description: 'Why it saved nothing, or nothing that is known; null: it saved.',
    }),
  })
  .meta({ id: 'SavingsLine', description: 'A time off of a server that a run caused and looks proved.' })

export const ReconcileQuery = z.strictObject({
  month: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, { error: 'expected a month such as 2026-11' })
    .meta({ description: 'On the clock of the bill, UTC+8, whatever the region.' }),
  connection: Id.meta({ description: 'Whose servers; the bill is that of its account, in its region.' }),
})
export type ReconcileQuery = z.infer<typeof ReconcileQuery>

/** Below zero where money was paid back. */
const Charged = z.number()

export const ReconciledMonth = z
  .object({
    month: z.string(),
    connection: Id,
    from: Instant,
    to: Instant,
    currency: z.string().meta({ description: 'That of the bill; claims in another one are left out.' }),
    items: z
      .array(
        z.object({
          serverId: z.string(),
          name: z.string(),
          savingHours: Hours,
          claimed: Amount,
          billed: Charged.nullable().meta({
            description: 'null: the bill has no record of it, or none yet.',
          }),
          check: z.enum(['fits', 'too-much', 'plan', 'not-billed']).meta({
            description:
              '`fits`: claimed and billed together are no more than the whole month would have cost. `too-much`: they are more. `plan`: a savings plan, a reserved instance or a time paid in advance is on its bill, so the stop may have saved nothing. `not-billed`: no record of it.',
          }),
        }),
      )
      .meta({ description: 'The first 1000, those that claim most first; the totals are whole.' }),
    totals: z.object({
      claimed: Amount,
      billed: Charged.meta({ description: 'For servers with a claim.' }),
      inDoubt: Amount.meta({ description: 'Of the claims: those that are not `fits`.' }),
      billedElsewhere: Charged.meta({ description: 'For all other servers of the account in the region.' }),
    }),
    notes: z.array(z.string()).meta({ description: 'What the bill cannot say here.' }),
  })
  .meta({ id: 'ReconciledMonth', description: 'What savings claim, beside what the cloud charged.' })
