/** What stops saved. */
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
