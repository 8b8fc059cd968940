import { connectionProblems } from '../../core/documents/connection.ts'
import { editedConnection, isSame, type Kept, withoutState } from '../../core/documents/documents.ts'
import { type Connection, Stamps, type StoredConnection } from '../../core/model/model.ts'
import type { Services } from '../../runtime/services.ts'
import { changed } from '../changed.ts'
import { edited, etag, guard, refuseOtherId } from '../edit.ts'
import { listed } from '../lists.ts'
import { fail, missing, refuse } from '../problem.ts'
import { type Asked, json, route } from '../route.ts'
import {
  ConnectionBody,
  ConnectionDocument,
  IF_MATCH,
  IF_NONE_MATCH,
  ListQuery,
  listOf,
  PathConnectionId,
  PathId,
} from '../schemas.ts'

/** Policies named to whoever wants to delete their connection. */
const MOST_USERS = 3

/** The connection of that id. Throws 404. */
export async function connectionOf(id: string, { store }: Services): Promise<StoredConnection> {
  return (await store.connection(id)) ?? missing('connection', id)
}

/** Replaces a connection, creates or deletes it; `null` when another edit came between. */
function replaced(
  { before, after, mark }: Replacing,
  { actor }: Pick<Asked, 'actor'>,
  services: Services,
): Promise<true | null> {
  const { store } = services
  const { id, version } = (after ?? before)!
  const what = after === null ? 'deleted' : before === null ? 'created' : 'edited'
  return changed({ of: { kind: 'connection', id }, what, actor, version, before, after }, services, change =>
    after
      ? store.saveConnection(after, before?.version ?? null, change)
      : store.removeConnection(id, { version, ...(mark === undefined ? {} : { mark }) }, change),
  )
}
interface Replacing {
  before: Kept<Stamps> | null
  after: StoredConnection | null
  /** Of a deletion. */
  mark?: string
}

/** After the first try, what we meant to write may stand there already: written by us, the answer lost. */
interface Trying {
  asked: Asked
  tries: number
}
interface Saved {
  connection: StoredConnection
  isNew: boolean
}

/** One try of a PUT; `null` when another edit came between. */
async function save(
  connection: Connection,
  { asked, tries }: Trying,
  services: Services,
): Promise<Saved | null> {
  const { store, now } = services
  const before = await store.keptConnection(connection.id)
  const isDone = before !== null && isSame(withoutState(before, Stamps.shape), connection)
  if (!isDone || tries === 0) guard(asked.headers, before)
  if (isDone) return { connection: { ...connection, ...before }, isNew: false }
  const after = editedConnection(connection, before, { actor: asked.actor, now: now() })
  if (!(await replaced({ before, after }, asked, services))) return null
  return { connection: after, isNew: before === null }
}

/** The ids of policies that use a connection, the first few. */
async function usersOf(id: string, { store }: Services): Promise<string[]> {
  const users = await store.namedConnectionUsers(id)
  // Policies of earlier versions are named in their list alone.
  for await (const policies of store.policyHeads()) {
    users.push(...policies.filter(({ connections }) => connections.includes(id)).map(policy => policy.id))
    if (users.length >= MOST_USERS) break
  }
  return [...new Set(users)].slice(0, MOST_USERS)
}

async function remove(id: string, { asked, tries }: Trying, services: Services): Promise<true | null> {
  const before = await services.store.keptConnection(id)
  if (!before) return tries > 0 ? true : missing('connection', id)
  guard(asked.headers, before)
  const mark = await services.store.markDeleting(id)
  if (mark === null) return null
  const users = await usersOf(id, services)
  if (users.length > 0)
    fail(
      409,
      `connection ${id} is in use, by policies such as ${users.join(', ')}: change or delete those first`,
    )
  if (!(await replaced({ before, after: null, mark }, asked, services))) return null
  await services.store.removeKeyHealth(id)
  return true
}

export const connectionRoutes = [
  route({
    method: 'GET',
    path: '/v1/connections',
    operation: 'connections',
    summary: 'All connections, by id',
    description: 'What cannot be read is left out, and its id is told in `unreadable`.',
    query: ListQuery,
    answers: { 200: { description: 'A page of them.', schema: listOf(ConnectionDocument) } },
    run: ({ query }, { store }) =>
      listed({
        list: 'connections',
        ...query,
        page: (most, after) => store.connections({ most, after }),
        placeOf: store.connectionPlace,
        shown: connection => connection,
      }),
  }),
  route({
    method: 'GET',
    path: '/v1/connections/{id}',
    operation: 'connection',
    summary: 'One connection',
    description: 'Without its secret, which stands elsewhere. `ETag` is its version, for `If-Match`.',
    params: PathId,
    answers: { 200: { description: 'The connection.', schema: ConnectionDocument } },
    run: async ({ params }, services) => {
      const connection = await connectionOf(params.id, services)
      return json(connection, 200, etag(connection))
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/connections/{id}',
    operation: 'saveConnection',
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
      if (problems.length > 0) refuse(problems)
      const { connection, isNew } = await edited(tries => save(wanted, { asked, tries }, services))
      return json(connection, isNew ? 201 : 200, etag(connection))
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/connections/{id}',
    operation: 'deleteConnection',
    summary: 'Delete a connection that no policy uses',
    description: 'Its secret is not touched. Runs that were made with it stay.',
    params: PathId,
    headers: IF_MATCH,
    answers: { 204: { description: 'It is gone.' } },
    problems: { 409: 'Policies use it.' },
    run: async (asked, services) => {
      await edited(tries => remove(asked.params.id, { asked, tries }, services))
      return { status: 204 }
    },
  }),
]
