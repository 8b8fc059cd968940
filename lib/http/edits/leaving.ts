/** A connection stays with its project while servers there wait for it: pointed elsewhere, nothing would start them again. */
import type { Connection } from '../../core/model/connection.ts'
import { isEnded } from '../../core/model/run.ts'
import type { HttpServices } from '../../runtime/services/services.ts'
import { runBehind } from '../../steps/plan/open-servers.ts'
import { throwProblem } from '../problem.ts'

const PLACE = ['api', 'region', 'projectId'] as const

/** A deleted one, as its deletion noted it. */
async function lastOf(id: string, { store }: HttpServices): Promise<Partial<Connection> | null> {
  const [last] = (await store.changes({ kind: 'connection', id }, { most: 1 })).items
  return last === undefined ? null : Object.fromEntries(last.fields.map(({ path, before }) => [path, before]))
}

/** Nothing is started by a connection that is deleted or disabled. */
function beforeUndo(kept: Partial<Connection> | null): string {
  if (kept === null) return 'save it as it was, then '
  return kept.enabled === false ? 'enable it, then ' : ''
}

/** Throws 409 where a connection would leave a project in which a run still acts, or keeps servers off. */
export async function refuseLeaving(wanted: Connection, services: HttpServices): Promise<void> {
  const { id } = wanted
  // Even one that cannot be read tells its project.
  const kept: Partial<Connection> | null = await services.store.keptConnection(id)
  const before = kept ?? (await lastOf(id, services))
  if (before === null || PLACE.every(field => before[field] === wanted[field])) return
  const run = await runBehind(id, services)
  if (run === null) return
  const why = isEnded(run)
    ? `run ${run.id} keeps servers off there: ${beforeUndo(kept)}npx curfew undo ${run.id} starts them`
    : `run ${run.id} goes on there: wait for its end, or cancel it`
  throwProblem(
    409,
    `connection ${id} is of project ${before.projectId} in ${before.region}, and ${why}. Or save a connection of another id to project ${wanted.projectId}`,
  )
}
