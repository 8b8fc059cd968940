/** Makes the runs, and the warnings, of a policy that is due. */

import { connectionsOf, hasPatterns } from '../../core/model/connection.ts'
import type { StoredPolicy } from '../../core/model/model.ts'
import { isEnded, type Run } from '../../core/model/run.ts'
import type { WarnedStop } from '../../core/notify/notify.ts'
import { isoInstant } from '../../core/schedule/instant.ts'
import { dueWarning } from '../../core/schedule/warn.ts'
import { RESEND_SECONDS } from '../../core/tick/attention.ts'
import { dueRuns } from '../../core/tick/due-runs.ts'
import {
  CONNECTION_LEFT,
  isMade,
  nthRunId,
  onExisting,
  POLICY_DELETED,
} from '../../core/tick/existing-run.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { TickServices } from '../../runtime/services/services.ts'
import { endRun } from '../run-end.ts'
import { warningReader } from './warned.ts'

/** A policy that is edited this often while its runs are made is left to the next tick. */
const MAX_TRIES = 10

/** Runs of one policy that are made at a time. */
const SIDE_BY_SIDE = 10

/** What the policies of a tick share. */
export interface TickContext {
  /** Ids of all connections: listed once, and only where a policy that is due has globs. */
  connectionIds: () => Promise<string[]>
  /** Whether there is a policy of this id, readable or not: asked once for all runs of it. */
  hasPolicy: (id: string) => Promise<boolean>
  /** Whether the function has time for more. */
  hasTime: () => boolean
}

/** What was made of a policy: runs that wait for plan or notify, and stops to be warned of. */
export interface DueResult {
  runs: Run[]
  toWarn: WarnedStop[]
}

/**
 * The runs first, then the policy's next due time: a crash in between makes the same runs again, which is a no-op. An edit in between
 * is read, and heard: a snooze, or a deletion, withdraws what was not begun.
 */
export async function makeRuns(
  policyId: string,
  services: TickServices,
  ticking: TickContext,
): Promise<DueResult> {
  const { store, log, now } = services
  const made: Making['made'] = new Map()
  const toWarn: WarnedStop[] = []
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const policy = await store.policy(policyId)
    if (!policy) {
      const ended = [...made.values()].filter(isEnded)
      await withdrawEach(made, POLICY_DELETED, services)
      return { runs: ended, toWarn: [] }
    }
    const connections = connectionsOf(policy, hasPatterns(policy) ? await ticking.connectionIds() : [])
    const due = dueRuns(policy, { connections, nowMs: now() })
    if (due.runs.length > 0) await withdrawOthers(made, due.runs, services)
    const isWhole = await makeEach(due.runs, { policy, made, ...ticking }, services)
    const warning = dueWarning(policy, now())
    for (const stopAt of warning?.stops ?? []) toWarn.push(...(await makeWarning(policy, stopAt, services)))
    const isSame = due.runs.length === 0 && warning === null
    const times = warning === null ? due : { ...due, nextWarnAt: warning.nextWarnAt }
    if (!isWhole || isSame || (await store.advancePolicy(policy, times)))
      return { runs: [...made.values()], toWarn }
  }
  log.warn('a policy is edited over and over: the next tick moves its due time', { policy: policyId })
  return { runs: [...made.values()], toWarn }
}

/** Makes the warning of a stop unless there is one: no stop is warned of twice. */
async function makeWarning(
  policy: StoredPolicy,
  stopAt: string,
  services: TickServices,
): Promise<WarnedStop[]> {
  const { store, log, now } = services
  const { id: policyId, connection, connections, kind } = policy
  const stop = { policyId, stopAt }
  if (!(await store.createWarning(stop, isoInstant(now() + RESEND_SECONDS * 1000)))) return []
  log.info('warning made', { policy: policyId, stopAt })
  return [{ stop, fleet: `${connection ?? connections} ${kind}` }]
}

interface Making extends Pick<TickContext, 'hasTime'> {
  policy: StoredPolicy
  /** Runs that were made just now, by the ids that their due times give them. */
  made: Map<string, Run>
}

/** Leaves out runs that an earlier tick made already. */
async function notMadeYet(wanted: Run[], { id }: StoredPolicy, { store }: TickServices): Promise<Run[]> {
  if (wanted.length <= SIDE_BY_SIDE) return wanted
  const there = await store.progressOfRuns(id, { since: wanted[0]!.dueAt, until: wanted.at(-1)!.dueAt })
  return wanted.filter(run => !isMade(run, there))
}

/** Makes a policy's runs; false where the time ran out: the policy stays due, and the next tick makes the rest. */
async function makeEach(wanted: Run[], making: Making, services: TickServices): Promise<boolean> {
  let isWhole = true
  const { policy } = making
  const withWarning = warningReader(policy, services)
  const places = [...(await notMadeYet(wanted, policy, services)).entries()]
  // The first few are made whatever the time, so that each tick gets further with the policy.
  const results = await settleAll(places, { sideBySide: SIDE_BY_SIDE }, async ([place, run]) => {
    if (place < SIDE_BY_SIDE || making.hasTime()) await makeRun(run, { ...making, withWarning }, services)
    else isWhole = false
  })
  throwFirstRejection(results)
  return isWhole
}

async function withdrawEach(made: Map<string, Run>, reason: string, services: TickServices): Promise<void> {
  for (const run of made.values()) if (!isEnded(run)) await withdrawRun(run, reason, services)
}

/** An edit right after runs were made may have taken connections away from the policy. */
async function withdrawOthers(made: Making['made'], wanted: Run[], services: TickServices): Promise<void> {
  const ids = new Set(wanted.map(({ id }) => id))
  const others = new Map([...made].filter(([id]) => !ids.has(id)))
  await withdrawEach(others, CONNECTION_LEFT, services)
  for (const id of others.keys()) made.delete(id)
}

interface MakingRun extends Pick<Making, 'policy' | 'made'> {
  withWarning: ReturnType<typeof warningReader>
}

async function makeRun(
  wanted: Run,
  { policy, made, withWarning }: MakingRun,
  services: TickServices,
): Promise<void> {
  const { store, log, now } = services
  const attentionAt = new Date(now() + RESEND_SECONDS * 1000).toISOString()
  for (let number = 1; ; number++) {
    const run = await withWarning({ ...wanted, id: nthRunId(wanted.id, number) })
    if (await store.createRun(run, policy, attentionAt)) {
      log.info('run made', { run: run.id, status: run.status, reason: run.reason, dueAt: run.dueAt })
      made.set(wanted.id, run)
      return
    }
    const existing = await store.run(run.id)
    const step = onExisting(wanted, existing)
    if (step === 'withdraw' && (await withdrawRun(existing!, wanted.reason!, services)))
      made.delete(wanted.id)
    if (step !== 'repeat') return
  }
}

/** Cancels a run that was not begun; false when it was begun meanwhile. */
async function withdrawRun(run: Run, reason: string, services: TickServices): Promise<boolean> {
  const after = await endRun(run, { status: 'cancelled', reason }, services)
  if (after?.status === 'cancelled') services.log.info('run withdrawn', { run: run.id, reason })
  return after?.status === 'cancelled'
}

/** Withdraws a run whose policy is gone: it was deleted while a tick that crashed made the run. */
export async function withdrawIfDeleted(
  run: Run,
  services: TickServices,
  { hasPolicy }: Pick<TickContext, 'hasPolicy'>,
): Promise<boolean> {
  if (run.trigger !== 'schedule' || run.policyId === undefined || run.status !== 'pending') return false
  if (await hasPolicy(run.policyId)) return false
  return withdrawRun(run, POLICY_DELETED, services)
}
