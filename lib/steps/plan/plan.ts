/** Selects the servers of the runs that came due together, from one listing, and cuts them into chunks. */
import { firstMessage } from '../../core/model/chunk.ts'
import { CloudError } from '../../core/model/errors.ts'
import { isEnded, type Run } from '../../core/model/run.ts'
import {
  type PlanMessage,
  type PlanVerdict,
  planAgain,
  planExhausted,
  planTrouble,
  planVerdict,
} from '../../core/plan/plan.ts'
import { whyWithheld } from '../../core/stop/stop.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { Invocation } from '../../runtime/handler.ts'
import type { PlanServices } from '../../runtime/services/services.ts'
import { leaseEnd } from '../held-chunk.ts'
import { heedOffWindows, heedStopsByHand } from '../held-off.ts'
import { endIfOver, endRun } from '../run-end.ts'
import { createReaders, type Readers } from './left-servers.ts'
import { listFleet } from './listing.ts'
import { waitsForStop } from './open-servers.ts'
import { forEachPlanning, LEASE_SECONDS, type Planning, resumePlanning, SIDE_BY_SIDE } from './planning.ts'
import { heedSnoozes } from './snoozed.ts'

/** How long after its planning a run is searched for chunks that got lost. */
const SWEEP_SECONDS = 300

export async function plan(
  { runIds }: PlanMessage,
  services: PlanServices,
  invocation: Invocation,
): Promise<void> {
  const { store } = services
  const owner = services.unique()
  const readers = createReaders(services)
  const claimed: Planning[] = []
  const results = await settleAll(runIds, { sideBySide: SIDE_BY_SIDE }, async runId => {
    const run = await store.run(runId)
    if (!run || isEnded(run)) return
    // A tick comes back to it: of a message for each wait there would be ever more.
    if (await waitsForStop(run, services)) return void (await store.holdPlanning(run, leaseEnd(services, 1)))
    claimed.push(...(await claimRun(run, { owner, readers }, services)))
  })
  claimed.sort((a, b) => runIds.indexOf(a.run.id) - runIds.indexOf(b.run.id))
  const groups = Map.groupBy(
    claimed,
    ({ run, progress }) => `${run.connection} ${run.kind} ${progress.after}`,
  )
  for (const group of groups.values()) await planGroup(group, { readers, invocation }, services)
  throwFirstRejection(results)
}

interface RunClaim {
  owner: string
  readers: Readers
}

async function claimRun(
  seen: Run,
  { owner, readers }: RunClaim,
  services: PlanServices,
): Promise<Planning[]> {
  const { store, log } = services
  if (seen.chunks !== undefined) return []
  const run = await store.claimPlanning(seen, { owner, leaseUntil: leaseEnd(services, LEASE_SECONDS) })
  if (!run) return []
  const exhausted = planExhausted(run)
  if (exhausted !== null) {
    await endUnplanned(run, exhausted, services)
    return []
  }
  log.info('planning', { run: run.id, planning: run.planning, goesOn: seen.paused })
  return [await resumePlanning(seen, run, { services, readers })]
}

interface PlanContext extends Pick<RunClaim, 'readers'> {
  invocation: Invocation
}

async function planGroup(
  group: Planning[],
  { readers, invocation }: PlanContext,
  services: PlanServices,
): Promise<void> {
  const { store, config, now } = services
  const { run } = group[0]!
  const [connection, settings] = await Promise.all([store.connection(run.connection), store.settings()])
  const guard = { connection, ...settings, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  const carriedOut: Planning[] = []
  for (const planning of group) {
    const withheld = whyWithheld(planning.run, planning.rules, guard)
    if (withheld) await endUnplanned(planning.run, withheld.reason, services)
    else carriedOut.push(planning)
  }
  if (carriedOut.length === 0 || !connection) return
  const heeding = await heedStopsByHand(
    await heedOffWindows(carriedOut, services, readers.readPolicies),
    services,
  )
  const plannings = await heedSnoozes(heeding, services)
  try {
    if (!(await listFleet(plannings, { connection, services, invocation }))) return
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    await retryPlanning(plannings, error, services)
    return
  }
  await decideRuns(plannings, services)
}

/** Decides which runs are carried out. Where one that is not kept servers from others, those are planned again, without it. */
async function decideRuns(plannings: Planning[], services: PlanServices): Promise<void> {
  const decided: Decided[] = []
  await forEachPlanning(plannings, async (planning, index) => {
    const { run, rules, progress, history } = planning
    const verdict = planVerdict(run, rules, { ...progress.totals, history: await history() })
    decided[index] = { planning, verdict }
  })
  const again = planAgain(
    decided.map(({ planning, verdict }) => ({ codes: planning.progress.totals.codes, ...verdict })),
  )
  const now = decided.filter((_, index) => !again[index])
  await forEachPlanning(now, one => commitPlanning(one, services))
  const runIds = plannings.filter((_, index) => again[index]).map(({ run }) => run.id)
  if (runIds.length > 0) await services.queue.plan({ runIds })
}

/** A run that cannot be carried out ends, with the cause. */
async function endUnplanned(run: Run, reason: string, services: PlanServices): Promise<void> {
  await endRun(run, { status: run.cancel ? 'cancelled' : 'failed', reason }, services)
}

/** Runs that were to be planned together are planned together later: of two alone, both would take the same servers. */
async function retryPlanning(
  plannings: Planning[],
  error: CloudError,
  services: PlanServices,
): Promise<void> {
  services.log.warn('the fleet could not be listed', { ...error.details, reason: error.message })
  const again: { runId: string; delaySeconds: number }[] = []
  for (const { run } of plannings) {
    const decision = planTrouble(error, run)
    if (decision.kind === 'fail') await endUnplanned(run, decision.reason, services)
    else again.push({ runId: run.id, delaySeconds: decision.delaySeconds })
  }
  const delaySeconds = Math.max(...again.map(one => one.delaySeconds))
  if (again.length > 0) await services.queue.plan({ runIds: again.map(one => one.runId) }, delaySeconds)
}

interface Decided {
  planning: Planning
  verdict: PlanVerdict
}

/** Names the planning as the one that counts; only then is anything sent. */
async function commitPlanning({ planning, verdict }: Decided, services: PlanServices): Promise<void> {
  const { run, progress } = planning
  const { chunks, codes, scope, fleet } = progress.totals
  const planned = await services.store.planned(
    run,
    { ...verdict, chunks, codes, scope, fleet },
    leaseEnd(services, SWEEP_SECONDS),
  )
  if (!planned) return
  services.log.info('planned', { run: run.id, chunks, fleet, ...verdict.summary, withheld: verdict.withheld })
  if (chunks > 0) return services.queue.stop(firstMessage(planned, 0))
  await endIfOver(planned, services)
}
