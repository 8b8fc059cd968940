/** Routes that preview a policy: one that is stored, or one in the request. */
import { policyIn } from '../../../core/model/connection.ts'
import type { StoredPolicy } from '../../../core/model/model.ts'
import { previewPolicy } from '../../../core/preview/preview.ts'
import { elsewhereWarnings } from '../../../core/preview/start-warnings.ts'
import { firstWarnings } from '../../../core/preview/warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { leftElsewhere } from '../../../steps/plan/open-servers.ts'
import { refuseOtherConnection } from '../../edits/policy-connections.ts'
import { cloudProblem } from '../../fleet.ts'
import { type Answer, defineRoute, jsonAnswer } from '../../route.ts'
import { Empty, Preview, PreviewQuery } from '../../schemas/preview-schemas.ts'
import { PathId, PolicyBody } from '../../schemas/schemas.ts'
import { coversOf } from './covers.ts'
import { POLICY_EXAMPLES } from './examples.ts'
import { readOthers } from './other-policies.ts'
import { policyOf, refuseForeign } from './policies.ts'
import { type PreviewAsked, previewAll } from './preview-all.ts'
import { sightOf } from './preview-sight.ts'

/** The id of an unsaved policy without one: no stored policy can have it. */
const UNSAVED = 'unsaved-policy'

/** Of one connection; of several each, unless one of them is asked for. */
async function answerPreview(asked: PreviewAsked, services: HttpServices): Promise<Answer> {
  const preview = await previewAsked(asked, services)
  if (asked.action === 'stop') return jsonAnswer(preview)
  const left = elsewhereWarnings(await leftElsewhere(asked.policy, services))
  const warnings = firstWarnings([...left, ...preview.warnings])
  return jsonAnswer({ ...preview, warnings, warningCount: preview.warningCount + left.length })
}

/** What an edit of the policy leaves as it is, and its due times follow from. */
async function keptByEdit(id: string, { store }: HttpServices): Promise<Partial<StoredPolicy>> {
  const { snoozedUntil = null, snoozeReason = null, delays } = (await store.keptPolicy(id)) ?? {}
  return { snoozedUntil, snoozeReason, ...(delays && { delays }) }
}

async function previewAsked(
  asked: PreviewAsked,
  services: HttpServices,
): Promise<ReturnType<typeof previewPolicy> | Awaited<ReturnType<typeof previewAll>>> {
  await refuseForeign(asked.policy, services)
  const covers = asked.policy.covers === undefined ? await coversOf(asked.policy, services) : {}
  const policy = { ...asked.policy, ...covers }
  const { action } = asked
  await refuseOtherConnection(policy, asked.connection, services)
  const id = asked.connection ?? policy.connection
  if (id === undefined) return previewAll({ ...asked, policy }, services)
  const connection = (await services.store.connection(id))!
  const others = await readOthers(policy, { action, connections: [id] }, services)
  const there = { policy: policyIn(policy, id), action, others }
  return previewPolicy(await sightOf(there, connection, services).catch(cloudProblem))
}

const shared = {
  method: 'POST' as const,
  needs: 'operate' as const,
  query: PreviewQuery,
  answers: { 200: { description: 'What a run that is made now would do.', schema: Preview } },
  problems: {
    502: 'The cloud refused to list the servers.',
    503: 'The cloud could not be reached, or had too much to do: ask again later.',
  },
}

export const previewRoutes = [
  defineRoute({
    ...shared,
    path: '/v1/policies/{id}/preview',
    operation: 'previewPolicy',
    examples: POLICY_EXAMPLES.previewPolicy,
    summary: 'What a policy would do now, and when it is due',
    description:
      'Nothing is stopped or started, and no run is made. What it shows, a run that is made at once does. Of a policy with `connections` it sums over all of them, side by side; one that cannot be read in time is named in `unreachable`.',
    params: PathId,
    body: { schema: Empty, optional: true },
    run: async ({ params, query }, services) =>
      answerPreview({ policy: await policyOf(params.id, services), ...query }, services),
  }),
  defineRoute({
    ...shared,
    path: '/v1/preview',
    operation: 'preview',
    examples: POLICY_EXAMPLES.preview,
    summary: 'What a policy that is not saved would do now',
    description:
      'With the id of a saved policy it is the preview of an edit: its snooze and its delays stay.',
    body: { schema: PolicyBody },
    run: async ({ body, query }, services) => {
      const { id = UNSAVED } = body
      return answerPreview(
        { policy: { ...body, id, ...(await keptByEdit(id, services)) }, ...query },
        services,
      )
    },
  }),
]
