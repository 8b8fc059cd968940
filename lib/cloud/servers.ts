import * as z from 'zod'
import type { Kind, Server } from '../core/model.ts'

/** The ECS list holds bare-metal servers too; this tag marks them. */
export const BARE_METAL = '__type_baremetal'
const BARE_METAL_TYPES = [BARE_METAL, 'hws.resource.type.pm']

const Text = z.string().nullish().catch(null)
const Flag = z.boolean().nullish().catch(null)
/** Strict: a tag overlooked could be the one that protects its server. */
const Tags = z
  .array(z.union([z.string(), z.object({ key: z.string(), value: z.string().nullish() })]))
  .nullish()

const WireServer = z
  .object({
    id: z.string().min(1),
    status: z.string().min(1).optional(),
    fault: z.unknown().optional(),
    name: Text,
    'OS-EXT-STS:vm_state': Text,
    'OS-EXT-STS:task_state': Text,
    locked: Flag,
    in_recycle_bin: Flag,
    enterprise_project_id: Text,
    sys_tags: z
      .array(z.object({ key: z.string(), value: z.string() }))
      .nullish()
      .catch(null),
    tags: Tags,
    metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
    flavor: z.object({ id: Text, name: Text }).nullish().catch(null),
  })
  .refine(({ status, fault }) => status !== undefined || isSet(fault), {
    path: ['status'],
    error: 'expected a status such as ACTIVE',
  })
type WireServer = z.infer<typeof WireServer>

/** A server asked for that does not exist is an `id` with a `fault` and no more: `server` is then `null`. */
export interface Listed {
  id: string
  server: Server | null
}

/** ECS and BMS API reference, "Querying Details". Made once a kind: a schema compiles when first used. */
const schemasOf = (kind: Kind) => {
  const ListedServer = WireServer.transform((wire): Listed => ({ id: wire.id, server: toServer(wire, kind) }))
  const List = z.object({ count: z.int().min(0).nullish().default(null), servers: z.array(ListedServer) })
  return { List, Single: z.object({ server: ListedServer }), ListedServer }
}
const SCHEMAS = { ecs: schemasOf('ecs'), bms: schemasOf('bms') }

/** A page of servers; `count` is the total before paging, `null` where the answer does not tell. */
export const ServerList = (kind: Kind) => SCHEMAS[kind].List
export const SingleServer = (kind: Kind) => SCHEMAS[kind].Single
/** One item of either; `kind` is what it counts as where nothing marks it as bare metal. */
export const ListedServer = (kind: Kind) => SCHEMAS[kind].ListedServer

const isSet = (value: unknown): boolean => value !== undefined && value !== null

function toServer(wire: WireServer, kind: Kind): Server | null {
  if (wire.status === undefined) return null
  const tags = tagsOf(wire)
  const { metadata } = wire
  const isBareMetal =
    BARE_METAL in tags || BARE_METAL_TYPES.includes(String(metadata?.['metering.resourcetype']))
  return {
    id: wire.id,
    name: wire.name ?? '',
    kind: isBareMetal ? 'bms' : kind,
    status: wire.status,
    vmState: wire['OS-EXT-STS:vm_state'] ?? '',
    taskState: wire['OS-EXT-STS:task_state'] || null,
    locked: wire.locked ?? false,
    frozen: metadata?.EcmResStatus === 'freeze',
    inRecycleBin: wire.in_recycle_bin ?? false,
    tags,
    enterpriseProjectId: wire.enterprise_project_id ?? systemTag(wire, '_sys_enterprise_project_id'),
    // BMS spells it otherwise.
    chargingMode: CHARGING_MODES[String(metadata?.charging_mode ?? metadata?.chargingMode)] ?? null,
    flavor: wire.flavor?.name ?? wire.flavor?.id ?? '',
    ...faultOf(wire),
  }
}

const CHARGING_MODES: Record<string, Server['chargingMode']> = {
  0: 'payPerUse',
  1: 'yearlyMonthly',
  2: 'spot',
}

const Fault = z.object({ message: z.string().min(1) })

/** Nova tells of a fault only while the status is ERROR. */
function faultOf({ status, fault }: WireServer): Pick<Server, 'fault'> {
  const parsed = Fault.safeParse(fault)
  return status === 'ERROR' && parsed.success ? { fault: parsed.data.message } : {}
}

const systemTag = ({ sys_tags: tags }: WireServer, key: string): string | null =>
  tags?.find(tag => tag.key === key)?.value ?? null

/** `key=value`, split at the first `=`; a tag without value is its key alone. */
const tagsOf = ({ tags }: WireServer): Record<string, string> =>
  Object.fromEntries(
    (tags ?? []).map(tag => {
      if (typeof tag !== 'string') return [tag.key, tag.value ?? '']
      const [key = '', ...value] = tag.split('=')
      return [key, value.join('=')]
    }),
  )
