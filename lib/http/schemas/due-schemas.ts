/** What keeps a due stop from being carried out when the schedule names it. */
import * as z from 'zod'
import { MAX_DELAY_MINUTES } from '../../core/documents/delay.ts'
import { RequestInstant } from './schemas.ts'

export const SnoozeBody = z
  .strictObject({
    until: RequestInstant.meta({ description: 'Later than now, at most 30 days ahead.' }),
    reason: z.string().min(1).max(1000),
  })
  .meta({ id: 'Snooze' })

export const DelayBody = z
  .strictObject({
    dueAt: RequestInstant.meta({ description: 'At which a stop of the policy is due.' }),
    minutes: z.int().min(1).max(MAX_DELAY_MINUTES),
    reason: z.string().min(1).max(1000),
  })
  .meta({ id: 'DelayBody' })
export type DelayBody = z.infer<typeof DelayBody>
