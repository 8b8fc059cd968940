/** The limits of a policy: refuses runs over more servers than it allows, or than is usual for it. */
import { ACTIONS, type Action } from '../model/action.ts'
import type { Limits } from '../model/policy/limits.ts'
import { isEnded, type Run } from '../model/run.ts'

/** How many of the latest runs that acted are compared, the fewest that tell anything, and a size never held suspicious. */
export const HISTORY_RUNS = 10
const HISTORY_LEAST = 5
const HISTORY_ALWAYS_FINE = 20

/** A run that acted: how many were in its scope, and whether a person had said that its size is right. */
export type PastRun = Pick<Run, 'scope' | 'overrideLimits'>

/** Whether a run counts for the guard by history; one that is still at it counts, too: a person may just have said that it is right. */
export const countsForHistory = ({ dryRun, withheld, summary, action }: Run, of: Action): boolean =>
  action === of && !dryRun && withheld?.code !== 'blocked' && summary.targets > 0

/** So many of the latest are compared. */
const ALIKE_RUNS = 3

/** The run, of a policy's latest ones that acted, whose servers are likeliest to be those of the next: the largest that has ended. */
export function runAlike<R extends Pick<Run, 'status' | 'summary' | 'chunks'>>(history: R[]): R | null {
  const ended = history.filter(run => isEnded(run) && run.chunks !== undefined).slice(0, ALIKE_RUNS)
  return ended.toSorted((a, b) => b.summary.targets - a.summary.targets)[0] ?? null
}

interface PlannedSize {
  action: Action
  targets: number
  /** Matched servers less excluded ones. */
  scope: number
  /** All servers of the kind in the connection. */
  fleet: number
  /** This policy's latest runs that acted, newest first. */
  history: PastRun[]
}

const medianOf = (numbers: number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** What a person said is right counts for as much as what was usual. */
function historyBlocks(factor: number, { scope, history }: PlannedSize): string | null {
  const recent = history.slice(0, HISTORY_RUNS)
  if (recent.length < HISTORY_LEAST || scope <= HISTORY_ALWAYS_FINE) return null
  const approved = recent.find(run => run.overrideLimits)?.scope ?? 0
  const usual = Math.max(medianOf(recent.map(run => run.scope)), approved)
  if (scope <= factor * usual) return null
  return `${scope} servers are in its scope, more than ${factor} times the ${usual} that its last ${recent.length} runs had in the median (limits.historyFactor); a manual run with overrideLimits says that it is right`
}

/** More than what products of decimal fractions are off by: 65.6 % of 375 is 246, and comes out as less. */
const ROUNDING = 1e-6

/** Why these limits refuse to carry out what was planned, in words; `null` when they allow it. At a limit is allowed. */
export function blockedBy(limits: Limits, planned: PlannedSize): string | null {
  const { targets, fleet, action } = planned
  const { done } = ACTIONS[action]
  if (limits.maxServers !== null && targets > limits.maxServers)
    return `${targets} servers would be ${done}, more than limits.maxServers, ${limits.maxServers}`
  if (limits.maxPercent !== null && targets * 100 - limits.maxPercent * fleet > ROUNDING)
    return `${targets} of ${fleet} servers would be ${done}, more than limits.maxPercent, ${limits.maxPercent} %`
  return limits.historyFactor === null ? null : historyBlocks(limits.historyFactor, planned)
}
