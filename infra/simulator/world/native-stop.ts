import { workMs } from './jobs.ts'
import { type ServerState, type ServerStop, type StopType, viewOf } from './server.ts'
import { isAmong, type Switches } from './switches.ts'

export interface NativeStop {
  id: string
  type: StopType
  /** Locks do not hold for an administrator. */
  isAdmin: boolean
}

/** Why Nova does not take a stop: what a program is told of it lies in the words alone. */
export type NativeProblem =
  | { kind: 'missing' | 'locked' | 'frozen' | 'notReady' }
  | { kind: 'state'; of: 'task_state' | 'vm_state'; is: string }

const STOPPABLE = ['active', 'error']

/** In the order in which Nova looks; a server in error may be stopped. */
export function nativeProblem(
  server: ServerState | undefined,
  { isAdmin }: NativeStop,
): NativeProblem | null {
  if (server === undefined || server.inRecycleBin) return { kind: 'missing' }
  if (server.locked && !isAdmin) return { kind: 'locked' }
  if (server.frozen) return { kind: 'frozen' }
  if (server.vmState === 'building') return { kind: 'notReady' }
  if (server.taskState !== null) return { kind: 'state', of: 'task_state', is: server.taskState }
  return STOPPABLE.includes(server.vmState) ? null : { kind: 'state', of: 'vm_state', is: server.vmState }
}

/** What a native stop does to a server, and when that shows: there is no job, and a stop that fails leaves no trace. */
export function nativeServerStop(
  server: ServerState,
  type: StopType,
  { switches, now }: { switches: Switches; now: number },
): ServerStop {
  const { softHangs, softHangSeconds, partialFail, jobSeconds } = switches
  const isForced = type === 'HARD' || server.kind === 'bms'
  if (!isForced && isAmong(softHangs, server.id, () => viewOf(server))) {
    const endsAt = softHangSeconds === null ? null : now + softHangSeconds * 1000
    return { type, jobId: null, endsAt, endsOff: false }
  }
  const endsAt = now + workMs(jobSeconds, server.id)
  return { type, jobId: null, endsAt, endsOff: partialFail[server.id] === undefined }
}
