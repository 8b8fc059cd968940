/** The run that came before an edit of its policy. */
import { Action } from '../../core/model/action.ts'
import { connectionsOf } from '../../core/model/connection.ts'
import { Unreadable } from '../../core/model/errors.ts'
import type { StoredPolicy } from '../../core/model/model.ts'
import { isEnded, type Run } from '../../core/model/run.ts'
import { justDueRunIds } from '../../core/tick/due-runs.ts'
import type { HttpServices } from '../../runtime/services/services.ts'

type RunUnderWay = Pick<Run, 'id' | 'dueAt' | 'status'>

/** A policy as it is before an edit; `null` where there is none that can be read. */
export const readableBefore = (id: string, { store }: HttpServices): Promise<StoredPolicy | null> =>
  store.policy(id).catch(error => {
    if (error instanceof Unreadable) return null
    throw error
  })

/** The run of a due time of a moment ago that an edit of these actions came too late for; read after the edit was saved. */
export async function runUnderWay(
  policy: StoredPolicy | null,
  { store, now }: HttpServices,
  actions = Action.options,
): Promise<RunUnderWay | null> {
  const due = policy && { actions, connections: connectionsOf(policy, []) }
  for (const runId of due === null ? [] : justDueRunIds(policy!, now(), due)) {
    const run = await store.run(runId)
    if (run && !isEnded(run)) return { id: run.id, dueAt: run.dueAt, status: run.status }
  }
  return null
}
