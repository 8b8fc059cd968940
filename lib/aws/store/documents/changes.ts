/** Changes of a policy, a connection or the settings, newest first; they outlive what they are about. */
import * as z from 'zod'
import { Change, orderAfter } from '../../../core/documents/change.ts'
import { Instant } from '../../../core/model/model.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import { type ChangedItem, changeKey, changesPk, changesPrefix, thingKey } from '../../keys.ts'
import type { Item, Key, PageStart, Table } from '../../table.ts'
import { type DocumentRow, type ReadPage, readable } from './document-list.ts'

type When = Parameters<Table['put']>[1] & object

/** The change that made an item what it is, as whatever version wrote it: what cannot be shown is kept all the same. */
const Last = z.looseObject({ at: Instant })

/** Holds as long as no other edit changed the item, whatever its last change looks like. */
function sameChange(item: Item | undefined): When[number] {
  const path = 'change.at'
  const at = (item?.change as { at?: unknown } | null | undefined)?.at
  return typeof at === 'string' ? { path, is: at } : { path, noText: true }
}
/** A change as it is stored. */
interface StoredRow {
  at: string
  place: PageStart
  doc: unknown
}

/** One whose instant cannot be read is the latest all the same: later than any. */
function latestRow(item: Item): StoredRow {
  const at = Last.safeParse(item.change).data?.at
  return { at: at ?? 'latest', place: { ...changeKey(item, at ?? '~') }, doc: item.change }
}

function changeRows(stored: StoredRow[]): Pick<ReadPage<Change>, 'items' | 'rows'> {
  const rows = stored.map(({ at, place, doc }): DocumentRow<Change> => {
    const { data: change } = Change.safeParse(doc)
    return change ? { item: change, place } : { unreadable: at, place }
  })
  return { rows, items: readable(rows) }
}

/**
 * The latest change stands in the very item that it made: after any crash both are there, or neither. It is copied to the earlier ones
 * right before the next takes its place. The item of a deleted thing stays for a while, with that change alone.
 */
export function changesStore(table: Table, keeping: Keeping) {
  /** The latest change of an item, put to its earlier ones: once, however often. */
  async function copyChange(item: Item | undefined): Promise<{ at: string } | undefined> {
    const last = Last.safeParse(item?.change).data
    if (item && last) await table.put({ ...changeKey(item, last.at), ...expiryAttribute(keeping), doc: last })
    return last
  }

  /** False when `when` does not hold, or another change came between. */
  async function saveChanged(item: Item, when: When, change?: Change): Promise<boolean> {
    const before = await table.item({ pk: item.pk, sk: item.sk })
    const last = await copyChange(before)
    const latest = change && { change: orderAfter(change, last?.at) }
    return table.put({ ...item, ...latest }, [...when, sameChange(before)])
  }

  return {
    copyChange,
    saveChanged,
    removeChanged: (key: Key, when: When, change: Change): Promise<boolean> =>
      saveChanged({ ...key, ...expiryAttribute(keeping) }, when, change),

    /** Newest first, each with the place where the list goes on after it. */
    async changes(
      of: ChangedItem,
      { most, after }: { most: number; after?: PageStart },
    ): Promise<ReadPage<Change>> {
      const key = thingKey(of)
      const newest = after ? undefined : await table.item(key)
      const latest = newest?.change === undefined ? [] : [latestRow(newest)]
      const range = { name: 'sk', prefix: changesPrefix }
      const { items, next } = await table.query({
        hash: ['pk', changesPk(key)],
        range,
        newestFirst: true,
        most: Math.max(1, most - latest.length),
        after: after ?? latest[0]?.place,
      })
      const earlier = items.map(({ pk, sk, doc }) => ({
        at: sk.slice(changesPrefix.length),
        place: { pk, sk },
        doc,
      }))
      return { ...changeRows([...latest, ...earlier]), next }
    },
  }
}
export type SaveChanged = ReturnType<typeof changesStore>
