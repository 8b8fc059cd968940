/** Channels: documents that policies name. */
import type { Change } from '../../../core/documents/change.ts'
import type { KeptDocument } from '../../../core/documents/documents.ts'
import type { Stamps } from '../../../core/model/model.ts'
import { Channel, type StoredChannel } from '../../../core/notify/channel/channel.ts'
import { CHANNELS, channelKey } from '../../keys.ts'
import type { PageStart, Table } from '../../table.ts'
import type { SaveChanged } from './changes.ts'
import { withoutDefaults } from './defaults.ts'
import { documentList } from './document-list.ts'
import { hasDocument, keptChannel, storedChannel, versionIs } from './stored-documents.ts'

export function channelsStore(table: Table, { saveChanged, removeChanged }: SaveChanged) {
  const list = documentList(table)
  return {
    /** Throws `Unreadable`. */
    async channel(id: string): Promise<StoredChannel | null> {
      const item = await table.item(channelKey(id))
      return hasDocument(item) ? storedChannel(item) : null
    },
    /** The same, whatever else it holds: to be replaced or removed. */
    async keptChannel(id: string): Promise<KeptDocument<Stamps> | null> {
      const item = await table.item(channelKey(id))
      return hasDocument(item) ? keptChannel(item) : null
    },
    channels: (page: { most: number; after?: PageStart }) =>
      list({ listKey: CHANNELS, read: storedChannel }, page),

    /** `version`: the one it replaces, null for none. False when another is there by now. */
    saveChannel(channel: StoredChannel, version: number | null, change?: Change): Promise<boolean> {
      const keys = { ...channelKey(channel.id), listKey: CHANNELS, listAt: channel.id }
      return saveChanged({ ...keys, doc: withoutDefaults(channel, Channel) }, versionIs(version), change)
    },
    /** `mark`: as `markDeleting` gave it. False where a policy took it away, or it is another version by now. */
    removeChannel(
      id: string,
      { version, mark }: { version: number; mark: string },
      change: Change,
    ): Promise<boolean> {
      const when = [...versionIs(version), { path: 'deleting', is: mark }]
      return removeChanged(channelKey(id), when, change)
    },
  }
}
