/** The ledger: every request that came. */
import type { Action } from '../../../lib/core/model/action.ts'
import type { Kind } from '../../../lib/core/model/model.ts'
import type { FaultKind } from './switches/faults.ts'

/** What a request for a stop or a start asked for, as it was sent; `type` is null where it was left out. */
export interface SentAction {
  action: Action
  kind: Kind
  type: string | null
  ids: string[]
}

/** One request, whatever became of it: refused, lost or answered. */
export interface LedgerEntry {
  /** When it came, ms since the epoch. */
  at: number
  method: string
  /** Without the query. */
  path: string
  /** A repeated parameter has its values joined by commas. */
  query: Record<string, string>
  /** 0 where no answer was sent. */
  status: number
  requestId: string
  /** The cloud's error code in the answer. */
  code?: string
  sent?: SentAction
  /** The job that was made, whether or not the answer that names it was sent. */
  jobId?: string
  /** The fault it met. */
  fault?: FaultKind
}
/** A request for a stop or a start. */
export type ActionEntry = LedgerEntry & { sent: SentAction }

export const isActionEntry = (entry: LedgerEntry): entry is ActionEntry => entry.sent !== undefined

/** Puts an entry last; beyond `most` the oldest goes. */
export function enter(ledger: LedgerEntry[], entry: LedgerEntry, most: number): void {
  ledger.push(entry)
  if (ledger.length > most) ledger.splice(0, ledger.length - most)
}
