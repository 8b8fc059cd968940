/** What a start of a policy would be planned by, were it made now. */
import type { ConnectionPolicy } from '../../../core/model/model.ts'
import { holdsOff } from '../../../core/plan/off-wins.ts'
import { type Rules, rulesOf } from '../../../core/plan/rules.ts'
import { runNow } from '../../../core/preview/preview.ts'
import type { Compared } from '../../../core/preview/warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { withOpenServers } from '../../../steps/plan/open-servers.ts'
import type { ComparedPolicies } from './other-policies.ts'

interface StartSight {
  rules: Rules
  compared: Compared
}

/** Read as planning reads it: the servers that runs of the policy stopped, and the policies that keep some of them off. */
export async function startSight(
  policy: ConnectionPolicy,
  { policies, unreadable }: ComparedPolicies,
  services: HttpServices,
): Promise<StartSight> {
  const now = services.now()
  const run = runNow(policy, 'start', now)
  const rules = await withOpenServers(run, rulesOf(run, policy), services)
  return {
    rules: { ...rules, holdsOff: holdsOff(policies, policy, now) },
    compared: { overlaps: [], unreadable, cutAfter: null },
  }
}
