/** The route that lets one due stop come later. */
import { delayedPolicy, delayRefusal, isDelayed } from '../../../core/documents/delay.ts'
import type { StoredPolicy } from '../../../core/model/model.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { checkPreconditions, retryOnConflict } from '../../edits/edit.ts'
import { throwProblem, throwUnprocessable } from '../../problem.ts'
import { type Asked, defineRoute } from '../../route.ts'
import { DelayBody } from '../../schemas/due-schemas.ts'
import { IF_MATCH, PathId, PolicyDocument } from '../../schemas/schemas.ts'
import { POLICY_EXAMPLES } from './examples.ts'
import { policyAnswer, policyOf, replacePolicy } from './policies.ts'

/** One try; `null` when another edit, or the tick, came between. */
async function delayStop(
  id: string,
  asked: Asked<unknown, unknown, DelayBody>,
  services: HttpServices,
): Promise<StoredPolicy | null> {
  const { body, actor, headers } = asked
  const now = services.now()
  const before = await policyOf(id, services)
  if (isDelayed(before, body)) return before
  checkPreconditions(headers, before)
  const refusal = delayRefusal(before, body, now)
  if (refusal?.kind === 'late')
    throwProblem(409, refusal.message, [{ path: 'dueAt', message: refusal.message }])
  if (refusal) throwUnprocessable([{ path: refusal.path, message: refusal.message }])
  const after = delayedPolicy(before, body, { actor, now })
  return (await replacePolicy({ before, after, what: 'delayed' }, asked, services)) && after
}

export const delayRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/policies/{id}/delay',
    needs: 'operate',
    operation: 'delayStop',
    examples: POLICY_EXAMPLES.delayStop,
    summary: 'Let one due stop of a policy come later',
    description:
      'That one alone; the others stay as they were. Its run is due at the new time, and has the id of that. A stop that was delayed is named by either of its times, and may be delayed anew, up to 12 hours in all. It comes before the next start of the policy.',
    params: PathId,
    body: { schema: DelayBody },
    headers: IF_MATCH,
    answers: { 200: { description: 'The policy as it is now.', schema: PolicyDocument } },
    problems: { 409: 'Its run was made, or is made at this moment.' },
    run: async (asked, services) =>
      policyAnswer(await retryOnConflict(() => delayStop(asked.params.id, asked, services)), services),
  }),
]
