/** A message on its way to a channel. */
import * as z from 'zod'
import { Id } from '../../model/model.ts'
import { isoInstant } from '../../schedule/instant.ts'
import { DueStop } from '../stop-warning.ts'
import { isTooLate, newTries, Tries } from '../tries.ts'
import { boundedMessage, ChannelMessage } from './message.ts'

/** Which message to which channel: there is one of each key. */
export interface DeliveryId {
  key: string
  channel: string
}

/** What is to be told, and after which instant it is of no more use; absent: a day later. */
export interface DeliveryMessage extends DeliveryId {
  message: ChannelMessage
  until?: string | undefined
  /** The stop that its links without an address are about. */
  warned?: DueStop | undefined
}

export const Delivery = z.object({
  /** What it tells of, such as a run and that it ended: made again, it is the same one. */
  key: z.string(),
  channel: Id,
  message: ChannelMessage,
  ...Tries.shape,
  /** It waited for its turn: later ones wait behind it. */
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

/** A function that took it up and died leaves it for so long. */
const HOLD_SECONDS = 120

export const heldDelivery = (delivery: Delivery, now: number): Delivery => ({
  ...delivery,
  nextAt: isoInstant(now + HOLD_SECONDS * 1000),
})

/** To be sent when its turn comes; given up where that is too late. */
export function deferredDelivery(delivery: Delivery, turnAt: number, now: number): Delivery {
  const { nextAt: _, ...rest } = delivery
  if (!isTooLate(delivery, turnAt)) return { ...rest, nextAt: isoInstant(turnAt), hasWaited: true }
  const reason =
    delivery.until === undefined
      ? 'more messages wait for this channel than its tool takes in a day'
      : 'its tool takes the message only once what it tells of has come'
  return { ...rest, reason, givenUpAt: isoInstant(now) }
}
