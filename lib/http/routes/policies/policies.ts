/** Routes of policies. */
import type { Change } from '../../../core/documents/change.ts'
import { webhookProblems } from '../../../core/documents/connection.ts'
import { delayedStartProblem } from '../../../core/documents/delay.ts'
import { editedPolicy, isSame, type KeptDocument, withoutState } from '../../../core/documents/documents.ts'
import {
  type ConnectionFields,
  type Policy,
  PolicyState,
  type StoredPolicy,
} from '../../../core/model/model.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { saveWithAudit } from '../../edits/changed.ts'
import { checkPreconditions, etagHeader, refuseOtherId, retryOnConflict } from '../../edits/edit.ts'
import { nameConnections, unknownConnections } from '../../edits/policy-connections.ts'
import { readableBefore, runUnderWay } from '../../edits/run-under-way.ts'
import { channelsMissing, nameChannels, warnsEarly } from '../../edits/told-channels.ts'
import { paginate } from '../../lists/lists.ts'
import { policyViewer } from '../../outlook.ts'
import { throwNotFound, throwUnprocessable } from '../../problem.ts'
import { type Answer, type Asked, defineRoute, jsonAnswer } from '../../route.ts'
import {
  DeletedPolicy,
  IF_MATCH,
  IF_NONE_MATCH,
  ListQuery,
  listSchema,
  PathId,
  PathPolicyId,
  PolicyBody,
  PolicyDocument,
} from '../../schemas/schemas.ts'
import { coversOf, nameCalendars, refuseTooLong } from './covers.ts'
import { POLICY_EXAMPLES } from './examples.ts'

/** The policy of that id. Throws 404. */
export async function policyOf(id: string, { store }: HttpServices): Promise<StoredPolicy> {
  return (await store.policy(id)) ?? throwNotFound('policy', id)
}

/** Throws 422 for what is not allowed here, beyond its form: a connection that is not there, a secret that is not ours. */
export async function refuseForeign(
  policy: ConnectionFields & Pick<Policy, 'webhook' | 'notify'>,
  services: HttpServices,
): Promise<void> {
  const problems = [
    ...(await unknownConnections(policy, services)),
    ...webhookProblems(policy, services.config),
    ...(await channelsMissing(policy, services)),
  ]
  if (problems.length > 0) throwUnprocessable(problems)
}

/** Replaces a policy by the next version of it, creates or deletes it; `null` when another edit, or the tick, came between. */
export function replacePolicy(
  { before, after, what }: PolicyReplacement,
  { actor }: Pick<Asked, 'actor'>,
  services: HttpServices,
): Promise<true | null> {
  const { store } = services
  const { id, version } = (after ?? before)!
  return saveWithAudit(
    { of: { kind: 'policy', id }, what, actor, version, before, after },
    services,
    change => (after ? store.savePolicy(after, before, change) : store.removePolicy(id, version, change)),
  )
}
/** One of both versions is there. */
interface PolicyReplacement {
  before: KeptDocument<PolicyState> | null
  after: StoredPolicy | null
  what: Change['what']
}

/** After the first try, what we meant to write may stand there already: written by us, the answer lost. */
interface PolicyEdit {
  asked: Asked
  tries: number
}
interface SavedPolicy {
  policy: StoredPolicy
  isNew: boolean
}

/** One try of a PUT; `null` when another edit, or the tick, came between. */
async function savePolicy(
  policy: Policy,
  { asked, tries }: PolicyEdit,
  services: HttpServices,
): Promise<SavedPolicy | null> {
  const { store, now } = services
  const before = await store.keptPolicy(policy.id)
  const isDone = before !== null && isSame(withoutState(before, PolicyState.shape), policy)
  if (!isDone || tries === 0) checkPreconditions(asked.headers, before)
  if (isDone) return { policy: { ...policy, ...before }, isNew: false }
  await nameConnections(policy, before, services)
  await nameChannels(policy, before, services)
  await nameCalendars(policy, services)
  const kept = { ...(await coversOf(policy, services)), ...(await warnsEarly(policy, services)) }
  const problem = delayedStartProblem({ ...policy, ...kept }, before?.delays ?? [], now())
  if (problem) throwUnprocessable([problem])
  // Its next due time follows from this clock: should that run ahead, a tick notices.
  await store.noteTime(new Date(now()).toISOString())
  const after = editedPolicy({ ...policy, ...kept }, before, { actor: asked.actor, now: now() })
  const what = before ? 'edited' : 'created'
  if (!(await replacePolicy({ before, after, what }, asked, services))) return null
  return { policy: after, isNew: before === null }
}

async function removePolicy(
  id: string,
  { asked, tries }: PolicyEdit,
  services: HttpServices,
): Promise<true | null> {
  const before = await services.store.keptPolicy(id)
  if (!before) return tries > 0 ? true : throwNotFound('policy', id)
  checkPreconditions(asked.headers, before)
  return replacePolicy({ before, after: null, what: 'deleted' }, asked, services)
}

/** The answer that shows a policy. */
export const policyAnswer = async (
  policy: StoredPolicy,
  services: HttpServices,
  status = 200,
): Promise<Answer> => jsonAnswer(await policyViewer(services)(policy), status, etagHeader(policy))

export const policyRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/policies',
    operation: 'policies',
    examples: POLICY_EXAMPLES.policies,
    summary: 'All policies, by id',
    description: 'What cannot be read is left out, and its id is told in `unreadable`.',
    query: ListQuery,
    answers: { 200: { description: 'A page of them.', schema: listSchema(PolicyDocument) } },
    run: ({ query }, services) => {
      const { store } = services
      const view = policyViewer(services)
      return paginate({
        list: 'policies',
        ...query,
        async page(most, after) {
          const { rows, next } = await store.policies({ most, after })
          const viewed = rows.map(async row => ('item' in row ? { ...row, item: await view(row.item) } : row))
          return { rows: await Promise.all(viewed), next }
        },
        shown: policy => policy,
      })
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/policies/{id}',
    operation: 'policy',
    versioned: true,
    examples: POLICY_EXAMPLES.policy,
    summary: 'One policy',
    description: '`ETag` is its version, for `If-Match`.',
    params: PathId,
    answers: { 200: { description: 'The policy.', schema: PolicyDocument } },
    run: async ({ params }, services) => policyAnswer(await policyOf(params.id, services), services),
  }),
  defineRoute({
    method: 'PUT',
    needs: 'admin',
    path: '/v1/policies/{id}',
    operation: 'savePolicy',
    examples: POLICY_EXAMPLES.savePolicy,
    summary: 'Create or replace a policy',
    description:
      'A snooze survives it. A due time that has passed is not moved by it: its run is still made.',
    params: PathPolicyId,
    body: { schema: PolicyBody },
    headers: { ...IF_MATCH, ...IF_NONE_MATCH },
    answers: {
      200: { description: 'It was replaced.', schema: PolicyDocument },
      201: { description: 'It was created.', schema: PolicyDocument },
    },
    run: async (asked, services) => {
      const { params, body } = asked
      refuseOtherId(body, params.id)
      const wanted: Policy = { ...body, id: params.id }
      refuseTooLong(wanted)
      await refuseForeign(wanted, services)
      const { policy, isNew } = await retryOnConflict(tries => savePolicy(wanted, { asked, tries }, services))
      return policyAnswer(policy, services, isNew ? 201 : 200)
    },
  }),
  defineRoute({
    method: 'DELETE',
    needs: 'admin',
    path: '/v1/policies/{id}',
    operation: 'deletePolicy',
    examples: POLICY_EXAMPLES.deletePolicy,
    summary: 'Delete a policy; its runs stay',
    description: 'A run that goes on is not cancelled by it.',
    params: PathId,
    headers: IF_MATCH,
    answers: {
      200: {
        description: 'It is gone. The run of a due time of a moment ago goes on all the same.',
        schema: DeletedPolicy,
      },
      204: { description: 'It is gone.' },
    },
    run: async (asked, services) => {
      const { id } = asked.params
      const before = await readableBefore(id, services)
      await retryOnConflict(tries => removePolicy(id, { asked, tries }, services))
      const run = await runUnderWay(before, services)
      return run ? jsonAnswer({ runUnderWay: run }) : { status: 204 }
    },
  }),
]
