/** Runs in words. */
import type { Run } from '../api/types.ts'

/** How a thing stands: what its colour says, and never the colour alone. */
export type Tone = 'good' | 'part' | 'bad' | 'busy' | 'quiet'

const TONES: Record<Run['status'], Tone> = {
  pending: 'busy',
  running: 'busy',
  succeeded: 'good',
  partial: 'part',
  failed: 'bad',
  blocked: 'bad',
  missed: 'bad',
  cancelled: 'quiet',
}

export const statusTone = (status: Run['status']): Tone => TONES[status]

export const hasEnded = ({ status }: Pick<Run, 'status'>): boolean =>
  status !== 'pending' && status !== 'running'

/** One that a person cancelled may speak of a snooze as well. */
export const isSnoozedRun = ({ status, cancel, reason = '' }: Run): boolean =>
  status === 'cancelled' && cancel === undefined && /snooze/i.test(reason)

/** Of this many things: `1 server`, `2,001 servers`. */
export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`

/** What a run is of: its policy, or that it was asked for by hand. */
export const runTitle = ({ policyId, undoes }: Pick<Run, 'policyId' | 'undoes'>): string =>
  policyId ?? (undoes === null ? 'By hand' : 'Undo')

/** What a run does: `stop`, `start (undo)`, `stop, dry run`. */
export function actionText({ action, policyId, undoes, dryRun }: Run): string {
  // Without a policy its title says that it is an undo.
  const undo = undoes !== null && policyId !== undefined ? ' (undo)' : ''
  return `${action}${undo}${dryRun ? ', dry run' : ''}`
}

const goalWord = (action: Run['action']): string => (action === 'stop' ? 'off' : 'up')

const doneWord = (action: Run['action']): string => (action === 'stop' ? 'stopped' : 'started')

/** What a run is to do, or a dry run would have done: `2,001 of them to be stopped`. */
export function aimText({ action, summary, codes, dryRun }: Run): string {
  const count = dryRun ? (codes['skipped/dry-run'] ?? 0) : summary.targets
  return `${count.toLocaleString()} of them ${dryRun ? 'would be' : 'to be'} ${doneWord(action)}`
}

/** The numbers of a run: `1,990 of 2,001 off, 9 failed, 2 not confirmed, 49 skipped`. */
export function numbersText(run: Run): string {
  const { action, summary, dryRun } = run
  const { matched, targets, stopped, started, failed, unconfirmed, skipped } = summary
  if (dryRun) return `${countText(matched, 'server')} matched, ${aimText(run)}`
  const done = action === 'stop' ? stopped : started
  const parts = [
    targets === 0 ? '' : `${done.toLocaleString()} of ${targets.toLocaleString()} ${goalWord(action)}`,
    failed === 0 ? '' : `${failed.toLocaleString()} failed`,
    unconfirmed === 0 ? '' : `${unconfirmed.toLocaleString()} not confirmed`,
    skipped === 0 ? '' : `${skipped.toLocaleString()} skipped`,
  ].filter(Boolean)
  return parts.length === 0 ? 'no servers' : parts.join(', ')
}

/** ms from its start to its end, or to now; `null` where it never began. */
export function tookMs({ startedAt, endedAt }: Run, now: number): number | null {
  if (startedAt === undefined || startedAt === null) return null
  return (endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt)
}
