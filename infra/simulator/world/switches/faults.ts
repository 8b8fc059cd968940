/** Requests that fail on their way, are throttled, or take long. */
import type { Kind } from '../../../../lib/core/model/model.ts'

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
  | 'version'
  | 'novaList'
  | 'novaServer'
  | 'novaStop'
  | 'novaStart'

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

export interface FaultSwitches {
  /** Faults for the next requests that match; the first that matches is taken. */
  faults: Fault[]
  /** Faults by chance. */
  randomFaults: RandomFaults | null
  /** The most ids that requests of one kind, stops and starts together, may name in any 60 s; 429 beyond. */
  idsPerMinute: number | null
  /** The most requests to a route in any 60 s; 429 beyond. */
  requestsPerMinute: Partial<Record<RouteName, number>>
  /** Sent as Retry-After with every throttling answer; the real cloud sends none. */
  retryAfterSeconds: number | null
  /** Each answer waits this long; what was asked is done at once. */
  latencyMs: number
}

export const defaultFaults = (): FaultSwitches => ({
  faults: [],
  randomFaults: null,
  idsPerMinute: null,
  requestsPerMinute: {},
  retryAfterSeconds: null,
  latencyMs: 0,
})
