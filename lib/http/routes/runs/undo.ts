/** Takes the stops of a run back. */
import { isEnded, manualRun, type Run, undoId } from '../../../core/model/run.ts'
import { shownRun } from '../../../core/notify/shown-run.ts'
import { withEnd } from '../../../core/plan/rules.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { retryOnConflict } from '../../edits/edit.ts'
import { readableBefore } from '../../edits/run-under-way.ts'
import { throwProblem } from '../../problem.ts'
import { type Asked, defineRoute, jsonAnswer } from '../../route.ts'
import { RunDocument, UndoBody } from '../../schemas/run-schemas.ts'
import { PathRunId } from '../../schemas/schemas.ts'
import { beginRun, refuseDisabled } from './create.ts'
import { RUN_EXAMPLES } from './examples.ts'
import { existingRun } from './existing.ts'
import { cancelRun } from './runs.ts'

function refuseUndo({ id, action, status, summary, dryRun }: Run): void {
  if (action !== 'stop') throwProblem(409, `run ${id} is no stop: there is nothing to start again`)
  if (dryRun || (isEnded({ status }) && summary.stopped === 0))
    throwProblem(409, `run ${id} stopped no server: there is nothing to start again`)
}

type AskedUndo = Asked<{ id: string }, unknown, UndoBody>

/** The undo of a run: the one that goes on, else a new one. */
async function undoRun(run: Run, asked: AskedUndo, services: HttpServices): Promise<Run> {
  const { store, now, unique } = services
  const { dryRun } = asked.body
  const policy = await store.runPolicy(run)
  // The policy beside a run keeps no covers and no delays: its next stop follows from the one that stands.
  const standing = run.policyId === undefined ? null : await readableBefore(run.policyId, services)
  await refuseDisabled(run, services)
  for (let number = 1; ; number++) {
    const id = dryRun ? undoId(unique(), 1) : undoId(run.id, number)
    const wanted = {
      id,
      action: 'start' as const,
      dryRun,
      overrideLimits: false,
      policyId: run.policyId,
      policy,
      connection: run.connection,
      undoes: run.id,
    }
    const bare = manualRun(wanted, { actor: asked.actor, now: now() })
    const undo = standing ? withEnd(bare, standing) : bare
    if (await beginRun(undo, policy, services)) return (await store.run(id)) ?? undo
    const existing = await store.run(id)
    if (existing && !isEnded(existing)) return existing
  }
}

export const undoRoutes = [
  defineRoute({
    method: 'POST',
    needs: 'operate',
    path: '/v1/runs/{id}/undo',
    operation: 'undoRun',
    examples: RUN_EXAMPLES.undoRun,
    summary: 'Start again what a run stopped',
    description:
      'Makes a run that starts exactly the servers that this run stopped, and that nobody saw running since. A run that goes on is cancelled first. While an undo goes on, another request is answered with it.',
    params: PathRunId,
    body: { schema: UndoBody, optional: true },
    answers: { 202: { description: 'The run that starts them.', schema: RunDocument } },
    problems: { 409: 'The run is no stop, stopped no server, or its connection is disabled.' },
    run: async (asked, services) => {
      const run = await existingRun(asked.params.id, services)
      refuseUndo(run)
      const { dryRun, reason } = asked.body
      const cancelling = { ...asked, body: { reason: `undone: ${reason}` } }
      if (!isEnded(run) && !dryRun) await retryOnConflict(() => stopSending(run.id, cancelling, services))
      const undo = await undoRun(run, asked, services)
      const location = `/v1/runs/${undo.id}`
      return jsonAnswer(shownRun(undo, await services.store.runPolicy(undo)), 202, { location })
    },
  }),
]

/** Cancels a run, unless it ends at this very moment. */
async function stopSending(
  id: string,
  asked: Parameters<typeof cancelRun>[1],
  services: HttpServices,
): Promise<Run | null> {
  const run = await existingRun(id, services)
  return isEnded(run) ? run : cancelRun(id, asked, services)
}
