/** A server and a sub-job as JSON text: some 2.6 kB a server, as the ECS list gives them. Every one of a kind is equally long. */
import type { Kind } from '../../lib/core/model/model.ts'

/** A 32-bit mix, so that ids do not look consecutive. */
export function mix(value: number): number {
  let h = (value + 0x9e3779b9) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
/** From 0 up to 1, always the same for the same value. */
export const chance = (value: number): number => mix(value) / 2 ** 32

export const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')

/** The last twelve digits are the place in the fleet: an id leads back to its server without a map. */
export const idOf = (place: number, kind: Kind): string =>
  `${hex(mix(place), 8)}-${kind === 'ecs' ? '46ca' : 'b175'}-475e-917e-${hex(place, 12)}`
export const placeOf = (id: string): number => Number.parseInt(id.slice(24), 16)

/** Texts of one length: a state is changed in place. */
const padded = (texts: string[]): string[] => {
  const width = Math.max(...texts.map(text => text.length))
  return texts.map(text => text.padEnd(width))
}
const [ACTIVE, SHUTOFF] = padded(['"ACTIVE"', '"SHUTOFF"']) as [string, string]
const [UP, STOPPED] = padded(['"active"', '"stopped"']) as [string, string]
const [IDLE, POWERING_OFF] = padded(['null', '"powering-off"']) as [string, string]

export type Shown = 'up' | 'stopping' | 'off'
export interface StateTexts {
  status: string
  vmState: string
  taskState: string
}
export const STATES: Record<Shown, StateTexts> = {
  up: { status: ACTIVE, vmState: UP, taskState: IDLE },
  stopping: { status: ACTIVE, vmState: UP, taskState: POWERING_OFF },
  off: { status: SHUTOFF, vmState: STOPPED, taskState: IDLE },
}

const NETWORK = '164489f6-cbf7-45b4-b6d0-d407c48cf7fc'
const PROJECT = '441d5677-b76a-4dd4-a97a-ef7fd633c095'

function addresses(place: number, mark: string): string {
  const ip = `192.168.${(place >>> 8) & 255}.${place & 255}`
  const mac = `fa:16:3e:${mark.slice(0, 2)}:${mark.slice(2, 4)}:${mark.slice(4, 6)}`
  return `{"${NETWORK}":[{"version":"4","addr":"${ip}","OS-EXT-IPS-MAC:mac_addr":"${mac}",
"OS-EXT-IPS:port_id":"${mark}-186d-4646-9cb8-444addfe9b92","OS-EXT-IPS:type":"fixed"}]}`
}

const metadata = (mark: string): string => `{"metering.image_id":"af60e0d5-6952-4f3d-b0ed-31bb19d4a692",
"metering.resourcespeccode":"s6.xlarge.4.linux","image_name":"CentOS 7.9 64bit","metering.product_id":"00301-253164-0--0","os_bit":"64",
"lockSourceId":"","lockScene":"","metering.order_id":"CS${mark}NRVRE","lockCheckEndpoint":"","metering.imagetype":"gold","lockSource":"",
"metering.resourcetype":"1","vpc_id":"${NETWORK}","os_type":"Linux","charging_mode":"0"}`

/** Field for field what the ECS API reference shows for "Querying Details About ECSs", without white space but where a state is. */
export function serverText(place: number, kind: Kind, shown: Shown): string {
  const name = `${kind}-${String(place).padStart(7, '0')}`
  const mark = hex(mix(place ^ 0x55), 8)
  const { status, vmState, taskState } = STATES[shown]
  const tags = `["Schedule=night-${String(place % 100).padStart(2, '0')}","Env=dev","Team=team-${place % 37}"]`
  return `{"fault":null,"id":"${idOf(place, kind)}","name":"${name}","status":${status},"OS-EXT-STS:vm_state":${vmState},
"OS-EXT-STS:power_state":1,"OS-EXT-STS:task_state":${taskState},"addresses":${addresses(place, mark)},
"flavor":{"disk":"0","vcpus":"4","ram":"16384","id":"s6.xlarge.4","name":"s6.xlarge.4"},"accessIPv4":"","accessIPv6":"",
"image":{"id":"1ce5800a-e487-4c1b-b264-3353a39e2b4b"},"hostId":"f92345b97fd291f67a29ed735a82a8983f370175d2ba3d18d66893f4",
"updated":"2026-01-01T07:26:49Z","created":"2025-08-13T13:46:09Z","metadata":${metadata(mark)},
"tags":${tags},"description":"","locked":false,"config_drive":"",
"tenant_id":"edcb94a885a84ed3a3fdf8ea4d2741da","user_id":"bb7f23e27e7e46f3aaceb5f53a158bdc",
"os-extended-volumes:volumes_attached":[{"device":"/dev/sda","bootIndex":"0","id":"${mark}-022e-4bd6-b079-95a27564d449",
"delete_on_termination":"false"}],"OS-EXT-SRV-ATTR:host":"az1.dc1","OS-EXT-SRV-ATTR:instance_name":"instance-${mark}",
"OS-EXT-SRV-ATTR:hypervisor_hostname":"nova001@248","OS-DCF:diskConfig":"MANUAL","OS-EXT-AZ:availability_zone":"az1-dc1",
"os:scheduler_hints":{"guestos_product_name":["KVM Virtual Machine"]},"OS-EXT-SRV-ATTR:root_device_name":"/dev/sda",
"OS-EXT-SRV-ATTR:ramdisk_id":"${mark}-4a62-4014-89be-1743ff3a5daf","enterprise_project_id":"${PROJECT}","OS-EXT-SRV-ATTR:user_data":"",
"OS-SRV-USG:launched_at":"2025-08-13T13:46:46.000000","OS-EXT-SRV-ATTR:kernel_id":"","OS-EXT-SRV-ATTR:launch_index":0,"host_status":"UP",
"OS-EXT-SRV-ATTR:reservation_id":"r-a8mg9vwr","OS-EXT-SRV-ATTR:hostname":"${name}",
"sys_tags":[{"key":"_sys_enterprise_project_id","value":"${PROJECT}"}],
"security_groups":[{"id":"71846bf6-1cda-4515-8590-3707be295e76","name":"Sys-FullAccess"}]}`.replaceAll(
    ',\n',
    ',',
  )
}

export const BEGUN_AT = '2026-01-01T19:00:00.000Z'
export const ENDED_AT = '2026-01-01T19:00:31.417Z'
export type JobStatus = 'RUNNING' | 'SUCCESS' | 'FAIL'

export function subJobText(place: number, kind: Kind, status: JobStatus): string {
  const cause =
    status === 'FAIL'
      ? '"error_code":"Ecs.0319","fail_reason":"simulated failure"'
      : '"error_code":null,"fail_reason":null'
  const type = kind === 'ecs' ? 'serverActions' : 'baremetalSingleOperate'
  const id = `ff808082${hex(mix(place ^ 0x99), 8)}${hex(place, 16)}`
  return `{"status":"${status}","entities":{"server_id":"${idOf(place, kind)}"},"job_id":"${id}","job_type":"${type}","begin_time":"${BEGUN_AT}","end_time":"${status === 'RUNNING' ? '' : ENDED_AT}",${cause}}`
}
