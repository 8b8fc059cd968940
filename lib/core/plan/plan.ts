/** Planning: how far it came, whether a planned run is carried out, and which runs are planned together, or once more. */
import * as z from 'zod'
import { type CloudError, troubleDelaySeconds } from '../model/errors.ts'
import type { Policy } from '../model/model.ts'
import { codeKey } from '../model/outcome.ts'
import type { Run, Summary, Withheld } from '../model/run.ts'
import type { SeenTarget } from './facts.ts'
import { blockedBy, type PastRun } from './limits.ts'
import type { SkippedServer } from './planner.ts'
import type { Selecting } from './select.ts'

/** Plannings of one run, before it is given up. */
const MAX_PLANNINGS = 10

/** What one run took so far, where a planning has to go on in another function. */
export interface Progress {
  targets: SeenTarget[]
  /** When the first of these targets was read, ms since the epoch. */
  readAt: number
  left: SkippedServer[]
  /** Parts of the list of left servers that are written. */
  leftParts: number
  totals: Totals
  /** Ids that the selector names and no server had yet. */
  unseen: string[]
  /** After which server the listing goes on; `null` from the beginning. */
  after: string | null
}

export const noProgress = (selecting: Selecting): Progress => ({
  targets: [],
  readAt: 0,
  left: [],
  leftParts: 0,
  totals: { targets: 0, scope: 0, chunks: 0, fleet: 0, codes: {} },
  unseen: [...new Set(selecting.selector.ids)],
  after: null,
})

/** Full portions, and what is left over for the next. */
export function splitPortions<T>(items: T[], size: number): { full: T[][]; rest: T[] } {
  const full: T[][] = []
  let start = 0
  for (; items.length - start >= size; start += size) full.push(items.slice(start, start + size))
  return { full, rest: items.slice(start) }
}

export interface Totals {
  targets: number
  scope: number
  chunks: number
  /** Left servers by code. */
  codes: Record<string, number>
  fleet: number
}
export interface PlanVerdict {
  summary: Summary
  withheld?: Withheld
}

/** Whether a planned run is carried out: its numbers, and why all its targets are left where they are. */
export function planVerdict(
  run: Run,
  { limits }: Pick<Policy, 'limits'>,
  totals: Totals & { history: PastRun[] },
): PlanVerdict {
  const { targets } = totals
  const skipped = Object.values(totals.codes).reduce((sum, count) => sum + count, 0)
  const summary = {
    matched: targets + skipped,
    targets,
    skipped,
    stopped: 0,
    started: 0,
    failed: 0,
    unconfirmed: 0,
  }
  const blocked = run.overrideLimits ? null : blockedBy(limits, { ...totals, action: run.action })
  if (blocked !== null) return { summary, withheld: { code: 'blocked', reason: blocked } }
  if (run.dryRun)
    return { summary, withheld: { code: 'dry-run', reason: `a dry run ${run.action}s nothing` } }
  return { summary }
}

const TAKEN = codeKey('skipped', 'in-another-run')

/**
 * Which of the runs that were planned together are planned once more, together: all that are carried out, where one that is not may
 * have kept servers from them.
 */
export function planAgain(decided: Pick<Totals & PlanVerdict, 'codes' | 'withheld'>[]): boolean[] {
  const isRobbed = decided.some(({ codes, withheld }) => !withheld && (codes[TAKEN] ?? 0) > 0)
  const isWithheld = decided.some(({ withheld }) => withheld)
  return decided.map(({ withheld }) => isRobbed && isWithheld && !withheld)
}

/** Why a run is given up before it is even read whole: what it holds may be what makes every planning fail. */
export const planExhausted = (run: Run): string | null =>
  run.planning > MAX_PLANNINGS ? `it could not be planned in ${MAX_PLANNINGS} tries` : null

type PlanTrouble = { kind: 'again'; delaySeconds: number } | { kind: 'fail'; reason: string }

/** What a failed listing makes of the runs that wanted it. */
export function planTrouble(error: CloudError, run: Pick<Run, 'planning'>): PlanTrouble {
  switch (error.details.class) {
    case 'credentials':
    case 'refused':
    case 'member':
    case 'unattributed':
      return { kind: 'fail', reason: error.message }
    case 'throttled':
    case 'unavailable':
    case 'ambiguous':
      return run.planning >= MAX_PLANNINGS
        ? {
            kind: 'fail',
            reason: `the cloud could not be asked in ${MAX_PLANNINGS} tries: ${error.message}`,
          }
        : {
            kind: 'again',
            delaySeconds: error.details.retryAfterSeconds ?? troubleDelaySeconds(run.planning),
          }
  }
}

export const PlanMessage = z.object({ runIds: z.array(z.string()).min(1) })
export type PlanMessage = z.infer<typeof PlanMessage>

/** Runs that one message may name: it stays far below what SQS takes. */
const MAX_IN_MESSAGE = 500

/** Messages that name runs of one connection and kind together, the earliest due first: their fleet is listed once for all of them. */
export function runMessages(runs: Run[]): PlanMessage[] {
  const order = runs.toSorted((a, b) => a.dueAt.localeCompare(b.dueAt) || a.id.localeCompare(b.id))
  const groups = Map.groupBy(order, run => `${run.connection} ${run.kind}`)
  return [...groups.values()].flatMap(group => {
    const { full, rest } = splitPortions(
      group.map(run => run.id),
      MAX_IN_MESSAGE,
    )
    return [...full, ...(rest.length > 0 ? [rest] : [])].map(runIds => ({ runIds }))
  })
}
