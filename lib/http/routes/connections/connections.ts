/** Routes of connections. */
import { connectionProblems } from '../../../core/documents/connection.ts'
import type { Connection, StoredConnection } from '../../../core/model/connection.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { etagHeader, refuseOtherId } from '../../edits/edit.ts'
import { refuseLeaving } from '../../edits/leaving.ts'
import { removeUsed, saveUsed, type UsedDocuments } from '../../edits/used-document.ts'
import { paginate } from '../../lists/lists.ts'
import { throwNotFound, throwUnprocessable } from '../../problem.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import {
  ConnectionBody,
  ConnectionDocument,
  IF_MATCH,
  IF_NONE_MATCH,
  ListQuery,
  listSchema,
  PathConnectionId,
  PathId,
} from '../../schemas/schemas.ts'
import { CONNECTION_EXAMPLES } from './examples.ts'

/** The connection of that id. Throws 404. */
export async function existingConnection(id: string, { store }: HttpServices): Promise<StoredConnection> {
  return (await store.connection(id)) ?? throwNotFound('connection', id)
}

const usedConnections = ({ store }: HttpServices): UsedDocuments<Connection> => ({
  kind: 'connection',
  named: 'connections',
  kept: store.keptConnection,
  save: store.saveConnection,
  remove: store.removeConnection,
})

export const connectionRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/connections',
    operation: 'connections',
    examples: CONNECTION_EXAMPLES.connections,
    summary: 'All connections, by id',
    description: 'What cannot be read is left out, and its id is told in `unreadable`.',
    query: ListQuery,
    answers: { 200: { description: 'A page of them.', schema: listSchema(ConnectionDocument) } },
    run: ({ query }, { store }) =>
      paginate({
        list: 'connections',
        ...query,
        page: (most, after) => store.connections({ most, after }),
        shown: connection => connection,
      }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/connections/{id}',
    operation: 'connection',
    versioned: true,
    examples: CONNECTION_EXAMPLES.connection,
    summary: 'One connection',
    description: 'Without its secret, which stands elsewhere. `ETag` is its version, for `If-Match`.',
    params: PathId,
    answers: { 200: { description: 'The connection.', schema: ConnectionDocument } },
    run: async ({ params }, services) => {
      const connection = await existingConnection(params.id, services)
      return jsonAnswer(connection, 200, etagHeader(connection))
    },
  }),
  defineRoute({
    method: 'PUT',
    needs: 'admin',
    path: '/v1/connections/{id}',
    operation: 'saveConnection',
    examples: CONNECTION_EXAMPLES.saveConnection,
    summary: 'Create or replace a connection',
    description:
      'The whole document: what is left out takes its default. Nothing is asked of the cloud; `check` does that.',
    params: PathConnectionId,
    body: { schema: ConnectionBody },
    headers: { ...IF_MATCH, ...IF_NONE_MATCH },
    problems: { 409: 'Servers of the project that it points to are still off by a run, or acted on.' },
    answers: {
      200: { description: 'It was replaced.', schema: ConnectionDocument },
      201: { description: 'It was created.', schema: ConnectionDocument },
    },
    run: async (asked, services) => {
      const { params, body } = asked
      refuseOtherId(body, params.id)
      const wanted: Connection = { ...body, id: params.id }
      const problems = connectionProblems(wanted, services.config)
      if (problems.length > 0) throwUnprocessable(problems)
      await refuseLeaving(wanted, services)
      const { document, isNew } = await saveUsed(wanted, { asked, of: usedConnections(services) }, services)
      return jsonAnswer(document, isNew ? 201 : 200, etagHeader(document))
    },
  }),
  defineRoute({
    method: 'DELETE',
    needs: 'admin',
    path: '/v1/connections/{id}',
    operation: 'deleteConnection',
    examples: CONNECTION_EXAMPLES.deleteConnection,
    summary: 'Delete a connection that no policy uses',
    description: 'Its secret is not touched. Runs that were made with it stay.',
    params: PathId,
    headers: IF_MATCH,
    answers: { 204: { description: 'It is gone.' } },
    problems: { 409: 'Policies use it.' },
    run: async (asked, services) => {
      const { id } = asked.params
      await removeUsed(id, { asked, of: usedConnections(services) }, services)
      await services.store.removeKeyHealth(id)
      return { status: 204 }
    },
  }),
]
