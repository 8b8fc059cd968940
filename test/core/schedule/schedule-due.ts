import { dueTimes } from '../../../lib/core/schedule/due-times.ts'
import type { Times } from '../../../lib/core/schedule/schedule.ts'

export const ALL = Number.POSITIVE_INFINITY

/** Every evening at 8 in Shanghai, which is noon in UTC. */
export const aSchedule = (overrides: Partial<Times> = {}): Times => ({
  cron: '0 20 * * *',
  timeZone: 'Asia/Shanghai',
  skipDates: [],
  ...overrides,
})

/** An instant on a whole minute, such as `2026-11-21T12:00Z`. */
export const iso = (ms: number): string => new Date(ms).toISOString().replace(':00.000Z', 'Z')

/** The due times later than `from`, up to and with `to`. */
export const due = (schedule: Partial<Times>, from: string, to: string): string[] =>
  dueTimes(aSchedule(schedule), { afterMs: Date.parse(from), untilMs: Date.parse(to), most: ALL }).map(iso)
