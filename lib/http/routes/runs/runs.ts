/** Routes that list, show and cancel runs. */
import * as z from 'zod'
import { canonicalText } from '../../../core/documents/canonical.ts'
import { isEnded, type Run } from '../../../core/model/run.ts'
import { isBad, matchesFilter } from '../../../core/notify/run-filter.ts'
import { type ChunkCounts, countedSoFar, progressOf, shownRun } from '../../../core/notify/shown-run.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { retryOnConflict } from '../../edits/edit.ts'
import { paginate } from '../../lists/lists.ts'
import { throwProblem, throwUnprocessable } from '../../problem.ts'
import { type Answer, type Asked, defineRoute, jsonAnswer } from '../../route.ts'
import { CancelBody, RunBody, RunDocument, RunsMade, RunsQuery } from '../../schemas/run-schemas.ts'
import { listSchema, PathRunId } from '../../schemas/schemas.ts'
import { createManualRun } from './create.ts'
import { RUN_EXAMPLES } from './examples.ts'
import { existingRun } from './existing.ts'

/** One try; `null` when the run moved on meanwhile. */
export async function cancelRun(
  id: string,
  { body, actor }: Asked<unknown, unknown, { reason: string }>,
  services: HttpServices,
): Promise<Run | null> {
  const { store, log, now } = services
  const run = await existingRun(id, services)
  if (run.status === 'cancelled' || run.cancel) return run
  if (isEnded(run)) throwProblem(409, `run ${id} has ended already: ${run.status}`)
  const after = await store.cancelRun(run, { at: new Date(now()).toISOString(), actor, reason: body.reason })
  if (!after?.cancel) return null
  log.info('run cancelled', { run: id, actor, reason: body.reason })
  return after
}

/** How far the chunks of a run are that goes on. */
export async function chunksOf(run: Run, { store }: HttpServices): Promise<ChunkCounts[]> {
  return run.chunks && !isEnded(run) ? store.chunkCounts({ runId: run.id, planning: run.planning }) : []
}

const SIDE_BY_SIDE = 10

/** Counts those that go on; what cannot be read stays as it is. */
export async function countRuns<R extends { item: Run } | object>(
  rows: R[],
  services: HttpServices,
): Promise<R[]> {
  const counted = [...rows]
  const results = await settleAll([...rows.entries()], { sideBySide: SIDE_BY_SIDE }, async ([place, row]) => {
    if ('item' in row)
      counted[place] = { ...row, item: countedSoFar(row.item, await chunksOf(row.item, services)) }
  })
  throwFirstRejection(results)
  return counted
}

/** Policy and due times are read by the index; whatever else is asked for is left out of what was read. */
function listRuns(query: RunsQuery, services: HttpServices): Promise<Answer> {
  const { store } = services
  const { policyId, limit, cursor, bad, since, until } = query
  if (since !== undefined && until !== undefined && until < since)
    throwUnprocessable([
      { path: 'until', message: `expected an instant not before since (${since}), got "${until}"` },
    ])
  const status = query.status && [...new Set(query.status)].toSorted()
  const { connection, action } = query
  const isFiltered = [connection, action, status, bad].some(one => one !== undefined)
  const of = policyId === 'manual' ? null : policyId
  return paginate<Run>({
    list: `runs ${canonicalText({ policyId, since, until, status, connection, action, bad })}`,
    limit,
    cursor,
    async page(most, after) {
      const { rows, next } = await store.runs({ policyId: of, connection, since, until, most, after })
      const matching = rows.filter(
        row => !('item' in row) || matchesFilter(row.item, { connection, action, status }),
      )
      return { rows: await countRuns(matching, services), next }
    },
    ...(isFiltered ? { keeps: run => bad === undefined || isBad(run) } : {}),
    shown: run => shownRun(run),
  })
}

export const runRoutes = [
  defineRoute({
    method: 'POST',
    needs: 'operate',
    path: '/v1/runs',
    operation: 'createRun',
    examples: RUN_EXAMPLES.createRun,
    summary: 'Run a policy, or an ad hoc target, now',
    description:
      'Answers at once; the run goes on by itself, and `GET /v1/runs/{id}` tells how. It starts whatever the schedule says, and of a disabled policy, too. Of a policy with `connections` it makes a run in each that matches now, unless `connection` names one; in one that is disabled the run fails, and says so.',
    body: { schema: RunBody },
    headers: { 'idempotency-key': 'The same key and body give the same run; another body under it is 409.' },
    answers: {
      202: {
        description:
          'The run, as it begins; of a policy with `connections`, unless one is named, one for each.',
        schema: z.union([RunDocument, RunsMade]),
      },
    },
    problems: {
      409: 'The connection is disabled, none matches, or the Idempotency-Key was used with another body.',
    },
    run: async (asked, services) => {
      const run = await createManualRun(asked, services)
      if (Array.isArray(run)) return jsonAnswer({ items: run.map(one => shownRun(one)) }, 202)
      return jsonAnswer(shownRun(run, await services.store.runPolicy(run)), 202, {
        location: `/v1/runs/${run.id}`,
      })
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/runs',
    operation: 'runs',
    examples: RUN_EXAMPLES.runs,
    summary: 'Runs, newest first',
    description:
      'Without their policies. What cannot be read is left out, and its id is told in `unreadable`.',
    query: RunsQuery,
    answers: { 200: { description: 'A page of them.', schema: listSchema(RunDocument) } },
    run: ({ query }, services) => listRuns(query, services),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/runs/{id}',
    operation: 'run',
    examples: RUN_EXAMPLES.run,
    summary: 'One run, with the policy as it was',
    description: 'While it goes on, `progress` counts its chunks.',
    params: PathRunId,
    answers: { 200: { description: 'The run.', schema: RunDocument } },
    run: async ({ params }, services) => {
      const { store } = services
      const run = await existingRun(params.id, services)
      const chunks = await chunksOf(run, services)
      const shown = shownRun(countedSoFar(run, chunks), await store.runPolicy(run))
      return jsonAnswer({ ...shown, progress: progressOf(run, chunks) })
    },
  }),
  defineRoute({
    method: 'POST',
    needs: 'operate',
    path: '/v1/runs/{id}/cancel',
    operation: 'cancelRun',
    examples: RUN_EXAMPLES.cancelRun,
    summary: 'Send nothing more of a run',
    description: 'What was sent is followed to its end; until then the run goes on being `running`.',
    params: PathRunId,
    body: { schema: CancelBody, optional: true },
    answers: { 202: { description: 'The run as it is now.', schema: RunDocument } },
    problems: { 409: 'It has ended already.' },
    run: async (asked, services) => {
      const run = await retryOnConflict(() => cancelRun(asked.params.id, asked, services))
      return jsonAnswer(shownRun(run, await services.store.runPolicy(run)), 202)
    },
  }),
]
