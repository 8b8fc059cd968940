/** What leaves a single server alone for a while: a tag with a date or an instant, or a snooze that Curfew keeps. */
import type { Server } from '../model/cloud.ts'
import { instantOf, localTime, zoneNamed } from '../schedule/zone.ts'
import { NO_SNOOZES, type ServerSnoozes, snoozeEnd } from './server-snooze.ts'

export const SNOOZE_TAG = 'curfew-snooze-until'

const DATE_LENGTH = '2026-12-01'.length
const DAY_MS = 86_400_000
/** Anything else `Date.parse` may read, and read wrongly: 01/12/2026 as a day in January. */
const SNOOZE_FORM = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Answers show no later instants. */
const LATEST_MS = Date.parse('9999-12-31T00:00:00Z')

interface SnoozeSkip {
  code: 'snoozed' | 'snooze-malformed' | 'unreadable'
  reason: string
}

interface Snoozing {
  /** In which dates of tags are read. */
  timeZone: string
  snoozes?: ServerSnoozes | undefined
  now: number
}

const snoozeTags = ({ tags }: Server): string[] => tags[SNOOZE_TAG] ?? []

const isMalformed = (until: string): boolean => Number.isNaN(Date.parse(until)) || !SNOOZE_FORM.test(until)

function skipByTag(until: string, timeZone: string, now: number): SnoozeSkip | null {
  if (isMalformed(until))
    return {
      code: 'snooze-malformed',
      reason: `tag ${SNOOZE_TAG} is "${until}": expected a date such as 2026-12-01 or an instant such as 2026-12-01T18:00:00Z; left alone to be safe`,
    }
  const isDate = until.length === DATE_LENGTH
  const over = isDate ? localTime(now, timeZone).slice(0, DATE_LENGTH) > until : now >= Date.parse(until)
  return over ? null : { code: 'snoozed', reason: `tag ${SNOOZE_TAG} is ${until}` }
}

/** A snooze that cannot be read may last: like tags that cannot be read, it leaves the server alone. */
function skipByKept({ id }: Server, snoozes: ServerSnoozes, now: number): SnoozeSkip | null {
  const kept = snoozes.get(id)
  if (kept === undefined) return null
  if (kept === null)
    return {
      code: 'unreadable',
      reason: `its snooze, as it is stored, cannot be read by this version: left alone to be safe; DELETE /v1/servers/${id}/snooze ends it`,
    }
  if (snoozeEnd(kept, now) === null) return null
  return { code: 'snoozed', reason: `snoozed until ${kept.until} by ${kept.actor}: ${kept.reason}` }
}

/** Why a server is not stopped for now; the first cause that holds. */
export const skipBySnooze = (
  server: Server,
  { timeZone, snoozes = NO_SNOOZES, now }: Snoozing,
): SnoozeSkip | null =>
  skipByKept(server, snoozes, now) ??
  snoozeTags(server)
    .map(until => skipByTag(until, timeZone, now))
    .find(left => left !== null) ??
  null

/** When the latest value of the tag ends, ms since the epoch. */
function tagEnd(server: Server, timeZone: string): number {
  const ends = snoozeTags(server)
    .filter(until => !isMalformed(until))
    .map(until =>
      until.length === DATE_LENGTH
        ? instantOf(zoneNamed(timeZone), Date.parse(until) + DAY_MS)
        : Date.parse(until),
    )
  return Math.min(LATEST_MS, Math.max(...ends))
}

/** When the last of its snoozes ends, ms since the epoch; `null` where it has none now. */
export function snoozedUntilMs(
  server: Server,
  { timeZone, snoozes = NO_SNOOZES, now }: Snoozing,
): number | null {
  const kept = snoozeEnd(snoozes.get(server.id), now) ?? now
  const end = Math.max(kept, tagEnd(server, timeZone))
  return end > now ? end : null
}
