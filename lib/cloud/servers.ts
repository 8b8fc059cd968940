/** Servers, as ECS, BMS and Nova answer them, in the words of the model. */
import * as z from 'zod'
import type { Power } from '../core/model/action.ts'
import type { Server } from '../core/model/cloud.ts'
import type { Kind } from '../core/model/model.ts'
import { fieldsOf, isObject, textOf, type WireFields } from './fields.ts'
import { saysNoValidHost } from './http/capacity-words.ts'

/** The ECS list holds bare-metal servers too; this tag marks them. */
export const BARE_METAL = '__type_baremetal'
const BARE_METAL_TYPES = [BARE_METAL, 'hws.resource.type.pm']

/** Nova's word for a server of which it cannot tell the status. */
const UNTOLD_STATUS = 'UNKNOWN'

type WireServer = WireFields & { id: string }

/** A server asked for that does not exist is an `id` with a `fault` and no more: `server` is then `null`. */
export interface ListedServers {
  id: string
  server: Server | null
}

const hasId = (value: unknown): value is WireServer => textOf(fieldsOf(value).id) !== ''

/** ECS and BMS API reference, "Querying Details". Made once a kind: a schema compiles when first used. */
const schemasOf = (kind: Kind) => {
  const ListedServer = z
    .custom<WireServer>(hasId, { error: 'expected a server with its id' })
    .transform((wire): ListedServers => ({ id: wire.id, server: toServer(wire, kind) }))
  const List = z.object({
    /** All before paging; `null` where the answer does not tell. */
    count: z.int().min(0).nullish().default(null),
    // Services written in Go spell an empty list so.
    servers: z
      .array(ListedServer)
      .nullable()
      .transform(servers => servers ?? []),
  })
  return { List, Single: z.object({ server: ListedServer }), ListedServer }
}
/** By what a server counts as where nothing marks it as bare metal. */
export const SERVER_SCHEMAS = { ecs: schemasOf('ecs'), bms: schemasOf('bms') }

const isSet = (value: unknown): boolean => value !== undefined && value !== null

function toServer(wire: WireServer, kind: Kind): Server | null {
  if (!isSet(wire.status) && isSet(wire.fault) && !isSet(wire.name)) return null
  const tags = readTags(wire)
  const metadata = fieldsOf(wire.metadata)
  const flavor = fieldsOf(wire.flavor)
  const isBareMetal =
    tags?.[BARE_METAL] !== undefined || BARE_METAL_TYPES.includes(textOf(metadata['metering.resourcetype']))
  return {
    id: wire.id,
    name: textOf(wire.name),
    kind: isBareMetal ? 'bms' : kind,
    ...statesOf({
      status: textOf(wire.status) || UNTOLD_STATUS,
      vmState: textOf(wire['OS-EXT-STS:vm_state']),
      taskState: textOf(wire['OS-EXT-STS:task_state']) || null,
    }),
    locked: wire.locked === true,
    frozen: metadata.EcmResStatus === 'freeze',
    inRecycleBin: wire.in_recycle_bin === true,
    tags: tags ?? {},
    enterpriseProjectId: textOf(wire.enterprise_project_id) || systemTag(wire, '_sys_enterprise_project_id'),
    // BMS spells it otherwise.
    chargingMode: CHARGING_MODES[String(metadata.charging_mode ?? metadata.chargingMode)] ?? null,
    flavor: textOf(flavor.name) || textOf(flavor.id),
    // One server that cannot be read does not spoil the list: it is left alone.
    ...(tags === null ? { unreadable: 'its tags' } : {}),
    ...(/^win/i.test(textOf(metadata.os_type)) ? { windows: true as const } : {}),
    ...faultOf(wire),
    ...serverUpdatedAt(wire),
  }
}

const CHARGING_MODES: Record<string, Server['chargingMode']> = {
  0: 'payPerUse',
  1: 'yearlyMonthly',
  2: 'spot',
}

/** Nova tells of a fault only while the status is ERROR; Huawei Cloud has a place for it in every server. */
function faultOf({ status, fault }: WireServer): Pick<Server, 'fault' | 'lacksCapacity'> {
  const message = status === 'ACTIVE' ? '' : textOf(fieldsOf(fault).message)
  if (saysNoValidHost(message)) return { fault: message, lacksCapacity: true }
  return status === 'ERROR' && message !== '' ? { fault: message } : {}
}

function serverUpdatedAt({ updated }: WireServer): Pick<Server, 'updatedAt'> {
  const updatedAt = textOf(updated)
  return updatedAt === '' ? {} : { updatedAt }
}

function systemTag({ sys_tags: tags }: WireServer, key: string): string | null {
  const tag = Array.isArray(tags) ? tags.map(fieldsOf).find(tag => tag.key === key) : undefined
  return textOf(tag?.value) || null
}

/** `null` where any cannot be read: a tag overlooked could be the one that protects its server. */
function readTags({ tags }: WireServer): Record<string, string[]> | null {
  if (!isSet(tags)) return {}
  if (!Array.isArray(tags)) return null
  const values = new Map<string, string[]>()
  for (const tag of tags) {
    const read = keyAndValue(tag)
    if (read === null) return null
    const [key, value] = read
    const known = values.get(key)
    if (known) known.push(value)
    else values.set(key, [value])
  }
  return Object.fromEntries(values)
}

/** `key=value`, split at the first `=`; a tag without value is its key alone. */
function keyAndValue(tag: unknown): [string, string] | null {
  if (typeof tag === 'string') {
    const end = tag.indexOf('=')
    return end < 0 ? [tag, ''] : [tag.slice(0, end), tag.slice(end + 1)]
  }
  if (!isObject(tag) || typeof tag.key !== 'string') return null
  const value = tag.value ?? ''
  return typeof value === 'string' ? [tag.key, value] : null
}

/** What a server's states say, as ECS, BMS and Nova share them (Compute API, "Servers": status, vm_state, task_state). */
const POWERS: Record<string, Power> = {
  ACTIVE: 'on',
  SHUTOFF: 'off',
  ERROR: 'error',
  DELETED: 'deleted',
  SOFT_DELETED: 'deleted',
}
const TURNING: Record<string, Server['turning']> = { 'powering-off': 'off', 'powering-on': 'on' }

interface States {
  /** Upper case, such as `SHUTOFF`. */
  status: string
  vmState: string
  /** `null` when nothing is under way. */
  taskState: string | null
}

export function statesOf(states: States): Pick<Server, 'status' | 'power' | 'busy' | 'turning'> {
  const { status, vmState, taskState } = states
  const power = POWERS[status] ?? 'other'
  // A BMS that is off may say so in vm_state alone.
  const isOff = ['stopped', 'shutoff'].includes(vmState) && power !== 'on' && power !== 'deleted'
  return { status, power: isOff ? 'off' : power, busy: taskState, turning: TURNING[taskState ?? ''] ?? null }
}
