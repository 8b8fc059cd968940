/** Routes that snooze a policy, and end that. */
import { shownPolicy, snoozedPolicy, snoozeProblem } from '../../../core/documents/documents.ts'
import type { StoredPolicy } from '../../../core/model/model.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { checkPreconditions, etagHeader, retryOnConflict } from '../../edits/edit.ts'
import { runUnderWay } from '../../edits/run-under-way.ts'
import { policyViewer } from '../../outlook.ts'
import { throwUnprocessable } from '../../problem.ts'
import { type Answer, type Asked, defineRoute, jsonAnswer } from '../../route.ts'
import { SnoozeBody } from '../../schemas/due-schemas.ts'
import { IF_MATCH, PathId, PolicyDocument, SnoozedPolicyDocument } from '../../schemas/schemas.ts'
import { POLICY_EXAMPLES } from './examples.ts'
import { policyAnswer, policyOf, replacePolicy } from './policies.ts'

type Snooze = { until: string; reason: string } | null

/** One try; `null` when another edit, or the tick, came between. */
async function snoozePolicy(
  id: string,
  wanted: Snooze,
  asked: Asked,
  services: HttpServices,
): Promise<StoredPolicy | null> {
  const { now } = services
  const before = await policyOf(id, services)
  checkPreconditions(asked.headers, before)
  if (wanted === null && shownPolicy(before, now()).snoozedUntil === null) return before
  const after = snoozedPolicy(before, wanted, { actor: asked.actor, now: now() })
  const what = wanted ? 'snoozed' : 'snooze-ended'
  return (await replacePolicy({ before, after, what }, asked, services)) && after
}

/** A due time of a moment ago may have its run by now: a snooze in that minute answers with it. */
async function shownSnoozed(policy: StoredPolicy, services: HttpServices): Promise<Answer> {
  const run = await runUnderWay(policy, services, ['stop'])
  const shown = await policyViewer(services)(policy)
  return jsonAnswer({ ...shown, ...(run ? { runUnderWay: run } : {}) }, 200, etagHeader(policy))
}

const shared = {
  path: '/v1/policies/{id}/snooze',
  params: PathId,
  headers: IF_MATCH,
  answers: { 200: { description: 'The policy as it is now.', schema: PolicyDocument } },
}

export const snoozeRoutes = [
  defineRoute({
    ...shared,
    method: 'POST',
    needs: 'operate',
    operation: 'snoozePolicy',
    examples: POLICY_EXAMPLES.snoozePolicy,
    summary: 'Skip the stops of a policy that are due before an instant',
    description:
      'At most 30 days ahead. Each skipped stop leaves a run that is `cancelled` and says why. Starts are not skipped. It ends by itself.',
    body: { schema: SnoozeBody },
    answers: { 200: { description: 'The policy as it is now.', schema: SnoozedPolicyDocument } },
    run: async (asked, services) => {
      const { params, body } = asked
      const problem = snoozeProblem(body.until, services.now())
      if (problem !== null) throwUnprocessable([{ path: 'until', message: problem }])
      return shownSnoozed(
        await retryOnConflict(() => snoozePolicy(params.id, body, asked, services)),
        services,
      )
    },
  }),
  defineRoute({
    ...shared,
    method: 'DELETE',
    needs: 'operate',
    operation: 'endSnooze',
    examples: POLICY_EXAMPLES.endSnooze,
    summary: 'End the snooze of a policy',
    description: 'Where there is none, the policy is answered as it is.',
    run: async (asked, services) =>
      policyAnswer(
        await retryOnConflict(() => snoozePolicy(asked.params.id, null, asked, services)),
        services,
      ),
  }),
]
