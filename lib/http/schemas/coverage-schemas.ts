/** Which servers any policy would ever stop. */
import * as z from 'zod'
import { Id, Kind } from '../../core/model/model.ts'
import { Unreachable } from './server-schemas.ts'

const Count = z.int().min(0)

export const CoverageQuery = z.strictObject({
  connection: Id.optional().meta({ description: 'Only its servers; absent: those of every connection.' }),
})

const UncoveredServer = z.object({
  serverId: z.string(),
  name: z.string(),
  connection: Id,
  kind: Kind,
  tags: z.record(z.string(), z.array(z.string())),
  flavor: z.string(),
  upSinceHours: z.number().nullable().meta({
    description:
      'For at least so many hours it has been up: nothing about it changed since then. null: it is not up, or the cloud does not tell.',
  }),
})

export const Coverage = z
  .object({
    summary: z.object({ servers: Count, covered: Count, protected: Count, uncovered: Count }).meta({
      description:
        'servers = covered + protected + uncovered. Covered: an enabled policy of an enabled connection matches it. Protected: no policy may stop it, by a tag, or as a member of a guarded scaling group.',
    }),
    uncovered: z
      .array(UncoveredServer)
      .meta({ description: 'The first 1000, those that are up the longest first; the numbers are whole.' }),
    byTag: z
      .array(z.object({ key: z.string(), value: z.string(), servers: Count }))
      .meta({ description: 'The tags of uncovered servers, the most common 100 first.' }),
    byFlavor: z
      .array(z.object({ flavor: z.string(), servers: Count }))
      .meta({ description: 'The flavors of uncovered servers, the most common 100 first.' }),
    suggestion: z
      .object({
        covers: Count,
        of: Count,
        policy: z.record(z.string(), z.unknown()).meta({ description: 'A policy to preview, disabled.' }),
      })
      .nullable()
      .meta({
        description:
          'The policy with the fewest values of one tag that covers half of the uncovered ECS servers of a connection, or as many as one tag can: of the connection with the most of them. null: no tag tells them apart.',
      }),
    unreachable: z.array(Unreachable).meta({
      description: 'Connections, or kinds, whose servers are not counted, and why.',
    }),
    unreadable: z.array(z.string()).optional().meta({
      description: 'Ids of policies that cannot be read and may cover some; absent where all can.',
    }),
  })
  .meta({ id: 'Coverage', description: 'What any policy would ever stop, and what none would.' })
