/** Sends messages to channels, as fast as each tool takes them, and notes how that went. */
import { Unreadable } from '../../core/model/errors.ts'
import type { StoredChannel } from '../../core/notify/channel/channel.ts'
import {
  type Delivery,
  type DeliveryId,
  deferredDelivery,
  heldDelivery,
} from '../../core/notify/channel/delivery.ts'
import { boundedMessage, type ChannelMessage, withAddresses } from '../../core/notify/channel/message.ts'
import { unsignedAction } from '../../core/notify/snooze-link.ts'
import { afterTry, isToBeSent, isTooLate, type TryEnd } from '../../core/notify/tries.ts'
import { RESEND_SECONDS } from '../../core/tick/attention.ts'
import { errorFields } from '../../runtime/log.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'

const TOO_LATE = 'it could not be sent before what it tells of came'
/** The longest that a queue holds a message back (SendMessage, DelaySeconds). */
const MAX_QUEUED_MS = 900_000

/** What was read of a channel, or why none of its messages can be sent. */
type ReadChannel = { channel: StoredChannel } | { reason: string }

/** Sends a message, if its time and its turn have come. */
export async function deliverMessage(id: DeliveryId, services: NotifyServices): Promise<void> {
  const { store, now } = services
  const delivery = await store.delivery(id)
  if (!delivery) return
  if (!isToBeSent(delivery, now())) return keepWaiting(delivery, services)
  if (isTooLate(delivery, now())) return saveTry(delivery, { reason: delivery.reason ?? TOO_LATE }, services)
  const read = await readChannel(id.channel, services)
  if ('reason' in read) return saveTry(delivery, read, services)
  const { type } = read.channel
  const turn = await store.channelTurn(id.channel, {
    type,
    hasWaited: delivery.hasWaited === true,
    isUrgent: delivery.until !== undefined,
  })
  if (turn.kind === 'deferred') return deferDelivery(delivery, turn.at, services)
  const message = await signedMessage(delivery, read.channel, services)
  const held = heldDelivery(delivery, now())
  // Of two functions at once one holds it, and sends it; after a crash a tick brings it back.
  if (!(await store.saveDelivery(held, delivery))) return
  const end = await services.tell(read.channel, { key: held.key, message })
  if (end.waitMs !== undefined) await store.muteChannel(id.channel, end.waitMs)
  await saveTry(held, end, services)
}

/** Puts back a message that a tick brought too early, by a clock that was set back since. */
async function keepWaiting(delivery: Delivery, { store, now }: NotifyServices): Promise<void> {
  const { nextAt } = delivery
  if (nextAt === undefined || Date.parse(nextAt) - now() <= MAX_QUEUED_MS) return
  await store.saveDelivery(delivery, delivery)
}

/** Signs the links of a warning: their addresses are stored nowhere. */
async function signedMessage(
  { message, warned, channel }: Delivery,
  { language }: StoredChannel,
  services: NotifyServices,
): Promise<ChannelMessage> {
  if (warned === undefined) return message
  const sign = await services.linkSigner()
  const signed = withAddresses(message, url => {
    const action = unsignedAction(url)
    return action === null ? url : sign({ ...warned, channel, language, action })
  })
  return boundedMessage(signed)
}

async function readChannel(id: string, { store }: NotifyServices): Promise<ReadChannel> {
  try {
    const channel = await store.channel(id)
    return channel ? { channel } : { reason: `there is no channel ${id} any more` }
  } catch (error) {
    if (error instanceof Unreadable) return { reason: error.message }
    throw error
  }
}

/** Puts a message off until its turn: a near one is queued, for a later one a tick comes back. */
async function deferDelivery(delivery: Delivery, turnAt: number, services: NotifyServices): Promise<void> {
  const { store, queue, log, now } = services
  const after = deferredDelivery(delivery, turnAt, now())
  const { key, channel, nextAt } = after
  const isSoon = nextAt !== undefined && turnAt - now() <= MAX_QUEUED_MS
  const attentionAt = isSoon ? new Date(turnAt + RESEND_SECONDS * 1000).toISOString() : nextAt
  if (!(await store.saveDelivery(after, delivery, attentionAt))) return
  reportDelivery(after, services)
  if (!isSoon) return
  await queue
    .notify({ delivery: { key, channel } }, (turnAt - now()) / 1000)
    .catch(error =>
      log.warn('a message waits for a tick to send it', { key, channel, ...errorFields(error) }),
    )
}

async function saveTry(delivery: Delivery, end: TryEnd, services: NotifyServices): Promise<void> {
  const after = afterTry(delivery, end, services.now())
  if (after.givenUpAt !== undefined) await raiseGivenUpMessage(after, services)
  if (await services.store.saveDelivery(after, delivery)) reportDelivery(after, services)
}

/** Comes before the end is noted, lest a crash in between loses the alarm. */
async function raiseGivenUpMessage({ key, channel, reason }: Delivery, { queue }: NotifyServices) {
  const about = `message ${key} to channel ${channel}`
  const cause = `channel ${channel}`
  await queue.notify({ alarm: { name: 'WebhookGivenUp', about, reason: reason ?? '', cause } })
}

function reportDelivery(
  { key, channel, tries, reason, nextAt, takenAt, givenUpAt }: Delivery,
  { log, emitMetrics }: NotifyServices,
): void {
  const told = { message: key, channel, tries }
  if (takenAt !== undefined) log.info('message taken', told)
  else if (givenUpAt !== undefined) {
    log.error('message given up', { ...told, reason })
    emitMetrics({ WebhooksGivenUp: 1 }, { channel })
  } else if (reason === undefined) log.info('message waits for its turn', { ...told, nextAt })
  else log.warn('message not taken', { ...told, reason, nextAt })
}
