/** A server of the simulated cloud. */
import { createHash } from 'node:crypto'
import type { Action } from '../../../lib/core/model/action.ts'
import type { Kind } from '../../../lib/core/model/model.ts'
import { ACTIONS_IN_CLOUD } from './actions.ts'

type ChargingMode = 'payPerUse' | 'yearlyMonthly' | 'spot'
export type StopType = 'SOFT' | 'HARD'

/** How a server begins: what is left out is as in an ordinary running one. Instants are ms since the epoch. */
export interface SeedServer {
  kind: Kind
  /** Default: made from its number, the same in each run. */
  id?: string
  name?: string
  /** Default ACTIVE; SHUTOFF for what lies in the recycle bin and for a frozen BMS. */
  status?: string
  /** Default: what goes with `status`. */
  vmState?: string
  taskState?: string | null
  /** What it tells of a failure; default null: where the status is ERROR, the words usual there. */
  fault?: string | null
  locked?: boolean
  frozen?: boolean
  inRecycleBin?: boolean
  tags?: Record<string, string>
  enterpriseProjectId?: string
  chargingMode?: ChargingMode
  flavor?: string
  /** Default false: it runs Linux. */
  windows?: boolean
  availabilityZone?: string
  reservationId?: string
  createdAt?: number
}

/** A server as it is now. */
export interface ServerView extends Readonly<Required<Omit<SeedServer, 'tags'>>> {
  readonly tags: Readonly<Record<string, string>>
  /** 0 none, 1 running, 4 shut down. */
  readonly powerState: number
  readonly updatedAt: number
}

/** An action under way: at `endsAt` (null: never) the server is as `end` says, or as it was where that says nothing. */
export interface PowerChange {
  action: Action
  /** Null: the action has none. */
  type: StopType | null
  /** Null: a native action has none. */
  jobId: string | null
  endsAt: number | null
  end: Partial<Pick<ServerView, 'status' | 'vmState' | 'powerState' | 'fault'>>
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
export interface ServerState extends Writable<ServerView> {
  /** Counts up in the order of arrival. */
  number: number
  /** Counts up with each change. */
  revision: number
  change: PowerChange | null
}

const VM_STATES: Record<string, string> = {
  ACTIVE: 'active',
  REBOOT: 'active',
  HARD_REBOOT: 'active',
  MIGRATING: 'active',
  SHUTOFF: 'stopped',
  BUILD: 'building',
  VERIFY_RESIZE: 'resized',
  REVERT_RESIZE: 'resized',
  RESIZE: 'active',
  REBUILD: 'active',
}
const POWER_STATES: Record<string, number> = { active: 1, resized: 1, stopped: 4, shutoff: 4 }

const vmStateOf = (status: string): string => VM_STATES[status] ?? status.toLowerCase()
const powerStateOf = (vmState: string): number => POWER_STATES[vmState] ?? 0

/** A UUID that is always the same for the same text. */
export function uuidOf(text: string): string {
  const hex = createHash('md5').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function defaultStatus(seed: SeedServer): string {
  if (seed.inRecycleBin === true) return 'SHUTOFF'
  return seed.kind === 'bms' && seed.frozen === true ? 'SHUTOFF' : 'ACTIVE'
}

function defaults(seed: SeedServer, number: number, now: number) {
  return {
    id: seed.id ?? uuidOf(`${seed.kind} ${number}`),
    name: `${seed.kind}-${String(number).padStart(6, '0')}`,
    fault: null,
    locked: false,
    frozen: false,
    inRecycleBin: false,
    enterpriseProjectId: '0',
    chargingMode: seed.kind === 'bms' ? ('yearlyMonthly' as const) : ('payPerUse' as const),
    flavor: seed.kind === 'bms' ? 'physical.s4.2xlarge' : 's6.large.2',
    windows: false,
    availabilityZone: 'cn-north-4a',
    reservationId: `r-${number.toString(36).padStart(8, '0')}`,
    createdAt: now,
  }
}

const given = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T

export function serverFrom(seed: SeedServer, number: number, now: number): ServerState {
  const status = seed.status ?? defaultStatus(seed)
  const vmState = seed.vmState ?? vmStateOf(status)
  return {
    ...defaults(seed, number, now),
    ...given(seed),
    tags: { ...seed.tags },
    status,
    vmState,
    taskState: seed.taskState ?? null,
    powerState: powerStateOf(vmState),
    updatedAt: seed.createdAt ?? now,
    number,
    revision: 0,
    change: null,
  }
}

/** Sets fields as someone else would in the console; a new status ends an action under way. `tags` replaces all tags. */
export function changeServer(server: ServerState, patch: Omit<SeedServer, 'id' | 'kind'>, now: number): void {
  const { status, vmState } = patch
  Object.assign(server, given(patch), { updatedAt: now, revision: server.revision + 1 })
  if (patch.tags !== undefined) server.tags = { ...patch.tags }
  if (status !== undefined) {
    server.change = null
    server.fault = patch.fault ?? null
    server.taskState = patch.taskState ?? null
    server.vmState = vmState ?? vmStateOf(status)
  }
  if (status !== undefined || vmState !== undefined) server.powerState = powerStateOf(server.vmState)
}

export function beginChange(server: ServerState, change: PowerChange, now: number): void {
  const taskState = ACTIONS_IN_CLOUD[change.action].task
  Object.assign(server, { change, taskState, updatedAt: now, revision: server.revision + 1 })
}

/** What happened at the end of the action under way; one that is done leaves no fault behind. */
export function endChange(server: ServerState): void {
  const { change } = server
  if (change === null || change.endsAt === null) return
  const ended = { change: null, taskState: null, updatedAt: change.endsAt, revision: server.revision + 1 }
  const cleared = change.end.status === undefined ? {} : { fault: null }
  Object.assign(server, ended, cleared, change.end)
}

export function viewOf(server: ServerState): ServerView {
  const { number, revision, change, ...view } = server
  return { ...view, tags: { ...view.tags } }
}
