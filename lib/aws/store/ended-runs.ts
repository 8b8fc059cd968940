/** What is noted of a run after its end. */
import type { Run } from '../../core/model/run.ts'
import { dueAt, NOT_DUE, runKey } from '../keys.ts'
import type { Table } from '../table.ts'
import { runFrom } from './runs.ts'

export function endedRuns(table: Table, { now }: { now: () => number }) {
  return {
    /** Its end was counted; the run as it is then. */
    async counted({ id, status }: Run): Promise<Run | null> {
      const setOnce = { 'doc.countedAt': new Date(now()).toISOString() }
      const when = [{ path: 'doc.status', is: status }]
      return runFrom((await table.change(runKey(id), { setOnce, when })) ?? undefined)
    },

    /** Its end was announced; `attentionAt`: when it needs attention once more, null for never. */
    async announced({ id }: Run, attentionAt: string | null): Promise<void> {
      const setOnce = { 'doc.announcedAt': new Date(now()).toISOString() }
      const key = runKey(id)
      const due = attentionAt === null ? { remove: NOT_DUE } : { set: dueAt(attentionAt, key) }
      await table.change(key, { setOnce, ...due, when: [{ path: 'doc.announcedAt', absent: true }] })
    },

    /** Holds on to a run that is to be looked at once more; false when it was looked at meanwhile. */
    async holdRecheck({ id }: Run, leaseUntil: string): Promise<boolean> {
      const key = runKey(id)
      const change = {
        set: dueAt(leaseUntil, key),
        when: [{ path: 'doc.recheckedAt', absent: true as const }],
      }
      return (await table.change(key, change)) !== null
    },

    /** The servers that it stopped were looked at once more: it needs no attention any more. */
    async rechecked({ id }: Run): Promise<void> {
      const setOnce = { 'doc.recheckedAt': new Date(now()).toISOString() }
      await table.change(runKey(id), { setOnce, remove: NOT_DUE })
    },

    /** It needs no attention any more. */
    async letGo({ id }: Run): Promise<void> {
      await table.change(runKey(id), { remove: NOT_DUE })
    },
  }
}
