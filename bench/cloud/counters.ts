/** What the pretended cloud counts: it is what judges whoever stops its fleet. */
import type { RouteName } from './routes.ts'

export interface Counters {
  requests: number
  byRoute: Partial<Record<RouteName, number>>
  /** List requests that came before the first stop: those of planning, where a plan is made first. */
  listsBeforeStops: number
  throttled: number
  faulted: number
  lost: number
  /** Requests that were being answered at the same time, the most. */
  mostAtOnce: number
  connections: number
  bytesIn: number
  bytesOut: number
  signed: number
  /** Servers that a stop named a second time, while they were up or not. */
  askedAgain: number
  askedWhileOff: number
  unknownIds: number
  /** Stops of no servers, of too many, or of another form. */
  refusedStops: number
  /** Polls of jobs that had not ended. */
  pollsOfRunning: number
}

export const noCounts = (): Counters => ({
  requests: 0,
  byRoute: {},
  listsBeforeStops: 0,
  throttled: 0,
  faulted: 0,
  lost: 0,
  mostAtOnce: 0,
  connections: 0,
  bytesIn: 0,
  bytesOut: 0,
  signed: 0,
  askedAgain: 0,
  askedWhileOff: 0,
  unknownIds: 0,
  refusedStops: 0,
  pollsOfRunning: 0,
})
