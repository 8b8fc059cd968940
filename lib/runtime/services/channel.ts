/** The way to the channels, for functions that send to them. */
import { createSecrets } from '../../aws/secrets.ts'
import { hideSecrets, retryAfterSeconds } from '../../cloud/http/answer-parts.ts'
import { CloudError } from '../../core/model/errors.ts'
import { answerEnd, type ChannelAnswer } from '../../core/notify/channel/answer.ts'
import { type Channel, type ChannelSecret, readChannelSecret } from '../../core/notify/channel/channel.ts'
import { channelForm } from '../../core/notify/channel/forms/form.ts'
import type { ChannelMessage } from '../../core/notify/channel/message.ts'
import type { TryEnd } from '../../core/notify/tries.ts'
import { addressProblem } from '../../core/notify/webhook-address.ts'
import { secretParts, signedPost } from '../channel-post.ts'
import { createPublicRequests, type PublicAnswer } from '../public-request.ts'
import type { BaseServices } from './base.ts'

export interface ChannelServices {
  /** Sends a message to a channel, once; `key` is the same each time it is sent. */
  tell: (channel: Channel, sent: { key: string; message: ChannelMessage }) => Promise<TryEnd>
}

/** The longest that a message waits for a tool to take it. */
const CHANNEL_TIMEOUT_MS = 10_000
/** More is no answer of these tools. */
const MAX_ANSWER_BYTES = 65_536
const MAX_REASON_CHARACTERS = 300

/** What is wrong with a secret, and never what it says. */
class SecretProblem extends Error {}

export function createChannelServices(
  { config, now }: BaseServices,
  problemOf = addressProblem,
): ChannelServices {
  const { proxy, secretsPrefix, variables } = config
  const secrets = createSecrets({ secretsPrefix, now })
  const send = createPublicRequests({ addressProblem: problemOf, timeoutMs: CHANNEL_TIMEOUT_MS, proxy })

  async function secretOf({ credentials: { source, name } }: Channel): Promise<ChannelSecret> {
    if (source === 'environment') {
      const url = variables[`${name}CHANNEL_URL`]
      const signingKey = variables[`${name}CHANNEL_SIGNING_KEY`]
      if (!url) throw new SecretProblem(`expected its URL in ${name}CHANNEL_URL, and there is none`)
      return { url, ...(signingKey ? { signingKey } : {}) }
    }
    const secret = readChannelSecret(jsonOrNothing(await secrets.secret({ source, name })))
    // It may be right by now.
    if ('problem' in secret) secrets.drop({ source, name })
    if ('problem' in secret) throw new SecretProblem(`secret "${name}": ${secret.problem}`)
    return secret
  }

  return {
    async tell(channel, { key, message }) {
      const { type, credentials } = channel
      try {
        const secret = await secretOf(channel)
        const body = JSON.stringify(channelForm(type, message))
        const post = signedPost(type, { secret, key, body }, now())
        const result = await send({ method: 'POST', ...post, maxBytes: maxBytesOf(type) })
        const end =
          'problem' in result
            ? { reason: result.problem }
            : answerEnd(type, channelAnswer(result.answer, now()))
        // What was refused may be right by now.
        if (end.reason !== null && credentials.source !== 'environment')
          secrets.drop({ source: credentials.source, name: credentials.name })
        if (end.reason === null) return end
        // Cut before, a secret would be hidden in part alone.
        const reason = hideSecrets(secretParts(secret), end.reason).slice(0, MAX_REASON_CHARACTERS)
        return { ...end, reason }
      } catch (error) {
        if (error instanceof CloudError || error instanceof SecretProblem) return { reason: error.message }
        throw error
      }
    },
  }
}

/** Of a receiver of webhooks the status says all, and its answer may be of any length. */
const maxBytesOf = (type: Channel['type']): number => (type === 'webhook' ? 0 : MAX_ANSWER_BYTES)

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The longest that a tool may want to be left alone. */
const MAX_WAIT_SECONDS = 86_400

function channelAnswer({ status, headers, body }: PublicAnswer, now: number): ChannelAnswer {
  const [value = null] = [headers['retry-after'] ?? []].flat()
  const seconds = retryAfterSeconds(value, now)
  return {
    status,
    text: body.toString('utf8'),
    retryAfterSeconds: seconds ? Math.min(MAX_WAIT_SECONDS, seconds) : null,
  }
}
