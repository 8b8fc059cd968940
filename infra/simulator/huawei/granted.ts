/** What a key may list that has rights inside enterprise projects alone. */
import { type Answer, refusal } from '../route.ts'
import type { Switches } from '../world/switches/switches.ts'

/** The query as the cloud carries it out for such a key; `null`: it refuses. */
export function grantedQuery(sent: URLSearchParams, { granted }: Switches): URLSearchParams | null {
  if (granted === null) return sent
  const asked = sent.get('enterprise_project_id')
  const params = new URLSearchParams(sent)
  if (asked === 'all_granted_eps') params.set('enterprise_project_id', granted.projects.join(','))
  else if (asked === null && granted.elsewhere === 'empty') params.set('enterprise_project_id', 'none')
  else if (asked === null || !granted.projects.includes(asked)) return null
  return params
}

/** Whether a thing of this enterprise project is among those that a query asks for. */
export const isAskedFor = (asked: string, enterpriseProjectId: string): boolean =>
  asked === 'all_granted_eps' || asked.split(',').includes(enterpriseProjectId)

export const notGranted = (name: string): Answer =>
  refusal(403, 'Pdp.0001', `Policy doesn't allow ${name} to be performed.`)
