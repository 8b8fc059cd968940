/** Feeds, each under the id that its token gives it. */
import { Unreadable } from '../../../core/model/errors.ts'
import { Feed } from '../../../core/overview/feed/document.ts'
import { FEEDS, feedKey, keyId, listedAt } from '../../keys.ts'
import type { Item, PageStart, Table } from '../../table.ts'
import { documentList } from './document-list.ts'

function storedFeed(item: Item): Feed {
  const { data } = Feed.safeParse(item.doc)
  if (data) return data
  throw new Unreadable(`feed ${keyId(item)}, as it is stored, cannot be read by this version. DELETE it`)
}

export function feedsStore(table: Table) {
  const list = documentList(table)
  return {
    /** False when there is one with this id. */
    createFeed(feed: Feed): Promise<boolean> {
      const place = { listKey: FEEDS, listAt: listedAt(feed.createdAt, feed.id) }
      return table.put({ ...feedKey(feed.id), ...place, doc: feed }, [{ path: 'pk', absent: true }])
    },
    async feed(id: string): Promise<Feed | null> {
      const item = await table.item(feedKey(id))
      return item ? storedFeed(item) : null
    },
    /** Oldest first. */
    feeds: (page: { most: number; after?: PageStart }) => list({ listKey: FEEDS, read: storedFeed }, page),
    /** False when there is none. */
    removeFeed: (id: string): Promise<boolean> => table.remove(feedKey(id), [{ path: 'pk', present: true }]),
  }
}
