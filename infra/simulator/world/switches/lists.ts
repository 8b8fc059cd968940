/** What lists hold, and which of their parameters count. */
import type { Which } from './which.ts'

export interface ListSwitches {
  /** The most servers on a page, whatever `limit` says. */
  maxPage: number
  /** Parameters of lists of which the cloud, or a proxy before it, takes no notice: `marker`, `offset`, `server_id`, … */
  ignoredParameters: readonly string[]
  /** The key has rights inside these enterprise projects alone; a list of the whole project is refused, or empty. */
  granted: { projects: readonly string[]; elsewhere: 'refused' | 'empty' } | null
  /** Parameters for which a list is refused: 400, `Ecs.0005` at ECS. */
  refusedParameters: readonly string[]
  /** An id that `server_id` asks for in vain is named with a fault, or left out of the answer. */
  unknownIds: 'faulted' | 'leftOut'
  /** Servers of the page before that each page of Nova's list begins with. */
  novaOverlap: number
  /** Servers whose status the lists do not tell: null. */
  statusUntold: Which
  /** An empty list is null. */
  emptyListIsNull: boolean
  /** How a BMS that is off spells its vm_state. */
  bmsVmState: 'stopped' | 'shutoff'
  /** `count` of the BMS list: capped by `limit` without `offset`, as documented; always capped; or always the whole number. */
  bmsCount: 'faithful' | 'capped' | 'whole'
}

export const defaultLists = (): ListSwitches => ({
  maxPage: 1000,
  ignoredParameters: [],
  granted: null,
  refusedParameters: [],
  unknownIds: 'faulted',
  novaOverlap: 0,
  statusUntold: [],
  emptyListIsNull: false,
  bmsVmState: 'stopped',
  bmsCount: 'faithful',
})
