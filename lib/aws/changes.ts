/** Who changed a policy, a connection or the settings, newest first; they outlive what they are about. */
import { Change } from '../core/change.ts'
import type { Page, Place } from './documents.ts'
import { type ChangedThing, changeKey, changesPrefix } from './keys.ts'
import type { Table } from './table.ts'

interface ChangesOptions {
  retentionDays: number
  now: () => number
  unique: () => string
}

export function changes(table: Table, { retentionDays, now, unique }: ChangesOptions) {
  return {
    async createChange(of: ChangedThing, change: Change): Promise<void> {
      const expiresAt = Math.floor(now() / 1000) + retentionDays * 86_400
      await table.put({ ...changeKey(of, `${change.at}#${unique()}`), expiresAt, doc: change })
    },

    /** Newest first, each with the place where the list goes on after it. */
    async changes(
      of: ChangedThing,
      { most, after }: { most: number; after?: Place },
    ): Promise<Page<{ change: Change; place: Place }>> {
      const { pk } = changeKey(of, '')
      const range = { name: 'sk', prefix: changesPrefix }
      const { items, next } = await table.query({ hash: ['pk', pk], range, newestFirst: true, most, after })
      const shown = items.map(item => ({ change: Change.parse(item.doc), place: { pk, sk: item.sk } }))
      return { items: shown, next }
    },
  }
}
