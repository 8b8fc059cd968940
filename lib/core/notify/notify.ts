/** What comes after a run's end: its announcement, its webhook, the later look. */
import * as z from 'zod'
import { isEnded, type Run } from '../model/run.ts'
import { recheckState } from './recheck.ts'

/** Runs of one connection and kind: the later look lists their fleet once for all of them. */
export const NotifyMessage = z.object({ runIds: z.array(z.string()).min(1) })
export type NotifyMessage = z.infer<typeof NotifyMessage>

/** Whether an ended run on the to-do list still needs notify. */
export const needsNotify = (run: Run, now: number): boolean =>
  isEnded(run) && (run.announcedAt === undefined || recheckState(run, now) !== 'none')
