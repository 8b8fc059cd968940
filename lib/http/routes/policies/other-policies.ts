/** Reads the other policies that a preview compares a policy with. */
import type { Action } from '../../../core/model/action.ts'
import type { Policy, StoredPolicy } from '../../../core/model/model.ts'
import type { Compared } from '../../../core/preview/warnings.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'

/** More of the other policies than this is not compared: it would outlast the function. */
const MAX_COMPARED_BYTES = 10_000_000

/** The other policies of some connections, read once for all of them. */
export interface ComparedPolicies extends Omit<Compared, 'overlaps'> {
  policies: StoredPolicy[]
}

interface OthersAsked {
  connections: string[]
  action: Action
}

/** Of a start all are read: one that is left out would keep off nothing. */
export async function readOthers(
  { id, kind }: Pick<Policy, 'id' | 'kind'>,
  { connections, action }: OthersAsked,
  { store }: HttpServices,
): Promise<ComparedPolicies> {
  const others: ComparedPolicies = { policies: [], unreadable: [], cutAfter: null }
  const ids = (await store.policyIdsAbout({ connections, kind })).filter(one => one !== id)
  let count = 0
  let bytes = 0
  for await (const rows of store.policiesByIds(ids))
    for (const row of rows) {
      if (action === 'stop' && bytes > MAX_COMPARED_BYTES) return { ...others, cutAfter: count }
      count++
      if ('unreadable' in row) others.unreadable.push(row.unreadable)
      else {
        others.policies.push(row.item)
        bytes += JSON.stringify(row.item).length
      }
    }
  return others
}
