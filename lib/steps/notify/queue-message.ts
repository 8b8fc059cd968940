/** Puts messages to channels on the to-do list. */

import { Unreadable } from '../../core/model/errors.ts'
import type { Language } from '../../core/notify/channel/channel.ts'
import type { DeliveryId } from '../../core/notify/channel/delivery.ts'
import type { ChannelMessage } from '../../core/notify/channel/message.ts'
import type { DueStop } from '../../core/notify/stop-warning.ts'
import { RESEND_SECONDS } from '../../core/tick/attention.ts'
import { errorFields } from '../../runtime/log.ts'
import type { BaseServices } from '../../runtime/services/base.ts'

interface QueuedMessage extends DeliveryId {
  /** The message in the channel's language. */
  compose: (language: Language) => ChannelMessage
  /** After this instant it is of no use; absent: a day later. */
  until?: string
  /** The stop that its links without an address are about. */
  warned?: DueStop
}

/**
 * Puts a message to a channel on the to-do list, once for each key, and sends it soon. The caller does not wait for that:
 * `store.delivery` tells what became of it.
 */
export async function queueMessage(
  { compose, until, warned, ...id }: QueuedMessage,
  services: BaseServices,
): Promise<void> {
  const { store, queue, log, now } = services
  const message = compose(await languageOf(id.channel, services))
  // The first try follows at once; a tick sends it again where that was lost.
  const resendAt = new Date(now() + RESEND_SECONDS * 1000).toISOString()
  await store.createDelivery({ ...id, message, until, warned }, resendAt)
  await queue
    .notify({ delivery: { key: id.key, channel: id.channel } })
    .catch(error => log.warn('a message waits for a tick to send it', { ...id, ...errorFields(error) }))
}

/** English where the channel is gone or cannot be read: the message is then given up with that reason. */
async function languageOf(id: string, { store }: BaseServices): Promise<Language> {
  try {
    return (await store.channel(id))?.language ?? 'en'
  } catch (error) {
    if (error instanceof Unreadable) return 'en'
    throw error
  }
}
