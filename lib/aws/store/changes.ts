/** Who changed a policy, a connection or the settings, newest first; they outlive what they are about. */
import * as z from 'zod'
import { Change, following } from '../../core/documents/change.ts'
import { Instant } from '../../core/model/model.ts'
import { expiry, type Keeping } from '../expiry.ts'
import { type ChangedThing, changeKey, changesPrefix, thingKey } from '../keys.ts'
import type { Item, Key, Page, Place, Table } from '../table.ts'

type When = Parameters<Table['put']>[1] & object

/** The change that made an item what it is, as whatever version wrote it: what cannot be shown is kept all the same. */
const Last = z.looseObject({ at: Instant }).optional()
const lastChange = (item: Item | undefined) => Last.parse(item?.change)

/**
 * The latest change stands in the very item that it made: neither is there without the other, whatever dies when. It is copied to
 * the others right before the next takes its place. Of what was deleted the item stays for a while, with that change alone.
 */
export function changes(table: Table, keeping: Keeping) {
  /** False when `when` does not hold, or another change came between. */
  async function saveChanged(item: Item, when: When, change?: Change): Promise<boolean> {
    const last = lastChange(await table.item({ pk: item.pk, sk: item.sk }))
    if (last) await table.put({ ...changeKey(item.pk, last.at), ...expiry(keeping), doc: last })
    const path = 'change.at'
    const isLast = last ? { path, is: last.at } : { path, absent: true as const }
    const latest = change && { change: following(change, last?.at) }
    return table.put({ ...item, ...latest }, [...when, isLast])
  }

  return {
    saveChanged,
    removeChanged: (key: Key, when: When, change: Change): Promise<boolean> =>
      saveChanged({ ...key, ...expiry(keeping) }, when, change),

    /** Newest first, each with the place where the list goes on after it. */
    async changes(
      of: ChangedThing,
      { most, after }: { most: number; after?: Place },
    ): Promise<Page<{ change: Change; place: Place }>> {
      const { pk, sk } = thingKey(of)
      const last = after ? undefined : lastChange(await table.item({ pk, sk }))
      const latest = last ? [{ change: Change.parse(last), place: { ...changeKey(pk, last.at) } }] : []
      const range = { name: 'sk', prefix: changesPrefix }
      const { items, next } = await table.query({
        ...{ hash: ['pk', pk], range, newestFirst: true },
        ...{ most: Math.max(1, most - latest.length), after: after ?? latest[0]?.place },
      })
      const shown = items.map(item => ({ change: Change.parse(item.doc), place: { pk, sk: item.sk } }))
      return { items: [...latest, ...shown], next }
    },
  }
}
export type SaveChanged = ReturnType<typeof changes>
