import type { Policy, StoredConnection } from '../../core/model/model.ts'
import { type Previewed, preview } from '../../core/preview/preview.ts'
import type { Services } from '../../runtime/services.ts'
import { allPolicies, cloudProblem, fleetOf, serversElsewhere } from '../fleet.ts'
import { type Answer, json, route } from '../route.ts'
import { Empty, Preview } from '../run-schemas.ts'
import { PathId, PolicyBody } from '../schemas.ts'
import { policyOf, refuseForeign } from './policies.ts'

/** The id that an unsaved policy without one goes by: nobody else has it. */
const UNSAVED = 'unsaved-policy'

async function othersOf(services: Services): Promise<Policy[]> {
  const others: Policy[] = []
  for await (const policies of allPolicies(services)) others.push(...policies)
  return others
}

/** What planning looks at, looked at now. */
async function sightOf(
  policy: Previewed['policy'],
  connection: StoredConnection,
  services: Services,
): Promise<Previewed> {
  const { store, config, now } = services
  const [servers, history, others, { stopsEnabled }] = await Promise.all([
    fleetOf(connection, policy, services).catch(cloudProblem),
    store.pastRuns(policy.id),
    othersOf(services),
    store.settings(),
  ])
  const guard = { connection, stopsEnabled, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  const elsewhere = await serversElsewhere(connection, policy, { servers, services })
  return { policy, servers, elsewhere, history, others, guard }
}

async function previewed(policy: Previewed['policy'], services: Services): Promise<Answer> {
  await refuseForeign(policy, services)
  const connection = await services.store.connection(policy.connection)
  return json(preview(await sightOf(policy, connection!, services)))
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
  route({
    ...shared,
    path: '/v1/policies/{id}/preview',
    operation: 'previewPolicy',
    summary: 'What a policy would do now, and when it is due',
    description: 'Nothing is stopped and no run is made. What it shows, a run started at once does.',
    params: PathId,
    body: { schema: Empty, optional: true },
    run: async ({ params }, services) => previewed(await policyOf(params.id, services), services),
  }),
  route({
    ...shared,
    path: '/v1/preview',
    operation: 'preview',
    summary: 'What a policy that is not saved would do now',
    description: 'With the id of a saved policy it is the preview of an edit.',
    body: { schema: PolicyBody },
    run: async ({ body }, services) => previewed({ ...body, id: body.id ?? UNSAVED }, services),
  }),
]
