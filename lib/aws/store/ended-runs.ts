/** What is noted of a run after its end. */
import type { Run } from '../../core/model/run.ts'
import { dueAt, NOT_DUE, runKey } from '../keys.ts'
import type { Table } from '../table.ts'
import { runFrom } from './runs.ts'

/** Of two looks at once, the one that began later finds the other. */
const sinceLook = (lookedAt: string | undefined) =>
  lookedAt === undefined
    ? { path: 'doc.lookedAt', absent: true as const }
    : { path: 'doc.lookedAt', is: lookedAt }

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

    /** Holds on to a run whose servers are to be looked at; false when they were looked at since it was read. */
    async holdLook({ id, lookedAt }: Run, leaseUntil: string): Promise<boolean> {
      const key = runKey(id)
      return (await table.change(key, { set: dueAt(leaseUntil, key), when: [sinceLook(lookedAt)] })) !== null
    },

    /** The servers that it stopped were looked at; `nextAt`: when they are looked at again, null for not any more. */
    async looked(
      { id, lookedAt: before }: Run,
      { lookedAt, nextAt, prices }: { lookedAt: string; nextAt: string | null; prices?: Run['prices'] },
    ): Promise<void> {
      const key = runKey(id)
      const set = { 'doc.lookedAt': lookedAt, 'doc.prices': prices }
      const setOnce = { 'doc.recheckedAt': lookedAt }
      const when = [sinceLook(before)]
      await table.change(
        key,
        nextAt === null
          ? { set: { ...set, 'doc.looksEndedAt': lookedAt }, setOnce, remove: NOT_DUE, when }
          : { set: { ...set, ...dueAt(nextAt, key) }, setOnce, when },
      )
    },

    /** It needs no attention any more. */
    async letGo({ id }: Run): Promise<void> {
      await table.change(runKey(id), { remove: NOT_DUE })
    },
  }
}
