/** Warnings of due stops: an item of its own for each, on the to-do list until it is settled. It stays, so that no stop is warned of twice. */
import { type DueStop, type LinkUse, newWarning, StopWarning } from '../../../core/notify/stop-warning.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import { dueAt, NOT_DUE, warningKey } from '../../keys.ts'
import type { Table } from '../../table.ts'

/** Longer than its links count. */
const KEPT_DAYS = 30

export function warningsStore(table: Table, { now }: Keeping) {
  return {
    /** Puts the warning of a stop on the to-do list; false where it is or was there. `attentionAt`: when a tick comes back to it. */
    createWarning(stop: DueStop, attentionAt: string): Promise<boolean> {
      const key = warningKey(stop)
      const expiry = expiryAttribute({ retentionDays: KEPT_DAYS, now })
      const item = { ...key, ...dueAt(attentionAt, key), ...expiry, doc: newWarning(stop, now()) }
      return table.put(item, [{ path: 'pk', absent: true }])
    },

    async warning(stop: DueStop): Promise<StopWarning | null> {
      const item = await table.item(warningKey(stop))
      return item ? StopWarning.parse(item.doc) : null
    },

    /** Notes what a try made of it, or that one begins; false where another changed it since it was read. */
    async saveWarning(after: StopWarning, before: Pick<StopWarning, 'nextAt'>): Promise<boolean> {
      const { nextAt, used: _, ...rest } = after
      const key = warningKey(after)
      const fields = Object.entries(rest).map(([name, value]) => [`doc.${name}`, value])
      const set = {
        ...Object.fromEntries(fields),
        ...(nextAt ? { 'doc.nextAt': nextAt, ...dueAt(nextAt, key) } : {}),
      }
      const remove = nextAt === undefined ? ['doc.nextAt', ...NOT_DUE] : []
      const same = before.nextAt === undefined ? { absent: true as const } : { is: before.nextAt }
      const when = [{ path: 'doc.nextAt', ...same }]
      return (await table.change(key, { set, remove, when })) !== null
    },

    /** Notes that a link of it acted, the first time; nothing where the warning is gone. */
    async noteLinkUse(stop: DueStop, link: string, use: LinkUse): Promise<void> {
      const when = [{ path: 'doc', present: true as const }]
      await table.change(warningKey(stop), { setOnce: { [`doc.used.${link}`]: use }, when })
    },
  }
}
