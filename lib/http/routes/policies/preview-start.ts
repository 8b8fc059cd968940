/** What a start of a policy would be planned by, were it made now. */
import type { Policy, StoredPolicy } from '../../../core/model/model.ts'
import { holdsOff } from '../../../core/plan/off-wins.ts'
import { type Rules, rulesOf } from '../../../core/plan/rules.ts'
import { runNow } from '../../../core/preview/preview.ts'
import type { Compared } from '../../../core/preview/warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { openedRules } from '../../../steps/plan/opened.ts'

/** The other policies that may keep off what a policy starts, and the ids of those that cannot be read. */
async function othersOf(policy: Policy, { store }: HttpServices) {
  const policies: StoredPolicy[] = []
  const unreadable: string[] = []
  const ids = (await store.policyIdsAbout(policy)).filter(id => id !== policy.id)
  for await (const rows of store.policiesByIds(ids))
    for (const row of rows)
      if ('item' in row) policies.push(row.item)
      else unreadable.push(row.unreadable)
  return { policies, unreadable }
}

interface StartSight {
  rules: Rules
  compared: Compared
}

/** Read as planning reads it: the servers that runs of the policy stopped, and the policies that keep some of them off. */
export async function startSight(policy: Policy, services: HttpServices): Promise<StartSight> {
  const now = services.now()
  const run = runNow(policy, 'start', now)
  const rules = await openedRules(run, rulesOf(run, policy), services)
  const { policies, unreadable } = await othersOf(policy, services)
  return {
    rules: { ...rules, holdsOff: holdsOff(policies, policy, now) },
    compared: { overlaps: [], unreadable, cutAfter: null },
  }
}
