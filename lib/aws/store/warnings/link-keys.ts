/** The keys that sign links, all in one item. They open no other door, and are shown by nothing. */
import { LinkKeys } from '../../../core/notify/link-key.ts'
import { LINK_KEYS_KEY } from '../../keys.ts'
import type { Table } from '../../table.ts'

export function linkKeysStore(table: Table) {
  return {
    /** Newest first; none where none was made yet. */
    async linkKeys(): Promise<LinkKeys> {
      const item = await table.item(LINK_KEYS_KEY)
      return item ? LinkKeys.parse(item.doc) : []
    },

    /** `replaces`: those that were read. False where another was quicker. */
    saveLinkKeys(keys: LinkKeys, replaces: LinkKeys): Promise<boolean> {
      const [newest] = replaces
      const when = newest ? { path: 'newest', is: newest.id } : { path: 'pk', absent: true as const }
      return table.put({ ...LINK_KEYS_KEY, newest: keys[0]?.id, doc: keys }, [when])
    },
  }
}
