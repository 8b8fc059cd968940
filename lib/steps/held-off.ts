/** Finds out which servers other policies keep off: before scheduled starts are planned, and before each later request of theirs. */
import type { StoredPolicy } from '../core/model/model.ts'
import type { Run } from '../core/model/run.ts'
import { holdsOff } from '../core/plan/off-wins.ts'
import type { Rules } from '../core/plan/rules.ts'
import type { BaseServices } from '../runtime/services/base.ts'

interface Ruled {
  run: Run
  rules: Rules
}

/** Runs of one connection and kind; the starts that a schedule made leave to other policies what these keep off now. */
export async function heedOffWindows<One extends Ruled>(all: One[], services: BaseServices): Promise<One[]> {
  const [first] = all.filter(isScheduledStart)
  if (first === undefined) return all
  const policies = await policiesAbout(first.run, services)
  return all.map(one => {
    const { run, rules } = one
    if (!isScheduledStart(one) || run.policyId === undefined) return one
    const own = { id: run.policyId, connection: run.connection, kind: run.kind }
    return { ...one, rules: { ...rules, holdsOff: holdsOff(policies, own, services.now()) } }
  })
}

/** The rules of one run, the same way. */
export async function rulesByPolicies({ run, rules }: Ruled, services: BaseServices): Promise<Rules> {
  const [heeding] = await heedOffWindows([{ run, rules }], services)
  return heeding!.rules
}

const isScheduledStart = ({ run: { action, trigger } }: Pick<Ruled, 'run'>): boolean =>
  action === 'start' && trigger === 'schedule'

/** What cannot be read keeps nothing off: no run stops servers by it either. */
export async function policiesAbout(
  { connection, kind }: Run,
  { store, log }: BaseServices,
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
