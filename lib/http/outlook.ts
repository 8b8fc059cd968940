/** Policies as they are shown: with what will act next. */
import { shownPolicy } from '../core/documents/documents.ts'
import { Unreadable } from '../core/model/errors.ts'
import type { PolicyOutlook, Settings, StoredPolicy } from '../core/model/model.ts'
import { nextStartAt, nextStopAt, type Switches } from '../core/tick/next-stop.ts'
import type { HttpServices } from '../runtime/services/services.ts'

/** Nothing acts by what cannot be read. */
function orNothing<T>(nothing: T): (error: unknown) => T {
  return error => {
    if (error instanceof Unreadable) return nothing
    throw error
  }
}

type PolicyInAnswers = StoredPolicy & PolicyOutlook

const ALL_OFF: Settings = { stopsEnabled: false, startsEnabled: false }

/** Shows policies one after the other; each connection is read once. */
export function policyViewer({
  store,
  now,
}: HttpServices): (policy: StoredPolicy) => Promise<PolicyInAnswers> {
  const connections = new Map<string, Promise<Switches['connection']>>()
  let settings: Promise<Settings> | undefined
  function connectionOf(id: string): Promise<Switches['connection']> {
    const known = connections.get(id) ?? store.connection(id).catch(orNothing(null))
    connections.set(id, known)
    return known
  }
  return async stored => {
    const policy = shownPolicy(stored, now())
    settings ??= store.settings().catch(orNothing(ALL_OFF))
    const switches = { connection: await connectionOf(policy.connection), ...(await settings) }
    const next = { nextStopAt: nextStopAt(policy, switches), nextStartAt: nextStartAt(policy, switches) }
    return { ...policy, ...next }
  }
}
