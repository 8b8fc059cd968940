import type { Services } from '../../services.ts'
import type { ChangedThing } from '../changed.ts'
import { listed } from '../lists.ts'
import { type Answer, route } from '../route.ts'
import { ChangeDocument } from '../run-schemas.ts'
import { ListQuery, listOf, PathId } from '../schemas.ts'

interface Asked {
  limit: number
  cursor?: string
}

const changesOf = (of: ChangedThing, { limit, cursor }: Asked, { store }: Services): Promise<Answer> =>
  listed({
    list: `changes of ${JSON.stringify(of)}`,
    limit,
    cursor,
    page: (most, after) => store.changes(of, { most, after }),
    placeOf: ({ place }) => place,
    shown: ({ change }) => change,
  })

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
    run: ({ query }, services) => changesOf({ kind: 'settings' }, query, services),
  }),
]
