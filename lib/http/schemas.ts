/** The documents of the API, made of the schemas that the whole of Curfew is made of. */
import * as z from 'zod'
import { Change } from '../core/change.ts'
import {
  AdHoc,
  Connection,
  Id,
  Instant,
  Mode,
  Settings as ModelSettings,
  modeProblems,
  Policy,
  PolicyState,
  Stamps,
  withMode,
} from '../core/model.ts'
import { Outcome as ModelOutcome, Run as ModelRun, OutcomeStatus, RunStatus } from '../core/work.ts'

/** Fields that answers have and requests may: what was read can be sent back. */
function readOnly<S extends z.ZodRawShape>(shape: S): { [K in keyof S]: z.ZodOptional<z.ZodUnknown> } {
  const names = Object.keys(shape).map(name => [
    name,
    z.unknown().optional().meta({ readOnly: true, description: 'Read-only: accepted and ignored.' }),
  ])
  return Object.fromEntries(names)
}

function without(body: Record<string, unknown>, names: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !(name in names)))
}

// --- connection ---------------------------------------------------------------------------------------------

const BodyId = Id.optional().meta({ description: 'May be absent; if there, it equals the one of the path.' })

export const ConnectionBody = z
  .strictObject({ ...Connection.shape, id: BodyId, ...readOnly(Stamps.shape) })
  .meta({ id: 'ConnectionBody' })
  .transform(body => without(body, Stamps.shape) as Omit<Connection, 'id'> & { id?: string })

export const ConnectionDocument = z
  .object({ ...Connection.shape, ...Stamps.shape })
  .meta({ id: 'Connection', description: 'Where servers live and how to reach them.' })

export const Check = z
  .object({
    ok: z.boolean(),
    servers: z
      .object({ ecs: z.int().nullable(), bms: z.int().nullable() })
      .optional()
      .meta({ description: 'How many there are of each kind; null where the cloud refused to say.' }),
    reason: z.string().optional().meta({ description: 'What is wrong, and what to do about it.' }),
  })
  .meta({ id: 'Check' })

// --- policy -------------------------------------------------------------------------------------------------

const policyShape = Policy.in.shape

/** `manual` is what ids of manual runs begin with. */
const PolicyId = Id.refine(id => id !== 'manual', { error: 'expected any id but "manual", which is taken' })

export const PolicyBody = z
  .strictObject({ ...policyShape, id: PolicyId.optional(), ...readOnly(PolicyState.shape) })
  .superRefine(modeProblems)
  .meta({ id: 'PolicyBody' })
  .transform(body =>
    withMode(without(body, PolicyState.shape) as Omit<Policy, 'id' | 'mode'> & { id?: string; mode?: Mode }),
  )

export const PolicyDocument = z
  .object({ ...policyShape, mode: Mode, ...PolicyState.shape })
  .meta({ id: 'Policy', description: 'What to stop and when.' })

// --- run ----------------------------------------------------------------------------------------------------

const flags = {
  dryRun: z.boolean().default(false).meta({ description: 'Decides everything, stops nothing.' }),
  overrideLimits: z
    .boolean()
    .default(false)
    .meta({ description: 'Goes on where a limit would block the run.' }),
}

const RunOfPolicy = z
  .strictObject({ policyId: Id, ...flags })
  .meta({ id: 'RunOfPolicy', description: 'One run of a policy, now.' })
const RunAdHoc = z
  .strictObject({ ...AdHoc.in.shape, ...flags })
  .superRefine(modeProblems)
  .meta({ id: 'RunAdHoc', description: 'One run of a target that no policy names.' })
  .transform(withMode)
export const RunBody = z.union([RunOfPolicy, RunAdHoc])
export type RunBody = z.infer<typeof RunBody>

const runShape = ModelRun.shape

export const RunDocument = z
  .object({
    id: runShape.id,
    policyId: runShape.policyId.meta({ description: 'Absent for an ad hoc target.' }),
    connection: runShape.connection,
    kind: runShape.kind,
    trigger: runShape.trigger,
    actor: runShape.actor.meta({ description: 'Who asked for a manual run.' }),
    dueAt: runShape.dueAt,
    createdAt: runShape.createdAt,
    startedAt: runShape.startedAt,
    endedAt: runShape.endedAt,
    status: runShape.status,
    reason: runShape.reason,
    dryRun: runShape.dryRun,
    overrideLimits: runShape.overrideLimits,
    summary: runShape.summary,
    codes: runShape.codes.meta({ description: 'Outcomes by code, as far as they are settled.' }),
    cancel: runShape.cancel.meta({ description: 'Who cancelled it, when and why.' }),
    progress: z
      .object({ chunks: z.int(), sent: z.int(), followed: z.int() })
      .optional()
      .meta({ description: 'How far its chunks are, once it is planned; shown of one run alone.' }),
    policy: z.record(z.string(), z.unknown()).optional().meta({
      description: 'The policy, or the ad hoc target, as it was when the run was made; left out in lists.',
    }),
  })
  .meta({ id: 'Run', description: 'One policy at one due time, or one manual request.' })

export const OutcomeDocument = ModelOutcome.meta({
  id: 'Outcome',
  description: 'What became of one server in one run.',
})

export const CancelBody = z.strictObject({
  reason: z.string().min(1).max(1000).default('no reason given'),
})

// --- preview, why, snooze, changes --------------------------------------------------------------------------

/** A body that says nothing; it may as well be left out. */
export const Empty = z.strictObject({})

const NamedServer = z.object({ serverId: z.string(), name: z.string() })

export const Preview = z
  .object({
    dueTimes: z
      .array(z.object({ at: Instant, local: z.string().meta({ description: 'With its offset from UTC.' }) }))
      .meta({ description: 'The next ten.' }),
    summary: z.object({ matched: z.int(), targets: z.int(), skipped: z.int() }),
    targets: z.array(NamedServer).meta({ description: 'The first 1000.' }),
    skipped: z
      .array(z.object({ ...NamedServer.shape, code: z.string(), reason: z.string() }))
      .meta({ description: 'Matched and left, the first 1000.' }),
    warnings: z
      .array(z.object({ code: z.string(), message: z.string(), servers: z.array(NamedServer).optional() }))
      .meta({ description: 'What gives pause, with the first 100 servers it is about.' }),
    blockedBy: z
      .string()
      .nullable()
      .meta({ description: 'Why a run would stop nothing at all; null when it would.' }),
  })
  .meta({ id: 'Preview' })

export const Why = z
  .object({
    serverId: z.string(),
    name: z.string().nullable().meta({ description: 'null where the cloud knows no such server.' }),
    wouldStop: z.boolean(),
    code: z.string().meta({ description: '`target` when it would, else why not.' }),
    reason: z.string(),
    conditions: z.array(
      z.object({ condition: z.string(), holds: z.boolean(), expected: z.string(), found: z.string() }),
    ),
    nextDueAt: Instant.nullable(),
    nextDueLocal: z.string().nullable(),
    latest: z
      .array(
        z.object({
          runId: z.string(),
          dueAt: Instant,
          status: RunStatus,
          reason: z.string().optional(),
          dryRun: z.boolean(),
          outcome: OutcomeDocument.nullable().meta({
            description: 'null where the run did not match it, or has not settled it.',
          }),
        }),
      )
      .meta({ description: "The policy's latest runs, newest first." }),
  })
  .meta({ id: 'Why' })

export const SnoozeBody = z
  .strictObject({
    until: Instant.meta({ description: 'Later than now, at most 30 days ahead.' }),
    reason: z.string().min(1).max(1000),
  })
  .meta({ id: 'Snooze' })

export const ChangeDocument = Change.meta({ id: 'Change', description: 'Who changed what, and when.' })

// --- the rest -----------------------------------------------------------------------------------------------

export const SettingsDocument = ModelSettings.meta({ id: 'Settings' })

export const Health = z
  .object({
    version: z.string(),
    ok: z.boolean().meta({ description: 'Both answer.' }),
    table: z.boolean().meta({ description: 'Whether the table answers.' }),
    queues: z.boolean().meta({ description: 'Whether the queues answer.' }),
  })
  .meta({ id: 'Health' })

export const Problem = z
  .object({
    type: z.string(),
    status: z.int(),
    title: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    id: z.string().optional().meta({ description: 'Under which the log tells more of an unexpected error.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457, with what is wrong with each field.' })

// --- lists --------------------------------------------------------------------------------------------------

const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().min(1).max(4000).optional().meta({ description: '`nextCursor` of the page before.' }),
}
export const ListQuery = z.strictObject(page)
export type ListQuery = z.infer<typeof ListQuery>

export const RunsQuery = z.strictObject({
  policyId: Id.optional().meta({ description: '`manual` for the runs of ad hoc targets.' }),
  status: RunStatus.optional(),
  since: Instant.optional().meta({ description: 'Only those due then or later.' }),
  ...page,
})
export const OutcomesQuery = z.strictObject({ status: OutcomeStatus.optional(), ...page })

/** A page of a list. */
export const listOf = (item: z.ZodType) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Where the list goes on; null at its end.' }),
  })

/** The headers that guard edits. */
export const IF_MATCH = { 'if-match': 'The `version` that this edit is of: 412 where it is another by now.' }
export const IF_NONE_MATCH = { 'if-none-match': '`*`: 412 where there is one already.' }

// --- paths --------------------------------------------------------------------------------------------------

export const PathId = z.strictObject({ id: Id })
export const PathPolicyId = z.strictObject({ id: PolicyId })
export const PathServer = z.strictObject({ id: Id, serverId: z.string().min(1).max(64) })
export const PathRunId = z.strictObject({ id: z.string().min(1).max(200) })
