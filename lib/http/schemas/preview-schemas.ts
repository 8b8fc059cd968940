/** What a run would do, and why: previews, and one server alone. */
import * as z from 'zod'
import { Action } from '../../core/model/action.ts'
import { Id, Instant } from '../../core/model/model.ts'
import { RunStatus } from '../../core/model/run.ts'
import { OutcomeDocument } from './run-schemas.ts'

/** A body that says nothing; it may as well be left out. */
export const Empty = z.strictObject({})

const NamedServer = z.object({ serverId: z.string(), name: z.string() })
/** With the connection, of a preview over several. */
const PlacedServer = z.object({ ...NamedServer.shape, connection: Id.optional() })

export const PreviewQuery = z.strictObject({
  action: Action.default('stop').meta({
    description: '`start`: who would be started now, and why each other server would not.',
  }),
  connection: Id.optional().meta({ description: 'In this one of its connections alone.' }),
})

export const Preview = z
  .object({
    dueTimes: z
      .array(
        z.object({
          at: Instant,
          local: z.string().meta({ description: 'With its offset from UTC.' }),
          action: Action,
          skippedBecause: z
            .string()
            .nullable()
            .meta({ description: 'Why nothing will be done then, as things stand; null when it will.' }),
        }),
      )
      .meta({ description: 'The next ten.' }),
    summary: z.object({ matched: z.int(), targets: z.int(), skipped: z.int() }),
    targets: z.array(PlacedServer).meta({ description: 'The first 1000.' }),
    skipped: z
      .array(z.object({ ...PlacedServer.shape, code: z.string(), reason: z.string() }))
      .meta({ description: 'Matched and left, the first 1000.' }),
    warnings: z
      .array(z.object({ code: z.string(), message: z.string(), servers: z.array(NamedServer).optional() }))
      .meta({
        description:
          'What gives pause, the first 100, each with the first 100 servers it is about, 1000 over all.',
      }),
    warningCount: z.int().meta({ description: 'How many warnings there are.' }),
    blockedBy: z
      .string()
      .nullable()
      .meta({ description: 'Why a run would do nothing at all; null when it would.' }),
    connections: z
      .array(
        z.object({
          connection: Id,
          matched: z.int(),
          targets: z.int(),
          skipped: z.int(),
          blockedBy: z.string().nullable(),
        }),
      )
      .optional()
      .meta({ description: 'Of a policy with `connections`: each that could be read, with its numbers.' }),
    unreachable: z
      .array(z.object({ connection: Id, reason: z.string() }))
      .optional()
      .meta({
        description: 'Of a policy with `connections`: those that could not be read, and are not in the sums.',
      }),
  })
  .meta({ id: 'Preview' })

export const WhyQuery = z.strictObject({
  connection: Id.optional().meta({
    description: 'The one that the server is of; may be left out where the policy is about one alone.',
  }),
})

export const Why = z
  .object({
    serverId: z.string(),
    connection: Id,
    name: z.string().nullable().meta({ description: 'null where the cloud knows no such server.' }),
    wouldStop: z.boolean(),
    code: z.string().meta({ description: '`target` when it would, else why not.' }),
    reason: z.string(),
    conditions: z
      .array(z.object({ condition: z.string(), holds: z.boolean(), expected: z.string(), found: z.string() }))
      .meta({ description: 'The first 1000.' }),
    nextDueAt: Instant.nullable(),
    nextDueLocal: z.string().nullable(),
    nextStopAt: Instant.nullable().meta({
      description:
        'The next stop of the policy that this server would be in, as things stand, whatever its state now: protection and snoozes are heard; null: none.',
    }),
    nextStopLocal: z.string().nullable(),
    nextStartAt: Instant.nullable().meta({
      description: 'The next start of the policy that will act, where it matches the server; null: none.',
    }),
    nextStartLocal: z.string().nullable(),
    warnings: z
      .array(z.object({ code: z.string(), message: z.string() }))
      .meta({ description: 'Why its due times pass without a run: it is disabled, or snoozed.' }),
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
          underWay: z
            .boolean()
            .meta({ description: 'Whether it is a target that waits to be asked, or is followed.' }),
        }),
      )
      .meta({ description: "The policy's latest runs, newest first." }),
  })
  .meta({ id: 'Why' })
