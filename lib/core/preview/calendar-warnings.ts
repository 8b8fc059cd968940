/** What calendars do to a policy that a person may not expect. */
import { unknownFrom } from '../schedule/calendars.ts'
import { namedTimes } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Schedules, stopSchedule } from '../schedule/start.ts'
import { localTime } from '../schedule/zone.ts'

interface CalendarWarning {
  code: string
  message: string
}

/** Due times that are looked at. */
const MOST = 10

const nextStops = (policy: Schedules, now: number) =>
  namedTimes(stopSchedule(policy), { afterMs: now, untilMs: Number.MAX_SAFE_INTEGER, most: MOST })

/** Why the next time that the cron names is none at which it stops. */
export function leftOutWarnings(policy: Schedules, now: number): CalendarWarning[] {
  const [next] = nextStops(policy, now)
  if (!next?.leftOutBecause) return []
  const at = localTime(next.dueMs, policy.schedule.timeZone)
  return [{ code: 'left-out', message: `nothing is stopped at ${at}: ${next.leftOutBecause}` }]
}

/** A calendar of which nothing is known by then, or that covers nothing any more. */
export function calendarWarnings(policy: Schedules, now: number): CalendarWarning[] {
  const { schedule, covers = [] } = policy
  const last = nextStops(policy, now).at(-1)
  const unknown = last ? unknownFrom({ ...schedule, covers }, last.dueMs) : []
  const today = isoInstant(now).slice(0, '2026-10-01'.length)
  const spent = covers.filter(({ times }) => times.every(({ until }) => until <= today))
  return [
    ...unknown.map(text => ({
      code: 'calendar-unknown',
      message: `${text}: what is due later follows from the cron alone`,
    })),
    ...spent.map(({ calendar }) => ({
      code: 'calendar-spent',
      message: `calendar ${calendar} covers nothing from now on: is there a new one for the year to come?`,
    })),
  ]
}
