/** Pages of lists, filtered or not. */

import { type Answer, jsonAnswer } from '../route.ts'
import { encodedBytes, MAX_PAGE_BYTES } from './answer-size.ts'
import { cursorPlace, cursorText, refuseCursor } from './cursor.ts'

/** Reads after which a page is given as it is, however few of them passed the filter. */
const MAX_READS = 20
/** Read at once where a filter leaves out some. */
const MIN_READ = 200

type ListPlace = Record<string, unknown>
/** An item, or the id of one that cannot be read; and where the list goes on after it. */
type ListedRow<T> = ({ item: T } | { unreadable: string }) & { place: ListPlace }

interface ListRequest<T> {
  /** Its name and its filters: a cursor is good for these alone. */
  list: string
  limit: number
  cursor?: string
  /** One page of at most so many, from a place on. */
  page: (
    most: number,
    after: ListPlace | undefined,
  ) => Promise<{ rows: ListedRow<T>[]; next: ListPlace | undefined }>
  keeps?: (item: T) => boolean
  shown: (item: T) => unknown
}

/** A row as the answer shows it. */
interface Shown {
  place: ListPlace
  /** One of both. */
  item?: unknown
  unreadable?: string
}
interface Collected {
  rows: Shown[]
  bytes: number
}

const isFull = ({ rows, bytes }: Collected, limit: number): boolean =>
  rows.length > limit || bytes > MAX_PAGE_BYTES

/** The table's own word for a place that is none of this list: the cursor is forged. */
function wrongPlace(error: unknown): never {
  if (error instanceof Error && error.name === 'ValidationException') refuseCursor()
  throw error
}

const answerOf = (rows: Shown[], nextCursor: string | null): Answer => {
  const unreadable = rows.flatMap(row => row.unreadable ?? [])
  const items = rows.flatMap(row => (row.unreadable === undefined ? [row.item] : []))
  return jsonAnswer({ items, ...(unreadable.length > 0 ? { unreadable } : {}), nextCursor })
}

/** `{items, unreadable?, nextCursor}`. Throws 400 for a cursor of another list. */
export async function paginate<T>(listing: ListRequest<T>): Promise<Answer> {
  const { list, limit, keeps } = listing
  const most = keeps ? Math.max(limit + 1, MIN_READ) : limit + 1
  const collected: Collected = { rows: [], bytes: 0 }
  let after: ListPlace | undefined = cursorPlace(list, listing.cursor)
  for (let reads = 0; reads < MAX_READS; reads++) {
    const { rows, next } = await listing.page(most, after).catch(wrongPlace)
    for (const row of keeps ? rows.filter(one => !('item' in one) || keeps(one.item)) : rows) {
      const one: Shown = 'unreadable' in row ? row : { item: listing.shown(row.item), place: row.place }
      collected.rows.push(one)
      collected.bytes += encodedBytes(one.item ?? one.unreadable)
      if (isFull(collected, limit)) return cutPage(list, collected)
    }
    after = next
    if (after === undefined) break
  }
  return answerOf(collected.rows, after === undefined ? null : cursorText(list, after))
}

/** The last row tells that there is more, and belongs to the next page; a single huge one is given all the same. */
function cutPage(list: string, { rows }: Collected): Answer {
  const page = rows.slice(0, Math.max(1, rows.length - 1))
  return answerOf(page, cursorText(list, page.at(-1)!.place))
}
