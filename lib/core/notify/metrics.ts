/** What is counted and timed: the names that the dashboard waits for. */
import { ACTIONS, type Action } from '../model/action.ts'
import type { Chunk } from '../model/chunk.ts'
import { codeKey, type Settled } from '../model/outcome.ts'
import type { Run, Summary } from '../model/run.ts'

/** Counts, and times that end in `Ms`. */
export const MEASURES = [
  'RunsMissed',
  'RunsFailed',
  'RunsPartial',
  'RunsBlocked',
  'StartsFailed',
  'PoliciesMatchingNothing',
  'CredentialsRefused',
  'WebhooksGivenUp',
  'DueItemsFailed',
  'Targets',
  'Stopped',
  'Failed',
  'Unconfirmed',
  'Started',
  'NotStarted',
  'TickLatenessMs',
  'RunLatenessMs',
  'VerifiedOffMs',
  'VerifiedOnMs',
] as const
type MeasureName = (typeof MEASURES)[number]
/** One figure, or several of one name: 100 at most are told at once. */
export type Metrics = Partial<Record<MeasureName, number | number[]>>
const MAX_VALUES = 100

type Trouble = Extract<Run['status'], 'missed' | 'failed' | 'partial' | 'blocked'>
interface ActionMeasures {
  /** How a run ended, where a person should know of it. */
  ends: Record<Trouble, MeasureName>
  /** What became of its targets. */
  serversOf: (summary: Summary) => Metrics
  verified: MeasureName
}

/** A start that falls short is counted by itself, however it ended: people wait for those servers. */
const BY_ACTION: Record<Action, ActionMeasures> = {
  stop: {
    ends: {
      missed: 'RunsMissed',
      failed: 'RunsFailed',
      partial: 'RunsPartial',
      blocked: 'RunsBlocked',
    },
    serversOf: ({ targets, stopped, failed, unconfirmed }) => ({
      Targets: targets,
      Stopped: stopped,
      Failed: failed,
      Unconfirmed: unconfirmed,
    }),
    verified: 'VerifiedOffMs',
  },
  start: {
    ends: {
      missed: 'StartsFailed',
      failed: 'StartsFailed',
      partial: 'StartsFailed',
      blocked: 'StartsFailed',
    },
    serversOf: ({ started, failed, unconfirmed }) => ({
      Started: started,
      NotStarted: failed + unconfirmed,
    }),
    verified: 'VerifiedOnMs',
  },
}

const isTroubleStatus = (status: Run['status']): status is Trouble => status in BY_ACTION.stop.ends

/** Whether a run ended so that a person should know of it. */
export const isTrouble = ({ status }: Pick<Run, 'status'>): boolean => isTroubleStatus(status)

/** What a run's end adds: its kind of end where a person should know of it, and its servers where it had any. */
export function endMetrics({ action, status, summary }: Pick<Run, 'action' | 'status' | 'summary'>): Metrics {
  const { ends, serversOf } = BY_ACTION[action]
  return {
    ...(isTroubleStatus(status) ? { [ends[status]]: 1 } : {}),
    ...(summary.targets > 0 ? serversOf(summary) : {}),
  }
}

/** How late the first request of a run's first chunk went out; nothing for every other one. */
export function runLatenessMs(run: Pick<Run, 'dueAt'>, chunk: Chunk): number[] {
  const [first, ...others] = chunk.requests
  if (chunk.number !== 0 || !first || others.length > 0) return []
  return [Math.max(0, Date.parse(first.sentAt) - Date.parse(run.dueAt))]
}

/** From request to the look that saw them off, or running: each different time once, for one look at one request gives one. */
export function verifiedMetrics({ action }: Pick<Run, 'action'>, settled: Iterable<Settled>): Metrics {
  const times = new Set<number>()
  for (const { status, requestedAt, endedAt } of settled)
    if (status === ACTIONS[action].done && requestedAt !== null)
      times.add(Date.parse(endedAt) - Date.parse(requestedAt))
  return { [BY_ACTION[action].verified]: [...times].slice(0, MAX_VALUES) }
}

/** So many runs in a row that match nothing are no chance. */
const NOTHING_RUNS = 5
/** So many of a policy's latest runs are looked at for them: some may have ended before they looked at anything. */
export const NOTHING_LATEST = 20

/** Starts tell nothing of it: which servers they are about follows from what was stopped. */
export const hasLooked = ({ action, chunks }: Pick<Run, 'action' | 'chunks'>): boolean =>
  action === 'stop' && chunks !== undefined

/** Ids of servers that are no more, or of the other kind, match nothing either, though each has its outcome. */
const IDS_OF_NONE = [codeKey('skipped', 'not-found'), codeKey('skipped', 'wrong-kind')]

/** Whether a run that looked found no server for its policy. */
export const foundNothing = ({ summary, codes }: Pick<Run, 'summary' | 'codes'>): boolean =>
  summary.matched === IDS_OF_NONE.reduce((sum, key) => sum + (codes[key] ?? 0), 0)

/** Whether a policy's latest runs that looked, newest first, all found nothing. */
export function matchesNothing(latest: Run[]): boolean {
  const runs = latest.filter(hasLooked).slice(0, NOTHING_RUNS)
  return runs.length === NOTHING_RUNS && runs.every(foundNothing)
}
