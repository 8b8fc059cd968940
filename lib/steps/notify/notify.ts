/** Tells people: of a stop before it comes, of a run's end; looks at its servers later. Sends messages to channels, reads calendars, rings alarms. */
import { isEnded, type Run } from '../../core/model/run.ts'
import type { NotifyMessage } from '../../core/notify/notify.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import { errorFields } from '../../runtime/log.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import { attendCalendar } from '../calendars/refresh.ts'
import { announceRun, sendWebhook } from './announce.ts'
import { deliverMessage } from './deliver.ts'
import { lookAtRuns } from './look.ts'
import { ringAlarm } from './ring.ts'
import { warnOfStops } from './warn.ts'

const SIDE_BY_SIDE = 10

export async function notify(message: NotifyMessage, services: NotifyServices): Promise<void> {
  if ('delivery' in message) return deliverMessage(message.delivery, services)
  if ('warnings' in message) return warnOfStops(message.warnings, services)
  if ('calendarId' in message) return attendCalendar(message.calendarId, services)
  if ('alarm' in message) return ringAlarm(message.alarm, services)
  return notifyOfRuns(message.runIds, services)
}

/** Announcements and webhooks first: a later look may take minutes. A run that fails holds up no other. */
async function notifyOfRuns(runIds: string[], services: NotifyServices): Promise<void> {
  const ended: Run[] = []
  const results = await settleAll([...new Set(runIds)], { sideBySide: SIDE_BY_SIDE }, async runId => {
    const run = await services.store.run(runId)
    if (!run || !isEnded(run)) return
    try {
      await announceRun(run, services)
      if (run.webhook) await sendWebhook(run, services)
      ended.push(run)
    } catch (error) {
      await reportFailure(run, error, services)
      throw error
    }
  })
  await lookAtRuns(ended, services)
  throwFirstRejection(results)
}

/** A tick sends the run again; the alarm rings where that fails, too. */
async function reportFailure({ id }: Run, error: unknown, services: NotifyServices): Promise<void> {
  const { log, emitMetrics, queue } = services
  const fields = errorFields(error)
  log.error('a due item cannot be dealt with; the others go on', { kind: 'run', id, ...fields })
  emitMetrics({ DueItemsFailed: 1 })
  await queue.notify({ alarm: { name: 'DueItemFailed', about: `run ${id}`, reason: fields.error } })
}
