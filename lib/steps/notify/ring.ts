/** Rings alarms: by an event on the bus, where a rule for each alarm sends its text. */
import type { Alarm } from '../../core/notify/alarm.ts'
import { ALARM_RINGS, alarmEvent } from '../../core/notify/events.ts'
import type { BaseServices } from '../../runtime/services/base.ts'
import type { EventServices } from '../../runtime/services/bus.ts'

/** Marks the alarm as told once it is published: after a crash in between, the next step that sees it tells it again. */
export async function ringAlarm(alarm: Alarm, services: BaseServices & EventServices): Promise<void> {
  const { store, publish, config, log } = services
  if (config.eventBusName === undefined) return
  const ringsAt = await store.noteAlarm(alarm)
  if (ringsAt === null) return
  const detail = alarmEvent(alarm, { service: config.tableName, ringsAt })
  await publish([{ detailType: ALARM_RINGS, detail, at: ringsAt }])
  await store.alarmTold(alarm)
  log.info('alarm rings', { alarm: alarm.name, about: alarm.about })
}
