/** Looks at what planning looks at, for a preview. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Action } from '../../../core/model/action.ts'
import type { Server } from '../../../core/model/cloud.ts'
import type { StoredConnection } from '../../../core/model/connection.ts'
import type { ConnectionPolicy } from '../../../core/model/model.ts'
import { rulesOf } from '../../../core/plan/rules.ts'
import { overlapWith } from '../../../core/preview/overlap.ts'
import { type Previewed, runNow } from '../../../core/preview/preview.ts'
import type { Compared } from '../../../core/preview/warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { fleetOf, serversElsewhere } from '../../fleet.ts'
import type { ComparedPolicies } from './other-policies.ts'
import { startSight } from './preview-start.ts'

/** Compares a policy with the others, one after the other, and lets other work of the process come between. */
async function comparedWithOthers(
  policy: ConnectionPolicy,
  { servers, others }: { servers: Server[]; others: ComparedPolicies },
  now: number,
): Promise<Compared> {
  const { policies, ...read } = others
  const overlapOf = overlapWith(policy, servers, now)
  const overlaps: Compared['overlaps'] = []
  for (const other of policies) {
    const overlap = overlapOf(other)
    if (overlap) overlaps.push(overlap)
    await nextTurn()
  }
  return { overlaps, ...read }
}

interface SightAsked {
  policy: Previewed['policy']
  action: Action
  others: ComparedPolicies
}

/** Reads what planning would read in a connection. Throws `CloudError`. */
export async function sightOf(
  { policy, action, others }: SightAsked,
  connection: StoredConnection,
  services: HttpServices,
): Promise<Previewed> {
  const { store, config, now } = services
  const start = action === 'start' ? await startSight(policy, others, services) : null
  const snoozes = await store.serverSnoozes(connection.id)
  const rules = { ...(start?.rules ?? rulesOf(runNow(policy, action, now()), policy)), snoozes }
  const of = { policyId: policy.id, connection: connection.id, action }
  const [servers, history, settings] = await Promise.all([
    fleetOf(connection, rules, services),
    store.pastRuns(of),
    store.settings(),
  ])
  // After the servers, which tell whether the key is good at all.
  const groups = await services.scalingGroups(connection, policy.kind)
  // Members of a guarded group are stopped by no policy.
  const stoppable = servers.filter(({ id }) => !groups.has(id))
  const [compared, elsewhere] = await Promise.all([
    start?.compared ?? comparedWithOthers(policy, { servers: stoppable, others }, now()),
    serversElsewhere(connection, rules, { servers, services }),
  ])
  const guard = { connection, ...settings, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  return { policy, rules, servers, groups, elsewhere, history, compared, guard }
}
