/** What is next to act, which is not what is next due: snoozes and switches are heard. */

import { ACTIONS, type Action } from '../model/action.ts'
import type { Connection } from '../model/connection.ts'
import type { ActSettings, ConnectionFields, Policy, StoredPolicy } from '../model/model.ts'
import { nextDueAt } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Schedules, stopSchedule } from '../schedule/start.ts'
import { type DueAction, type DueTimes, type Snoozed, STOP_AT_ONCE, snoozedBecause } from './due-runs.ts'

/** When a policy is due next to do anything. */
export const earliestDueAt = ({ nextDueAt: stopAt, nextStartDueAt, nextWarnAt }: DueTimes): string | null =>
  [stopAt, nextStartDueAt, nextWarnAt ?? null].filter(one => one !== null).toSorted()[0] ?? null

/** One that calendars may leave out; `null`: they do not. */
export interface CalendaredDue extends DueAction {
  leftOutBecause: string | null
}

/** What holds every stop, or every start, of a connection back. */
export interface Switches extends ActSettings {
  /** Of several, one that is enabled, as far as any is; `null`: there is none. */
  connection: Pick<Connection, 'enabled'> | null
}
type Due = Pick<Policy, 'enabled'> & ConnectionFields & Schedules & Snoozed

function heldBack(
  { enabled, connection: id, connections }: Due,
  action: Action,
  switches: Switches,
): string | null {
  const { connection } = switches
  if (!enabled) return 'the policy is disabled'
  if (!switches[ACTIONS[action].switch]) return `all ${action}s are switched off (PUT /v1/settings)`
  if (connection === null)
    return connections ? `no connection matches ${connections.join(', ')}` : `connection ${id} does not exist`
  if (connection.enabled) return null
  return connections
    ? `each connection that matches ${connections.join(', ')} is disabled`
    : `connection ${id} is disabled`
}

/** Why a due time of a policy is left out, whatever the switches say; `null` when it is not. */
function leftOutBecause(policy: Due, due: DueAction): string | null {
  const snoozed = snoozedBecause(policy, due)
  if (snoozed !== null || due.action === 'stop') return snoozed
  const { dueMs } = due
  const meetsStop = nextDueAt(stopSchedule(policy), dueMs - 1) === dueMs
  return meetsStop && snoozedBecause(policy, { action: 'stop', dueMs }) === null ? STOP_AT_ONCE : null
}

/** Why a due time of a policy will do nothing, as things stand; `null` when it will. */
export const skippedBecause = (
  policy: Due,
  due: DueAction & Partial<CalendaredDue>,
  switches: Switches,
): string | null =>
  heldBack(policy, due.action, switches) ?? due.leftOutBecause ?? leftOutBecause(policy, due)

/** The first due time of a policy that will act, as things stand; `null`: none will. */
function nextActing(policy: StoredPolicy, action: Action, switches: Switches): string | null {
  const dueAt = policy[ACTIONS[action].dueField]
  const schedule = ACTIONS[action].scheduleOf(policy)
  if (dueAt === null || schedule === null || heldBack(policy, action, switches) !== null) return null
  const isSnoozed = ACTIONS[action].isSnoozed && policy.snoozedUntil !== null
  const leastMs = isSnoozed ? Date.parse(policy.snoozedUntil!) - 1 : 0
  let dueMs: number | null = Date.parse(dueAt)
  while (dueMs !== null && leftOutBecause(policy, { action, dueMs }) !== null)
    dueMs = nextDueAt(schedule, Math.max(dueMs, leastMs))
  return dueMs === null ? null : isoInstant(dueMs)
}

export const nextStopAt = (policy: StoredPolicy, switches: Switches): string | null =>
  nextActing(policy, 'stop', switches)

export const nextStartAt = (policy: StoredPolicy, switches: Switches): string | null =>
  nextActing(policy, 'start', switches)

/** The first start after an instant that will act, as things stand; `null`: none will. */
export function nextStartAfter(policy: StoredPolicy, afterMs: number, switches: Switches): string | null {
  const schedule = ACTIONS.start.scheduleOf(policy)
  const dueMs = schedule && nextDueAt(schedule, afterMs)
  return dueMs === null
    ? null
    : nextActing({ ...policy, nextStartDueAt: isoInstant(dueMs) }, 'start', switches)
}
