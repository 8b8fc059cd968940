/** What comes of requests to stop and to start servers. */
import type { Kind } from '../../../../lib/core/model/model.ts'
import type { Which } from './which.ts'

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
 * ecs0219   400 Ecs.0219, of which the tables say nothing here     ecs0005    400 Ecs.0005, a parameter that is not valid
 * ecs1000   400 Ecs.1000 around a badRequest of Nova's             conflict   409 with a code that no table has
 */
export type UnnamedRefusal = 'ecs0219' | 'ecs1000' | 'ecs0005' | 'conflict'

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

export interface RequestSwitches {
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
  /** The status that comes with a job id. */
  acceptWith: 200 | 202
}

const MEMBER_CODES: RequestSwitches['memberCodes'] = {
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

export const defaultRequests = (): RequestSwitches => ({
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
  acceptWith: 200,
})
