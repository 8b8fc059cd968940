/** Finds out which servers other policies keep off, before scheduled starts are planned. */
import type { StoredPolicy } from '../../core/model/model.ts'
import type { Run } from '../../core/model/run.ts'
import { holdsOff } from '../../core/plan/off-wins.ts'
import type { PlanServices } from '../../runtime/services/services.ts'
import type { Planning } from './planning.ts'

const isScheduledStart = ({ run: { action, trigger } }: Planning): boolean =>
  action === 'start' && trigger === 'schedule'

/** Lets scheduled starts skip the servers that other policies keep off now; the plannings are of one connection and kind. */
export async function heedOffWindows(plannings: Planning[], services: PlanServices): Promise<Planning[]> {
  const [first] = plannings.filter(isScheduledStart)
  if (first === undefined) return plannings
  const policies = await policiesAbout(first.run, services)
  return plannings.map(planning => {
    const { run, rules } = planning
    if (!isScheduledStart(planning) || run.policyId === undefined) return planning
    const own = { id: run.policyId, connection: run.connection, kind: run.kind }
    return { ...planning, rules: { ...rules, holdsOff: holdsOff(policies, own, services.now()) } }
  })
}

/** A policy that cannot be read keeps nothing off: no run stops servers by it either. */
async function policiesAbout(
  { connection, kind }: Run,
  { store, log }: PlanServices,
): Promise<StoredPolicy[]> {
  const policies: StoredPolicy[] = []
  for await (const rows of store.policiesByIds(
    await store.policyIdsAbout({ connections: [connection], kind }),
  ))
    for (const row of rows)
      if ('item' in row) policies.push(row.item)
      else log.warn('a policy that cannot be read keeps no server off', { policy: row.unreadable })
  return policies
}
