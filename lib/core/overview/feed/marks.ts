/** What a feed shows of a policy: all its due times within some weeks, with what became, or will become, of each. */
import { ACTIONS, Action } from '../../model/action.ts'
import type { StoredPolicy } from '../../model/model.ts'
import type { Run } from '../../model/run.ts'
import { dueTimes, namedTimes } from '../../schedule/due-times.ts'
import { delaysInForce } from '../../schedule/start.ts'
import { localTime } from '../../schedule/zone.ts'
import { type DueAction, scheduledRunId } from '../../tick/due-runs.ts'
import type { TimeRange } from '../days.ts'
import { comingMarks, isScheduled, MAX_MARKS, passedBecause, type WeekContext } from '../week.ts'

const DAY_MS = 86_400_000
const PAST_DAYS = 7
const COMING_DAYS = 60

/** Whole days, so that the same is shown all day. */
export function feedRange(now: number): TimeRange {
  const dayMs = Math.floor(now / DAY_MS) * DAY_MS
  return { fromMs: dayMs - PAST_DAYS * DAY_MS, untilMs: dayMs + (COMING_DAYS + 1) * DAY_MS }
}

export interface FeedMark extends DueAction {
  /** The same for good: made of the time that the schedule names, wherever a delay moved it. */
  id: string
  policyId: string
  /** When the schedule names it. */
  namedMs: number
  skippedBecause: string | null
  delayedBecause: string | null
  /** When what is shown of it was last changed; never earlier than it was before. */
  changedMs: number
  /** Of its policy. */
  description: string
  timeZone: string
}

interface FeedContext extends Pick<WeekContext, 'now' | 'switches' | 'runs'> {
  range: TimeRange
  /** When its connections or the settings were last changed. */
  changedMs: number
}

type FeedTurn = Omit<FeedMark, 'id' | 'policyId' | 'description' | 'timeZone'>

/** Due times by the cron that dates or calendars leave out: no run tells of them once they have passed. */
function skippedTurns(
  { schedule, start, covers }: StoredPolicy,
  { range, changedMs }: FeedContext,
): FeedTurn[] {
  if (schedule.skipDates.length === 0 && schedule.calendars.length === 0) return []
  const within = { afterMs: range.fromMs - 1, untilMs: range.untilMs - 1, most: MAX_MARKS }
  return Action.options.flatMap(action => {
    const own = ACTIONS[action].scheduleOf({ schedule, start, covers })
    const due = new Set(own ? dueTimes(own, within) : [])
    return (own ? namedTimes({ ...own, skipDates: [] }, within) : [])
      .filter(({ dueMs }) => !due.has(dueMs))
      .map(({ dueMs, leftOutBecause }) => ({
        action,
        dueMs,
        namedMs: dueMs,
        delayedBecause: null,
        changedMs,
        skippedBecause: leftOutBecause ?? `skipDates has ${localTime(dueMs, schedule.timeZone).slice(0, 10)}`,
      }))
  })
}

function comingTurns(stored: StoredPolicy, context: FeedContext): { turns: FeedTurn[]; isCut: boolean } {
  const coming = comingMarks(stored, context.range, context)
  const delays = delaysInForce(stored)
  const turns = coming.slice(0, MAX_MARKS).map(({ action, dueMs, skippedBecause }) => {
    const delay = delays.find(({ until }) => action === 'stop' && Date.parse(until) === dueMs)
    return {
      action,
      dueMs,
      skippedBecause,
      changedMs: context.changedMs,
      namedMs: delay ? Date.parse(delay.dueAt) : dueMs,
      delayedBecause: delay?.reason ?? null,
    }
  })
  return { turns, isCut: coming.length > turns.length }
}

const lastInstantOf = ({ createdAt, startedAt, endedAt }: Run): number =>
  Date.parse(endedAt ?? startedAt ?? createdAt)

/** A due time that has passed, by its runs: it was left out only where each of them was. */
function pastTurn(runs: Run[]): FeedTurn {
  const [{ action, dueAt, delayedFrom }] = runs as [Run]
  const reasons = runs.map(passedBecause)
  return {
    action,
    dueMs: Date.parse(dueAt),
    namedMs: Date.parse(delayedFrom ?? dueAt),
    skippedBecause: reasons.includes(null) ? null : reasons[0]!,
    delayedBecause: delayedFrom === undefined ? null : '',
    changedMs: Math.max(...runs.map(lastInstantOf)),
  }
}

function pastTurns({ runs, now, range }: FeedContext): FeedTurn[] {
  const passed = runs.filter(
    run => isScheduled(run) && Date.parse(run.dueAt) <= now && Date.parse(run.dueAt) >= range.fromMs,
  )
  return [...Map.groupBy(passed, ({ action, dueAt }) => `${action} ${dueAt}`).values()].map(pastTurn)
}

/** When what is shown of what is to come was last changed: by an edit, or by what calendars cover. */
const lastChangeMs = (
  { updatedAt, coversAt = updatedAt }: StoredPolicy,
  { changedMs }: FeedContext,
): number => Math.max(changedMs, Date.parse(updatedAt), Date.parse(coversAt))

/**
 * Each due time once: what a run says of one counts more than what the schedule says by now. One that a date or a calendar leaves out is
 * shown where the schedule names it, whatever moved it before.
 */
export function feedMarks(policy: StoredPolicy, known: FeedContext): { marks: FeedMark[]; isCut: boolean } {
  const { id: policyId, description, schedule } = policy
  const context = { ...known, changedMs: lastChangeMs(policy, known) }
  const { turns, isCut } = comingTurns(policy, context)
  const all = [...turns, ...skippedTurns(policy, context), ...pastTurns(context)]
  const marks = all.map(turn => ({
    ...turn,
    policyId,
    description,
    timeZone: schedule.timeZone,
    id: scheduledRunId({ id: policyId }, { action: turn.action, dueMs: turn.namedMs, connection: null }),
  }))
  return { marks: [...new Map(marks.map(mark => [mark.id, mark])).values()], isCut }
}

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** In the order of their times. */
export const orderedMarks = (marks: FeedMark[]): FeedMark[] =>
  marks.toSorted((one, other) => one.dueMs - other.dueMs || compareTexts(one.id, other.id))
