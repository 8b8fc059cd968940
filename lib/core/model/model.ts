/** What people write: policies, selectors, limits, settings. The words of Curfew are in docs/glossary.md. */
import * as z from 'zod'
import { Cover } from '../schedule/calendars.ts'
import { Schedule } from '../schedule/schedule.ts'
import { Delay, type PolicySchedules, StartSchedule, startProblems } from '../schedule/start.ts'
import { Warn, type WarnFields, warnProblems } from '../schedule/warn.ts'
import { Limits } from './policy/limits.ts'
import { Exclude, Selector } from './policy/selector.ts'
import { NO_PRICES, Prices } from './prices/prices.ts'

export const Id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'expected 1 to 63 lower-case letters, digits and dashes, the first no dash',
})
export const Instant = z.iso.datetime({
  error: 'expected an ISO 8601 instant in UTC, such as 2026-11-21T12:00:00Z',
})
export type Instant = z.infer<typeof Instant>
export const Kind = z.enum(['ecs', 'bms'])
export type Kind = z.infer<typeof Kind>
export const Mode = z.enum(['soft', 'hard'])
export type Mode = z.infer<typeof Mode>

/** Whose file a document is of; absent in documents of earlier versions. */
export const ManagedBy = z
  .string()
  .min(1)
  .max(64)
  .nullable()
  .default(null)
  .describe('Who keeps it as a file (`npx curfew apply --as`); `null`: nobody.')

/** When a document was made and changed, and which edit of it this is; read-only in HTTP. */
export const Stamps = z.object({
  createdAt: Instant.describe('Read-only.'),
  updatedAt: Instant.describe('Read-only.'),
  version: z.int().describe('Read-only. Send it as `If-Match` to guard an edit.'),
  updatedBy: z.string().optional().describe('Read-only. The actor of the latest edit.'),
})
export type Stamps = z.infer<typeof Stamps>
/** For the whole installation. */
export const Settings = z.strictObject({
  stopsEnabled: z.boolean().describe('`false`: nothing is stopped by anyone.'),
  startsEnabled: z.boolean().default(true).describe('`false`: nothing is started by anyone.'),
  /** Absent in settings of earlier versions. */
  prices: Prices.default(NO_PRICES),
})
export type Settings = z.infer<typeof Settings>
/** Those that hold acts back. */
export type ActSettings = Omit<Settings, 'prices'>

// --- policy -------------------------------------------------------------------------------------------------

const Webhook = z.strictObject({
  url: z
    .url({ protocol: /^https$/ })
    .max(2048)
    .describe('Where to: https only, and public addresses only. Redirects are not followed.'),
  secretName: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the secret in Secrets Manager that signs the webhook; absent: it is not signed.'),
})

/** What channels are told of. */
export const Occasion = z.enum([
  'warning',
  'succeeded',
  'partial',
  'failed',
  'blocked',
  'missed',
  'cancelled',
  'escalated',
  'started',
  'no-capacity',
])
export type Occasion = z.infer<typeof Occasion>

const Notify = z
  .array(
    z.strictObject({
      channel: Id.describe('Id of the channel that is told.'),
      on: z
        .array(Occasion)
        .min(1)
        .describe('Of what: ends of runs, a hard stop that follows, a start without capacity, a warning.'),
    }),
  )
  .max(10)

/** What a policy and an ad hoc run share: which servers, and how to stop them. */
const Action = z.strictObject({
  connection: Id.describe('Id of the connection whose servers it is about.'),
  kind: Kind.describe('`ecs`: elastic cloud servers; `bms`: bare metal.'),
  selector: Selector,
  exclude: Exclude.default({}).describe('A server that matches any of these is skipped.'),
  mode: Mode.optional().describe(
    '`soft` asks the guest to shut down, `hard` cuts the power. Bare metal knows only `hard`. Default `soft`.',
  ),
  acceptPowerCut: z
    .boolean()
    .default(false)
    .describe('Consent that bare metal loses its power; required for `bms`.'),
  escalateAfterMinutes: z
    .int()
    .min(1)
    .max(1440)
    .nullable()
    .default(null)
    .describe('Servers still up this long after a soft stop get a hard one; `null`: never.'),
  limits: Limits.prefault({}).describe('A run that selects more is blocked, and asks for nothing.'),
  haltShare: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(0.1)
    .describe('The rest of a run is not sent once this share of its servers failed; `null`: never.'),
  webhook: Webhook.nullable().default(null).describe('A receiver of run ends; `null`: none.'),
  /** Absent in policies of earlier versions. */
  notify: Notify.default([]).describe('Which channels are told, and of what; `[]`: none.'),
})

const POWER_CUT =
  'a BMS stop is a power cut whatever its type says: it needs "mode": "hard" and "acceptPowerCut": true'

type HowToStop = Pick<z.infer<typeof Action>, 'kind' | 'mode' | 'acceptPowerCut' | 'escalateAfterMinutes'>

/** What is not allowed together: of a policy, and of whatever else has its fields. */
export function modeProblems(action: HowToStop, context: z.RefinementCtx): void {
  const refuse = (path: string, message: string, input: unknown) =>
    context.addIssue({ code: 'custom', path: [path], message, input })
  if (action.kind === 'bms' && action.mode !== 'hard') refuse('mode', POWER_CUT, action.mode)
  if (action.kind === 'bms' && !action.acceptPowerCut)
    refuse('acceptPowerCut', POWER_CUT, action.acceptPowerCut)
  if (action.escalateAfterMinutes !== null && (action.kind === 'bms' || action.mode === 'hard'))
    refuse(
      'escalateAfterMinutes',
      'expected null: only a soft stop can escalate',
      action.escalateAfterMinutes,
    )
}
/** The mode that goes without saying, said. */
export const withMode = <A extends Pick<HowToStop, 'mode'>>(action: A) => ({
  ...action,
  mode: action.mode ?? ('soft' as const),
})

export const AdHoc = Action.superRefine(modeProblems).transform(withMode)
export type AdHoc = z.infer<typeof AdHoc>

const ConnectionPattern = z.string().regex(/^[a-z0-9*?][a-z0-9*?-]{0,62}$/, {
  error: 'expected the id of a connection, or a glob of ids such as prod-*',
})

const policyFields = {
  id: Id.describe('Lower-case letters, digits and dashes.'),
  description: z.string().max(1000).default('').describe('For people.'),
  enabled: z.boolean().default(true).describe('`false`: none of its due times makes a run.'),
  schedule: Schedule.describe('When.'),
  /** Absent in policies of earlier versions. */
  start: StartSchedule.nullable().default(null).describe('When to start again; `null`: nothing is started.'),
  managedBy: ManagedBy,
  /** Absent in policies of earlier versions. */
  warn: Warn.nullable().default(null).describe('Before a stop, people are told; `null`: they are not.'),
  ...Action.shape,
  connection: Id.optional().describe(
    'Id of the connection whose servers it is about. Either this or `connections`.',
  ),
  connections: z
    .array(ConnectionPattern)
    .min(1)
    .max(100)
    .optional()
    .describe(
      'Ids and globs (`*`, `?`) of connections: each due time makes a run for each that matches then. Either this or `connection`.',
    ),
}

/** Exactly one of both is there. */
function refuseBoth({ connection, connections }: ConnectionFields, context: z.RefinementCtx): void {
  const refuse = (path: string, message: string, input: unknown) =>
    context.addIssue({ code: 'custom', path: [path], message, input })
  if (connection === undefined && connections === undefined)
    refuse('connection', 'expected the id of a connection, or "connections" instead of it', connection)
  if (connection !== undefined && connections !== undefined)
    refuse('connections', 'expected either "connection" or "connections", got both', connections)
}

/** What is not allowed together in a policy. */
export function policyProblems(
  policy: HowToStop & PolicySchedules & ConnectionFields & WarnFields,
  context: z.RefinementCtx,
): void {
  refuseBoth(policy, context)
  modeProblems(policy, context)
  startProblems(policy, context)
  warnProblems(policy, context)
}

export const Policy = z.strictObject(policyFields).superRefine(policyProblems).transform(withMode)
export type Policy = z.infer<typeof Policy>

/** What Curfew itself keeps beside a policy; read-only in HTTP. */
export const PolicyState = z.object({
  ...Stamps.shape,
  nextDueAt: Instant.nullable().describe('Read-only. When it is due next to stop; `null`: never.'),
  /** Absent in policies of earlier versions. */
  nextStartDueAt: Instant.nullable()
    .default(null)
    .describe('Read-only. When it is due next to start; `null`: never.'),
  nextWarnAt: Instant.optional().describe('Read-only. When people are warned next; absent: never.'),
  snoozedUntil: Instant.nullable().describe('Read-only. Stops that are due before it are skipped.'),
  snoozeReason: z.string().nullable().describe('Read-only.'),
  /** Absent in policies of earlier versions. */
  snoozedAt: Instant.nullable()
    .default(null)
    .describe('Read-only. Since when it is snoozed; `null`, too, where the policy has no `start`.'),
  /** Earlier versions cannot read a policy that has some: it has none again once they are over. */
  delays: z
    .array(Delay)
    .optional()
    .describe('Read-only. Stops that come later than the schedule says, once; absent where there are none.'),
  /** What the calendars of its schedule cover; absent where it has none. Not shown. */
  covers: z.array(Cover).optional(),
  /** When a calendar changed them last, which is no edit; absent: none did since the latest edit. Not shown. */
  coversAt: Instant.optional(),
  /** The tool of a channel that it warns asks to keep off full and half hours. Not shown. */
  warnsEarly: z.literal(true).optional(),
})
export type PolicyState = z.infer<typeof PolicyState>

/** Whose servers a policy is about: one connection, or those that ids and globs match. Exactly one of both is there. */
export interface ConnectionFields {
  connection?: string | undefined
  connections?: string[] | undefined
}
/** A policy as it holds in one connection. */
export type ConnectionPolicy = Policy & { connection: string }
/** The policy of a run: a whole one, or what a manual request said of its target. */
export type RunPolicy = Policy | AdHoc
export type StoredPolicy = Policy & PolicyState
