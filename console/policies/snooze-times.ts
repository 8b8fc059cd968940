/** Until when a policy may be snoozed with one click. */
import type { Policy } from '../api/types.ts'
import { instantOfWall, wallDate } from '../words/wall-time.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** As far ahead as the API takes a snooze. */
const MAX_SNOOZE_MS = 30 * DAY_MS

interface SnoozeChoice {
  label: string
  /** ms since the epoch; `null`: it cannot be chosen, and `hint` says why. */
  until: number | null
  hint: string
}

/** What is due next, and by which clock it is told. */
export interface SnoozedThing extends Pick<Policy, 'nextStopAt' | 'nextDueAt'> {
  schedule: { timeZone: string }
}

/** Just after the next stop, so that this one is skipped and the one after it is not. */
function nextStopChoice({ nextStopAt, nextDueAt }: SnoozedThing, now: number): SnoozeChoice {
  const next = nextStopAt ?? nextDueAt
  if (next === null) return { label: 'Tonight', until: null, hint: 'no stop is due' }
  const dueMs = Date.parse(next)
  const label = dueMs - now < DAY_MS ? 'Tonight' : 'The next stop'
  const until = dueMs + MINUTE_MS
  return until - now > MAX_SNOOZE_MS
    ? { label, until: null, hint: 'the next stop is more than 30 days ahead' }
    : { label, until, hint: 'the next stop is skipped, the one after it is not' }
}

const MORNING = '09:00'

export function snoozeChoices(policy: SnoozedThing, now: number): SnoozeChoice[] {
  const { timeZone } = policy.schedule
  const tomorrow = instantOfWall(`${wallDate(now, timeZone, 1)}T${MORNING}`, timeZone)
  return [
    nextStopChoice(policy, now),
    { label: 'Until tomorrow 09:00', until: tomorrow, hint: 'stops that are due before are skipped' },
  ]
}

/** `null` where a snooze may last until then, else why not. */
export function snoozeUntilProblem(until: number | null, now: number): string | null {
  if (until === null) return 'Choose a day and a time.'
  if (until <= now) return 'Choose a time that is not past.'
  return until - now > MAX_SNOOZE_MS ? 'Choose a time at most 30 days ahead.' : null
}
