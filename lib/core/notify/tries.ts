/** How the sending of something that a receiver is to take stands, and when it is sent again. */
import * as z from 'zod'
import { Instant } from '../model/model.ts'
import { isoInstant } from '../schedule/instant.ts'

export const Tries = z.object({
  /** When it was first to be sent. */
  since: Instant,
  /** How often it was sent and not taken. */
  tries: z.int().min(0),
  /** When it is to be sent again; absent once it was taken or given up. */
  nextAt: Instant.optional(),
  takenAt: Instant.optional(),
  givenUpAt: Instant.optional(),
  /** Why it was not taken the last time. */
  reason: z.string().optional(),
  /** After this it is of no more use. */
  until: Instant.optional(),
})
export type Tries = z.infer<typeof Tries>

const FIRST_PAUSE_MS = 60_000
const MAX_PAUSE_MS = 3_600_000
/** What was not taken in this time is not sent again. */
const GIVEN_UP_MS = 24 * 3_600_000

export const newTries = (now: number): Tries => ({
  since: isoInstant(now),
  tries: 0,
  nextAt: isoInstant(now),
})

/** Whether it is to be sent now: of a message that comes twice, the second one finds it done, or its time not come. */
export const isToBeSent = ({ nextAt }: Pick<Tries, 'nextAt'>, now: number): boolean =>
  nextAt !== undefined && now >= Date.parse(nextAt)

/** Whether an instant is too late to send it. */
export const isTooLate = ({ since, until }: Pick<Tries, 'since' | 'until'>, ms: number): boolean =>
  ms > Date.parse(since) + GIVEN_UP_MS || (until !== undefined && ms >= Date.parse(until))

/** How a try went. */
export interface TryEnd {
  /** Why it was not taken; `null` where it was. */
  reason: string | null
  /** The least that the receiver wants to be left alone for. */
  waitMs?: number
}

/** What a try makes of it. A minute's pause, then twice as long each time. */
export function afterTry<T extends Tries>(sent: T, { reason, waitMs = 0 }: TryEnd, now: number): T {
  const { nextAt: _, ...rest } = sent
  if (reason === null) return { ...rest, takenAt: isoInstant(now) } as T
  const tries = sent.tries + 1
  const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** sent.tries)
  const nextAt = now + Math.max(pauseMs, waitMs)
  const then = isTooLate(sent, nextAt) ? { givenUpAt: isoInstant(now) } : { nextAt: isoInstant(nextAt) }
  return { ...rest, tries, reason, ...then } as T
}
