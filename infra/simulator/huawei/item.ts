/** Servers, as ECS and BMS answer them. */
import type { Kind } from '../../../lib/core/model/model.ts'
import { type ServerState, uuidOf } from '../world/server.ts'
import type { Switches } from '../world/switches/switches.ts'

type Json = Record<string, unknown>

/** The tag by which the ECS list tells a BMS. */
export const BMS_TAG = '__type_baremetal'

const CHARGING_MODES = { payPerUse: '0', yearlyMonthly: '1', spot: '2' }
const SIZES: Record<string, number> = { small: 1, medium: 1, large: 2, xlarge: 4 }

const IMAGE_ID = uuidOf('image')
const NETWORK_ID = uuidOf('network')
const SECURITY_GROUP_ID = uuidOf('security group')
const USER_ID = uuidOf('user').replaceAll('-', '')

const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
const microseconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000`
const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')

/** Its private address: the same as long as it lives. */
export const addressOf = ({ number }: ServerState): string =>
  `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`

export function flavorOf(id: string): Json {
  const [, size = 'large', ratio = '2'] = id.split('.')
  const vcpus = SIZES[size] ?? Number.parseInt(size, 10) * 4
  const known = Number.isFinite(vcpus) ? vcpus : 2
  const ram = known * (Number(ratio) || 4) * 1024
  return { disk: '0', vcpus: String(known), ram: String(ram), id, name: id, gpus: [], asic_accelerators: [] }
}

/** As the lists show them: `key=value`, or the bare key of an empty value. */
export const tagsOf = ({ kind, tags }: ServerState): string[] => [
  ...(kind === 'bms' ? [BMS_TAG] : []),
  ...Object.entries(tags).map(([key, value]) => (value === '' ? key : `${key}=${value}`)),
]

/** Ids of what belongs to a server; plain counting, for a hundred thousand hashes take their time. */
const partId = (part: string, number: number): string => `${part}0000-0000-4000-8000-${hex(number, 12)}`

function addresses(server: ServerState): Json {
  const { number } = server
  return {
    [NETWORK_ID]: [
      {
        version: '4',
        addr: addressOf(server),
        'OS-EXT-IPS:type': 'fixed',
        'OS-EXT-IPS-MAC:mac_addr': `fa:16:3e:${hex(number >> 16, 2).slice(-2)}:${hex((number >> 8) & 255, 2)}:${hex(number & 255, 2)}`,
        'OS-EXT-IPS:port_id': partId('9047', number),
      },
    ],
  }
}

const ecsMetadata = (server: ServerState): Json => ({
  charging_mode: CHARGING_MODES[server.chargingMode],
  'metering.resourcetype': '1',
  'metering.resourcespeccode': `${server.flavor}.${server.windows ? 'win' : 'linux'}`,
  'metering.image_id': IMAGE_ID,
  'metering.imagetype': 'gold',
  image_name: 'Huawei Cloud EulerOS 2.0 Standard 64 bit',
  os_type: server.windows ? 'Windows' : 'Linux',
  os_bit: '64',
  vpc_id: NETWORK_ID,
  lockSource: '',
  lockSourceId: '',
  lockScene: '',
  lockCheckEndpoint: '',
  EcmResStatus: server.frozen ? 'freeze' : 'normal',
  __support_agent_list: 'hss,ces',
})

const bmsMetadata = (server: ServerState): Json => ({
  chargingMode: CHARGING_MODES[server.chargingMode],
  'metering.resourcetype': BMS_TAG,
  'metering.order_id': `CS${String(server.number).padStart(14, '0')}`,
  'metering.product_id': '00301-167001-0--0',
  'metering.image_id': IMAGE_ID,
  baremetalPortIDList: `[${partId('9047', server.number)}]`,
  vpc_id: NETWORK_ID,
  os_type: 'Linux',
  os_bit: '64',
  EcmResStatus: server.frozen ? 'freeze' : 'normal',
})

function identity(server: ServerState, projectId: string): Json {
  return {
    id: server.id,
    name: server.name,
    description: '',
    tenant_id: projectId,
    user_id: USER_ID,
    enterprise_project_id: server.enterpriseProjectId,
    sys_tags: [{ key: '_sys_enterprise_project_id', value: server.enterpriseProjectId }],
    tags: tagsOf(server),
    locked: server.locked,
    in_recycle_bin: server.inRecycleBin,
    created: seconds(server.createdAt),
    updated: seconds(server.updatedAt),
    'OS-SRV-USG:launched_at': microseconds(server.createdAt + 36_000),
    'OS-SRV-USG:terminated_at': null,
    auto_terminate_time: '',
  }
}

function faultItem({ status, fault, updatedAt }: ServerState): Json | null {
  const message = fault ?? (status === 'ERROR' ? 'The server cannot be operated' : null)
  return message === null ? null : { message, code: 500, created: seconds(updatedAt), details: '' }
}

/** The items of BMS leave an empty task_state out. */
export function stateItem(server: ServerState, bmsVmState: Switches['bmsVmState']): Json {
  const isBms = server.kind === 'bms'
  const vmState = isBms && server.vmState === 'stopped' ? bmsVmState : server.vmState
  return {
    status: server.status,
    'OS-EXT-STS:vm_state': vmState,
    ...(isBms && server.taskState === null ? {} : { 'OS-EXT-STS:task_state': server.taskState }),
    'OS-EXT-STS:power_state': server.powerState,
    host_status: 'UP',
    fault: faultItem(server),
    ...(server.status === 'ACTIVE' ? { progress: 0 } : {}),
  }
}

const placement = ({ number, name, availabilityZone, reservationId }: ServerState): Json => ({
  hostId: uuidOf(`host ${number % 97}`)
    .replaceAll('-', '')
    .repeat(2)
    .slice(0, 56),
  key_name: 'KeyPair-curfew',
  config_drive: '',
  accessIPv4: '',
  accessIPv6: '',
  'OS-DCF:diskConfig': 'MANUAL',
  'OS-EXT-AZ:availability_zone': availabilityZone,
  'OS-EXT-SRV-ATTR:host': `pod${number % 97}.${availabilityZone}`,
  'OS-EXT-SRV-ATTR:hostname': name.toLowerCase(),
  'OS-EXT-SRV-ATTR:hypervisor_hostname': `nova${number % 9}@${number % 97}`,
  'OS-EXT-SRV-ATTR:instance_name': `instance-${hex(number, 8)}`,
  'OS-EXT-SRV-ATTR:reservation_id': reservationId,
  'OS-EXT-SRV-ATTR:launch_index': 0,
  'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
  'os:scheduler_hints': {},
})

const ecsHardware = (server: ServerState): Json => ({
  'os-extended-volumes:volumes_attached': [
    {
      id: partId('d15c', server.number),
      device: '/dev/vda',
      bootIndex: '0',
      delete_on_termination: 'true',
    },
  ],
  security_groups: [{ id: SECURITY_GROUP_ID, name: 'default' }],
})

/** What of an item neither a stop nor a start changes, but for the instant of the change. */
export function lastingItem(server: ServerState, projectId: string): Json {
  const isBms = server.kind === 'bms'
  return {
    ...identity(server, projectId),
    ...placement(server),
    flavor: flavorOf(server.flavor),
    image: { id: IMAGE_ID },
    addresses: addresses(server),
    metadata: isBms ? bmsMetadata(server) : ecsMetadata(server),
    ...(isBms ? {} : ecsHardware(server)),
  }
}

/** A server as JSON text, about 2 kB, in Huawei's words ("querying details about ECSs", "… BMSs"); written anew only after a change. */
export function createItems(
  projectId: string,
): (server: ServerState, bmsVmState: Switches['bmsVmState']) => string {
  const written = new WeakMap<ServerState, { revision: number; bmsVmState: string; text: string }>()
  return (server, bmsVmState) => {
    const { revision } = server
    const last = written.get(server)
    if (last?.revision === revision && last.bmsVmState === bmsVmState) return last.text
    const text = JSON.stringify({ ...lastingItem(server, projectId), ...stateItem(server, bmsVmState) })
    written.set(server, { revision, bmsVmState, text })
    return text
  }
}

/** What stands around the items of a list, which are an array. */
export const listFrame = (kind: Kind, { count, requestId }: { count: number; requestId: string }) => ({
  head: `{"count":${count},"servers":`,
  tail: kind === 'ecs' ? `,"request_id":"${requestId}"}` : '}',
})

/** What a list by ids holds in the place of a server that does not exist. */
export const unknownItem = (id: string): string =>
  JSON.stringify({ id, fault: { code: 404, message: `Instance ${id} could not be found.`, server_id: id } })
