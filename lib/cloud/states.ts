/** What a server's states say, as ECS, BMS and Nova share them (Compute API, "Servers": status, vm_state, task_state). */
import type { Power } from '../core/model/action.ts'
import type { Server } from '../core/model/cloud.ts'

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

/** A BMS that is off may say so in vm_state alone. */
function powerOf({ status, vmState }: States): Power {
  const power = POWERS[status] ?? 'other'
  const isOff = ['stopped', 'shutoff'].includes(vmState) && power !== 'on' && power !== 'deleted'
  return isOff ? 'off' : power
}

export const statesOf = (states: States): Pick<Server, 'status' | 'power' | 'busy' | 'turning'> => ({
  status: states.status,
  power: powerOf(states),
  busy: states.taskState,
  turning: TURNING[states.taskState ?? ''] ?? null,
})
