/** What became of one server in one run, and every code that says why. */

import * as z from 'zod'
import { isoInstant } from '../schedule/instant.ts'
import { Instant, Mode } from './model.ts'

export const OutcomeStatus = z.enum(['stopped', 'started', 'skipped', 'failed', 'unconfirmed'])
export type OutcomeStatus = z.infer<typeof OutcomeStatus>

/** Every code that an outcome may have, and the statuses with which it may have it. What each means stands in docs/outcomes.md. */
export const OUTCOME_CODES = {
  stopped: ['stopped'],
  started: ['started'],
  escalated: ['stopped'],
  'answer-lost': ['stopped', 'started'],

  protected: ['skipped'],
  excluded: ['skipped'],
  snoozed: ['skipped'],
  'snooze-malformed': ['skipped'],
  unreadable: ['skipped'],
  'wrong-kind': ['skipped'],
  'in-scaling-group': ['skipped'],
  deleted: ['skipped'],
  'in-recycle-bin': ['skipped'],
  'already-stopped': ['skipped'],
  'already-running': ['skipped'],
  'not-active': ['skipped'],
  'not-off': ['skipped'],
  'held-off': ['skipped'],
  'no-longer-matches': ['skipped'],
  'in-another-run': ['skipped'],

  busy: ['skipped', 'failed'],
  locked: ['skipped', 'failed'],
  frozen: ['skipped', 'failed'],
  'not-found': ['skipped', 'failed', 'unconfirmed'],

  'dry-run': ['skipped'],
  blocked: ['skipped'],
  halted: ['skipped'],
  cancelled: ['skipped'],
  'too-late': ['skipped'],
  'connection-disabled': ['skipped'],
  'stops-disabled': ['skipped'],
  'starts-disabled': ['skipped'],

  'job-failed': ['failed'],
  'still-running': ['failed'],
  'still-off': ['failed'],
  'no-capacity': ['failed'],
  'in-error': ['failed'],
  refused: ['failed'],
  throttled: ['failed'],
  unavailable: ['failed'],
  credentials: ['failed', 'unconfirmed'],
  'not-learnt': ['unconfirmed'],
} as const satisfies Record<string, readonly OutcomeStatus[]>

export type OutcomeCode = keyof typeof OUTCOME_CODES
export const OutcomeCode = z.enum(Object.keys(OUTCOME_CODES) as [OutcomeCode, ...OutcomeCode[]])

/** The codes that a skipped server may have. */
export type SkippedCode = {
  [Code in OutcomeCode]: 'skipped' extends (typeof OUTCOME_CODES)[Code][number] ? Code : never
}[OutcomeCode]

/** What became of one server, without the server itself: equal for most of a chunk, and kept once for all of them. */
export const Settled = z.object({
  status: OutcomeStatus,
  code: OutcomeCode,
  reason: z.string(),
  mode: Mode.nullable(),
  jobId: z.string().nullable(),
  requestId: z.string().nullable(),
  requestedAt: Instant.nullable(),
  endedAt: Instant,
  restartedAt: Instant.optional(),
})
export type Settled = z.infer<typeof Settled>

export const Outcome = z.object({ serverId: z.string(), name: z.string(), ...Settled.shape })
export type Outcome = z.infer<typeof Outcome>

/** What becomes of a server for which no request was sent. */
export const outcomeWithoutRequest = (
  outcome: Pick<Settled, 'status' | 'code' | 'reason'>,
  now: number,
): Settled => ({
  ...outcome,
  mode: null,
  jobId: null,
  requestId: null,
  requestedAt: null,
  endedAt: isoInstant(now),
})

/** How outcomes are counted: such as `skipped/locked`. */
export const codeKey = (status: OutcomeStatus, code: string): string => `${status}/${code}`

/** What a `codeKey` counts. */
export function codeOf(key: string): { status: OutcomeStatus; code: OutcomeCode } {
  const [status, code] = key.split('/') as [OutcomeStatus, OutcomeCode]
  return { status, code }
}

/** What one finished chunk adds to its run, once. */
export interface OutcomeCounts {
  /** Targets that were left after all: they move from targets to skipped. */
  skipped: number
  stopped: number
  started: number
  failed: number
  unconfirmed: number
  codes: Record<string, number>
}

/** The settled members of a chunk, counted. */
export function countOutcomes(settled: Iterable<Settled>): OutcomeCounts {
  const counts: Record<OutcomeStatus, number> = {
    stopped: 0,
    started: 0,
    skipped: 0,
    failed: 0,
    unconfirmed: 0,
  }
  const codes: Record<string, number> = {}
  for (const { status, code } of settled) {
    counts[status]++
    const key = codeKey(status, code)
    codes[key] = (codes[key] ?? 0) + 1
  }
  return { ...counts, codes }
}

/** The outcomes that fell short, counted by their code, from counts by `codeKey`. */
export const badEnds = (codes: Record<string, number>): { code: string; count: number }[] =>
  Object.entries(codes).flatMap(([key, count]) => {
    const { status, code } = codeOf(key)
    return status === 'failed' || status === 'unconfirmed' ? [{ code, count }] : []
  })

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
