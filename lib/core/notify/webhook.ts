/** What a webhook says. */

import * as z from 'zod'
import { doneText } from '../follow/ending.ts'
import { Instant, type RunPolicy } from '../model/model.ts'
import { printable } from '../model/printable.ts'
import { RunEnded } from './events.ts'
import { Tries } from './tries.ts'

/** Where a webhook goes, and what its signature is made with. */
export type WebhookTarget = NonNullable<RunPolicy['webhook']>

/** How the sending of a run's webhook stands: first to be sent right after the run's end was told. */
export const Webhook = z.object({ runId: z.string(), ...Tries.shape })
export type Webhook = z.infer<typeof Webhook>

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
