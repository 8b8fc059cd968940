import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Server } from '../../../core/model/cloud.ts'
import type { StoredConnection } from '../../../core/model/connection.ts'

import { overlapWith } from '../../../core/preview/overlap.ts'
import { type Previewed, previewPolicy } from '../../../core/preview/preview.ts'
import type { Compared } from '../../../core/preview/warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { cloudProblem, fleetOf, serversElsewhere } from '../../fleet.ts'
import { type Answer, defineRoute, jsonAnswer } from '../../route.ts'
import { Empty, Preview } from '../../schemas/run-schemas.ts'
import { PathId, PolicyBody } from '../../schemas/schemas.ts'
import { POLICY_EXAMPLES } from './examples.ts'
import { policyOf, refuseForeign } from './policies.ts'

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

/** What planning looks at, looked at now. */
async function sightOf(
  policy: Previewed['policy'],
  connection: StoredConnection,
  services: HttpServices,
): Promise<Previewed> {
  const { store, config, now } = services
  const [servers, history, settings] = await Promise.all([
    fleetOf(connection, policy, services).catch(cloudProblem),
    store.pastRuns(policy.id, 'stop'),
    store.settings(),
  ])
  // After the servers, which tell whether the key is good at all.
  const groups = await services.scalingGroups(connection, policy.kind).catch(cloudProblem)
  const [compared, elsewhere] = await Promise.all([
    // Members of a guarded group are stopped by no policy.
    comparedWithOthers(
      policy,
      servers.filter(({ id }) => !groups.has(id)),
      services,
    ),
    serversElsewhere(connection, policy, { servers, services }),
  ])
  const guard = { connection, ...settings, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  return { policy, servers, groups, elsewhere, history, compared, guard }
}

async function answerPreview(policy: Previewed['policy'], services: HttpServices): Promise<Answer> {
  await refuseForeign(policy, services)
  const connection = await services.store.connection(policy.connection)
  return jsonAnswer(previewPolicy(await sightOf(policy, connection!, services)))
}

const shared = {
  method: 'POST' as const,
  answers: { 200: { description: 'What a run started now would do.', schema: Preview } },
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
    description: 'Nothing is stopped and no run is made. What it shows, a run started at once does.',
    params: PathId,
    body: { schema: Empty, optional: true },
    run: async ({ params }, services) => answerPreview(await policyOf(params.id, services), services),
  }),
  defineRoute({
    ...shared,
    path: '/v1/preview',
    operation: 'preview',
    examples: POLICY_EXAMPLES.preview,
    summary: 'What a policy that is not saved would do now',
    description: 'With the id of a saved policy it is the preview of an edit.',
    body: { schema: PolicyBody },
    run: async ({ body }, services) => answerPreview({ ...body, id: body.id ?? UNSAVED }, services),
  }),
]
