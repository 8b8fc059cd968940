/** What a run of a policy would do now, worked out as planning does it, and nothing made of it. */

import { ACTIONS, Action } from '../model/action.ts'
import type { ScalingGroups, Server } from '../model/cloud.ts'
import type { ConnectionPolicy } from '../model/model.ts'
import { manualRun, type Run } from '../model/run.ts'
import { blockedBy, type PastRun } from '../plan/limits.ts'
import { createPlanner } from '../plan/planner.ts'
import { type Rules, rulesOf } from '../plan/rules.ts'
import { scopeOfSkipped, skipUnknownIds } from '../plan/unknown-ids.ts'
import { dueTimes, namedTimes } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Schedules, stopSchedule } from '../schedule/start.ts'
import { localTime } from '../schedule/zone.ts'
import { type Guard, whyWithheld } from '../stop/stop.ts'
import { type CalendaredDue, type Switches, skippedBecause } from '../tick/next-stop.ts'
import { clusterWarnings, hardWarnings, unguardedWarnings } from './cloud-warnings.ts'
import { deadlineWarnings } from './deadline-warnings.ts'
import { startScheduleWarnings, startWarnings } from './start-warnings.ts'
import {
  allWarnings,
  type Compared,
  firstWarnings,
  manyWarnings,
  type PreviewSeen,
  type Warning,
} from './warnings.ts'

const DUE_TIMES = 10
/** Servers shown of each list; the numbers are whole. */
export const MAX_SHOWN = 1000

export interface Previewed {
  policy: ConnectionPolicy & PreviewSeen['policy']
  /** By what a run of it that is made now would be planned; those of a stop, where none are given. */
  rules?: Rules
  /** All servers of its kind, as they are now. */
  servers: Server[]
  /** The scaling groups that are guarded. */
  groups?: ScalingGroups
  /** Those that its selector names by id, and that are of the other kind. */
  elsewhere?: Map<string, Server>
  /** Its own latest runs that acted so, newest first. */
  history: PastRun[]
  compared: Compared
  guard: Guard
}

export interface Preview {
  dueTimes: { at: string; local: string; action: Action; skippedBecause: string | null }[]
  summary: { matched: number; targets: number; skipped: number }
  targets: { serverId: string; name: string }[]
  skipped: { serverId: string; name: string; code: string; reason: string }[]
  /** The first hundred. */
  warnings: Warning[]
  warningCount: number
  /** Why a run would do nothing at all; `null` when it would. */
  blockedBy: string | null
}

/** A run of a policy that is made now. */
export const runNow = (policy: ConnectionPolicy, action: Action, now: number): Run =>
  manualRun(
    {
      id: 'now',
      action,
      policyId: policy.id,
      policy,
      connection: policy.connection,
      dryRun: false,
      overrideLimits: false,
    },
    { actor: 'nobody', now },
  )

/** Why it would do nothing: a switch is off, or a limit says no. */
function whyBlocked(
  { policy, servers, history, guard }: Previewed,
  rules: Rules,
  { targets, scope }: { targets: number; scope: number },
) {
  const withheld = whyWithheld(runNow(policy, rules.action, guard.now), rules, guard)
  if (withheld) return withheld.reason
  return blockedBy(rules.limits, { action: rules.action, targets, scope, fleet: servers.length, history })
}

const nextFrom = (now: number) => ({ afterMs: now, untilMs: Number.MAX_SAFE_INTEGER, most: DUE_TIMES })

/** The next due times of stops and starts, left out or not; a stop first where both come at once. */
function nextDueTimes(policy: Schedules, now: number): CalendaredDue[] {
  const due = Action.options.flatMap(action => {
    const schedule = ACTIONS[action].scheduleOf(policy)
    return schedule ? namedTimes(schedule, nextFrom(now)).map(one => ({ ...one, action })) : []
  })
  return due.toSorted((one, other) => one.dueMs - other.dueMs)
}

/** The first of them, as they are shown. */
const shownDueTimes = (
  due: CalendaredDue[],
  policy: Parameters<typeof skippedBecause>[0],
  switches: Switches,
): Preview['dueTimes'] =>
  due.slice(0, DUE_TIMES).map(one => ({
    at: isoInstant(one.dueMs),
    local: localTime(one.dueMs, policy.schedule.timeZone),
    action: one.action,
    skippedBecause: skippedBecause(policy, one, switches),
  }))

/** When a policy is due next, whatever its servers. */
export const previewDueTimes = (
  policy: Parameters<typeof skippedBecause>[0],
  switches: Switches,
  now: number,
): Preview['dueTimes'] => shownDueTimes(nextDueTimes(policy, now), policy, switches)

/** What gives pause about a stop that is made now. */
const stopWarnings = (sight: PreviewSeen, guard: Guard): Warning[] => [
  ...allWarnings(sight),
  ...startScheduleWarnings(sight.policy, guard.now),
  ...hardWarnings(sight.policy, guard),
  ...(guard.connection ? unguardedWarnings(guard.connection, sight.policy.kind) : []),
  ...clusterWarnings(sight.targets),
  ...deadlineWarnings(sight.policy, guard, sight.targets.length),
  ...manyWarnings(sight),
]

/** The next due times, which servers would be stopped (or started) or skipped, and warnings. */
export function previewPolicy(previewed: Previewed): Preview {
  const { policy, servers, guard, elsewhere = new Map() } = previewed
  const { rules = rulesOf(runNow(policy, 'stop', guard.now), policy) } = previewed
  const plan = createPlanner([{ ...rules, runId: 'preview' }], guard.now)
  const [share] = plan.see(servers, previewed.groups)
  const unseen = skipUnknownIds(rules, { ids: plan.unseen()[0]!, elsewhere, now: guard.now })
  const { targets, left, scope } = share!
  const skipped = [...left, ...unseen]
  const due = nextDueTimes(policy, guard.now)
  const stopTimes = dueTimes(stopSchedule(policy), nextFrom(guard.now))
  const blocked = whyBlocked(previewed, rules, {
    targets: targets.length,
    scope: scope + scopeOfSkipped(unseen),
  })
  const ids = new Set(targets.map(({ id }) => id))
  const sight = {
    policy,
    now: guard.now,
    servers,
    left: skipped,
    dueTimes: stopTimes,
    blockedBy: blocked,
    targets: servers.filter(({ id }) => ids.has(id)),
    compared: previewed.compared,
  }
  const all = rules.action === 'stop' ? stopWarnings(sight, guard) : startWarnings(sight, rules)
  return {
    dueTimes: shownDueTimes(due, policy, guard),
    summary: { matched: targets.length + skipped.length, targets: targets.length, skipped: skipped.length },
    targets: targets.slice(0, MAX_SHOWN).map(({ id, name }) => ({ serverId: id, name })),
    skipped: skipped.slice(0, MAX_SHOWN).map(({ member: { id, name }, settled: { code, reason } }) => ({
      serverId: id,
      name,
      code,
      reason,
    })),
    warnings: firstWarnings(all),
    warningCount: all.length,
    blockedBy: blocked,
  }
}
