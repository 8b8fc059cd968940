/** What comes after a run's end: its announcement, its webhook, the later look; and messages to channels. */
import * as z from 'zod'
import { isEnded, type Run } from '../model/run.ts'
import { recheckState } from './recheck.ts'

/** Ended runs of one connection and kind: the later look lists their fleet once for all of them. Or one message to a channel. */
export const NotifyMessage = z.union([
  z.object({ runIds: z.array(z.string()).min(1) }),
  z.object({ delivery: z.object({ key: z.string(), channel: z.string() }) }),
])
export type NotifyMessage = z.infer<typeof NotifyMessage>

/** Whether an ended run on the to-do list still needs notify. */
export const needsNotify = (run: Run, now: number): boolean =>
  isEnded(run) && (run.announcedAt === undefined || recheckState(run, now) !== 'none')
