/** The tag that leaves a server alone until a date or an instant. */
import type { Server } from '../model/cloud.ts'
import { instantOf, localTime, zoneNamed } from '../schedule/zone.ts'

export const SNOOZE_TAG = 'curfew-snooze-until'

const DATE_LENGTH = '2026-12-01'.length
const DAY_MS = 86_400_000
/** Anything else `Date.parse` may read, and read wrongly: 01/12/2026 as a day in January. */
const SNOOZE_FORM = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Answers show no later instants. */
const LATEST_MS = Date.parse('9999-12-31T00:00:00Z')

interface TagSkip {
  code: 'snoozed' | 'snooze-malformed'
  reason: string
}

const snoozeTags = ({ tags }: Server): string[] => tags[SNOOZE_TAG] ?? []

const isMalformed = (until: string): boolean => Number.isNaN(Date.parse(until)) || !SNOOZE_FORM.test(until)

function skipByTag(until: string, timeZone: string, now: number): TagSkip | null {
  if (isMalformed(until))
    return {
      code: 'snooze-malformed',
      reason: `tag ${SNOOZE_TAG} is "${until}": expected a date such as 2026-12-01 or an instant such as 2026-12-01T18:00:00Z; left alone to be safe`,
    }
  const isDate = until.length === DATE_LENGTH
  const over = isDate ? localTime(now, timeZone).slice(0, DATE_LENGTH) > until : now >= Date.parse(until)
  return over ? null : { code: 'snoozed', reason: `tag ${SNOOZE_TAG} is ${until}` }
}

/** The first of its values that keeps a server. */
export const skipBySnoozeTag = (server: Server, timeZone: string, now: number): TagSkip | null =>
  snoozeTags(server)
    .map(until => skipByTag(until, timeZone, now))
    .find(left => left !== null) ?? null

/** When the latest of its values ends, ms since the epoch; `null` where no value is a date or an instant. */
export function snoozeTagEnd(server: Server, timeZone: string): number | null {
  const ends = snoozeTags(server)
    .filter(until => !isMalformed(until))
    .map(until =>
      until.length === DATE_LENGTH
        ? instantOf(zoneNamed(timeZone), Date.parse(until) + DAY_MS)
        : Date.parse(until),
    )
  return ends.length === 0 ? null : Math.min(LATEST_MS, Math.max(...ends))
}
