/** Looks once more at the servers that ended runs stopped, an hour later, and records which of them are up again. */

import type { StoredConnection } from '../../core/model/connection.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Run } from '../../core/model/run.ts'
import { isUpAgain, markRestarted, RECHECK_LEASE_SECONDS, recheckState } from '../../core/notify/recheck.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'

/** Those of ended runs whose look is due: one listing for all of a connection and kind. A look that fails is tried again later. */
export async function recheckRuns(runs: Run[], services: NotifyServices): Promise<void> {
  const due: Run[] = []
  for (const run of runs) if (await holdRecheck(run, services)) due.push(run)
  const groups = Map.groupBy(due, ({ connection, kind }) => `${connection} ${kind}`)
  for (const group of groups.values()) await recheckGroup(group, services)
}

/** A tick brings it back after the lease, unless it is done by then. What is over is let go. */
async function holdRecheck(run: Run, { store, now }: NotifyServices): Promise<boolean> {
  switch (recheckState(run, now())) {
    case 'due':
      return store.holdRecheck(run, new Date(now() + RECHECK_LEASE_SECONDS * 1000).toISOString())
    case 'over':
      await store.letGo(run)
      return false
    case 'none':
      return false
  }
}

async function recheckGroup(group: Run[], services: NotifyServices): Promise<void> {
  const { store, log } = services
  const [{ connection: id, kind }] = group as [Run]
  const connection = await store.connection(id)
  const up = connection && (await serversUp(connection, kind, services))
  if (!up) return
  for (const run of group) await recordRestarts(run, up, services)
  log.info('looked at again', { connection: id, kind, runs: group.length })
}

/** The ids of all servers of a kind that are up; `null` where the cloud could not be asked. */
async function serversUp(
  connection: StoredConnection,
  kind: Run['kind'],
  services: NotifyServices,
): Promise<Set<string> | null> {
  const up = new Set<string>()
  try {
    const cloud = await services.cloud(connection)
    for await (const { servers } of cloud.servers(kind))
      for (const server of servers) if (isUpAgain(server)) up.add(server.id)
    return up
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    services.log.warn('the fleet could not be looked at again', { ...error.details, reason: error.message })
    return null
  }
}

/** Rechecks each chunk once: a chunk that was rechecked meanwhile is passed over. */
async function recordRestarts(run: Run, up: Set<string>, { store, now }: NotifyServices): Promise<void> {
  for await (const whole of store.wholeChunks({ runId: run.id, planning: run.planning })) {
    const settled = markRestarted(whole, up, now())
    if (settled) await store.saveRestarted({ ...whole, settled })
  }
  await store.rechecked(run)
}
