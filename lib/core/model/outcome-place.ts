import type { Outcome } from './outcome.ts'

/**
 * Where an outcome stands among those of its run: first the servers that planning left, then those of its chunks. Places
 * do not move: the servers of a part never change, and what is settled later is settled in its place.
 */
export interface OutcomePlace {
  part: 'LEFT' | 'SERVERS'
  number: number
  member: number
}
export interface PlacedOutcome {
  place: OutcomePlace
  outcome: Outcome
}

export const FIRST_OUTCOME: OutcomePlace = { part: 'LEFT', number: 0, member: 0 }
