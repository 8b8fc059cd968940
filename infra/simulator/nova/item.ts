/** Servers, as a Nova answers them. */
import { addressOf, tagsOf } from '../huawei/item.ts'
import type { Request } from '../route.ts'
import { type ServerState, uuidOf } from '../world/server.ts'
import { has } from './answer.ts'

type Json = Record<string, unknown>

const IMAGE_ID = uuidOf('image')
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

const links = ({ headers, path }: Request, collection: string, id: string): Json[] => {
  const [, version = 'v2.1'] = path.split('/')
  const base = `http://${headers.host}`
  return [
    { rel: 'self', href: `${base}/${version}/${collection}/${id}` },
    { rel: 'bookmark', href: `${base}/${collection}/${id}` },
  ]
}

/** Before microversion 2.47 a flavour is an id, from then on what it was made of. */
function flavorOf({ flavor }: ServerState, request: Request): Json {
  if (!has(request, 47)) return { id: flavor, links: links(request, 'flavors', flavor) }
  return { original_name: flavor, vcpus: 2, ram: 4096, disk: 40, ephemeral: 0, swap: 0, extra_specs: {} }
}

/** What came with a microversion. */
const later = (server: ServerState, request: Request): Json => ({
  ...(has(request, 9) ? { locked: server.locked } : {}),
  ...(has(request, 19) ? { description: null } : {}),
  ...(has(request, 26) ? { tags: tagsOf(server) } : {}),
})

/** Nova itself tells of a fault in ERROR alone; `fault` in any other status is a cloud's that tells more. */
function faultItem({ status, fault, updatedAt }: ServerState): Json {
  const message = fault ?? (status === 'ERROR' ? 'No valid host was found.' : null)
  return message === null ? {} : { fault: { code: 500, created: seconds(updatedAt), message } }
}

const state = (server: ServerState): Json => ({
  status: server.status,
  'OS-EXT-STS:vm_state': server.vmState,
  'OS-EXT-STS:task_state': server.taskState,
  'OS-EXT-STS:power_state': server.powerState,
  ...(server.status === 'ACTIVE' ? { progress: 0 } : {}),
  ...faultItem(server),
})

/** Of what Huawei Cloud adds only what tells who may be stopped. */
const metadata = ({ kind, frozen }: ServerState): Json => ({
  ...(kind === 'bms' ? { 'metering.resourcetype': '__type_baremetal' } : {}),
  ...(frozen ? { EcmResStatus: 'freeze' } : {}),
})

/** A server in Nova's words (Compute API, "Show Server Details"), as the microversion of the request has it. */
export const novaItem = (server: ServerState, request: Request, projectId: string): Json => ({
  id: server.id,
  name: server.name,
  tenant_id: projectId,
  user_id: uuidOf('user').replaceAll('-', ''),
  ...state(server),
  metadata: metadata(server),
  hostId: uuidOf(`host ${server.number % 97}`)
    .replaceAll('-', '')
    .repeat(2)
    .slice(0, 56),
  image: { id: IMAGE_ID, links: links(request, 'images', IMAGE_ID).slice(1) },
  flavor: flavorOf(server, request),
  created: seconds(server.createdAt),
  updated: seconds(server.updatedAt),
  addresses: {
    private: [
      {
        version: 4,
        addr: addressOf(server),
        'OS-EXT-IPS:type': 'fixed',
        'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:01',
      },
    ],
  },
  accessIPv4: '',
  accessIPv6: '',
  links: links(request, 'servers', server.id),
  'OS-DCF:diskConfig': 'MANUAL',
  'OS-EXT-AZ:availability_zone': server.availabilityZone,
  config_drive: '',
  key_name: null,
  'OS-SRV-USG:launched_at': new Date(server.createdAt).toISOString().replace('Z', '000'),
  'OS-SRV-USG:terminated_at': null,
  'os-extended-volumes:volumes_attached': [],
  security_groups: [{ name: 'default' }],
  ...later(server, request),
})
