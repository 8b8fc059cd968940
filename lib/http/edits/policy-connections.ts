/** The connections of a policy: those that it names are there, and stay as long as it does; its globs match what there is. */
import type { FieldProblem } from '../../core/documents/input.ts'
import { connectionsOf, hasPatterns, namedConnections } from '../../core/model/connection.ts'
import type { ConnectionFields } from '../../core/model/model.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { HttpServices } from '../../runtime/services/services.ts'
import { throwUnprocessable } from '../problem.ts'

const SIDE_BY_SIDE = 10

const noConnection = (id: string): string =>
  `expected the id of a connection, got "${id}", which does not exist`

/** The ids of the connections that a policy is about now. */
export const connectionsNow = async (fields: ConnectionFields, { store }: HttpServices): Promise<string[]> =>
  connectionsOf(fields, hasPatterns(fields) ? await store.connectionIds() : [])

/** Which of the connections that it names are not there, each with its field. */
export async function unknownConnections(
  fields: ConnectionFields,
  { store }: HttpServices,
): Promise<FieldProblem[]> {
  const problems: FieldProblem[] = []
  const named = namedConnections(fields)
  const results = await settleAll(named, { sideBySide: SIDE_BY_SIDE }, async ({ path, id }) => {
    if ((await store.connection(id)) === null) problems.push({ path, message: noConnection(id) })
  })
  throwFirstRejection(results)
  return problems.toSorted((one, other) => one.path.localeCompare(other.path, 'en', { numeric: true }))
}

/** Of a policy that may not be readable, the ids that it names for sure. */
function idsBefore(before: object | null): Set<string> {
  const { connection, connections } = { ...before } as Record<string, unknown>
  return new Set([connection, connections].flat().filter(id => typeof id === 'string'))
}

/** Says beside each connection that a policy names that it is about to use it. Throws 422 where one was deleted a moment ago. */
export async function nameConnections(
  policy: ConnectionFields & { id: string },
  before: object | null,
  { store }: HttpServices,
): Promise<void> {
  const used = idsBefore(before)
  const fresh = namedConnections(policy).filter(({ id }) => !used.has(id))
  const results = await settleAll(fresh, { sideBySide: SIDE_BY_SIDE }, async ({ path, id }) => {
    if (!(await store.nameUser({ kind: 'connection', id }, policy.id)))
      throwUnprocessable([{ path, message: noConnection(id) }])
  })
  throwFirstRejection(results)
}

/** Throws 422 where a policy is not about the connection that was asked for, or there is no such one. */
export async function refuseOtherConnection(
  fields: ConnectionFields,
  connection: string | undefined,
  { store }: HttpServices,
): Promise<void> {
  if (connection === undefined) return
  if (!connectionsOf(fields, [connection]).includes(connection))
    throwUnprocessable([
      { path: 'connection', message: `expected a connection that the policy is about, got "${connection}"` },
    ])
  if ((await store.connection(connection)) === null)
    throwUnprocessable([{ path: 'connection', message: noConnection(connection) }])
}
