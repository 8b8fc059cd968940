/** What is shown over all policies: now, and the week. */
import * as z from 'zod'
import { Action } from '../../core/model/action.ts'
import { Id, Instant, Kind, Mode } from '../../core/model/model.ts'
import { ATTENTION_CODES } from '../../core/overview/attention.ts'
import { RunDocument } from './run-schemas.ts'

const Local = z.string().meta({ description: 'On the clock of the policy, with its offset from UTC.' })

const NextAction = z
  .object({
    policyId: Id,
    action: Action,
    at: Instant,
    local: Local,
    timeZone: z.string(),
    connection: Id,
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
      "`run-…`: how the latest run of that policy and action ended, for seven days, or until one ends well; runs without a policy, for a day. `key-refused`: the connection's key is not used for now. `matches-nothing`: the latest scheduled stop of the policy found no server. `unreadable`: a document that was to be read for this answer.",
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
