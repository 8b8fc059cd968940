/** Outcomes of servers in words, and the shares of a run's bar. */
import type { Outcome, Run } from '../api/types.ts'
import { hasEnded, type Tone } from '../words/run.ts'

const OUTCOME_TONES: Record<Outcome['status'], Tone> = {
  stopped: 'good',
  started: 'good',
  skipped: 'quiet',
  failed: 'bad',
  unconfirmed: 'part',
}

export const outcomeTone = (status: Outcome['status']): Tone => OUTCOME_TONES[status]

export const outcomeWord = (status: string): string => (status === 'unconfirmed' ? 'not confirmed' : status)

/** What of a run's servers is shown; empty: whatever it is. */
export type OutcomeFilters = Record<'status' | 'code' | 'name', string>

export interface Share {
  /** `null`: targets that wait to be asked, or are followed. */
  status: Outcome['status'] | null
  count: number
  label: string
  tone: Tone
  /** What it is made of, the greatest first. */
  codes: { code: string; count: number }[]
}

const ORDER: Outcome['status'][] = ['stopped', 'started', 'failed', 'unconfirmed', 'skipped']

/** Outcomes counted by `status/code`, of one status. */
function codesOf({ codes }: Pick<Run, 'codes'>, status: string): Share['codes'] {
  return Object.entries(codes)
    .flatMap(([key, count]) => {
      const [of, code = ''] = key.split('/')
      return of === status && count > 0 ? [{ code, count }] : []
    })
    .toSorted((one, other) => other.count - one.count || one.code.localeCompare(other.code))
}

/** What has become of the servers that a run matched; together they are all of them. */
export function sharesOf(run: Pick<Run, 'summary' | 'codes'>): Share[] {
  const shares: Share[] = ORDER.map(status => ({
    status,
    count: run.summary[status],
    label: outcomeWord(status),
    tone: outcomeTone(status),
    codes: codesOf(run, status),
  }))
  const waiting: Share = {
    status: null,
    count: run.summary.waiting,
    label: 'wait or are followed',
    tone: 'busy',
    codes: [],
  }
  return [...shares.slice(0, -1), waiting, shares.at(-1)!].filter(({ count }) => count > 0)
}

/** How many outcomes of a run a filter by status and code leaves. */
export function countOutcomes(
  { codes }: Pick<Run, 'codes'>,
  { status = '', code = '' }: Partial<OutcomeFilters> = {},
): number {
  return Object.entries(codes).reduce((sum, [key, count]) => {
    const [ofStatus, ofCode] = key.split('/')
    const isAsked = (status === '' || status === ofStatus) && (code === '' || code === ofCode)
    return isAsked ? sum + count : sum
  }, 0)
}

/** The codes that a run has, in alphabetical order. */
export const codesIn = ({ codes }: Pick<Run, 'codes'>): string[] =>
  [...new Set(Object.keys(codes).map(key => key.split('/')[1] ?? ''))].toSorted()

/** What a person types finds names that hold it; one that says `*` or `?` is a pattern as it stands. */
export const nameGlob = (typed: string): string => {
  const text = typed.trim()
  return text === '' || /[*?]/.test(text) ? text : `*${text}*`
}

/** How far a run is that goes on: chunks sent and followed, and the servers off (up) of how many. */
export function progressText({ action, summary, progress }: Run): string {
  if (progress === undefined) return 'Looking up which servers match.'
  const { chunks, sent, followed } = progress
  const done = action === 'stop' ? summary.stopped : summary.started
  const goal = action === 'stop' ? 'off' : 'up'
  const chunkWord = chunks === 1 ? 'chunk' : 'chunks'
  return [
    `${sent.toLocaleString()} of ${chunks.toLocaleString()} ${chunkWord} sent`,
    `${followed.toLocaleString()} followed to the end`,
    `${done.toLocaleString()} of ${summary.targets.toLocaleString()} servers ${goal}`,
  ].join(', ')
}

const BUSY_MS = 3000

/** ms until a run is asked for again: while it goes on, or is not known; one that has ended stays as it is. */
export const runPollMs = (run: Run | null): number | null => (run !== null && hasEnded(run) ? null : BUSY_MS)
