/** Webhooks that are to be sent: an item of its own beside a run, on the to-do list until it was taken or given up. */
import { newTries } from '../../../core/notify/tries.ts'
import { Webhook } from '../../../core/notify/webhook.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import { dueAt, NOT_DUE, webhookKey } from '../../keys.ts'
import type { Table } from '../../table.ts'

export function webhooksStore(table: Table, keeping: Keeping) {
  return {
    /** Puts a run's webhook on the to-do list, unless it is or was there; `attentionAt`: when a tick comes back to it. */
    async createWebhook(runId: string, attentionAt: string): Promise<void> {
      const doc: Webhook = { runId, ...newTries(keeping.now()) }
      const key = webhookKey(runId)
      const item = { ...key, ...dueAt(attentionAt, key), ...expiryAttribute(keeping), doc }
      await table.put(item, [{ path: 'pk', absent: true }])
    },

    async webhook(runId: string): Promise<Webhook | null> {
      const item = await table.item(webhookKey(runId))
      return item ? Webhook.parse(item.doc) : null
    },

    /** Notes what a try made of it; of two tries at once, the first counts. */
    async saveWebhook(after: Webhook, { tries }: Pick<Webhook, 'tries'>): Promise<void> {
      const { runId, nextAt } = after
      const key = webhookKey(runId)
      const due = nextAt === undefined ? { remove: NOT_DUE } : {}
      const set = { doc: after, ...(nextAt === undefined ? {} : dueAt(nextAt, key)) }
      const when = [
        { path: 'doc.tries', is: tries },
        { path: 'doc.takenAt', absent: true as const },
      ]
      await table.change(key, { set, ...due, when })
    },
  }
}
