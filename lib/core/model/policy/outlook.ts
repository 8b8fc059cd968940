/** When a policy acts next, as things stand. */
import * as z from 'zod'
import { Instant } from '../model.ts'

/** What is worked out whenever a policy is shown; read-only in HTTP. */
export const PolicyOutlook = z.object({
  nextStopAt: Instant.nullable().describe(
    'Read-only. The next stop that will act: snooze, skipped dates, calendars, `enabled` of policy and connection and `stopsEnabled` are heard; `null`: none will.',
  ),
  nextStartAt: Instant.nullable().describe(
    'Read-only. The next start that will act: skipped dates, calendars, `enabled` of policy and connection and `startsEnabled` are heard; `null`: none will.',
  ),
})
export type PolicyOutlook = z.infer<typeof PolicyOutlook>
