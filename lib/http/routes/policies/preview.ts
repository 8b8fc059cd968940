import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Action } from '../../../core/model/action.ts'
import type { Server } from '../../../core/model/cloud.ts'
import type { StoredConnection } from '../../../core/model/connection.ts'
import { rulesOf } from '../../../core/plan/rules.ts'
import { overlapWith } from '../../../core/preview/overlap.ts'
import { type Previewed, previewPolicy, runNow } from '../../../core/preview/preview.ts'
import type { Compared } from '../../../core/preview/warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { cloudProblem, fleetOf, serversElsewhere } from '../../fleet.ts'
import { type Answer, defineRoute, jsonAnswer } from '../../route.ts'
import { Empty, Preview, PreviewQuery } from '../../schemas/run-schemas.ts'
import { PathId, PolicyBody } from '../../schemas/schemas.ts'
import { POLICY_EXAMPLES } from './examples.ts'
import { policyOf, refuseForeign } from './policies.ts'
import { startSight } from './preview-start.ts'

/** The id of an unsaved policy without one: no stored policy can have it. */
const UNSAVED = 'unsaved-policy'

/** More of the other policies than this is not compared: it would outlast the function. */
const MAX_COMPARED_BYTES = 10_000_000

/** Compares a policy with all others, one after the other: whatever else waits comes between. */
async function comparedWithOthers(
  policy: Previewed['policy'],
  servers: Server[],
  services: HttpServices,
): Promise<Compared> {
  const overlapOf = overlapWith(policy, servers, services.now())
  const compared: Compared = { overlaps: [], unreadable: [], cutAfter: null }
  let [count, bytes] = [0, 0]
  const others = (await services.store.policyIdsAbout(policy)).filter(id => id !== policy.id)
  for await (const rows of services.store.policiesByIds(others))
    for (const row of rows) {
      if (bytes > MAX_COMPARED_BYTES) return { ...compared, cutAfter: count }
      count++
      if ('unreadable' in row) compared.unreadable.push(row.unreadable)
      else {
        compared.overlaps.push(...[overlapOf(row.item) ?? []].flat())
        bytes += JSON.stringify(row.item).length
      }
      await nextTurn()
    }
  return compared
}

interface PreviewAsked {
  policy: Previewed['policy']
  action: Action
}

/** What planning looks at, looked at now. */
async function sightOf(
  { policy, action }: PreviewAsked,
  connection: StoredConnection,
  services: HttpServices,
): Promise<Previewed> {
  const { store, config, now } = services
  const start = action === 'start' ? await startSight(policy, services) : null
  const snoozes = await store.serverSnoozes(connection.id)
  const rules = { ...(start?.rules ?? rulesOf(runNow(policy, action, now()), policy)), snoozes }
  const [servers, history, settings] = await Promise.all([
    fleetOf(connection, rules, services).catch(cloudProblem),
    store.pastRuns(policy.id, action),
    store.settings(),
  ])
  // After the servers, which tell whether the key is good at all.
  const groups = await services.scalingGroups(connection, policy.kind).catch(cloudProblem)
  const [compared, elsewhere] = await Promise.all([
    // Members of a guarded group are stopped by no policy.
    start?.compared ??
      comparedWithOthers(
        policy,
        servers.filter(({ id }) => !groups.has(id)),
        services,
      ),
    serversElsewhere(connection, rules, { servers, services }),
  ])
  const guard = { connection, ...settings, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  return { policy, rules, servers, groups, elsewhere, history, compared, guard }
}

async function answerPreview(asked: PreviewAsked, services: HttpServices): Promise<Answer> {
  const { policy } = asked
  await refuseForeign(policy, services)
  const connection = await services.store.connection(policy.connection)
  return jsonAnswer(previewPolicy(await sightOf(asked, connection!, services)))
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
      'Nothing is stopped or started, and no run is made. What it shows, a run that is made at once does.',
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
    description: 'With the id of a saved policy it is the preview of an edit.',
    body: { schema: PolicyBody },
    run: async ({ body, query }, services) =>
      answerPreview({ policy: { ...body, id: body.id ?? UNSAVED }, ...query }, services),
  }),
]
