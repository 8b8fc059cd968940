/** What is to be reached, and whether this run's own figures reach it. */
import { figure, type Section, share, table, times } from './figures.ts'

interface Goal {
  what: string
  /** Inclusive. */
  bound: { most: number } | { least: number }
  shown: (value: number) => string
}
const most = (what: string, value: number, shown: Goal['shown'] = times): Goal => ({
  what,
  bound: { most: value },
  shown,
})
const least = (what: string, value: number, shown: Goal['shown'] = times): Goal => ({
  what,
  bound: { least: value },
  shown,
})
const dollars = (value: number): string => `$${value.toFixed(2)}`
const megabytes = (value: number): string => `${figure(value)} MB`
const units = (value: number): string => `${Number(value.toPrecision(3))} units`

export const GOALS = {
  planningLists: most('requests: lists of planning, over the fewest', 1),
  selectedIds: most('requests: lists of planning, one policy by ids', 1, String),
  selectedTags: most('requests: lists of planning, ten policies by a tag each', 20, String),
  stops: most('requests: stops, over the fewest', 1),
  verifyingLists: most('requests: lists that verify, over one listing', 1),
  polls: most('polls a job of a length that was learnt, the mean of jobs of 10 to 300 s', 1.3, figure),
  lateness: most('how late a job’s end is seen, of its length, the mean of the same', 0.12, share),
  wall: most('wall, over a limit that pages by marker', 1.05),
  cpu: most('CPU, over a limit with JSON.parse that verifies', 1.6),
  memory: most('peak memory of any function, over the limit’s', 0.55),
  memoryTenfold: most('peak memory with ten times the servers', 1.5),
  memory256: most('peak memory with the heap of a 256 MB function', 256, megabytes),
  configuredStopped: least('documented limits, configured: stopped', 1, share),
  configuredThrottled: most('documented limits, configured: 429', 0, String),
  configuredWall: most('documented limits, configured: wall, over the floor', 1.02),
  unconfiguredStopped: least('documented limits, not configured: stopped', 1, share),
  unconfiguredWall: most('documented limits, not configured: wall, over the floor', 1.25),
  faultsTrue: least('faults: rounds with every outcome true', 1, share),
  faultsAgain: most('faults: servers asked a second time', 0, String),
  faultsRequests: most('faults: requests, over those without faults', 1.15),
  startTick: most('start of tick, over an empty function', 3),
  startOthers: most('start of the slowest other function, over an empty one', 4),
  dueTimes: least('next due times a CPU second, over croner’s', 100),
  dueDifferent: most('next due times unlike croner’s', 0, String),
  tickQueries: most('an idle tick: calls of the table', 1, String),
  tickUnits: most('an idle tick: read units', 0.5, units),
  tickDue: most('a tick with five due: units with 1,000 policies, over those with 10', 1.05),
  writes: most('write units a server, each night but the first', 0.025, units),
  monthIdle: most('a month on AWS, everything that is paid, idle', 2, dollars),
  monthHundredThousand: most('a month on AWS, everything, 100,000 servers a night', 2.5, dollars),
  monthMillion: most('a month on AWS, everything, 1,000,000 servers a night', 6, dollars),
} satisfies Record<string, Goal>
export type GoalName = keyof typeof GOALS

/** Of this run; `at` says of what, where the goal does not. */
export type Figures = Partial<Record<GoalName, { value: number; at?: string }>>

export const isReached = ({ bound }: Pick<Goal, 'bound'>, value: number): boolean =>
  'most' in bound ? value <= bound.most : value >= bound.least

function row([name, goal]: [string, Goal], figures: Figures): string[] {
  const { bound, shown } = goal
  const words = 'most' in bound ? `≤ ${shown(bound.most)}` : `≥ ${shown(bound.least)}`
  const found = figures[name as GoalName]
  if (!found) return [goal.what, words, '–', 'not measured in this run']
  const at = found.at === undefined ? '' : ` (${found.at})`
  return [goal.what, words, shown(found.value) + at, isReached(goal, found.value) ? 'yes' : '**no**']
}

export function goalsSection(figures: Figures, command: string): Section {
  const rows = Object.entries(GOALS).map(goal => row(goal, figures))
  return { title: 'Goals', command, text: table(['goal', 'to reach', 'measured', 'reached'], rows) }
}
