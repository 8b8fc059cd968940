/** Announces finished runs: emits metrics, publishes an event, delivers the webhook if the policy has one. */

import type { Run } from '../../core/model/run.ts'
import { endAlarm } from '../../core/notify/alarm.ts'
import { nextAnnouncement, RUN_ENDED, runEnded } from '../../core/notify/events.ts'
import {
  endMetrics,
  foundNothing,
  hasLooked,
  isTrouble,
  matchesNothing,
  NOTHING_LATEST,
} from '../../core/notify/metrics.ts'
import { afterTry, isToBeSent } from '../../core/notify/tries.ts'
import type { Webhook } from '../../core/notify/webhook.ts'
import { endedAtOf, judgeEnd } from '../../core/overview/attention.ts'
import { firstLookAt } from '../../core/savings/looks.ts'
import { RESEND_SECONDS } from '../../core/tick/attention.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import { ringAlarm } from './ring.ts'
import { tellEnd } from './tell.ts'

/** Announces a run's end. Each way is marked after delivery; a crash before the mark repeats only that way. */
export async function announceRun(run: Run, services: NotifyServices): Promise<void> {
  const { store } = services
  switch (nextAnnouncement(run)) {
    case 'count': {
      await noteEnd(run, services)
      countRunEnd(run, services)
      await warnEmptyPolicy(run, services)
      const counted = await store.counted(run)
      return counted ? announceRun(counted, services) : undefined
    }
    case 'event': {
      const detail = runEnded(run, services.config.tableName)
      await services.publish([{ detailType: RUN_ENDED, detail, at: detail.run.endedAt }])
      const alarm = endAlarm(run)
      if (alarm) await ringAlarm(alarm, services)
      // An item of its own on the to-do list: a receiver that is down holds nothing else up.
      // The first try follows at once; a tick sends it again where that was lost.
      const resendAt = new Date(services.now() + RESEND_SECONDS * 1000).toISOString()
      if (run.webhook) await store.createWebhook(run.id, resendAt)
      await tellEnd(run, services)
      return store.announced(run, firstLookAt(run))
    }
    case 'nothing':
      return
  }
}

/** Notes how the latest run of a policy ended: overviews list it while that end is bad. */
async function noteEnd(run: Run, { store }: NotifyServices): Promise<void> {
  const end = judgeEnd(run)
  if (end === 'none') return
  await store.noteEnd(run, endedAtOf(run), end)
}

function countRunEnd(run: Run, { log, emitMetrics }: NotifyServices): void {
  const { id, action, status, reason, summary, codes, dueAt } = run
  log[isTrouble(run) ? 'warn' : 'info']('run ended', { run: id, status, reason, ...summary, dueAt })
  emitMetrics(endMetrics(run), { run: id, policy: run.policyId, action, status, codes })
}

/** Warns of a policy that matched no server several times running: its tag may be out of use, its ids may be gone. */
async function warnEmptyPolicy(run: Run, { store, log, emitMetrics, queue }: NotifyServices): Promise<void> {
  const { policyId, connection } = run
  if (policyId === undefined || !hasLooked(run) || !foundNothing(run)) return
  if (!matchesNothing(await store.latestRuns({ policyId, connection }, NOTHING_LATEST))) return
  log.warn('a policy matches nothing', { policy: policyId, connection, run: run.id })
  emitMetrics({ PoliciesMatchingNothing: 1 }, { policy: policyId })
  const about = `policy ${policyId} in connection ${connection}`
  const reason = `its latest run is ${run.id}`
  await queue.notify({ alarm: { name: 'NothingMatched', about, reason } })
}

/** Sends a run's webhook, if its time has come, and notes how that went. */
export async function sendWebhook(run: Run, services: NotifyServices): Promise<void> {
  const { store, now } = services
  const webhook = await store.webhook(run.id)
  if (!webhook || !isToBeSent(webhook, now())) return
  const reason = await deliverWebhook(run, services)
  const after = afterTry(webhook, { reason }, now())
  if (after.givenUpAt !== undefined) await raiseGivenUp(after, run, services)
  await store.saveWebhook(after, webhook)
  reportWebhookTry(after, services)
}

async function deliverWebhook(run: Run, { store, webhook, config }: NotifyServices): Promise<string | null> {
  const { webhook: target } = await store.runPolicy(run)
  return target ? webhook(target, runEnded(run, config.tableName)) : null
}

/** Comes before the try is noted: after a crash in between, the try and its alarm are repeated, not lost. */
async function raiseGivenUp({ runId, reason }: Webhook, run: Run, { queue }: NotifyServices): Promise<void> {
  const about = `webhook of run ${runId}`
  const cause = run.policyId === undefined ? about : `policy ${run.policyId}`
  await queue.notify({ alarm: { name: 'WebhookGivenUp', about, reason: reason ?? '', cause } })
}

function reportWebhookTry(
  { runId, tries, reason, nextAt, givenUpAt }: Webhook,
  { log, emitMetrics }: NotifyServices,
): void {
  if (givenUpAt !== undefined) {
    log.error('webhook given up', { run: runId, tries, reason })
    emitMetrics({ WebhooksGivenUp: 1 }, { run: runId })
  } else if (nextAt !== undefined) log.warn('webhook not taken', { run: runId, tries, reason, nextAt })
  else log.info('webhook taken', { run: runId, tries })
}
