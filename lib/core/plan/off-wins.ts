/** Off wins: where policies that start disagree about a server, it stays off until the last of their off-windows is over. */
import type { Server } from '../model/cloud.ts'
import { aboutConnection } from '../model/connection.ts'
import type { StoredPolicy } from '../model/model.ts'
import type { Run } from '../model/run.ts'
import { previousDueAt } from '../schedule/due-times.ts'
import { type Schedules, startSchedule, stopSchedule } from '../schedule/start.ts'
import { excludeReason, selectorTest } from './select.ts'

/** The latest stop that was due and that no snooze skipped, ms since the epoch; null: none was. */
function latestStop(
  policy: Pick<StoredPolicy, 'snoozedAt' | 'snoozedUntil'> & Schedules,
  now: number,
): number | null {
  const { snoozedAt, snoozedUntil } = policy
  const schedule = stopSchedule(policy)
  const latest = previousDueAt(schedule, now)
  if (latest === null || snoozedAt === null || snoozedUntil === null) return latest
  const isSkipped = latest >= Date.parse(snoozedAt) && latest < Date.parse(snoozedUntil)
  return isSkipped ? previousDueAt(schedule, Date.parse(snoozedAt) - 1) : latest
}

/** Whether what a policy stops is to be off now. Where a stop and a start fall together, the stop counts. */
function isInOffWindow(policy: StoredPolicy, now: number): boolean {
  const starts = startSchedule(policy)
  const stoppedMs = starts && latestStop(policy, now)
  if (starts === null || stoppedMs === null) return false
  const startedMs = previousDueAt(starts, now)
  return startedMs === null || stoppedMs >= startedMs
}

/**
 * The id of the policy that holds a server off now, which `own` would start; `null` where none does. `policies` may hold any, `own` too.
 * What follows from their schedules is worked out once: then it is cheap to ask for each of a million servers.
 */
export function holdsOff(
  policies: StoredPolicy[],
  own: Pick<StoredPolicy, 'id'> & Pick<Run, 'connection' | 'kind'>,
  now: number,
): (server: Server) => string | null {
  const holding = policies
    .filter(policy => policy.kind === own.kind && aboutConnection(policy)(own.connection))
    .filter(policy => policy.enabled && policy.id !== own.id && isInOffWindow(policy, now))
    .map(({ id, selector, exclude }) => {
      const matches = selectorTest(selector)
      const isExcluded = excludeReason(exclude)
      return { id, holds: (server: Server) => matches(server) && !isExcluded(server) }
    })
  return server => holding.find(({ holds }) => holds(server))?.id ?? null
}
