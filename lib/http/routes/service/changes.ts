/** Routes of the history of changes. */
import type { HttpServices } from '../../../runtime/services/services.ts'
import type { ChangedThing } from '../../edits/changed.ts'
import { paginate } from '../../lists/lists.ts'
import { throwNotFound } from '../../problem.ts'
import { type Answer, defineRoute } from '../../route.ts'
import { ChangeDocument } from '../../schemas/run-schemas.ts'
import { ListQuery, listSchema, PathId } from '../../schemas/schemas.ts'
import { PathServerId, ServerChangesQuery } from '../../schemas/server-schemas.ts'
import { SERVER_EXAMPLES } from '../servers/examples.ts'
import { SERVICE_EXAMPLES } from './examples.ts'

interface ChangesQuery {
  limit: number
  cursor?: string
}

const listOfChanges = (
  of: ChangedThing,
  { limit, cursor }: ChangesQuery,
  { store }: HttpServices,
): Promise<Answer> =>
  paginate({
    list: `changes of ${JSON.stringify(of)}`,
    limit,
    cursor,
    page: (most, after) => store.changes(of, { most, after }),
    shown: change => change,
  })

/** Throws 404 for a thing that never existed, so that a mistyped id does not look unchanged. */
async function changesOf(
  of: { kind: 'policy' | 'connection' | 'channel' | 'calendar'; id: string },
  asked: ChangesQuery,
  services: HttpServices,
) {
  const { store } = services
  const [one] = (await store.changes(of, { most: 1 })).items
  const kept = {
    policy: store.keptPolicy,
    connection: store.keptConnection,
    channel: store.keptChannel,
    calendar: store.keptCalendar,
  }
  return one || (await kept[of.kind](of.id))
    ? listOfChanges(of, asked, services)
    : throwNotFound(of.kind, of.id)
}

const shared = {
  method: 'GET' as const,
  query: ListQuery,
  description: 'Newest first. They stay readable after what they are about was deleted.',
  answers: { 200: { description: 'A page of them.', schema: listSchema(ChangeDocument) } },
}

export const changeRoutes = [
  defineRoute({
    ...shared,
    path: '/v1/servers/{serverId}/changes',
    operation: 'serverChanges',
    examples: SERVER_EXAMPLES.serverChanges,
    summary: 'Who snoozed a server, or ended that',
    params: PathServerId,
    query: ServerChangesQuery,
    run: async ({ params, query: { connection, ...page } }, services) => {
      const of = { kind: 'server' as const, connection, id: params.serverId }
      return listOfChanges(of, page, services)
    },
  }),
  defineRoute({
    ...shared,
    path: '/v1/policies/{id}/changes',
    operation: 'policyChanges',
    examples: SERVICE_EXAMPLES.policyChanges,
    summary: 'Who changed or snoozed a policy, and how',
    params: PathId,
    run: ({ params, query }, services) => changesOf({ kind: 'policy', id: params.id }, query, services),
  }),
  defineRoute({
    ...shared,
    path: '/v1/connections/{id}/changes',
    operation: 'connectionChanges',
    examples: SERVICE_EXAMPLES.connectionChanges,
    summary: 'Who changed a connection, and how',
    params: PathId,
    run: ({ params, query }, services) => changesOf({ kind: 'connection', id: params.id }, query, services),
  }),
  defineRoute({
    ...shared,
    path: '/v1/channels/{id}/changes',
    operation: 'channelChanges',
    examples: SERVICE_EXAMPLES.channelChanges,
    summary: 'Who changed a channel, and how',
    params: PathId,
    run: ({ params, query }, services) => changesOf({ kind: 'channel', id: params.id }, query, services),
  }),
  defineRoute({
    ...shared,
    path: '/v1/calendars/{id}/changes',
    operation: 'calendarChanges',
    examples: SERVICE_EXAMPLES.calendarChanges,
    summary: 'Who changed a calendar, and how',
    params: PathId,
    run: ({ params, query }, services) => changesOf({ kind: 'calendar', id: params.id }, query, services),
  }),
  defineRoute({
    ...shared,
    path: '/v1/settings/changes',
    operation: 'settingsChanges',
    examples: SERVICE_EXAMPLES.settingsChanges,
    summary: 'Who changed the settings, and how',
    run: ({ query }, services) => listOfChanges({ kind: 'settings' }, query, services),
  }),
]
