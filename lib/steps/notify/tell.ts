/** Has the channels of a run's policy told of its end, of a hard stop that follows, of a start without capacity. */
import { ACTIONS } from '../../core/model/action.ts'
import { isUnreadable } from '../../core/model/errors.ts'
import type { Occasion } from '../../core/model/model.ts'
import { FIRST_OUTCOME, type Outcome } from '../../core/model/outcome.ts'
import type { Run } from '../../core/model/run.ts'
import { channelsFor } from '../../core/notify/channel/channel.ts'
import {
  MAX_NAMES,
  occasionOf,
  requestMessage,
  requestOccasion,
  runMessage,
} from '../../core/notify/channel/run-message.ts'
import type { RequestEvent } from '../../core/notify/events.ts'
import { errorFields } from '../../runtime/log.ts'
import type { BaseServices } from '../../runtime/services/base.ts'
import { queueMessage } from './queue-message.ts'

/** Reports what cannot be read instead of failing: another try would not mend it, and nothing else is to wait for it. */
async function reportUnreadable(
  { id }: Run,
  { log, emitMetrics, queue }: BaseServices,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isUnreadable(error)) throw error
    const fields = errorFields(error)
    log.error('no channel can be told of a run', { run: id, ...fields })
    emitMetrics({ DueItemsFailed: 1 })
    const about = `channels of run ${id}`
    await queue.notify({
      alarm: { name: 'DueItemFailed', about, reason: fields.error, cause: 'channels' },
    })
  }
}

/** Sends one message for a run and channel. Most runs tell no channel, and read nothing for it. */
export async function tellEnd(run: Run, services: BaseServices): Promise<void> {
  const occasion = occasionOf(run)
  if (run.notify?.includes(occasion))
    await reportUnreadable(run, services, () => tellOccasion(run, occasion, services))
}

async function tellOccasion(run: Run, occasion: Occasion, services: BaseServices): Promise<void> {
  const { store, config } = services
  const policy = await store.runPolicy(run)
  const names = await firstNames(run, services)
  const telling = { policy, names, service: config.tableName, publicUrl: config.publicUrl }
  for (const channel of channelsFor(policy, occasion))
    await queueMessage(
      { key: `${run.id}.ended`, channel, compose: language => runMessage(run, telling, language) },
      services,
    )
}

/** Which servers are named: those that fell short, where there are some; else those that are done, or that a limit kept. */
function isToBeNamed({ action, summary, status }: Run): (outcome: Outcome) => boolean {
  if (summary.failed + summary.unconfirmed > 0)
    return outcome => outcome.status === 'failed' || outcome.status === 'unconfirmed'
  if (status === 'blocked') return outcome => outcome.code === 'blocked'
  return outcome => outcome.status === ACTIONS[action].done
}

/** Reads outcomes part by part until enough names are found. */
async function firstNames(run: Run, { store }: BaseServices): Promise<string[]> {
  const names: string[] = []
  if (run.summary.matched === 0) return names
  const wanted = isToBeNamed(run)
  const planning = { runId: run.id, planning: run.planning }
  for await (const part of store.outcomes(planning, FIRST_OUTCOME)) {
    names.push(...part.filter(({ outcome }) => wanted(outcome)).map(({ outcome }) => outcome.name))
    if (names.length >= MAX_NAMES) break
  }
  return names.slice(0, MAX_NAMES)
}

/** Sends one message for a run, channel and occasion: for the first such request alone, lest each chunk tells again. */
export async function tellRequests(events: RequestEvent[], run: Run, services: BaseServices): Promise<void> {
  const wanted = events.filter(event => run.notify?.includes(requestOccasion(event)))
  if (wanted.length > 0) await reportUnreadable(run, services, () => tellEach(wanted, run, services))
}

async function tellEach(events: RequestEvent[], run: Run, services: BaseServices): Promise<void> {
  const policy = await services.store.runPolicy(run)
  const { publicUrl } = services.config
  for (const event of events) {
    const occasion = requestOccasion(event)
    for (const channel of channelsFor(policy, occasion))
      await queueMessage(
        {
          key: `${run.id}.${occasion}`,
          channel,
          compose: language => requestMessage(event, run, { policy, publicUrl, language }),
        },
        services,
      )
  }
}
