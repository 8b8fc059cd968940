/** Lists that go on without what cannot be read, and name it. */
import { Unreadable } from '../../../core/model/errors.ts'
import { keyId } from '../../keys.ts'
import type { Item, ItemPage, PageStart, Table } from '../../table.ts'
import { hasDocument } from './stored-documents.ts'

/** An entry of a list: an item, or the id of one that cannot be read; and where the list goes on after it. */
export type DocumentRow<T> = ({ item: T } | { unreadable: string }) & { place: PageStart }

export interface ReadPage<T> extends ItemPage<T> {
  /** The items and what stands between them unread, in their order. */
  rows: DocumentRow<T>[]
}

/** Documents may be large: they are read this many at once, until a page holds this much. */
export const READ_AT_ONCE = 20
const MAX_PAGE_BYTES = 4_000_000

function rowOf<T>(item: Item, place: PageStart, read: (item: Item) => T): DocumentRow<T> {
  try {
    return { item: read(item), place }
  } catch (error) {
    if (error instanceof Unreadable) return { unreadable: keyId(item), place }
    throw error
  }
}

export const readable = <T>(rows: DocumentRow<T>[]): T[] =>
  rows.flatMap(row => ('item' in row ? [row.item] : []))

/** A page of rows. Only `Unreadable` makes a row unreadable; everything else that `read` throws is thrown. */
export function readDocumentPage<T>(
  items: Item[],
  { placeOf, read }: { placeOf: (item: Item) => PageStart; read: (item: Item) => T },
): Pick<ReadPage<T>, 'items' | 'rows'> {
  const rows = items.map(item => rowOf(item, placeOf(item), read))
  return { rows, items: readable(rows) }
}

export function documentList(table: Table) {
  return async <T>(
    { listKey, read }: { listKey: string; read: (item: Item) => T },
    { most, after }: { most: number; after?: PageStart },
  ): Promise<ReadPage<T>> => {
    const listed = await table.query({ index: 'runs', hash: ['listKey', listKey], most, after })
    const places = new Map(listed.items.map(place => [`${place.pk} ${place.sk}`, place]))
    const found: Item[] = []
    let count = 0
    let bytes = 0
    while (count < listed.items.length && bytes < MAX_PAGE_BYTES) {
      const keys = listed.items.slice(count, count + READ_AT_ONCE)
      const items = (await table.items(keys.map(({ pk, sk }) => ({ pk, sk })))).filter(hasDocument)
      found.push(...items)
      count += keys.length
      for (const { doc } of items) bytes += JSON.stringify(doc).length
    }
    const placeOf = ({ pk, sk }: Item): PageStart => ({ ...places.get(`${pk} ${sk}`) })
    const next = count < listed.items.length ? listed.items[count - 1] : listed.next
    return { ...readDocumentPage(found, { placeOf, read }), next }
  }
}
