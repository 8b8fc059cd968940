/** The documents of the API, made of the schemas that the whole of Curfew is made of. */
import * as z from 'zod'
import { DISCOVER } from '../../core/documents/connections/discover.ts'
import { Connection } from '../../core/model/connection.ts'
import {
  Id,
  Instant,
  Mode,
  Settings as ModelSettings,
  Policy,
  PolicyState,
  policyProblems,
  Stamps,
  withMode,
} from '../../core/model/model.ts'
import { PolicyOutlook } from '../../core/model/policy/outlook.ts'
import { normalizeServerId } from '../../core/model/policy/selector.ts'
import { Prices } from '../../core/model/prices/prices.ts'
import { isoInstant } from '../../core/schedule/instant.ts'

/** Fields that answers have and requests may: what was read can be sent back. */
export function readOnly<S extends z.ZodRawShape>(shape: S): { [K in keyof S]: z.ZodOptional<z.ZodUnknown> } {
  const names = Object.keys(shape).map(name => [
    name,
    z.unknown().optional().meta({ readOnly: true, description: 'Read-only: accepted and ignored.' }),
  ])
  return Object.fromEntries(names)
}

export function omitFields(body: Record<string, unknown>, names: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !Object.hasOwn(names, name)))
}

// --- connection ---------------------------------------------------------------------------------------------

const ConnectionId = Id.refine(id => id !== DISCOVER, {
  error: `expected any id but "${DISCOVER}", which is taken`,
})
const BodyId = ConnectionId.optional().meta({
  description: 'May be absent; if there, it equals the one of the path.',
})

export const ConnectionBody = z
  .strictObject({ ...Connection.shape, id: BodyId, ...readOnly(Stamps.shape) })
  .meta({ id: 'ConnectionBody' })
  .transform(body => omitFields(body, Stamps.shape) as Omit<Connection, 'id'> & { id?: string })

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
    account: z
      .object({
        id: z.string(),
        name: z.string().nullable(),
        caller: z
          .string()
          .nullable()
          .meta({ description: "The user or agency whose key it is, in the cloud's own spelling." }),
      })
      .nullable()
      .optional()
      .meta({ description: 'Whose the key is; null where the cloud did not tell. It decides nothing.' }),
    warnings: z
      .array(z.object({ code: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'What gives pause, where it could be reached.' }),
  })
  .meta({ id: 'Check' })

// --- policy -------------------------------------------------------------------------------------------------

const policyShape = Policy.in.shape

/** What ids of runs begin with that are of no policy. */
const TAKEN = ['manual', 'undo']
const PolicyId = Id.refine(id => !TAKEN.includes(id), {
  error: 'expected any id but "manual" and "undo", which are taken',
})
/** What calendars cover is shown by them, what tools ask for by nothing. */
const { covers: _, coversAt: __, warnsEarly: ___, ...stateShown } = PolicyState.shape
const READ_ONLY = { ...stateShown, ...PolicyOutlook.shape, runUnderWay: z.unknown() }

/** As JSON Schema: one connection, or several; never both, and never neither. */
export const EITHER_CONNECTIONS = { oneOf: [{ required: ['connection'] }, { required: ['connections'] }] }

export const PolicyBody = z
  .strictObject({ ...policyShape, id: PolicyId.optional(), ...readOnly(READ_ONLY) })
  .superRefine(policyProblems)
  .meta({ id: 'PolicyBody', ...EITHER_CONNECTIONS })
  .transform(body =>
    withMode(omitFields(body, READ_ONLY) as Omit<Policy, 'id' | 'mode'> & { id?: string; mode?: Mode }),
  )

export const PolicyDocument = z
  .object({ ...policyShape, mode: Mode, ...stateShown, ...PolicyOutlook.shape })
  .meta({ id: 'Policy', description: 'What to stop and when.' })

/** A run that an edit came too late for. */
const RunUnderWay = z
  .object({
    id: z.string(),
    dueAt: Instant,
    status: z.enum(['pending', 'running']),
    others: z.int().optional().meta({
      description: 'How many runs of it in other connections go on likewise; absent: none.',
    }),
  })
  .meta({ description: 'The run of a due time of a moment ago, which goes on all the same: cancel it.' })

export const SnoozedPolicyDocument = z
  .object({ ...PolicyDocument.shape, runUnderWay: RunUnderWay.optional() })
  .meta({ id: 'SnoozedPolicy', description: 'What to stop and when.' })

export const DeletedPolicy = z.object({ runUnderWay: RunUnderWay }).meta({ id: 'DeletedPolicy' })

// --- the rest -----------------------------------------------------------------------------------------------

export const SettingsDocument = ModelSettings.meta({ id: 'Settings' })

/** A caller that knows of stops alone switches no start on or off, and changes no price. */
export const SettingsBody = z
  .strictObject({
    ...ModelSettings.shape,
    startsEnabled: z
      .boolean()
      .optional()
      .describe('`false`: nothing is started by anyone. Left out: it stays as it is.'),
    prices: Prices.optional().describe('Where prices come from (docs/prices.md). Left out: as they are.'),
  })
  .meta({ id: 'SettingsBody' })
export type SettingsBody = z.infer<typeof SettingsBody>

export const Health = z
  .object({
    version: z.string(),
    ok: z.boolean().meta({ description: 'Both answer, and ticks come.' }),
    table: z.boolean().meta({ description: 'Whether the table answers.' }),
    queues: z.boolean().meta({ description: 'Whether the queues answer.' }),
    ticks: z.boolean().meta({
      description:
        'Whether a tick ran within three minutes, or a first one is waited for no longer than that.',
    }),
    tickedAt: Instant.nullable().meta({
      description: 'When the latest tick ran; `null`: none ever did, or the table does not answer.',
    }),
  })
  .meta({ id: 'Health' })

export const Well = z.object({ ok: z.literal(true) }).meta({ id: 'Well' })

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

export const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().min(1).max(4000).optional().meta({ description: '`nextCursor` of the page before.' }),
}
/** Instants in answers have 24 characters; beyond the years 0000 to 9999 they would be out of order. */
const UTC_LENGTH = '2026-11-21T12:00:00.000Z'.length
const INSTANT_MESSAGE =
  'expected an ISO 8601 instant, such as 2026-11-21T12:00:00Z or 2026-11-21T20:00:00+08:00'

/** An instant of a request, which may carry an offset; read as UTC, as answers and lists have it. */
export const RequestInstant = z.iso
  .datetime({ offset: true, error: INSTANT_MESSAGE })
  .transform((text, context) => {
    const utc = isoInstant(Date.parse(text))
    if (utc.length !== UTC_LENGTH)
      context.addIssue(`expected an instant of the years 0000 to 9999 in UTC, got "${text}"`)
    return utc
  })

export const ListQuery = z.strictObject(page)
export type ListQuery = z.infer<typeof ListQuery>

/** A page of a list. */
export const listSchema = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    unreadable: z.array(z.string()).optional().meta({
      description:
        'Ids of those that stand here and cannot be read, such as what a newer version wrote; absent where all can. PUT them again, or DELETE them.',
    }),
    nextCursor: z.string().nullable().meta({ description: 'Where the list goes on; null at its end.' }),
  })

/** The headers that guard edits. */
export const IF_MATCH = { 'if-match': 'The `version` that this edit is of: 412 where it is another by now.' }
export const IF_NONE_MATCH = { 'if-none-match': '`*`: 412 where there is one already.' }

// --- paths --------------------------------------------------------------------------------------------------

export const PathId = z.strictObject({ id: Id })
export const PathConnectionId = z.strictObject({ id: ConnectionId })
export const PathPolicyId = z.strictObject({ id: PolicyId })
export const ServerId = z
  .string()
  .regex(/^[\w-]{1,64}$/, { error: 'expected the id of a server' })
  .overwrite(normalizeServerId)
export const PathServer = z.strictObject({ id: Id, serverId: ServerId })
export const PathRunId = z.strictObject({ id: z.string().min(1).max(200) })
