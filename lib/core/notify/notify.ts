/** What people are told: the end of a run, its webhook, what a later look showed; a stop before it comes; messages to channels. And calendars that are read anew. */
import * as z from 'zod'
import { isEnded, type Run } from '../model/run.ts'
import { lookState } from '../savings/looks.ts'
import { Alarm } from './alarm.ts'
import { DueStop } from './stop-warning.ts'

/**
 * Ended runs of one connection and kind: the later look lists their fleet once for all of them. Stops to be warned of likewise. Or one
 * message to a channel, a calendar, or an alarm.
 */
export const NotifyMessage = z.union([
  z.object({ runIds: z.array(z.string()).min(1) }),
  z.object({ warnings: z.array(DueStop).min(1) }),
  z.object({ delivery: z.object({ key: z.string(), channel: z.string() }) }),
  z.object({ calendarId: z.string() }),
  z.object({ alarm: Alarm }),
])
export type NotifyMessage = z.infer<typeof NotifyMessage>

/** Stops that one message may name. */
const MAX_IN_MESSAGE = 200

/** A stop to be warned of, and the fleet that it is about, by any name. */
export interface WarnedStop {
  stop: DueStop
  fleet: string
}

/** Messages that name stops of one fleet together: it is listed once for all of them. */
export const warningMessages = (toWarn: WarnedStop[]): NotifyMessage[] =>
  [...Map.groupBy(toWarn, ({ fleet }) => fleet).values()].flatMap(group =>
    Array.from({ length: Math.ceil(group.length / MAX_IN_MESSAGE) }, (_, place) => ({
      warnings: group
        .slice(place * MAX_IN_MESSAGE, (place + 1) * MAX_IN_MESSAGE)
        .map(({ stop: { policyId, stopAt } }) => ({ policyId, stopAt })),
    })),
  )

/** Whether an ended run on the to-do list still needs notify. */
export const needsNotify = (run: Run, now: number): boolean =>
  isEnded(run) && (run.announcedAt === undefined || lookState(run, now) !== 'none')
