/** Which runs are asked for. */
import { isEnded, type Run } from '../model/run.ts'
import { isTrouble } from './metrics.ts'

interface RunFilter {
  connection?: string | undefined
  action?: Run['action'] | undefined
  status?: Run['status'][] | undefined
}

export const matchesFilter = (run: Run, { connection, action, status }: RunFilter): boolean =>
  (connection === undefined || run.connection === connection) &&
  (action === undefined || run.action === action) &&
  (status === undefined || status.includes(run.status))

/** A server failed or is unconfirmed, or the run was not carried out, or not whole. */
export const isBad = (run: Run): boolean =>
  run.summary.failed + run.summary.unconfirmed > 0 || (isEnded(run) && isTrouble(run))
