/** What a native call does to one server. */
import type { Action } from '../../../lib/core/model/action.ts'
import { ACTIONS_IN_CLOUD } from './actions.ts'
import { lackEnd, lackOf } from './capacity.ts'
import { workMs } from './jobs.ts'
import { type PowerChange, type ServerState, type StopType, viewOf } from './server.ts'
import type { Switches } from './switches/switches.ts'
import { isAmong } from './switches/which.ts'

export interface NativeRequest {
  action: Action
  id: string
  /** Null: the action has none. */
  type: StopType | null
  /** Locks do not hold for an administrator. */
  isAdmin: boolean
}

/** Why Nova does not take an action: what a program is told of it lies in the words alone. */
export type NativeProblem =
  | { kind: 'unknown' | 'deleted' | 'locked' | 'frozen' | 'notReady' }
  | { kind: 'state'; of: 'task_state' | 'vm_state'; is: string }

/**
 * In the order in which Nova looks; a server in error may be stopped. A task under way is told of only where the state is right: a stop
 * during a start is told that the server is stopped.
 */
export function nativeProblem(
  server: ServerState | undefined,
  { action, isAdmin }: Pick<NativeRequest, 'action' | 'isAdmin'>,
): NativeProblem | null {
  if (server === undefined) return { kind: 'unknown' }
  if (server.inRecycleBin) return { kind: 'deleted' }
  if (server.locked && !isAdmin) return { kind: 'locked' }
  if (server.frozen) return { kind: 'frozen' }
  if (server.vmState === 'building') return { kind: 'notReady' }
  if (!ACTIONS_IN_CLOUD[action].nativeFrom.includes(server.vmState))
    return { kind: 'state', of: 'vm_state', is: server.vmState }
  return server.taskState === null ? null : { kind: 'state', of: 'task_state', is: server.taskState }
}

/** What a native action does to a server, and when that shows: there is no job, and one that fails leaves no trace, or a fault. */
export function nativeChange(
  server: ServerState,
  { action, type }: Pick<NativeRequest, 'action' | 'type'>,
  { switches, now }: { switches: Switches; now: number },
): PowerChange {
  const { softHangs, softHangSeconds, partialFail, jobSeconds } = switches
  const begun = { action, type, jobId: null }
  if (type === 'SOFT' && server.kind === 'ecs' && isAmong(softHangs, server.id, () => viewOf(server))) {
    const endsAt = softHangSeconds === null ? null : now + softHangSeconds * 1000
    return { ...begun, endsAt, end: {} }
  }
  const done = partialFail[server.id] === undefined ? ACTIONS_IN_CLOUD[action].end : {}
  const lack = lackOf(server, { action, switches, now })
  return { ...begun, endsAt: now + workMs(jobSeconds, server.id), end: lack === null ? done : lackEnd(lack) }
}
