/** What is remembered of alarms, so that the same is told seldom. */
import { type Alarm, AlarmState, alarmCause, decideAlarm } from '../../../core/notify/alarm.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import { alarmKey } from '../../keys.ts'
import type { Table } from '../../table.ts'

/** Conflicts in a row after which another has seen the same, and told of it. */
const MAX_CONFLICTS = 20
/** Longer than it takes any alarm to ring again. */
const KEPT_DAYS = 3

export function alarmsStore(table: Table, { now }: Keeping) {
  return {
    /** Notes that an alarm was seen: since when it rings where it is to be told now, else `null`. Of several at once, one tells. */
    async noteAlarm(alarm: Alarm): Promise<string | null> {
      const key = alarmKey(alarm.name, alarmCause(alarm))
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
        const item = await table.item(key)
        // What cannot be read is no reason not to tell.
        const before = AlarmState.safeParse(item?.doc).data ?? null
        const { rings, state } = decideAlarm(alarm, before, now())
        if (state === null) return null
        const version = typeof item?.version === 'number' ? item.version : 0
        const same = item ? { path: 'version', is: version } : { path: 'pk', absent: true as const }
        const kept = expiryAttribute({ retentionDays: KEPT_DAYS, now })
        if (await table.put({ ...key, version: version + 1, ...kept, doc: state }, [same]))
          return rings ? (state.ringsAt ?? null) : null
      }
      return null
    },

    /** Notes that an alarm was told. */
    async alarmTold(alarm: Alarm): Promise<void> {
      const key = alarmKey(alarm.name, alarmCause(alarm))
      const when = [{ path: 'pk', is: key.pk }]
      await table.change(key, { set: { 'doc.toldAt': isoInstant(now()) }, when })
    },
  }
}
