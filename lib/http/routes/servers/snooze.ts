/** Routes that snooze one server, and end that. */
import { snoozeProblem } from '../../../core/documents/documents.ts'
import {
  editedSnooze,
  isSnoozedSo,
  type SnoozeChange,
  viewSnooze,
} from '../../../core/documents/server-snooze.ts'
import type { StoredConnection } from '../../../core/model/connection.ts'
import { CloudError } from '../../../core/model/errors.ts'
import { Kind } from '../../../core/model/model.ts'
import type { KeptSnooze } from '../../../core/plan/server-snooze.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { saveWithAudit } from '../../edits/changed.ts'
import { checkPreconditions, etagHeader, retryOnConflict } from '../../edits/edit.ts'
import { waitAtMost } from '../../late.ts'
import { throwNotFound, throwUnprocessable } from '../../problem.ts'
import { type Answer, type Asked, defineRoute, jsonAnswer } from '../../route.ts'
import { IF_MATCH } from '../../schemas/schemas.ts'
import {
  PathServerId,
  ServerConnectionQuery,
  ServerSnoozeBody,
  SnoozedServer,
} from '../../schemas/server-schemas.ts'
import { allConnections } from '../connections/all.ts'
import { existingConnection } from '../connections/connections.ts'
import { SERVER_EXAMPLES } from './examples.ts'

/** Longer than a cloud takes that is well. One that is not must not keep people from snoozing. */
const LOOK_MS = 8_000

interface SnoozeEdit {
  connection: string
  serverId: string
  wanted: SnoozeChange
}

/** The parts of a snooze that a person gives. */
const saidOf = (kept: KeptSnooze | undefined): object | null =>
  kept ? { snoozedUntil: kept.until, snoozeReason: kept.reason } : null

/** One try; `null` when another edit came between. */
async function editSnooze(
  { connection, serverId, wanted }: SnoozeEdit,
  { actor, headers }: Pick<Asked, 'actor' | 'headers'>,
  services: HttpServices,
): Promise<{ kept: KeptSnooze | undefined } | null> {
  const { store } = services
  const now = services.now()
  const of = { connection, serverId }
  const before = await store.serverSnooze(of)
  checkPreconditions(headers, before ?? null)
  if (isSnoozedSo(before, wanted, now)) return { kept: before }
  const after = wanted === null ? undefined : editedSnooze(before, wanted, { actor, now })
  const changing = {
    actor,
    before: saidOf(before),
    after: saidOf(after),
    what: wanted === null ? ('snooze-ended' as const) : ('snoozed' as const),
    version: after?.version ?? before?.version ?? 0,
  }
  const thing = { kind: 'server' as const, connection, id: serverId }
  const saved = await saveWithAudit({ of: thing, ...changing }, services, change =>
    store.saveServerSnooze(of, { snooze: after, replaces: before }, change),
  )
  return saved && { kept: after }
}

/** The server's name; `null` where the cloud does not say in time. Throws 404 where it says that there is no such server. */
async function nameOf(
  connection: StoredConnection,
  serverId: string,
  services: HttpServices,
): Promise<string | null> {
  const look = async (): Promise<string | null> => {
    try {
      const cloud = await services.cloud(connection)
      for (const kind of Kind.options) {
        const server = (await cloud.serversById(kind, [serverId], null)).get(serverId)
        if (server) return server.name
      }
      return throwNotFound('server', serverId)
    } catch (error) {
      if (error instanceof CloudError) return null
      throw error
    }
  }
  return waitAtMost(LOOK_MS, look())
}

/** Other connections to the project of one: the same servers are stopped by way of them. */
async function connectionsBeside(id: string, services: HttpServices): Promise<StoredConnection[]> {
  const { connections } = await allConnections(services)
  const own = connections.find(one => one.id === id)
  return connections.filter(
    one =>
      own &&
      one !== own &&
      one.api === own.api &&
      one.region === own.region &&
      one.projectId === own.projectId,
  )
}

async function answerSnooze(
  edit: SnoozeEdit,
  asked: Pick<Asked, 'actor' | 'headers'>,
  services: HttpServices,
): Promise<Answer> {
  const { connection, serverId } = edit
  const { kept } = await retryOnConflict(() => editSnooze(edit, asked, services))
  for (const { id } of await connectionsBeside(connection, services))
    await retryOnConflict(() => editSnooze({ ...edit, connection: id }, { ...asked, headers: {} }, services))
  const shown = viewSnooze(kept, services.now())
  const etag = shown.version === null ? {} : etagHeader({ version: shown.version })
  return jsonAnswer({ serverId, connection, ...shown }, 200, etag)
}

const shared = {
  path: '/v1/servers/{serverId}/snooze',
  needs: 'operate' as const,
  params: PathServerId,
  headers: IF_MATCH,
  answers: { 200: { description: 'The snooze as it is now.', schema: SnoozedServer } },
  problems: { 404: 'There is no such connection, or its cloud knows no server with this id.' },
}

export const serverSnoozeRoutes = [
  defineRoute({
    ...shared,
    method: 'POST',
    operation: 'snoozeServer',
    examples: SERVER_EXAMPLES.snoozeServer,
    summary: 'Leave a server alone until an instant',
    description:
      'No policy and no other run stops it before then, within a minute: it is `skipped`, code `snoozed`, by whichever connection to its project. At most 30 days ahead; it ends by itself. Starts are not held back. Kept by Curfew: nothing is written to the cloud. The latest snooze counts. A server whose cloud cannot be asked is snoozed all the same.',
    body: { schema: ServerSnoozeBody },
    run: async (asked, services) => {
      const { params, body } = asked
      const { connection: id, until, reason } = body
      const problem = snoozeProblem(until, services.now())
      if (problem !== null) throwUnprocessable([{ path: 'until', message: problem }])
      const connection = await existingConnection(id, services)
      await nameOf(connection, params.serverId, services)
      const edit = { connection: id, serverId: params.serverId, wanted: { until, reason } }
      return answerSnooze(edit, asked, services)
    },
  }),
  defineRoute({
    ...shared,
    method: 'DELETE',
    operation: 'endServerSnooze',
    examples: SERVER_EXAMPLES.endServerSnooze,
    summary: 'End the snooze of a server',
    description: 'Where there is none, nothing happens. A tag `curfew-snooze-until` goes on holding.',
    query: ServerConnectionQuery,
    run: async (asked, services) => {
      const { connection } = asked.query
      await existingConnection(connection, services)
      return answerSnooze({ connection, serverId: asked.params.serverId, wanted: null }, asked, services)
    },
  }),
]
