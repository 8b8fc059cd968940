/** An edit and its actor are written as one. */
import { type Change, type Changing, newChange } from '../../core/documents/change.ts'
import type { HttpServices } from '../../runtime/services/services.ts'

export type ChangedThing = Parameters<HttpServices['store']['changes']>[0]

/** Saves with the change that it is, and tells the log of it; `null` when another edit came between. */
export async function saveWithAudit(
  { of, ...changing }: Changing & { of: ChangedThing },
  { log, now }: HttpServices,
  save: (change: Change) => Promise<boolean>,
): Promise<true | null> {
  const change = newChange(changing, now())
  if (!(await save(change))) return null
  const { what, actor, version, fields } = change
  log.info(`${of.kind} ${what}`, { ...of, what, actor, version, fields: fields.map(({ path }) => path) })
  return true
}
