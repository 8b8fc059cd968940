/** Reads what acts next from the to-do list, whatever the number of policies. */
import type { UnreadableDocument } from '../../../core/overview/attention.ts'
import { areFirstKnown, firstActions, type NextAction, nextActions } from '../../../core/overview/next.ts'
import type { DueItem } from '../../../core/tick/attention.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import type { SwitchReader } from '../../outlook.ts'

const ROWS_AT_ONCE = 200
const MAX_PAGES = 5
/** Many policies may be due and snoozed: no more of them are read. */
const MAX_POLICIES = 100
const POLICIES_AT_ONCE = 20

/** What the to-do list shows, as far as it was read. */
interface DueSeen {
  actions: NextAction[]
  /** Policies that are due from here on were not looked at; `null`: none of them would be among the first. */
  knownUntil: string | null
  /** Runs that wait for a step, or are held by one. */
  runIds: string[]
  unreadable: UnreadableDocument[]
}

/** The to-do list from its beginning. */
async function* duePages({ store }: HttpServices): AsyncGenerator<DueItem[]> {
  let after: Awaited<ReturnType<typeof store.duePage>>['next']
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const { items, next } = await store.duePage({ most: ROWS_AT_ONCE, ...(after && { after }) })
    yield items
    if (!next) return
    after = next
  }
}

/** Adds the next actions of some policies to what was seen. */
async function addPolicies(
  seen: DueSeen,
  ids: string[],
  { store, switches }: HttpServices & { switches: SwitchReader },
): Promise<void> {
  for await (const rows of store.policiesByIds(ids))
    for (const row of rows) {
      if ('item' in row) {
        const policy = row.item
        seen.actions.push(...nextActions(policy, await switches.switchesOf(policy)))
      } else seen.unreadable.push({ kind: 'policy', id: row.unreadable })
    }
}

/** Reads policies in the order in which they are due, until no other can be among the first. */
export async function readNext(switches: SwitchReader, services: HttpServices): Promise<DueSeen> {
  const seen: DueSeen = { actions: [], knownUntil: null, runIds: [], unreadable: [] }
  const seenIds = new Set<string>()
  let policies = 0
  let rows = 0
  for await (const page of duePages(services)) {
    seen.runIds.push(...page.flatMap(item => (item.kind === 'run' ? [item.id] : [])))
    // One that the tick moves on meanwhile comes again.
    const due = page.filter(item => item.kind === 'policy').filter(({ id }) => !seenIds.has(id))
    for (const { id } of due) seenIds.add(id)
    rows += page.length
    for (let start = 0; start < due.length; start += POLICIES_AT_ONCE) {
      const some = due.slice(start, start + POLICIES_AT_ONCE)
      const [{ dueAt }] = some as [(typeof some)[0]]
      if (areFirstKnown(seen.actions, dueAt)) return withFirst(seen)
      if (policies >= MAX_POLICIES) return { ...withFirst(seen), knownUntil: dueAt }
      await addPolicies(
        seen,
        some.map(({ id }) => id),
        { ...services, switches },
      )
      policies += some.length
    }
    const last = page.at(-1)
    if (last && rows >= ROWS_AT_ONCE * MAX_PAGES) return { ...withFirst(seen), knownUntil: last.dueAt }
  }
  return withFirst(seen)
}

const withFirst = (seen: DueSeen): DueSeen => ({ ...seen, actions: firstActions(seen.actions) })
