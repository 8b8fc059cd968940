/** What a webhook says, and when one that was not taken is sent again. */

import * as z from 'zod'
import { doneText } from '../follow/ending.ts'
import { Instant, type RunPolicy } from '../model/model.ts'
import { printable } from '../model/printable.ts'
import { isoInstant } from '../schedule/instant.ts'
import { RunEnded } from './events.ts'

/** Where a webhook goes, and what its signature is made with. */
export type WebhookTarget = NonNullable<RunPolicy['webhook']>

/** How the sending of a run's webhook stands. */
export const Webhook = z.object({
  runId: z.string(),
  /** When it was first to be sent: right after the run's end was told. */
  since: Instant,
  /** How often it was sent and not taken. */
  tries: z.int().min(0),
  /** When it is to be sent again; absent once it was taken or given up. */
  nextAt: Instant.optional(),
  takenAt: Instant.optional(),
  givenUpAt: Instant.optional(),
  /** Why it was not taken the last time. */
  reason: z.string().optional(),
})
export type Webhook = z.infer<typeof Webhook>

const FIRST_PAUSE_MS = 60_000
const MAX_PAUSE_MS_LENGTH = 3_600_000
/** What was not taken in this time is not sent again. */
const GIVEN_UP_MS = 24 * 3_600_000

export const newWebhook = (runId: string, now: number): Webhook => ({
  runId,
  since: isoInstant(now),
  tries: 0,
  nextAt: isoInstant(now),
})

/** Whether it is to be sent now: of a message that comes twice, the second one finds it done, or its time not come. */
export const isToBeSent = ({ nextAt }: Webhook, now: number): boolean =>
  nextAt !== undefined && now >= Date.parse(nextAt)

/** What a try makes of it; `reason`: why it was not taken, null where it was. A minute's pause, then twice as long each time. */
export function afterTry({ nextAt: _, ...webhook }: Webhook, reason: string | null, now: number): Webhook {
  if (reason === null) return { ...webhook, takenAt: isoInstant(now) }
  const tries = webhook.tries + 1
  const nextAt = now + Math.min(MAX_PAUSE_MS_LENGTH, FIRST_PAUSE_MS * 2 ** webhook.tries)
  const isOver = nextAt > Date.parse(webhook.since) + GIVEN_UP_MS
  return {
    ...webhook,
    tries,
    reason,
    ...(isOver ? { givenUpAt: isoInstant(now) } : { nextAt: isoInstant(nextAt) }),
  }
}

/** What is posted: the event, version 1, and its one line. No `type`: Mattermost takes that for its own, and refuses the message. */
export const WebhookBody = z.object({
  event: z.literal('curfew.run.ended'),
  timestamp: Instant,
  /** For people: what chat tools show. */
  text: z.string(),
  ...RunEnded.shape,
})
export type WebhookBody = z.infer<typeof WebhookBody>

const MARKS: Record<RunEnded['run']['status'], string> = {
  succeeded: '✅',
  partial: '⚠️',
  failed: '❌',
  blocked: '⛔',
  missed: '⏰',
  cancelled: '🚫',
}
const MAX_TEXT_LENGTH = 600

/** Such as `✅ Curfew: nightly-dev succeeded: 12 of 12 targets stopped, 3 skipped (due 2026-11-21T12:00:00.000Z)`. */
function messageText({ run }: RunEnded): string {
  const { status, summary, reason, policyId, dueAt, dryRun } = run
  const numbers = `${doneText(run)}, ${summary.skipped} skipped`
  const what = `${policyId ?? run.id}${dryRun ? ' (dry run)' : ''} ${status}`
  const line = `${MARKS[status]} Curfew: ${what}: ${reason ?? numbers} (due ${dueAt})`
  // How chat tools spell links and mentions: angle brackets in some, an at sign in others.
  const safe = printable(line)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('@', '＠')
  return safe.length > MAX_TEXT_LENGTH ? `${safe.slice(0, MAX_TEXT_LENGTH - 1)}…` : safe
}

export const webhookBody = (ended: RunEnded): WebhookBody => ({
  event: 'curfew.run.ended',
  timestamp: ended.run.endedAt,
  text: messageText(ended),
  ...ended,
})
