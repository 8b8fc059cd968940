/** Makes runs that are asked for by hand. */
import { unmatchedText } from '../../../core/model/connection.ts'
import { AdHoc, type RunPolicy } from '../../../core/model/model.ts'
import { type ManualRun, manualRun, type Run } from '../../../core/model/run.ts'
import { runMessages } from '../../../core/plan/plan.ts'
import { withEnd } from '../../../core/plan/rules.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import { errorFields } from '../../../runtime/log.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { runIdentity, sameRequest } from '../../edits/idempotency.ts'
import { connectionsNow, refuseOtherConnection } from '../../edits/policy-connections.ts'
import { throwProblem, throwUnprocessable } from '../../problem.ts'
import type { Asked } from '../../route.ts'
import type { RunBody } from '../../schemas/run-schemas.ts'
import { refuseForeign } from '../policies/policies.ts'

/** A run whose message is lost is looked after by the tick this long after it was made. */
const ATTENTION_MS = 60_000

type AskedRun = Asked<unknown, unknown, RunBody>
type RunIdentity = Pick<ManualRun, 'id' | 'bodyHash'>

async function policyFor(body: RunBody, services: HttpServices): Promise<RunPolicy> {
  if (!('policyId' in body)) {
    const { dryRun: _, overrideLimits: __, action, ...target } = body
    await refuseForeign(target, services)
    // A start has no mode: the one of its kind stands in its place.
    const mode = action === 'start' && body.kind === 'bms' ? { mode: 'hard', acceptPowerCut: true } : {}
    return AdHoc.parse({ ...target, ...mode })
  }
  const message = `expected the id of a policy, got "${body.policyId}", which does not exist`
  return (await services.store.policy(body.policyId)) ?? throwUnprocessable([{ path: 'policyId', message }])
}

export async function refuseDisabled(
  { connection: id }: Pick<Run, 'connection'>,
  { store }: HttpServices,
): Promise<void> {
  const connection = await store.connection(id)
  if (!connection?.enabled)
    throwProblem(
      409,
      `connection ${id} ${connection ? 'is disabled' : 'does not exist'}: nothing of it is ever stopped or started`,
    )
}

/** What is asked for, as earlier versions hashed it, which knew stops alone: a repeated request stays the same across an upgrade. */
function identityOf(asked: AskedRun, services: HttpServices): RunIdentity {
  const { action, ...withoutAction } = asked.body
  return runIdentity({ ...asked, body: action === 'stop' ? withoutAction : asked.body }, services)
}

/** The run that was asked for; those, where the policy has several connections and none of them was named. */
export async function createManualRun(asked: AskedRun, services: HttpServices): Promise<Run | Run[]> {
  const { store } = services
  const own = identityOf(asked, services)
  const noted = own.bodyHash === undefined ? null : await store.notedRequest(own.id)
  if (noted) return createEach(asked, { own, connections: sameRequest(noted, own).connections }, services)
  const before = await store.run(own.id)
  if (before) return sameRequest(before, own)
  const policy = await policyFor(asked.body, services)
  const connection = asked.body.connection ?? policy.connection
  if (connection === undefined) return createAll(asked, { own, policy }, services)
  if ('policyId' in asked.body) await refuseOtherConnection(policy, asked.body.connection, services)
  await refuseDisabled({ connection }, services)
  const run = newManualRun(asked, { ...own, policy, connection }, services)
  const isNew = await beginRun(run, policy, services)
  return sameRequest((await store.run(run.id)) ?? (isNew ? run : null), own)
}

function newManualRun(
  { body, actor }: AskedRun,
  of: RunIdentity & Pick<ManualRun, 'policy' | 'connection'>,
  { now }: HttpServices,
): Run {
  const { action, dryRun, overrideLimits } = body
  const policyId = 'policyId' in body ? body.policyId : undefined
  const run = manualRun({ ...of, action, policyId, dryRun, overrideLimits }, { actor, now: now() })
  return 'schedule' in of.policy ? withEnd(run, of.policy) : run
}

/** Under a key, the connections are noted first: a repeated request makes the runs of these, whatever there is by then. */
async function createAll(
  asked: AskedRun,
  { own, policy }: { own: RunIdentity; policy: RunPolicy },
  services: HttpServices,
): Promise<Run[]> {
  const { store } = services
  const connections = await connectionsNow(policy, services)
  if (connections.length === 0)
    throwProblem(
      409,
      `no connection matches "${unmatchedText(policy)}": GET /v1/connections lists those there are`,
    )
  if (own.bodyHash === undefined || (await store.noteRequest(own, connections)))
    return createEach(asked, { own, connections }, services)
  const noted = sameRequest(await store.notedRequest(own.id), own)
  return createEach(asked, { own, connections: noted.connections }, services)
}

const SIDE_BY_SIDE = 10

/** Reads these runs as far as they exist, in order. */
async function madeRuns(ids: string[], { store }: HttpServices): Promise<Run[]> {
  const rows = await store.runsByIds(ids)
  const runs = new Map(rows.flatMap(row => ('item' in row ? [[row.item.id, row.item]] : [])))
  return ids.flatMap(id => runs.get(id) ?? [])
}

/** One run in each connection: what was begun by an earlier try is finished. A disabled one fails by itself, and says so. */
async function createEach(
  asked: AskedRun,
  { own, connections }: { own: RunIdentity; connections: string[] },
  services: HttpServices,
): Promise<Run[]> {
  const idOf = (connection: string): string => `${own.id}.${connection}`
  const ids = connections.map(idOf)
  const before = await madeRuns(ids, services)
  if (before.length === ids.length) return before
  const policy = await policyFor(asked.body, services)
  const results = await settleAll(connections, { sideBySide: SIDE_BY_SIDE }, connection => {
    const of = { ...own, id: idOf(connection), policy, connection }
    return makeManualRun(newManualRun(asked, of, services), policy, services)
  })
  throwFirstRejection(results)
  const runs = await madeRuns(ids, services)
  await enqueuePlannings(runs, services)
  return runs
}

/** Makes a run, and has it planned; false where there is one of that id. */
export async function beginRun(run: Run, policy: RunPolicy, services: HttpServices): Promise<boolean> {
  const isNew = await makeManualRun(run, policy, services)
  await enqueuePlannings([run], services)
  return isNew
}

async function makeManualRun(run: Run, policy: RunPolicy, services: HttpServices): Promise<boolean> {
  const { store, log, now } = services
  const isNew = await store.createRun(run, policy, new Date(now() + ATTENTION_MS).toISOString())
  const { id, action, policyId, actor, dryRun, overrideLimits, undoes } = run
  if (isNew)
    log.info('run made', { run: id, action, policy: policyId, actor, dryRun, overrideLimits, undoes })
  return isNew
}

/** Runs are on the to-do list: where the queue does not take their messages, a tick does what these would have. */
async function enqueuePlannings(runs: Run[], { queue, log }: HttpServices): Promise<void> {
  await queue
    .plans(runMessages(runs))
    .catch(error => log.warn('runs wait for the next tick', { runs: runs.length, ...errorFields(error) }))
}
