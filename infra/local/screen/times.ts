/** Times as people read them. */
import { localTime } from '../../../lib/core/schedule/zone.ts'

/** `2026-11-21 20:00 +08:00 Asia/Shanghai` */
export const zoned = (at: string, timeZone: string): string => localTime(Date.parse(at), timeZone)

/** `20:00:07`, on the clock of a zone */
export const clock = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' }).format(new Date(at))
