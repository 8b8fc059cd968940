/** Selects the servers of the runs that came due together, from one listing, and cuts them into chunks. */
import { CloudError } from '../lib/core/errors.ts'
import type { RunPolicy, StoredConnection } from '../lib/core/model.ts'
import {
  type Left,
  newChunk,
  type Planner,
  planExhausted,
  planner,
  planRefused,
  planTrouble,
  planVerdict,
  portions,
  type Share,
} from '../lib/core/plan.ts'
import { delta } from '../lib/core/run.ts'
import { chunkSize } from '../lib/core/stop.ts'
import { isEnded, type Member, PlanMessage, type Run } from '../lib/core/work.ts'
import { each, queueHandler } from '../lib/handler.ts'
import type { Services } from '../lib/services.ts'
import { inTurns } from '../lib/turns.ts'
import { endIfOver, endRun } from './work.ts'

/** How long a planning may be silent before another may take it over. */
const LEASE_SECONDS = 180
/** How long after it is planned a run is looked through for chunks that got lost. */
const SWEEP_SECONDS = 300
const SIDE_BY_SIDE = 10
/** Left servers that one item keeps. */
const LEFT_PART = 1000

/** A run that this function plans, and what it took so far. */
interface Planning {
  run: Run
  policy: RunPolicy
  targets: Member[]
  left: Left[]
  leftParts: number
  totals: { targets: number; scope: number; chunks: number; fleet: number; codes: Record<string, number> }
}

export async function plan({ runIds }: PlanMessage, services: Services): Promise<void> {
  const owner = services.unique()
  const claimed: Planning[] = []
  const results = await inTurns(runIds, { sideBySide: SIDE_BY_SIDE }, async runId => {
    claimed.push(...(await claim(runId, owner, services)))
  })
  claimed.sort((a, b) => runIds.indexOf(a.run.id) - runIds.indexOf(b.run.id))
  const groups = Map.groupBy(claimed, ({ run }) => `${run.connection} ${run.kind}`)
  for (const group of groups.values()) await planGroup(group, services)
  thrown(results)
}

async function claim(runId: string, owner: string, services: Services): Promise<Planning[]> {
  const { store } = services
  const seen = await store.run(runId)
  if (!seen || isEnded(seen) || seen.chunks !== undefined) return []
  const run = await store.claimPlanning(seen, { owner, leaseUntil: later(services, LEASE_SECONDS) })
  if (!run) return []
  const exhausted = planExhausted(run)
  if (exhausted !== null) {
    await give(run, exhausted, services)
    return []
  }
  const policy = await store.runPolicy(run)
  services.log.info('planning', { run: run.id, planning: run.planning })
  const totals = { targets: 0, scope: 0, chunks: 0, fleet: 0, codes: {} }
  return [{ run, policy, targets: [], left: [], leftParts: 0, totals }]
}

async function planGroup(group: Planning[], services: Services): Promise<void> {
  const { store, config, now } = services
  const { run } = group[0]!
  const [connection, { stopsEnabled }] = await Promise.all([
    store.connection(run.connection),
    store.settings(),
  ])
  const guard = { connection, stopsEnabled, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  const plannings: Planning[] = []
  for (const planning of group) {
    const reason = planRefused(planning.run, planning.policy, guard)
    if (reason === null) plannings.push(planning)
    else await give(planning.run, reason, services)
  }
  if (plannings.length === 0 || !connection) return
  try {
    await list(plannings, connection, services)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    await trouble(plannings, error, services)
    return
  }
  await inTurns(plannings, { sideBySide: SIDE_BY_SIDE }, planning => settle(planning, services)).then(thrown)
}

/** One failed: the message is delivered again, and finds the others done. */
function thrown(results: PromiseSettledResult<void>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** A run that cannot be carried out ends, with the cause. */
async function give(run: Run, reason: string, services: Services): Promise<void> {
  await endRun(run, { status: run.cancel ? 'cancelled' : 'failed', reason }, services)
}

async function trouble(plannings: Planning[], error: CloudError, services: Services): Promise<void> {
  services.log.warn('the fleet could not be listed', { ...error.details, reason: error.message })
  for (const { run } of plannings) {
    const decision = planTrouble(error, run)
    if (decision.kind === 'fail') await give(run, decision.reason, services)
    else await services.queue.plan({ runIds: [run.id] }, decision.delaySeconds)
  }
}

/** Shows every page of the fleet to every planning; what fills a chunk is written at once. */
async function list(plannings: Planning[], connection: StoredConnection, services: Services): Promise<void> {
  const { kind } = plannings[0]!.run
  const cloud = await services.cloud(connection)
  const shows: Planner = planner(
    plannings.map(({ policy }) => policy),
    services.now(),
  )
  const size = chunkSize(connection, kind)
  let heldAt = services.now()
  for await (const { servers } of cloud.servers(kind)) {
    const shares = shows.see(servers)
    await inTurns(plannings, { sideBySide: SIDE_BY_SIDE }, planning =>
      grow(planning, { share: shares[plannings.indexOf(planning)]!, seen: servers.length, size }, services),
    ).then(thrown)
    if (services.now() - heldAt < (LEASE_SECONDS * 1000) / 3) continue
    heldAt = services.now()
    for (const { run } of plannings) await services.store.holdPlanning(run, later(services, LEASE_SECONDS))
  }
  const unseen = shows.unseen()
  await inTurns(plannings, { sideBySide: SIDE_BY_SIDE }, async planning => {
    const left = unseen[plannings.indexOf(planning)]!
    await grow(planning, { share: { targets: [], left, scope: left.length }, seen: 0, size }, services)
    await flush(planning, services)
  }).then(thrown)
}

async function grow(
  planning: Planning,
  { share, seen, size }: { share: Share; seen: number; size: number },
  services: Services,
): Promise<void> {
  const { totals } = planning
  totals.fleet += seen
  totals.targets += share.targets.length
  totals.scope += share.scope
  const { codes } = delta(share.left.map(({ settled }) => settled))
  for (const [key, count] of Object.entries(codes)) totals.codes[key] = (totals.codes[key] ?? 0) + count
  const chunks = portions([...planning.targets, ...share.targets], size)
  const parts = portions([...planning.left, ...share.left], LEFT_PART)
  planning.targets = chunks.rest
  planning.left = parts.rest
  for (const members of chunks.full) await writeChunk(planning, members, services)
  for (const left of parts.full) await writeLeft(planning, left, services)
}

async function flush(planning: Planning, services: Services): Promise<void> {
  if (planning.targets.length > 0) await writeChunk(planning, planning.targets, services)
  if (planning.left.length > 0) await writeLeft(planning, planning.left, services)
}

async function writeChunk(planning: Planning, members: Member[], { store, now }: Services): Promise<void> {
  const number = planning.totals.chunks++
  const { mode } = planning.policy
  const readAt = new Date(now()).toISOString()
  await store.createChunk(newChunk(planning.run, number, { size: members.length, mode, readAt }), members)
}

async function writeLeft(planning: Planning, left: Left[], { store }: Services): Promise<void> {
  const { id: runId, planning: number } = planning.run
  await store.createLeft(
    { runId, planning: number, number: planning.leftParts++ },
    left.map(({ member }) => member),
    left.map(({ settled }) => settled),
  )
}

/** Names the planning as the one that counts; only then is anything sent. */
async function settle({ run, policy, totals }: Planning, services: Services): Promise<void> {
  const history = run.policyId === undefined ? [] : await services.store.pastRuns(run.policyId)
  const verdict = planVerdict(run, policy, { ...totals, history })
  const { chunks, codes, scope, fleet } = totals
  const planned = await services.store.planned(
    run,
    { ...verdict, chunks, codes, scope, fleet },
    later(services, SWEEP_SECONDS),
  )
  if (!planned) return
  services.log.info('planned', { run: run.id, chunks, fleet, ...verdict.summary, withheld: verdict.withheld })
  if (chunks > 0) await services.queue.stop({ runId: run.id, chunk: 0, attempt: 0 })
  else await endIfOver(planned, services)
}

const later = ({ now }: Services, seconds: number): string => new Date(now() + seconds * 1000).toISOString()

export const handler = queueHandler(PlanMessage, each(plan))
