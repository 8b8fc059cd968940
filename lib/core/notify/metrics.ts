/** What is counted and timed: the names that alarms and the dashboard wait for. */
import type { Chunk } from '../model/chunk.ts'
import { codeKey, type Settled } from '../model/outcome.ts'
import type { Run } from '../model/run.ts'

/** Counts, and times that end in `Ms`. */
export const MEASURES = [
  'RunsMissed',
  'RunsFailed',
  'RunsPartial',
  'RunsBlocked',
  'PoliciesMatchingNothing',
  'CredentialsRefused',
  'WebhooksGivenUp',
  'DueItemsFailed',
  'Targets',
  'Stopped',
  'Failed',
  'Unconfirmed',
  'TickLatenessMs',
  'RunLatenessMs',
  'VerifiedOffMs',
] as const
type MeasureName = (typeof MEASURES)[number]
/** One figure, or several of one name: 100 at most are told at once. */
export type Metrics = Partial<Record<MeasureName, number | number[]>>
const MAX_VALUES = 100

const ENDS: Partial<Record<Run['status'], MeasureName>> = {
  missed: 'RunsMissed',
  failed: 'RunsFailed',
  partial: 'RunsPartial',
  blocked: 'RunsBlocked',
}

/** Whether a run ended so that a person should know of it. */
export const isTrouble = ({ status }: Pick<Run, 'status'>): boolean => status in ENDS

/** What a run's end adds: its kind of end where a person should know of it, and its servers where it had any. */
export function endMetrics({ status, summary }: Pick<Run, 'status' | 'summary'>): Metrics {
  const end = ENDS[status]
  const { targets, stopped, failed, unconfirmed } = summary
  const servers =
    targets > 0 ? { Targets: targets, Stopped: stopped, Failed: failed, Unconfirmed: unconfirmed } : {}
  return { ...(end ? { [end]: 1 } : {}), ...servers }
}

/** How late the first request of a run's first chunk went out; nothing for every other one. */
export function runLatenessMs(run: Pick<Run, 'dueAt'>, chunk: Chunk): number[] {
  const [first, ...others] = chunk.requests
  if (chunk.number !== 0 || !first || others.length > 0) return []
  return [Math.max(0, Date.parse(first.sentAt) - Date.parse(run.dueAt))]
}

/** From request to the look that saw them off: each different time once, for one look at one request gives one. */
export function verifiedOffMs(settled: Iterable<Settled>): number[] {
  const times = new Set<number>()
  for (const { status, requestedAt, endedAt } of settled)
    if (status === 'stopped' && requestedAt !== null) times.add(Date.parse(endedAt) - Date.parse(requestedAt))
  return [...times].slice(0, MAX_VALUES)
}

/** So many runs in a row that match nothing are no chance. */
const NOTHING_RUNS = 5
/** So many of a policy's latest runs are looked at for them: some may have ended before they looked at anything. */
export const NOTHING_LATEST = 20

const wasListed = (run: Run): boolean => run.chunks !== undefined

/** Ids of servers that are no more, or of the other kind, match nothing either, though each has its outcome. */
const IDS_OF_NONE = [codeKey('skipped', 'not-found'), codeKey('skipped', 'wrong-kind')]

/** Whether a run that looked found no server for its policy. */
export const foundNothing = ({ summary, codes }: Pick<Run, 'summary' | 'codes'>): boolean =>
  summary.matched === IDS_OF_NONE.reduce((sum, key) => sum + (codes[key] ?? 0), 0)

/** Whether a policy's latest runs that looked, newest first, all found nothing. */
export function matchesNothing(latest: Run[]): boolean {
  const runs = latest.filter(wasListed).slice(0, NOTHING_RUNS)
  return runs.length === NOTHING_RUNS && runs.every(foundNothing)
}
