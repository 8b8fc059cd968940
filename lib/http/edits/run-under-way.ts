/** The run that came before an edit of its policy. */
import { Action } from '../../core/model/action.ts'
import { Unreadable } from '../../core/model/errors.ts'
import type { StoredPolicy } from '../../core/model/model.ts'
import { isEnded, type Run } from '../../core/model/run.ts'
import { justDueRunIds } from '../../core/tick/due-runs.ts'
import type { HttpServices } from '../../runtime/services/services.ts'
import { connectionsNow } from './policy-connections.ts'

interface RunUnderWay extends Pick<Run, 'id' | 'dueAt' | 'status'> {
  /** Runs of it in other connections that go on likewise; absent where there are none. */
  others?: number
}

/** A policy as it is before an edit; `null` where there is none that can be read. */
export const readableBefore = (id: string, { store }: HttpServices): Promise<StoredPolicy | null> =>
  store.policy(id).catch(error => {
    if (error instanceof Unreadable) return null
    throw error
  })

/** The run of a due time of a moment ago that an edit of these actions came too late for; read after the edit was saved. */
export async function runUnderWay(
  policy: StoredPolicy | null,
  services: HttpServices,
  actions = Action.options,
): Promise<RunUnderWay | null> {
  if (policy === null) return null
  const { store, now } = services
  const connections = await connectionsNow(policy, services)
  const runIds = justDueRunIds(policy, now(), { actions, connections })
  const rows = await store.runsByIds(runIds)
  const runs = rows.flatMap(row => ('item' in row && !isEnded(row.item) ? [row.item] : []))
  const [run, ...others] = runs.toSorted((one, other) => runIds.indexOf(one.id) - runIds.indexOf(other.id))
  if (!run) return null
  const { id, dueAt, status } = run
  return { id, dueAt, status, ...(others.length > 0 ? { others: others.length } : {}) }
}
