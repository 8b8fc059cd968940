import type { Kind } from '../../../lib/core/model/model.ts'
import { type BillingSwitches, defaultBilling } from './billing-switches.ts'
import type { ServerView } from './server.ts'

/** Some servers: their ids, or what they have in common. */
type Which = readonly string[] | ReadonlySet<string> | ((server: ServerView) => boolean)

export type RouteName =
  | 'list'
  | 'stop'
  | 'start'
  | 'job'
  | 'server'
  | 'tags'
  | 'flavors'
  | 'groups'
  | 'groupMembers'
  | 'projects'
  | 'account'
  | 'caller'
  | 'agencyKey'
  | 'assume'
  | 'metadata'
  | 'ratings'
  | 'records'
  | 'token'
  | 'novaList'
  | 'novaServer'
  | 'novaStop'
  | 'novaStart'

/** Why nothing can be done for a server. */
export type Problem =
  | 'missing'
  | 'stopped'
  | 'running'
  | 'stopping'
  | 'starting'
  | 'busy'
  | 'locked'
  | 'frozen'
  | 'unready'
  | 'unserved'

/**
 * throttle429   429 APIGW.0308, nothing done          resetBefore   connection cut, nothing done
 * flow202       202 with Common.0024, nothing done    resetAfter    carried out, connection cut
 * busy503       503 Common.1503, nothing done         hangBefore    never answered, nothing done
 * html502       502 with a page of HTML               hangAfter     carried out, never answered
 * status        any status and body                   wrongJson     carried out, the JSON ends in its middle
 */
export type FaultKind =
  | 'throttle429'
  | 'flow202'
  | 'busy503'
  | 'status'
  | 'html502'
  | 'resetBefore'
  | 'resetAfter'
  | 'hangBefore'
  | 'hangAfter'
  | 'wrongJson'

/**
 * ecs0219   400 Ecs.0219, of which the tables say nothing here     ecs0005    400 Ecs.0005, a parameter that is not valid
 * ecs1000   400 Ecs.1000 around a badRequest of Nova's             conflict   409 with a code that no table has
 */
export type UnnamedRefusal = 'ecs0219' | 'ecs1000' | 'ecs0005' | 'conflict'

export interface Fault {
  /** Which requests: all conditions given must hold. */
  match: { route?: RouteName; kind?: Kind }
  /** How many of them; counted down as they come. */
  times: number
  kind: FaultKind
  retryAfterSeconds?: number
  /** For `status`: default 500. */
  status?: number
  /** For `status`: sent as JSON, or as it is when a string. */
  body?: unknown
  /** For `status` and `html502`: the request was carried out all the same. Default false. */
  executed?: boolean
}

export interface RandomFaults {
  /** Of all requests that match, 0 to 1. */
  share: number
  /** The same seed and the same requests meet the same faults. */
  seed: number
  /** Default: all but `status` and the two that hang. */
  kinds?: FaultKind[]
  match?: Fault['match']
}

/**
 * Which servers cannot be started for want of capacity, and how that is said.
 *
 * sub-job-0226   their sub-jobs fail with Ecs.0226, and the cause nested in its words
 * sub-job-0319   their sub-jobs fail with Ecs.0319
 * request-0319   a request that names one of them is refused as a whole: 400 Ecs.0319
 */
export interface Capacity {
  refuses: Which
  /** Until this instant, ms since the epoch; default for ever. */
  untilMs?: number
  as: 'sub-job-0226' | 'sub-job-0319' | 'request-0319'
  /** What a native start, which is taken, leaves: a server that is off, or one in error. Both tell a fault. Default off. */
  nativeEnds?: 'off' | 'error'
  /** The cause in words; default `No valid host was found. …`, with Ecs.0319 `Insufficient resources for this flavor.` */
  words?: string
}

/** What the simulated cloud does; each may be set at any time and holds from the next request on. */
export interface Switches extends BillingSwitches {
  /** A sub-job takes `first` and up to `spread` seconds, the same for the same server; its job ends `close` seconds (default a quarter of `first`) after the last. */
  jobSeconds: { first: number; spread: number; close?: number }
  /** A request names a server for which it can do nothing: its sub-job fails; the whole request is refused; or as the first, but one that is there already succeeds. */
  badMember: 'subJob' | 'refuse' | 'doneIsFine'
  /** The code for each problem, by kind. */
  memberCodes: Record<Kind, Record<Problem, string>>
  /** Whether a refusal names the server in its message. */
  refusalNamesId: boolean
  /** A hard stop of a server whose soft stop is under way: taken, which is the way out of one that hangs, or refused as busy. */
  hardDuringSoft: 'taken' | 'busy'
  /** Whether an ECS call may name a BMS and the reverse; where not, such a server is missing. */
  otherKind: 'missing' | 'taken'
  /** Servers that are as they should be, and that a call for many refuses all the same; the native call takes them. */
  nativeOnly: Which
  /** Servers for whose sake a whole request is refused, in words that name none of them; the native call refuses them likewise. */
  unnamed: { servers: Which; as: UnnamedRefusal } | null
  /** Whether Nova heeds the type of a stop that comes with a token, as clouds by Huawei do; a plain one takes it and does a soft stop. */
  novaHearsType: boolean
  /** Servers for which there is no room to be started again; null: none. */
  capacity: Capacity | null
  /** The zones in which a flavour is sold out, by its name: what the list of flavours says, and no more than that. */
  soldOut: Record<string, readonly string[]>
  /** Whether a server that asks about itself has an agency. */
  serverHasAgency: boolean
  /** How long a token is good for. */
  tokenSeconds: number
  /** ECS whose soft stop never ends off. */
  softHangs: Which
  /** After this long such a soft stop fails and the server is up again; null: it is powering off for ever. */
  softHangSeconds: number | null
  /** What a job has done to a server shows only this long after the job has ended. */
  showsAfterJobSeconds: number
  /** Sub-jobs that fail, with their code, by server id; these servers stay as they were. */
  partialFail: Record<string, string>
  /** A job with some failed sub-jobs fails as a whole; where false, only one whose sub-jobs all failed does. */
  parentFailsOnPartial: boolean
  /** Servers whose sub-jobs are never shown; it is carried out all the same. */
  subJobMissing: Which
  /** Jobs are not found, with this status (400 comes with Common.0011); they are carried out all the same. */
  jobsLost: '400' | '404' | null
  /** Jobs stay RUNNING for ever; they are carried out all the same. */
  jobStuck: boolean
  /** The status that comes with a job id. */
  acceptWith: 200 | 202
  /** Faults for the next requests that match; the first that matches is taken. */
  faults: Fault[]
  /** Faults by chance. */
  randomFaults: RandomFaults | null
  /** The most ids that requests of one kind, stops and starts together, may name in any 60 s; 429 beyond. */
  idsPerMinute: number | null
  /** The most requests to a route in any 60 s; 429 beyond. */
  requestsPerMinute: Partial<Record<RouteName, number>>
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
  /** Each answer waits this long; what was asked is done at once. */
  latencyMs: number
  /** How a BMS that is off spells its vm_state. */
  bmsVmState: 'stopped' | 'shutoff'
  /** `count` of the BMS list: capped by `limit` without `offset`, as documented; always capped; or always the whole number. */
  bmsCount: 'faithful' | 'capped' | 'whole'
  /** How far the cloud's clock, which judges signatures, is ahead. */
  clockSkewSeconds: number
  /** Sent as Retry-After with every throttling answer; the real cloud sends none. */
  retryAfterSeconds: number | null
  /** BMS paths answer only under `bmsUrl`, ECS paths only under `url`, and a job only where it was made. */
  separateHosts: boolean
}

const MEMBER_CODES: Switches['memberCodes'] = {
  ecs: {
    missing: 'Ecs.0114',
    stopped: 'Ecs.0100',
    running: 'Ecs.0100',
    stopping: 'Ecs.0100',
    starting: 'Ecs.0100',
    busy: 'Ecs.0100',
    locked: 'Ecs.0605',
    frozen: 'Ecs.0030',
    unready: 'Ecs.0100',
    unserved: 'Ecs.0611',
  },
  bms: {
    missing: 'BMS.0040',
    stopped: 'BMS.0039',
    running: 'BMS.0038',
    stopping: 'BMS.0036',
    starting: 'BMS.0035',
    busy: 'BMS.0037',
    locked: 'BMS.0605',
    frozen: 'BMS.0360',
    unready: 'BMS.1001',
    unserved: 'BMS.0037',
  },
}

/** The cloud at its most ordinary, as far as it is known. */
export const defaultSwitches = (): Switches => ({
  jobSeconds: { first: 31, spread: 4 },
  badMember: 'subJob',
  memberCodes: structuredClone(MEMBER_CODES),
  refusalNamesId: false,
  hardDuringSoft: 'taken',
  otherKind: 'missing',
  nativeOnly: [],
  unnamed: null,
  novaHearsType: false,
  capacity: null,
  soldOut: {},
  ...defaultBilling(),
  serverHasAgency: false,
  tokenSeconds: 3600,
  softHangs: [],
  softHangSeconds: null,
  showsAfterJobSeconds: 0,
  partialFail: {},
  parentFailsOnPartial: true,
  subJobMissing: [],
  jobsLost: null,
  jobStuck: false,
  acceptWith: 200,
  faults: [],
  randomFaults: null,
  idsPerMinute: null,
  requestsPerMinute: {},
  maxPage: 1000,
  ignoredParameters: [],
  granted: null,
  refusedParameters: [],
  unknownIds: 'faulted',
  novaOverlap: 0,
  statusUntold: [],
  emptyListIsNull: false,
  latencyMs: 0,
  bmsVmState: 'stopped',
  bmsCount: 'faithful',
  clockSkewSeconds: 0,
  retryAfterSeconds: null,
  separateHosts: false,
})

export function isAmong(which: Which, id: string, view: () => ServerView | undefined): boolean {
  if (typeof which !== 'function') return 'has' in which ? which.has(id) : which.includes(id)
  const server = view()
  return server !== undefined && which(server)
}
