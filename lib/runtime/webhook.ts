/** Sends a webhook: signed, once, to a public address alone. */
import { createHmac } from 'node:crypto'
import { createPublicRequests, type PublicOptions, statusProblem } from './public-request.ts'

export interface OutgoingWebhook {
  url: string
  /** What tells this message from every other, and is the same each time it is sent. */
  id: string
  body: string
  /** Absent: it is not signed. */
  secret?: string
}
export interface WebhookOptions extends PublicOptions {
  /** ms since the epoch */
  now: () => number
}
/** Why it was not taken; null when it was. */
type SendWebhook = (outgoing: OutgoingWebhook) => Promise<string | null>

/** A secret that begins so is base64 after it, any other is the text itself (Standard Webhooks, "Signature scheme"). */
const BASE64_MARK = 'whsec_'

/** The headers of Standard Webhooks: the holder of the secret can verify origin, integrity and age. */
export function signedHeaders({ id, body, secret }: OutgoingWebhook, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === undefined) return headers
  const key = secret.startsWith(BASE64_MARK)
    ? Buffer.from(secret.slice(BASE64_MARK.length), 'base64')
    : Buffer.from(secret, 'utf8')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}

/** Never throws. The URL itself is not told: for some receivers it is a secret. */
export function createWebhook({ now, ...options }: WebhookOptions): SendWebhook {
  const send = createPublicRequests(options)
  return async outgoing => {
    const { url, body } = outgoing
    const headers = { 'content-type': 'application/json', ...signedHeaders(outgoing, now()) }
    const result = await send({ method: 'POST', url, headers, body, maxBytes: 0 })
    return 'problem' in result ? result.problem : statusProblem(result.answer.status)
  }
}
