/** The latest time that a step noted, and items that stand under times still to come. */
import type { Run } from '../../core/model/run.ts'
import type { DueItem } from '../../core/tick/attention.ts'
import type { SetAside } from '../../core/tick/clock.ts'
import { AWAITED_TICK_KEY, CLOCK_KEY, DUE, dueAt, dueUntil, runKey } from '../keys.ts'
import type { Item, Table } from '../table.ts'

export function clockStore(table: Table, dueOf: (item: Item) => DueItem) {
  return {
    async notedTime(): Promise<string | null> {
      const item = await table.item(CLOCK_KEY)
      return item === undefined ? null : String(item.notedAt)
    },

    /** Since when a first tick is awaited: noted by the first call. Of use only while no tick has noted its time. */
    async tickAwaitedSince(nowAt: string): Promise<string> {
      const isFirst = await table.put({ ...AWAITED_TICK_KEY, since: nowAt }, [{ path: 'pk', absent: true }])
      return isFirst ? nowAt : String((await table.item(AWAITED_TICK_KEY))?.since)
    },

    /** Notes a time, unless a later one is noted. */
    async noteTime(notedAt: string): Promise<void> {
      await table.put({ ...CLOCK_KEY, notedAt }, [{ path: 'notedAt', atMost: notedAt }])
    },

    /** Notes an earlier time in place of the one that was wrong; nothing where another is noted by now. */
    async correctNotedTime(wrong: string, notedAt: string): Promise<void> {
      await table.put({ ...CLOCK_KEY, notedAt }, [{ path: 'notedAt', is: wrong }])
    },

    /** What needs attention after an instant, page by page. */
    async *dueAfter(instant: string): AsyncGenerator<DueItem[]> {
      const range = { name: 'dueAt', from: dueUntil(instant) }
      for await (const page of table.pages({ index: 'due', hash: ['dueKey', DUE], range }))
        yield page.map(dueOf)
    },

    /** Sets a run aside that was made before its time; false when it went on since it was read. */
    async setRunAside({ id, status, planning }: Run, aside: SetAside): Promise<boolean> {
      const key = runKey(id)
      const fields = Object.entries(aside).map(([name, value]) => [`doc.${name}`, value])
      const attention = aside.endedAt === undefined ? {} : dueAt(aside.endedAt, key)
      const when = [
        { path: 'doc.status', is: status },
        { path: 'doc.planning', is: planning },
      ]
      return (
        (await table.change(key, { set: { ...Object.fromEntries(fields), ...attention }, when })) !== null
      )
    },
  }
}
