/** The list of flavours (ECS API reference, "Listing Flavor Details and Extended Information", 2025-12): those that the servers have. */
import type { Answer, Request, Route } from '../route.ts'
import type { State } from '../world/state.ts'
import type { Switches } from '../world/switches/switches.ts'
import { flavorOf } from './item.ts'
import { FLAVORS_PATH } from './paths.ts'

interface Listing {
  state: State
  switches: Switches
}

/** What says that its servers cost while they are off, too: disks inside the host, an FPGA, or that it is so. */
function chargeSpecs(flavor: string): Record<string, string> {
  if (/^[di]\d/.test(flavor)) return { 'quota:local_disk': 'hdd:3:1675:True' }
  if (flavor.startsWith('fp')) return { 'ecs:performancetype': 'fpga' }
  return flavor.startsWith('p2') ? { 'cond:operation:charge:stop': 'charge' } : {}
}

/** By flavour the zones in which it is sold out; a zone that is not named has the state of the region. */
function flavorItem(flavor: string, soldOut: readonly string[]) {
  const { id, name, vcpus, ram, disk } = flavorOf(flavor)
  const zones = soldOut.map(zone => `${zone}(sellout)`).join(',')
  return {
    id,
    name,
    vcpus,
    ram: Number(ram),
    disk,
    swap: '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    rxtx_factor: 1,
    rxtx_quota: null,
    rxtx_cap: null,
    'os-flavor-access:is_public': true,
    links: [],
    os_extra_specs: {
      'ecs:performancetype': 'normal',
      'cond:operation:status': 'normal',
      ...chargeSpecs(flavor),
      ...(zones === '' ? {} : { 'cond:operation:az': zones }),
    },
  }
}

/** With a zone only what can be had there. */
function flavorsAnswer({ query, now }: Request, { state, switches }: Listing): Answer {
  const zone = query.get('availability_zone')
  const servers = state.list('ecs', now)
  const here = servers.filter(server => zone === null || server.availabilityZone === zone)
  const names = [...new Set(here.map(({ flavor }) => flavor))].sort()
  const soldOut = (name: string): readonly string[] => switches.soldOut[name] ?? []
  const shown = names.filter(name => zone === null || !soldOut(name).includes(zone))
  return { status: 200, body: { flavors: shown.map(name => flavorItem(name, soldOut(name))) } }
}

export const flavorRoute = (listing: Listing, guard: Route['guard']): Route => ({
  name: 'flavors',
  kind: 'ecs',
  method: 'GET',
  path: FLAVORS_PATH,
  guard,
  answer: request => flavorsAnswer(request, listing),
})
