/** Makes runs that are asked for by hand. */
import { AdHoc, type RunPolicy } from '../../../core/model/model.ts'
import { type ManualRun, manualRun, type Run } from '../../../core/model/run.ts'
import { errorFields } from '../../../runtime/log.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { runIdentity } from '../../edits/idempotency.ts'
import { throwProblem, throwUnprocessable } from '../../problem.ts'
import type { Asked } from '../../route.ts'
import type { RunBody } from '../../schemas/run-schemas.ts'
import { refuseForeign } from '../policies/policies.ts'

/** A run whose message is lost is looked after by the tick this long after it was made. */
const ATTENTION_MS = 60_000

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

export async function createManualRun(
  asked: Asked<unknown, unknown, RunBody>,
  services: HttpServices,
): Promise<Run> {
  const { store, now } = services
  const { action, ...withoutAction } = asked.body
  // As earlier versions hashed it, which knew stops alone: a request that is repeated across an upgrade stays the same.
  const body = action === 'stop' ? withoutAction : { action, ...withoutAction }
  const own = runIdentity({ ...asked, body }, services)
  const before = await store.run(own.id)
  if (before) return sameRequest(before, own)
  const policy = await policyFor(asked.body, services)
  await refuseDisabled(policy, services)
  const { dryRun, overrideLimits } = asked.body
  const policyId = 'policyId' in asked.body ? asked.body.policyId : undefined
  const run = manualRun(
    { ...own, action, policyId, policy, connection: policy.connection, dryRun, overrideLimits },
    { actor: asked.actor, now: now() },
  )
  const isNew = await beginRun(run, policy, services)
  return sameRequest((await store.run(run.id)) ?? (isNew ? run : null), own)
}

/** Makes a run, and has it planned; false where there is one of that id. */
export async function beginRun(run: Run, policy: RunPolicy, services: HttpServices): Promise<boolean> {
  const { store, log, now } = services
  const isNew = await store.createRun(run, policy, new Date(now() + ATTENTION_MS).toISOString())
  const { id, action, policyId, actor, dryRun, overrideLimits, undoes } = run
  if (isNew)
    log.info('run made', { run: id, action, policy: policyId, actor, dryRun, overrideLimits, undoes })
  await enqueuePlanning(run, services)
  return isNew
}

/** The run is on the to-do list: where the queue does not take its message, a tick does what the message would have. */
async function enqueuePlanning({ id }: Run, { queue, log }: HttpServices): Promise<void> {
  await queue
    .plan({ runIds: [id] })
    .catch(error => log.warn('a run waits for the next tick', { run: id, ...errorFields(error) }))
}

/** `null`: another request began to make it, and did not get to its end yet. */
function sameRequest(run: Run | null, { bodyHash }: Pick<ManualRun, 'bodyHash'>): Run {
  return run && run.bodyHash === bodyHash
    ? run
    : throwProblem(
        409,
        'Idempotency-Key: this key was used with another body: take a new key for another run',
        [
          {
            path: 'idempotency-key',
            message: 'expected the body that this key was used with before, got another',
          },
        ],
      )
}
