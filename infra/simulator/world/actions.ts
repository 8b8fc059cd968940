/** What an action is to the clouds. One entry for each action. */
import type { Action } from '../../../lib/core/model/action.ts'

interface ActionInCloud {
  /** The member of a body that names it. */
  name: string
  /** The task_state while it is under way. */
  task: string
  /** The status from which a call for many takes a server. */
  from: string
  /** The vm_states from which a native call does (as seen of a real Nova). */
  nativeFrom: readonly string[]
  /** How a server is once it is done. */
  end: { status: string; vmState: string; powerState: number }
  /** What a call for many says of a server that is so already. */
  already: 'stopped' | 'running'
  /** For people: `it could not be stopped`. */
  participle: string
  /** Whether a call may have a type, SOFT or HARD. */
  hasType: boolean
}

export const ACTIONS_IN_CLOUD: Record<Action, ActionInCloud> = {
  stop: {
    name: 'os-stop',
    task: 'powering-off',
    from: 'ACTIVE',
    nativeFrom: ['active', 'error'],
    end: { status: 'SHUTOFF', vmState: 'stopped', powerState: 4 },
    already: 'stopped',
    participle: 'stopped',
    hasType: true,
  },
  start: {
    name: 'os-start',
    task: 'powering-on',
    from: 'SHUTOFF',
    nativeFrom: ['stopped'],
    end: { status: 'ACTIVE', vmState: 'active', powerState: 1 },
    already: 'running',
    participle: 'started',
    hasType: false,
  },
}
