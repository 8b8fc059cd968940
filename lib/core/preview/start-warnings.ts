/** What a careful colleague would say about a policy's starts. */
import type { Run } from '../model/run.ts'
import type { Rules } from '../plan/rules.ts'
import { clockTroubles } from '../schedule/clock-change.ts'
import { nextDueAt } from '../schedule/due-times.ts'
import { startSchedule } from '../schedule/start.ts'
import {
  comparedWarnings,
  limitWarnings,
  type PreviewSeen,
  scheduleWarnings,
  selectionWarnings,
  serversText,
  type Warning,
  YEAR_MS,
} from './warnings.ts'

/** When starts are due, or are not. */
export function startScheduleWarnings(policy: PreviewSeen['policy'], now: number): Warning[] {
  const starts = startSchedule(policy)
  if (starts === null) return []
  const troubles = clockTroubles(starts, { fromMs: now, untilMs: now + YEAR_MS })
  const moved = troubles.map(({ code, message }) => ({ code, message: `start.cron: ${message}` }))
  if (nextDueAt(starts, now) !== null) return moved
  const message = 'start.cron: it is not due once in the next 50 years: skipDates leave no time'
  return [{ code: 'never-due', message }]
}

const NOTHING_OPEN: Warning = {
  code: 'nothing-open',
  message:
    'no server of its connection and kind is off that runs of this policy stopped in the last 40 days and that nobody saw running since: there is nothing to start',
}

/** Servers that a run stopped where its policy acts no longer, and that were not seen running since. */
export interface RunStopped extends Pick<Run, 'connection' | 'kind'> {
  runId: string
  servers: number
  isDeleted: boolean
}

const MOVED = 'The policy is not about that connection and kind any more, and does not start them: '
const GONE = 'That connection is deleted, so no start brings them up: save the connection again, then '

/** What no start of a policy brings up: it is about another connection or kind by now, or the connection is deleted. */
export const elsewhereWarnings = (left: RunStopped[]): Warning[] =>
  left.map(({ runId, connection, kind, servers, isDeleted }) => ({
    code: 'left-elsewhere',
    message: `${serversText(servers)} of kind ${kind} in connection ${connection}: run ${runId} stopped them, and nobody saw them running since. ${isDeleted ? GONE : MOVED}npx curfew undo ${runId} does`,
  }))

/** What gives pause about a start that is made now. */
export function startWarnings(sight: PreviewSeen, { isUndoing }: Pick<Rules, 'isUndoing'>): Warning[] {
  const isEmpty = sight.targets.length + sight.left.length === 0
  const chosen = isUndoing ? (isEmpty ? [NOTHING_OPEN] : []) : selectionWarnings(sight)
  const limits = limitWarnings(sight).filter(({ code }) => !isUndoing || code === 'blocked')
  return [
    ...scheduleWarnings(sight),
    ...startScheduleWarnings(sight.policy, sight.now),
    ...chosen,
    ...limits,
    ...comparedWarnings(sight),
  ]
}
