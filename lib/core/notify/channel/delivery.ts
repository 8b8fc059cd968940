/** A message on its way to a channel. */
import * as z from 'zod'
import { Id } from '../../model/model.ts'
import { isoInstant } from '../../schedule/instant.ts'
import { DueStop } from '../stop-warning.ts'
import { isTooLate, newTries, Tries } from '../tries.ts'
import { boundedMessage, ChannelMessage } from './message.ts'

/** Names one message to one channel: there is one for each key. */
export interface DeliveryId {
  key: string
  channel: string
}

export interface DeliveryMessage extends DeliveryId {
  message: ChannelMessage
  /** After this instant it is of no use; absent: a day later. */
  until?: string | undefined
  /** The stop that its links without an address are about. */
  warned?: DueStop | undefined
}

export const Delivery = z.object({
  /** Names what it tells of, such as the end of a run: made again, it is the same message. */
  key: z.string(),
  channel: Id,
  message: ChannelMessage,
  ...Tries.shape,
  /** It has waited for its turn: messages that came later wait behind it. */
  hasWaited: z.literal(true).optional(),
  warned: DueStop.optional(),
})
export type Delivery = z.infer<typeof Delivery>

export const newDelivery = ({ message, until, warned, ...id }: DeliveryMessage, now: number): Delivery => ({
  ...id,
  message: boundedMessage(message),
  ...newTries(now),
  ...(until === undefined ? {} : { until }),
  ...(warned === undefined ? {} : { warned }),
})

/** How long a delivery is held by a function that sends it: after a crash it is sent again. */
const HOLD_SECONDS = 120

export const heldDelivery = (delivery: Delivery, now: number): Delivery => ({
  ...delivery,
  nextAt: isoInstant(now + HOLD_SECONDS * 1000),
})

/** Puts a delivery off until its turn, or gives it up where that is too late. */
export function deferredDelivery(delivery: Delivery, turnAt: number, now: number): Delivery {
  const { nextAt: _, ...rest } = delivery
  if (!isTooLate(delivery, turnAt)) return { ...rest, nextAt: isoInstant(turnAt), hasWaited: true }
  const reason =
    delivery.until === undefined
      ? 'more messages wait for this channel than its tool takes in a day'
      : 'its tool takes the message only once what it tells of has come'
  return { ...rest, reason, givenUpAt: isoInstant(now) }
}
