import { connectionProblems } from '../../../core/documents/connection.ts'
import {
  editedConnection,
  isSame,
  type KeptDocument,
  withoutState,
} from '../../../core/documents/documents.ts'
import type { Connection, StoredConnection } from '../../../core/model/connection.ts'
import { Stamps } from '../../../core/model/model.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { saveWithAudit } from '../../edits/changed.ts'
import { checkPreconditions, etagHeader, refuseOtherId, retryOnConflict } from '../../edits/edit.ts'
import { paginate } from '../../lists/lists.ts'
import { throwNotFound, throwProblem, throwUnprocessable } from '../../problem.ts'
import { type Asked, defineRoute, jsonAnswer } from '../../route.ts'
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

/** How many policies a refused deletion of their connection names. */
const MAX_USERS = 3

/** The connection of that id. Throws 404. */
export async function existingConnection(id: string, { store }: HttpServices): Promise<StoredConnection> {
  return (await store.connection(id)) ?? throwNotFound('connection', id)
}

/** Replaces a connection, creates or deletes it; `null` when another edit came between. */
function replaceConnection(
  { before, after, mark }: ConnectionReplacement,
  { actor }: Pick<Asked, 'actor'>,
  services: HttpServices,
): Promise<true | null> {
  const { store } = services
  const { id, version } = (after ?? before)!
  const what = after === null ? 'deleted' : before === null ? 'created' : 'edited'
  return saveWithAudit(
    { of: { kind: 'connection', id }, what, actor, version, before, after },
    services,
    change =>
      after
        ? store.saveConnection(after, before?.version ?? null, change)
        : store.removeConnection(id, { version, ...(mark === undefined ? {} : { mark }) }, change),
  )
}
interface ConnectionReplacement {
  before: KeptDocument<Stamps> | null
  after: StoredConnection | null
  /** Of a deletion. */
  mark?: string
}

/** After the first try, what we meant to write may stand there already: written by us, the answer lost. */
interface ConnectionEdit {
  asked: Asked
  tries: number
}
interface SavedConnection {
  connection: StoredConnection
  isNew: boolean
}

/** One try of a PUT; `null` when another edit came between. */
async function saveConnection(
  connection: Connection,
  { asked, tries }: ConnectionEdit,
  services: HttpServices,
): Promise<SavedConnection | null> {
  const { store, now } = services
  const before = await store.keptConnection(connection.id)
  const isDone = before !== null && isSame(withoutState(before, Stamps.shape), connection)
  if (!isDone || tries === 0) checkPreconditions(asked.headers, before)
  if (isDone) return { connection: { ...connection, ...before }, isNew: false }
  const after = editedConnection(connection, before, { actor: asked.actor, now: now() })
  if (!(await replaceConnection({ before, after }, asked, services))) return null
  return { connection: after, isNew: before === null }
}

/** The ids of policies that use a connection, the first few. */
async function usersOf(id: string, { store }: HttpServices): Promise<string[]> {
  const users = await store.namedConnectionUsers(id)
  // Policies of earlier versions are named in their list alone.
  for await (const policies of store.policyHeads()) {
    users.push(...policies.filter(({ connections }) => connections.includes(id)).map(policy => policy.id))
    if (users.length >= MAX_USERS) break
  }
  return [...new Set(users)].slice(0, MAX_USERS)
}

async function removeConnection(
  id: string,
  { asked, tries }: ConnectionEdit,
  services: HttpServices,
): Promise<true | null> {
  const before = await services.store.keptConnection(id)
  if (!before) return tries > 0 ? true : throwNotFound('connection', id)
  checkPreconditions(asked.headers, before)
  const mark = await services.store.markDeleting(id)
  if (mark === null) return null
  const users = await usersOf(id, services)
  if (users.length > 0)
    throwProblem(
      409,
      `connection ${id} is in use, by policies such as ${users.join(', ')}: change or delete those first`,
    )
  if (!(await replaceConnection({ before, after: null, mark }, asked, services))) return null
  await services.store.removeKeyHealth(id)
  return true
}

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
      const { connection, isNew } = await retryOnConflict(tries =>
        saveConnection(wanted, { asked, tries }, services),
      )
      return jsonAnswer(connection, isNew ? 201 : 200, etagHeader(connection))
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
      await retryOnConflict(tries => removeConnection(asked.params.id, { asked, tries }, services))
      return { status: 204 }
    },
  }),
]
