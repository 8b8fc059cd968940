/** A server as the JSON text of the simulator's item, in two parts: its state first, so that a change of it is one write. */
import { lastingItem, stateItem } from '../../infra/simulator/huawei/item.ts'
import { ACTIONS_IN_CLOUD } from '../../infra/simulator/world/actions.ts'
import { beginChange, type ServerState, serverFrom } from '../../infra/simulator/world/server.ts'
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

const PROJECT = '0123456789abcdef0123456789abcdef'
const CREATED_MS = Date.parse('2025-08-13T13:46:09Z')

/** `nights`: the values of the tag `Schedule` that the fleet has. */
export const tagsAt = (place: number, nights: number): Record<string, string> => ({
  Schedule: `night-${String(place % nights).padStart(2, '0')}`,
  Env: 'dev',
  Team: `team-${place % 37}`,
})

interface Looks {
  nights: number
  status?: 'ACTIVE' | 'SHUTOFF'
}

function serverAt(place: number, kind: Kind, { nights, status = 'ACTIVE' }: Looks): ServerState {
  const seed = {
    kind,
    status,
    id: idOf(place, kind),
    name: `${kind}-${String(place).padStart(7, '0')}`,
    tags: tagsAt(place, nights),
  }
  return serverFrom(seed, place + 1, CREATED_MS)
}

export type Shown = 'up' | 'stopping' | 'off'

/** The fields of each state as texts of one length. */
function stateTexts(kind: Kind): Record<Shown, string> {
  const text = (server: ServerState): string => JSON.stringify(stateItem(server, 'stopped')).slice(1, -1)
  const server = serverAt(0, kind, { nights: 1 })
  const up = text(server)
  const { end } = ACTIONS_IN_CLOUD.stop
  beginChange(server, { action: 'stop', type: 'HARD', jobId: null, endsAt: null, end }, CREATED_MS)
  const stopping = text(server)
  const off = text(serverAt(0, kind, { nights: 1, status: 'SHUTOFF' }))
  const width = Math.max(up.length, stopping.length, off.length)
  return { up: up.padEnd(width), stopping: stopping.padEnd(width), off: off.padEnd(width) }
}
export const STATES: Record<Kind, Record<Shown, string>> = { ecs: stateTexts('ecs'), bms: stateTexts('bms') }

/** Where the text of its state begins in a server's record. */
export const STATE_OFFSET = 1

export function serverText(
  place: number,
  { kind, shown, nights = 100 }: { kind: Kind; shown: Shown; nights?: number },
): string {
  const lasting = JSON.stringify(lastingItem(serverAt(place, kind, { nights }), PROJECT))
  return `{${STATES[kind][shown]},${lasting.slice(1)}`
}
