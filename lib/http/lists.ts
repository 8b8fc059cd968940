/** Pages of lists, filtered or not. */
import { cursorPlace, cursorText, refuseCursor } from './cursor.ts'
import { type Answer, json } from './route.ts'

/** Reads after which a page is given as it is, however few of them passed the filter. */
const MOST_READS = 20
/** Read at once where a filter leaves out some. */
const LEAST_READ = 200
/** Lambda answers with 6 MB at most. */
const MOST_BYTES = 4_000_000

type Place = Record<string, unknown>

interface Listing<T> {
  /** Its name and its filters: a cursor is good for these alone. */
  list: string
  limit: number
  cursor?: string
  /** One page of at most so many, from a place on. */
  page: (most: number, after: Place | undefined) => Promise<{ items: T[]; next: Place | undefined }>
  /** Where the list goes on after an item. */
  placeOf: (item: T) => Place
  keeps?: (item: T) => boolean
  shown: (item: T) => unknown
}

interface Collected<T> {
  items: T[]
  shown: unknown[]
  bytes: number
}

/** How many of the collected items fill the page; `null` while more may be added. */
const isFull = <T>({ items, bytes }: Collected<T>, limit: number): boolean =>
  items.length > limit || bytes > MOST_BYTES

function add<T>(collected: Collected<T>, item: T, shown: unknown): void {
  collected.items.push(item)
  collected.shown.push(shown)
  collected.bytes += JSON.stringify(shown).length
}

/** The table's own word for a place that is none of this list: somebody made up a cursor. */
function wrongPlace(error: unknown): never {
  if (error instanceof Error && error.name === 'ValidationException') refuseCursor()
  throw error
}

/** `{items, nextCursor}`. Throws 400 for a cursor of another list. */
export async function listed<T>(listing: Listing<T>): Promise<Answer> {
  const { list, limit, keeps } = listing
  const most = keeps ? Math.max(limit + 1, LEAST_READ) : limit + 1
  const collected: Collected<T> = { items: [], shown: [], bytes: 0 }
  let after: Place | undefined = cursorPlace(list, listing.cursor)
  for (let reads = 0; reads < MOST_READS; reads++) {
    const { items, next } = await listing.page(most, after).catch(wrongPlace)
    for (const item of keeps ? items.filter(keeps) : items) {
      add(collected, item, listing.shown(item))
      if (isFull(collected, limit)) return cut(listing, collected)
    }
    after = next
    if (after === undefined) break
  }
  const nextCursor = after === undefined ? null : cursorText(list, after)
  return json({ items: collected.shown, nextCursor })
}

/** The last item tells that there is more, and belongs to the next page; a single huge one is given all the same. */
function cut<T>({ list, placeOf }: Listing<T>, { items, shown }: Collected<T>): Answer {
  const count = Math.max(1, items.length - 1)
  return json({ items: shown.slice(0, count), nextCursor: cursorText(list, placeOf(items[count - 1]!)) })
}
