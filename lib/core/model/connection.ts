/** A connection: a project in a region, how to reach it and where its secret is. */
import * as z from 'zod'
import { globTest } from './glob.ts'
import {
  type ConnectionFields,
  type ConnectionPolicy,
  Id,
  Instant,
  ManagedBy,
  type Policy,
  type Stamps,
} from './model.ts'

interface CloudTraits {
  /** Names of the endpoints that a connection may override, and of those that it must name. */
  endpoints: readonly string[]
  required: readonly string[]
  hasScalingGroups: boolean
  /** Its keys can take on agencies, and a server of it may have a key of its own. */
  hasAgencies: boolean
  /** It may take a hard stop and do a soft one. */
  hardMayBeSoft: boolean
  /** Its projects tell their region. */
  hasRegions: boolean
}
/** The clouds, by a connection's `api`: what each can do. How each is spoken to stands in `lib/cloud/registry.ts`. */
const CLOUDS = {
  huaweicloud: {
    endpoints: ['ecs', 'bms', 'iam', 'as', 'sts', 'bss'],
    required: [],
    hasScalingGroups: true,
    hasAgencies: true,
    hardMayBeSoft: false,
    hasRegions: true,
  },
  openstack: {
    endpoints: ['identity', 'compute'],
    required: ['identity', 'compute'],
    hasScalingGroups: false,
    hasAgencies: false,
    hardMayBeSoft: true,
    hasRegions: false,
  },
} as const satisfies Record<string, CloudTraits>
export type Api = keyof typeof CLOUDS

export const traitsOf = ({ api }: { api: Api }): CloudTraits => CLOUDS[api]

const PerMinute = z.int().min(1).nullable()

export const Assume = z.strictObject({
  agency: z
    .string()
    .regex(/^[^:/]{1,64}$/, { error: 'expected the name of an agency, without : and /' })
    .describe('The name of the agency.'),
  domainName: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('The name of its account: the key is asked of IAM (v3). Either this or `domainId`.'),
  domainId: z
    .string()
    .regex(/^[0-9a-zA-Z-]{1,64}$/, { error: 'expected the id of the account, not its name' })
    .optional()
    .describe('The id of its account: the key is asked of STS, and may do no more than Curfew does.'),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, {
      error: 'expected 2 to 1224 of: letters, digits, _ + = , . @ : / -',
    })
    .optional()
    .describe('What the trust policy of the agency asks for; with `domainId` alone.'),
  sessionMinutes: z
    .int()
    .min(15)
    .max(1440)
    .default(60)
    .describe(
      'How long a key of the agency lasts: 15–1440, with `domainId` 15–720; at most 60 where the key that takes it on is temporary itself.',
    ),
})
export type Assume = z.infer<typeof Assume>

export const Connection = z.strictObject({
  id: Id.describe('Lower-case letters, digits and dashes.'),
  api: z
    .enum(Object.keys(CLOUDS) as [Api, ...Api[]])
    .describe(
      '`huaweicloud`: access key, up to 1000 servers a call; `openstack`: Keystone and Nova, one call a server.',
    ),
  region: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9-]*$/, { error: 'expected a region such as cn-north-4' })
    .describe('Such as cn-north-4.'),
  projectId: z
    .string()
    .regex(/^[0-9a-zA-Z-]{1,64}$/, { error: 'expected the id of the project, not its name' })
    .describe('Id of the project in that region.'),
  endpoints: z
    .strictObject({
      ecs: z.url(),
      bms: z.url(),
      iam: z.url(),
      as: z
        .url()
        .describe(
          'Auto Scaling. Where `ecs` is named and this is not, members of scaling groups are not guarded.',
        ),
      sts: z.url().describe('Security Token Service: tells whose a key is, and gives keys of agencies.'),
      bss: z
        .url()
        .describe(
          'Business Support System, one for a site: prices and bills. Where `ecs` is named and this is not, neither is asked for.',
        ),
      identity: z.url(),
      compute: z.url(),
    })
    .partial()
    .default({})
    .describe(
      'Overrides; absent ones follow from api and region (docs/connections.md). `openstack` needs `identity` and `compute`.',
    ),
  credentials: z
    .strictObject({
      source: z
        .enum(['environment', 'secretsManager', 'parameterStore', 'metadata'])
        .describe(
          'Where it is kept; `metadata`: nowhere, it is the key of the agency of the Huawei server that Curfew runs on.',
        ),
      name: z
        .string()
        .max(512)
        .default('')
        .describe(
          'The secret or parameter; for `environment` what the names of the variables begin with; for `metadata` nothing.',
        ),
    })
    .describe('Where the secret is. The secret itself is never stored, shown or logged.'),
  assume: Assume.nullable()
    .default(null)
    .describe('The agency whose temporary key is used in place of the key itself; `null`: none.'),
  maxServersPerMinute: z
    .strictObject({
      ecs: PerMinute.default(1000).describe('Elastic cloud servers.'),
      bms: PerMinute.default(null).describe('Bare metal.'),
    })
    .prefault({})
    .describe(
      'Ids in stop requests within any 60 seconds, over everything to the same project; `null`: no limit.',
    ),
  scalingGroups: z
    .enum(['guard', 'ignore'])
    .default('guard')
    .describe(
      '`guard`, the default: members of Auto Scaling groups are skipped, for a group removes and may delete a member that is off; `ignore`: they are stopped like every other server.',
    ),
  enabled: z.boolean().default(true).describe('`false`: nothing of it is ever stopped.'),
  managedBy: ManagedBy,
})
export type Connection = z.infer<typeof Connection>
export type StoredConnection = Connection & Stamps

/** A key that the cloud refused: the connection, as it was then, is left alone for a while. */
export const KeyHealth = z.object({ version: z.int(), refusedAt: Instant, reason: z.string() })
export type KeyHealth = z.infer<typeof KeyHealth>

/** Each connection that a policy names by its id, with the field that names it. */
export const namedConnections = ({
  connection,
  connections = [],
}: ConnectionFields): { path: string; id: string }[] => [
  ...(connection === undefined ? [] : [{ path: 'connection', id: connection }]),
  ...connections.flatMap((id, n) => (isPattern(id) ? [] : [{ path: `connections.${n}`, id }])),
]

const isPattern = (text: string): boolean => /[*?]/.test(text)

/** Whether it takes a look at the connections there are to know which are meant. */
export const hasPatterns = ({ connections = [] }: ConnectionFields): boolean => connections.some(isPattern)

/** A test of ids of connections: whether a policy is about one. */
export function aboutConnection({ connection, connections = [] }: ConnectionFields): (id: string) => boolean {
  const exact = new Set([connection, ...connections])
  const tests = connections.filter(isPattern).map(globTest)
  return id => exact.has(id) || tests.some(test => test(id))
}

/**
 * Ids of the connections that a policy is about, in order, each once; `there`: of all that there are, for its globs. One that it names is
 * among them whether it is there or not.
 */
export function connectionsOf(fields: ConnectionFields, there: Iterable<string>): string[] {
  const named = namedConnections(fields).map(({ id }) => id)
  const found = hasPatterns(fields) ? [...there].filter(aboutConnection(fields)) : []
  return [...new Set([...named, ...found])].toSorted()
}

const MAX_UNMATCHED_LENGTH = 200

/** What stands in the place of a connection where none matches: what was looked for. */
export const unmatchedText = ({ connections = [] }: ConnectionFields): string =>
  connections.join(', ').slice(0, MAX_UNMATCHED_LENGTH)

/** Whether a run was made where no connection matched. */
export const isUnmatched = ({ connection }: { connection: string }): boolean => isPattern(connection)

/** A policy as it holds in one of its connections. */
export const policyIn = <P extends Policy>(policy: P, connection: string): P & ConnectionPolicy => ({
  ...policy,
  connection,
  connections: undefined,
})
