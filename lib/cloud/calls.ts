/** The call that carries an action out, at ECS and BMS for many servers at once, and at every Nova for one. One entry for each action. */
import type { Act, Action } from '../core/model/action.ts'
import type { Kind } from '../core/model/model.ts'

interface ActionCall {
  /** The member of the body that names the action. */
  name: string
  /** What a call for many holds beside its servers. */
  forMany(act: Act, kind: Kind): Record<string, unknown>
  /** What the member holds in a call for one server. */
  forOne(act: Act, kind: Kind): Record<string, unknown>
  /** For people: `SOFT stop`. */
  words(act: Act, kind: Kind): string
  /** What a key of Huawei's must be granted for it. */
  permissions: Permissions
}

interface Permissions {
  forMany: Record<Kind, string>
  forOne: string
}

const permissionsTo = (verb: string): Permissions => ({
  forMany: { ecs: `ecs:cloudServers:${verb}`, bms: `bms:servers:${verb}` },
  forOne: `ecs:servers:${verb}`,
})

const isHard = ({ mode }: Act, kind: Kind): boolean => kind === 'bms' || mode === 'hard'

const CALLS: Record<Action, ActionCall> = {
  /**
   * ECS API reference, "Stopping ECSs in a Batch", "Stopping an ECS" (`/v2` or `/v2.1`); BMS, "Stopping BMSs", where a soft stop has no
   * effect, "Stopping a BMS (Native OpenStack API)", which has no type that means anything; Compute API, "Stop Server".
   */
  stop: {
    name: 'os-stop',
    forMany: (act, kind) => ({ type: isHard(act, kind) ? 'HARD' : 'SOFT' }),
    forOne: ({ mode }, kind) => (mode === 'hard' && kind === 'ecs' ? { type: 'HARD' } : {}),
    words: (act, kind) => `${isHard(act, kind) ? 'HARD' : 'SOFT'} stop`,
    permissions: permissionsTo('stop'),
  },
  /** "Starting ECSs in a Batch", "Starting an ECS"; BMS, "Starting BMSs"; Compute API, "Start Server". None has a type. */
  start: {
    name: 'os-start',
    forMany: () => ({}),
    forOne: () => ({}),
    words: () => 'start',
    permissions: permissionsTo('start'),
  },
}

export const callOf = ({ action }: Act): ActionCall => CALLS[action]
