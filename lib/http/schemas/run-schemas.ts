/** What has to do with runs: what may be asked for, what became of it, what would. */
import * as z from 'zod'
import { Change } from '../../core/documents/change.ts'
import { Action } from '../../core/model/action.ts'
import { AdHoc, Id, modeProblems, withMode } from '../../core/model/model.ts'
import { Outcome as ModelOutcome, OutcomeCode, OutcomeStatus } from '../../core/model/outcome.ts'
import { RunStatus, RunView } from '../../core/model/run.ts'
import { page, RequestInstant } from './schemas.ts'

// --- run ----------------------------------------------------------------------------------------------------

const flags = {
  dryRun: z.boolean().default(false).meta({ description: 'Decides everything, asks for nothing.' }),
  overrideLimits: z
    .boolean()
    .default(false)
    .meta({ description: 'Goes on where a limit would block the run.' }),
}

const RunOfPolicy = z
  .strictObject({
    policyId: Id,
    connection: Id.optional().meta({
      description: 'In this one of its connections alone. Left out: one run in each of them.',
    }),
    action: Action.default('stop').meta({
      description:
        '`start`: what the policy would start, now: what its runs stopped, and nobody started since.',
    }),
    ...flags,
  })
  .meta({ id: 'RunOfPolicy', description: 'One run of a policy, now.' })
const EITHER = 'expected "stop" or "start"'
const RunAdHoc = z
  .strictObject({ ...AdHoc.in.shape, action: z.literal('stop', { error: EITHER }).default('stop'), ...flags })
  .superRefine(modeProblems)
  .meta({ id: 'RunAdHoc', description: 'One stop of a target that no policy names.' })
  .transform(withMode)

const { connection, kind, selector, exclude, limits, webhook, notify } = AdHoc.in.shape
const RunStart = z
  .strictObject({
    action: z.literal('start', { error: EITHER }),
    connection,
    kind,
    selector,
    exclude,
    limits,
    webhook,
    notify,
    ...flags,
  })
  .meta({
    id: 'RunStart',
    description: 'One start of a target that no policy names: of its servers that are off.',
  })
export const RunBody = z.union([RunOfPolicy, RunAdHoc, RunStart])
export type RunBody = z.infer<typeof RunBody>

export const RunDocument = z
  .object({
    ...RunView.shape,
    undoes: z
      .string()
      .nullable()
      .meta({ description: 'The run whose stops this one takes back; null: none.' }),
    summary: z
      .object({
        ...RunView.shape.summary.shape,
        waiting: z.int().meta({ description: 'Targets still to be asked, or followed to their end.' }),
      })
      .meta({ description: 'What is settled so far; of a run that ended, the whole of it.' }),
    progress: z.object({ chunks: z.int(), sent: z.int(), followed: z.int() }).optional().meta({
      description:
        'How far its chunks are, once it is planned; shown of one run alone, and of those under way in `GET /v1/now`.',
    }),
    policy: z.record(z.string(), z.unknown()).optional().meta({
      description: 'The policy, or the ad hoc target, as it was when the run was made; left out in lists.',
    }),
  })
  .meta({ id: 'Run', description: 'One policy at one due time, or one manual request.' })

/** The runs of one request, one for each connection. */
export const RunsMade = z
  .object({ items: z.array(RunDocument) })
  .meta({ id: 'RunsMade', description: 'One run for each connection of the policy, in order.' })

export const OutcomeDocument = ModelOutcome.meta({
  id: 'Outcome',
  description: 'What became of one server in one run.',
})

export const UndoBody = z
  .strictObject({
    dryRun: flags.dryRun,
    reason: z.string().min(1).max(1000).default('no reason given'),
  })
  .meta({ id: 'Undo' })
export type UndoBody = z.infer<typeof UndoBody>

export const CancelBody = z.strictObject({
  reason: z.string().min(1).max(1000).default('no reason given'),
})

// --- changes ----------------------------------------------------------------------------------------

export const ChangeDocument = Change.meta({ id: 'Change', description: 'Who changed what, and when.' })

// --- lists ---

export const RunsQuery = z.strictObject({
  policyId: Id.optional().meta({ description: '`manual` for the runs of ad hoc targets.' }),
  connection: Id.optional(),
  action: Action.optional(),
  status: z.array(RunStatus).optional().meta({ description: 'Any of these; may be repeated.' }),
  bad: z.literal('true').optional().meta({
    description: 'Only those with a failed or unconfirmed server, and those not carried out.',
  }),
  since: RequestInstant.optional().meta({ description: 'Only those due then or later.' }),
  until: RequestInstant.optional().meta({
    description: 'Only those due then or earlier; not before `since`.',
  }),
  ...page,
})
export type RunsQuery = z.infer<typeof RunsQuery>
export const OutcomesQuery = z.strictObject({
  status: z.array(OutcomeStatus).optional().meta({ description: 'Any of these; may be repeated.' }),
  code: z.array(OutcomeCode).optional().meta({ description: 'Any of these; may be repeated.' }),
  name: z.string().min(1).max(256).optional().meta({ description: 'Only servers of this name; a glob.' }),
  ...page,
})
export type OutcomesQuery = z.infer<typeof OutcomesQuery>
