/** How much of a fleet one run may stop, or start. */
import * as z from 'zod'

export const Limits = z.strictObject({
  maxServers: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('The most servers that one run may stop, or start; `null`: any number.'),
  maxPercent: z
    .number()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe(
      'The most of all servers of the kind in the connection that one run may stop, or start, in percent; `null`: any share.',
    ),
  historyFactor: z
    .number()
    .gt(1)
    .nullable()
    .default(3)
    .describe('How many times as large as its own recent runs one may be; `null`: the guard is off.'),
})
export type Limits = z.infer<typeof Limits>
