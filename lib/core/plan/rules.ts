/** The rules that hold for a run: those of its policy as it was, as far as they are about the run's action. */
import type { Action } from '../model/action.ts'
import type { WholeChunk } from '../model/chunk.ts'
import type { Policy, RunPolicy } from '../model/model.ts'
import type { Limits } from '../model/policy/limits.ts'
import { isEnded, type Run } from '../model/run.ts'
import { nextDueAt } from '../schedule/due-times.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Schedules, startSchedule, stopSchedule } from '../schedule/start.ts'
import type { Selecting } from './select.ts'

/** How long a start that the cloud has no room for is asked again, where no policy says so. */
const RETRY_MINUTES = 120
const NO_LIMITS: Limits = { maxServers: null, maxPercent: null, historyFactor: null }

export interface Rules
  extends Pick<
    Policy,
    'kind' | 'selector' | 'exclude' | 'mode' | 'escalateAfterMinutes' | 'haltShare' | 'limits'
  > {
  action: Action
  holdsOff?: Selecting['holdsOff']
  offByHand?: Selecting['offByHand']
  awaiting?: Selecting['awaiting']
  snoozes?: Selecting['snoozes']
  schedule?: Policy['schedule']
  /** How long a request that the cloud has no room for is sent again. */
  retryMinutes: number
  /** Its targets are servers that earlier runs stopped, whatever the selector says. */
  isUndoing: boolean
  /** When its policy's next start is due, of a stop, or its next stop, of a start: nothing is sent any more. ms since the epoch. */
  endsAt: number | null
}

type OfRun = Pick<Run, 'action' | 'policyId' | 'undoes' | 'dueAt' | 'endsAt'>

/** Whether a run starts what earlier runs stopped, rather than what its selector matches. */
const isUndoing = ({ action, policyId, undoes }: OfRun, start: Policy['start']): boolean =>
  action === 'start' && (undoes !== undefined || (policyId !== undefined && start?.servers !== 'selected'))

type EndingPolicy = Pick<Policy, 'enabled'> & Schedules & { snoozedUntil?: string | null }

/** `skippedMs`: until when its stops were skipped for good. */
function endOf({ action, dueAt, endsAt }: OfRun, policy: EndingPolicy, skippedMs = 0): number | null {
  if (endsAt !== undefined) return endsAt === null ? null : Date.parse(endsAt)
  if (!policy.enabled || policy.start === null) return null
  const next = action === 'stop' ? startSchedule(policy) : stopSchedule(policy)
  return next && nextDueAt(next, Math.max(Date.parse(dueAt), action === 'start' ? skippedMs : 0))
}

/**
 * A run keeps no calendars, delays and snoozes: where its policy has some, it keeps what follows from them. A snooze of what is still to
 * come may be ended.
 */
export function withEnd(run: Run, policy: EndingPolicy): Run {
  const { schedule, delays = [], snoozedUntil = null } = policy
  if (schedule.calendars.length === 0 && delays.length === 0 && snoozedUntil === null) return run
  const skippedMs =
    snoozedUntil === null ? 0 : Math.min(Date.parse(snoozedUntil) - 1, Date.parse(run.createdAt))
  const endsMs = endOf(run, policy, skippedMs)
  return { ...run, endsAt: endsMs === null ? null : isoInstant(endsMs) }
}

/** Whether a run is a stop that goes on: nothing is started that it may still be powering off. */
export const isStopUnderWay = ({ action, dryRun, ...run }: Run): boolean =>
  action === 'stop' && !dryRun && !isEnded(run)

/** Servers of a chunk of a stop for which a request was sent, and that are not settled. */
export const stillStopping = ({ chunk, servers, settled }: WholeChunk): string[] =>
  [...new Set(chunk.requests.flatMap(({ members }) => members))].flatMap(member =>
    settled.has(member) ? [] : [servers[member]!.id],
  )

/** A start escalates nothing, and is not halted: each server that stays off is one that a person waits for. */
export function rulesOf(run: OfRun, policy: RunPolicy): Rules {
  const start = 'start' in policy ? policy.start : null
  const own = {
    ...policy,
    action: run.action,
    isUndoing: isUndoing(run, start),
    retryMinutes: start?.retryMinutes ?? RETRY_MINUTES,
    endsAt: 'start' in policy ? endOf(run, policy) : null,
  }
  if (run.action === 'stop') return own
  const rules = { ...own, escalateAfterMinutes: null, haltShare: null }
  return rules.isUndoing ? { ...rules, selector: { all: true }, exclude: {}, limits: NO_LIMITS } : rules
}
