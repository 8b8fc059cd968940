/** The requests that make a run once more, as pure values. */
import type { Run } from '../../api/types.ts'

export interface AgainChoices {
  dryRun: boolean
  overrideLimits: boolean
}

/** What of an ad hoc target a start is made of: modes and escalation concern stops alone. */
const START_FIELDS = ['connection', 'kind', 'selector', 'exclude', 'limits', 'webhook']

type AgainOf = Pick<Run, 'policyId' | 'policy' | 'action'> & Partial<Pick<Run, 'connection'>>

/** The body of `POST /v1/runs` that asks for the same once more: of a policy, as it is by then. */
export function againBody(
  { policyId, policy = {}, connection, action }: AgainOf,
  choices: AgainChoices,
): Record<string, unknown> {
  // Of a policy with several connections: in the one that the run was of.
  const there = policy.connections === undefined ? {} : { connection }
  if (policyId !== undefined) return { policyId, ...there, action, ...choices }
  const target =
    action === 'stop'
      ? policy
      : Object.fromEntries(Object.entries(policy).filter(([field]) => START_FIELDS.includes(field)))
  return { ...target, action, ...choices }
}

/** From how many servers on the policy has its own limit; `null`: it has none. */
export function maxServersOf({ policy }: Pick<Run, 'policy'>): number | null {
  const limits = policy?.limits as { maxServers?: number | null } | undefined
  return limits?.maxServers ?? null
}
