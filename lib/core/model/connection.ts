/** A connection: a project in a region, how to reach it and where its secret is. */
import * as z from 'zod'
import { Id, Instant, type Stamps } from './model.ts'

const PerMinute = z.int().min(1).nullable()

export const Connection = z.strictObject({
  id: Id,
  api: z.enum(['huaweicloud', 'openstack']),
  region: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9-]*$/, { error: 'expected a region such as cn-north-4' }),
  projectId: z
    .string()
    .regex(/^[0-9a-zA-Z-]{1,64}$/, { error: 'expected the id of the project, not its name' }),
  endpoints: z
    .strictObject({
      ecs: z.url(),
      bms: z.url(),
      iam: z.url(),
      as: z.url(),
      identity: z.url(),
      compute: z.url(),
    })
    .partial()
    .default({}),
  credentials: z.strictObject({
    source: z.enum(['environment', 'secretsManager', 'parameterStore']),
    name: z.string().max(512).default(''),
  }),
  maxServersPerMinute: z
    .strictObject({ ecs: PerMinute.default(1000), bms: PerMinute.default(null) })
    .prefault({}),
  /** Members of Auto Scaling groups are left alone, or stopped like every other server. */
  scalingGroups: z.enum(['guard', 'ignore']).default('guard'),
  enabled: z.boolean().default(true),
})
export type Connection = z.infer<typeof Connection>
export type StoredConnection = Connection & Stamps

/** A key that the cloud refused: the connection, as it was then, is left alone for a while. */
export const KeyHealth = z.object({ version: z.int(), refusedAt: Instant, reason: z.string() })
export type KeyHealth = z.infer<typeof KeyHealth>
