/** What projects are asked for with, and the connections to them. */
import * as z from 'zod'
import { Connection } from '../../core/model/connection.ts'

const { api, region, endpoints, credentials, assume } = Connection.shape

export const DiscoverBody = z
  .strictObject({
    api,
    region: region
      .optional()
      .describe('Only its projects; left out: those of every region. `openstack` needs it.'),
    endpoints: endpoints.describe(
      'As in a connection; each that is made has them too. Name `region` with those of one region.',
    ),
    credentials,
    assume,
  })
  .meta({ id: 'DiscoverBody' })

const project = { projectId: z.string(), projectName: z.string() }

export const Discovered = z
  .discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      items: z.array(
        z.object({
          region: z.string(),
          ...project,
          existing: z.string().nullable().meta({
            description: 'The connection that there is to this project, by its id; null for none.',
          }),
          connection: z.object(Connection.shape).meta({
            id: 'DiscoveredConnection',
            description: 'The one that there is, else a new one. Ready for PUT.',
          }),
        }),
      ),
      leftOut: z
        .array(z.object({ ...project, reason: z.string() }))
        .meta({ description: 'Projects that no connection is made for, such as those that are disabled.' }),
    }),
    z.object({
      ok: z.literal(false),
      reason: z.string().meta({ description: 'What is wrong, and what to do about it.' }),
    }),
  ])
  .meta({ id: 'Discovered' })
