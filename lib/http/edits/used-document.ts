/** Edits of documents that policies name: one that is in use is not deleted. */
import type { Change } from '../../core/documents/change.ts'
import { editedDocument, isSame, type KeptDocument, withoutState } from '../../core/documents/documents.ts'
import { Stamps } from '../../core/model/model.ts'
import type { HttpServices } from '../../runtime/services/services.ts'
import { throwNotFound, throwProblem } from '../problem.ts'
import type { Asked } from '../route.ts'
import { saveWithAudit } from './changed.ts'
import { checkPreconditions, retryOnConflict } from './edit.ts'

/** How documents of a kind are kept. */
export interface UsedDocuments<D> {
  kind: 'connection' | 'channel' | 'calendar'
  /** Where a policy names them. */
  named: 'connections' | 'channels' | 'calendars'
  kept(id: string): Promise<KeptDocument<Stamps> | null>
  /** `version`: the one it replaces, null for none. False when another is there by now. */
  save(document: D & Stamps, version: number | null, change: Change): Promise<boolean>
  /** `mark`: as `markDeleting` gave it. False where a policy took it away, or it is another version by now. */
  remove(id: string, at: { version: number; mark: string }, change: Change): Promise<boolean>
}

interface UsedEdit<Of> {
  asked: Pick<Asked, 'headers' | 'actor'>
  of: Of
}
type RemovedDocuments = Omit<UsedDocuments<never>, 'save'>

/** How many policies a refused deletion names. */
const MAX_USERS = 3

/** Creates or replaces a document, unless it says already what is wanted. */
export function saveUsed<D extends { id: string }>(
  document: D,
  { asked, of }: UsedEdit<UsedDocuments<D>>,
  services: HttpServices,
): Promise<{ document: D & Stamps; isNew: boolean }> {
  const { id } = document
  return retryOnConflict(async tries => {
    const before = await of.kept(id)
    const isDone = before !== null && isSame(withoutState(before, Stamps.shape), document)
    // After the first try, what we meant to write may stand there already: written by us, the answer lost.
    if (!isDone || tries === 0) checkPreconditions(asked.headers, before)
    if (isDone) return { document: { ...document, ...before }, isNew: false }
    const after = editedDocument(document, before, { actor: asked.actor, now: services.now() })
    const { actor } = asked
    const what = before === null ? 'created' : 'edited'
    const edit = { of: { kind: of.kind, id }, what, actor, version: after.version, before, after } as const
    const saved = await saveWithAudit(edit, services, change =>
      of.save(after, before?.version ?? null, change),
    )
    return saved && { document: after, isNew: before === null }
  })
}

/** The ids of policies that use a document, the first few. */
async function usersOf(
  id: string,
  { kind, named }: RemovedDocuments,
  { store }: HttpServices,
): Promise<string[]> {
  const users = await store.namedUsers({ kind, id })
  // Policies of earlier versions are named in their list alone.
  for await (const policies of store.policyHeads()) {
    users.push(...policies.filter(head => head[named].includes(id)).map(policy => policy.id))
    if (users.length >= MAX_USERS) break
  }
  return [...new Set(users)].slice(0, MAX_USERS)
}

/** Deletes a document. Throws 404 where there is none, 409 where policies use it. */
export function removeUsed(
  id: string,
  { asked, of }: UsedEdit<RemovedDocuments>,
  services: HttpServices,
): Promise<true> {
  const { kind } = of
  return retryOnConflict(async tries => {
    const before = await of.kept(id)
    if (!before) return tries > 0 ? true : throwNotFound(kind, id)
    checkPreconditions(asked.headers, before)
    const mark = await services.store.markDeleting({ kind, id })
    if (mark === null) return null
    const users = await usersOf(id, of, services)
    if (users.length > 0)
      throwProblem(
        409,
        `${kind} ${id} is in use, by policies such as ${users.join(', ')}: change or delete those first`,
      )
    const { version } = before
    const edit = {
      of: { kind, id },
      what: 'deleted',
      actor: asked.actor,
      version,
      before,
      after: null,
    } as const
    return saveWithAudit(edit, services, change => of.remove(id, { version, mark }, change))
  })
}
