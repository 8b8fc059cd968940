import * as z from 'zod'
import type { OutcomeStatus } from './work.ts'

/** Every code that an outcome may have, and the statuses with which it may have it. What each means stands in docs/outcomes.md. */
export const OUTCOME_CODES = {
  stopped: ['stopped'],
  escalated: ['stopped'],
  'answer-lost': ['stopped'],

  protected: ['skipped'],
  excluded: ['skipped'],
  snoozed: ['skipped'],
  'snooze-malformed': ['skipped'],
  'wrong-kind': ['skipped'],
  deleted: ['skipped'],
  'in-recycle-bin': ['skipped'],
  'already-stopped': ['skipped'],
  'not-active': ['skipped'],
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

  'job-failed': ['failed'],
  'still-running': ['failed'],
  'in-error': ['failed'],
  refused: ['failed'],
  throttled: ['failed'],
  unavailable: ['failed'],
  credentials: ['failed', 'unconfirmed'],
  'not-learnt': ['unconfirmed'],
} as const satisfies Record<string, readonly OutcomeStatus[]>

export type OutcomeCode = keyof typeof OUTCOME_CODES
export const OutcomeCode = z.enum(Object.keys(OUTCOME_CODES) as [OutcomeCode, ...OutcomeCode[]])
