import type { Services } from '../../services.ts'
import type { Changing } from '../changed.ts'
import { cursorPlace, cursorText } from '../cursor.ts'
import { type Answer, json, route } from '../route.ts'
import { ChangeDocument, ListQuery, listOf, PathId } from '../schemas.ts'

interface Asked {
  limit: number
  cursor?: string
}

async function changesOf(of: Changing['of'], { limit, cursor }: Asked, { store }: Services): Promise<Answer> {
  const list = `changes of ${JSON.stringify(of)}`
  const { items } = await store.changes(of, { most: limit + 1, after: cursorPlace(list, cursor) })
  const page = items.slice(0, limit)
  const nextCursor = items.length > limit ? cursorText(list, page.at(-1)!.place) : null
  return json({ items: page.map(({ change }) => change), nextCursor })
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
    run: ({ query }, services) => changesOf({ kind: 'settings' }, query, services),
  }),
]
