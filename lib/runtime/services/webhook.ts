/** The way to the receivers of webhooks, for functions that deliver them. */
import { createSecrets } from '../../aws/secrets.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { RunEnded } from '../../core/notify/events.ts'
import { type WebhookTarget, webhookBody } from '../../core/notify/webhook.ts'
import { addressProblem } from '../../core/notify/webhook-address.ts'
import { createWebhook } from '../webhook.ts'
import type { BaseServices } from './base.ts'

export interface WebhookServices {
  /** Sends the end of a run to a webhook, once; why it was not taken, null when it was. */
  webhook: (target: WebhookTarget, ended: RunEnded) => Promise<string | null>
}

/** The longest that a delivery waits for a webhook to be taken. */
const WEBHOOK_TIMEOUT_MS = 10_000

export function createWebhookServices(
  { config, now }: BaseServices,
  problemOf = addressProblem,
): WebhookServices {
  const { proxy, secretsPrefix } = config
  const secrets = createSecrets({ secretsPrefix, now })
  const send = createWebhook({ addressProblem: problemOf, timeoutMs: WEBHOOK_TIMEOUT_MS, proxy, now })
  return {
    async webhook({ url, secretName }, ended) {
      const body = JSON.stringify(webhookBody(ended))
      try {
        const secret = secretName && (await secrets.secret({ source: 'secretsManager', name: secretName }))
        return await send({ url, id: ended.id, body, ...(secret ? { secret } : {}) })
      } catch (error) {
        if (error instanceof CloudError) return error.message
        throw error
      }
    },
  }
}
