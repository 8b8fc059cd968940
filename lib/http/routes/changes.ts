import type { Services } from '../../runtime/services.ts'
import type { ChangedThing } from '../changed.ts'
import { listed } from '../lists.ts'
import { missing } from '../problem.ts'
import { type Answer, route } from '../route.ts'
import { ChangeDocument } from '../run-schemas.ts'
import { ListQuery, listOf, PathId } from '../schemas.ts'

interface Asked {
  limit: number
  cursor?: string
}

const listOfChanges = (of: ChangedThing, { limit, cursor }: Asked, { store }: Services): Promise<Answer> =>
  listed({
    list: `changes of ${JSON.stringify(of)}`,
    limit,
    cursor,
    page: (most, after) => store.changes(of, { most, after }),
    placeOf: ({ place }) => place,
    shown: ({ change }) => change,
  })

/** Throws 404 for a thing that nobody ever wrote: a mistyped id has not been left unchanged. */
async function changesOf(
  of: { kind: 'policy' | 'connection'; id: string },
  asked: Asked,
  services: Services,
) {
  const { store } = services
  const [one] = (await store.changes(of, { most: 1 })).items
  const kept = of.kind === 'policy' ? store.keptPolicy : store.keptConnection
  return one || (await kept(of.id)) ? listOfChanges(of, asked, services) : missing(of.kind, of.id)
}

const shared = {
  method: 'GET' as const,
  query: ListQuery,
  description: 'Newest first. They stay readable after what they are about was deleted.',
  answers: { 200: { description: 'A page of them.', schema: listOf(ChangeDocument) } },
}

export const changeRoutes = [
  route({
    ...shared,
    path: '/v1/policies/{id}/changes',
    operation: 'policyChanges',
    summary: 'Who changed or snoozed a policy, and how',
    params: PathId,
    run: ({ params, query }, services) => changesOf({ kind: 'policy', id: params.id }, query, services),
  }),
  route({
    ...shared,
    path: '/v1/connections/{id}/changes',
    operation: 'connectionChanges',
    summary: 'Who changed a connection, and how',
    params: PathId,
    run: ({ params, query }, services) => changesOf({ kind: 'connection', id: params.id }, query, services),
  }),
  route({
    ...shared,
    path: '/v1/settings/changes',
    operation: 'settingsChanges',
    summary: 'Who changed the settings, and how',
    run: ({ query }, services) => listOfChanges({ kind: 'settings' }, query, services),
  }),
]
