/** What a coming stop would do, worked out from pages of the fleet as it is now. */
import type { ScalingGroups, Server } from '../model/cloud.ts'
import { policyIn } from '../model/connection.ts'
import type { StoredPolicy } from '../model/model.ts'
import { blockedBy, type PastRun } from '../plan/limits.ts'
import { createPlanner } from '../plan/planner.ts'
import { rulesOf } from '../plan/rules.ts'
import type { ServerSnoozes } from '../plan/server-snooze.ts'
import { type Guard, whyWithheld } from '../stop/stop.ts'
import { runNow } from './preview.ts'

/** How many servers are named. */
const MAX_NAMES = 5

export interface PreviewedStop {
  /** How many servers would be stopped. */
  servers: number
  names: string[]
}

export const NO_SERVERS: PreviewedStop = { servers: 0, names: [] }

export const addPreviews = (parts: PreviewedStop[]): PreviewedStop => ({
  servers: parts.reduce((sum, { servers }) => sum + servers, 0),
  names: parts.flatMap(({ names }) => names).slice(0, MAX_NAMES),
})

export interface StopPreview {
  /** `fleet`: how many servers of the fleet these account for. */
  see(shown: { servers: Server[]; fleet: number }, groups: ScalingGroups): void
  /** Ids that its selector names and no server had yet. */
  unseen(): string[]
  /** After the last page. */
  result(history: PastRun[]): PreviewedStop
}

interface ComingStop {
  policy: StoredPolicy
  stopAt: string
  connection: string
}

/** Whether a switch or its connection keeps the stop from stopping any server, as things stand. */
export function isHeldBack({ policy, stopAt, connection }: ComingStop, guard: Guard): boolean {
  const now = Date.parse(stopAt)
  return whyWithheld(runNow(policyIn(policy, connection), 'stop', now), policy, { ...guard, now }) !== null
}

/**
 * Plans the stop as its run will, were the servers then as they are now: snoozes that end before it do not count. Stops that are due
 * together are planned each by itself, for the others may be snoozed.
 */
export function createStopPreview(
  { policy, stopAt }: Omit<ComingStop, 'connection'>,
  snoozes: ServerSnoozes,
): StopPreview {
  const rules = rulesOf({ action: 'stop', policyId: policy.id, dueAt: stopAt }, policy)
  const planner = createPlanner([{ ...rules, snoozes, runId: 'to come' }], Date.parse(stopAt))
  let targets = 0
  let scope = 0
  let fleet = 0
  const names: string[] = []
  return {
    see(shown, groups) {
      const share = planner.see(shown.servers, groups)[0]!
      fleet += shown.fleet
      targets += share.targets.length
      scope += share.scope
      names.push(...share.targets.slice(0, MAX_NAMES - names.length).map(({ name }) => name))
    },
    unseen: () => planner.unseen()[0]!,
    result(history) {
      const size = { action: 'stop' as const, targets, scope: scope + this.unseen().length, fleet, history }
      return blockedBy(rules.limits, size) === null ? { servers: targets, names } : NO_SERVERS
    },
  }
}
