/** What has to do with single servers. */
import * as z from 'zod'
import { Id, Instant, Kind } from '../../core/model/model.ts'
import { SnoozeBody } from './due-schemas.ts'
import { page, ServerId } from './schemas.ts'

export const ServersQuery = z.strictObject({
  name: z.string().min(1).max(256).optional().meta({
    description:
      'Only servers of this name: a glob, as in a selector. `*` is any text, `?` any one character; without them it is the whole name. Upper and lower case differ.',
  }),
  id: ServerId.optional().meta({ description: 'Only the server with this id.' }),
  connection: Id.optional().meta({ description: 'Only those of this connection.' }),
  ...page,
})
export type ServersQuery = z.infer<typeof ServersQuery>

const ServerDocument = z
  .object({
    serverId: z.string(),
    name: z.string(),
    connection: Id,
    kind: Kind,
    status: z.string().meta({ description: "Its status in the cloud's own word." }),
    tags: z.record(z.string(), z.array(z.string())),
    policies: z.array(Id).meta({
      description:
        'The policies that match it: their selector does, and their `exclude` does not. Disabled ones, too.',
    }),
    nextStopAt: Instant.nullable().meta({
      description:
        'The next stop of any of them that it would be in, as things stand, whatever state it is in now; null: none.',
    }),
    nextStartAt: Instant.nullable().meta({
      description: 'The next start of any of them that will act, as things stand; null: none will.',
    }),
    protected: z.boolean().meta({
      description: 'Whether it is left by every stop until somebody changes that.',
    }),
    protectedBecause: z.string().nullable(),
    snoozeReason: z.string().nullable(),
    snoozedUntil: Instant.nullable().meta({
      description:
        'Until when it is left by every stop; null: it is not snoozed. A tag with a date is read in UTC here, and in its own zone by each policy.',
    }),
  })
  .meta({ id: 'Server', description: 'A server as it is now, and what acts on it next.' })

export const Unreachable = z.object({
  connection: Id,
  kind: Kind.nullable().meta({ description: 'null: nothing of the connection could be asked.' }),
  reason: z.string(),
})

export const ServerList = z.object({
  items: z.array(ServerDocument),
  unreachable: z.array(Unreachable).meta({
    description:
      'Connections whose servers are not, or not all, among these, and why: refused, or slower than an answer may be.',
  }),
  unreadable: z.array(z.string()).optional().meta({
    description: 'Ids of policies that cannot be read and may match some; absent where all can.',
  }),
  nextCursor: z.string().nullable().meta({ description: 'Where the list goes on; null at its end.' }),
})

export const PathServerId = z.strictObject({ serverId: ServerId })
const ofConnection = Id.meta({ description: 'The connection that the server is of.' })
export const ServerConnectionQuery = z.strictObject({ connection: ofConnection })
export const ServerChangesQuery = z.strictObject({ connection: ofConnection, ...page })

export const ServerSnoozeBody = z
  .strictObject({ connection: ofConnection, ...SnoozeBody.shape })
  .meta({ id: 'ServerSnooze' })

export const SnoozedServer = z
  .object({
    serverId: z.string(),
    connection: Id,
    snoozedUntil: Instant.nullable().meta({ description: 'null: it is not snoozed.' }),
    snoozeReason: z.string().nullable(),
    snoozedBy: z.string().nullable().meta({ description: 'The actor.' }),
    version: z.int().nullable().meta({ description: 'Send it as `If-Match` to guard an edit.' }),
  })
  .meta({ id: 'SnoozedServer', description: 'Whether a server is left by every stop for now.' })
