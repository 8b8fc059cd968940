/** The route of a run's outcomes, server by server. */
import { canonicalText } from '../../../core/documents/canonical.ts'
import { globMatches } from '../../../core/model/glob.ts'
import type { OutcomePlace, PlacedOutcome } from '../../../core/model/outcome.ts'
import type { Run } from '../../../core/model/run.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { countThatFit } from '../../lists/answer-size.ts'
import { cursorPlace, cursorText } from '../../lists/cursor.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { OutcomeDocument, OutcomesQuery } from '../../schemas/run-schemas.ts'
import { listSchema, PathRunId } from '../../schemas/schemas.ts'
import { RUN_EXAMPLES } from './examples.ts'
import { existingRun } from './existing.ts'

/** The order in which values of a filter are given makes no other list. */
const ordered = (values: string[] | undefined) => values && [...new Set(values)].toSorted()

const outcomesListName = ({ id, planning }: Run, { status, code, name }: OutcomesQuery): string =>
  `outcomes of ${canonicalText({ id, planning, status: ordered(status), code: ordered(code), name })}`

const isAsked =
  ({ status, code, name }: OutcomesQuery) =>
  ({ outcome }: PlacedOutcome): boolean =>
    (status === undefined || status.includes(outcome.status)) &&
    (code === undefined || code.includes(outcome.code)) &&
    (name === undefined || globMatches(name, outcome.name))

/** Servers that a planning skipped stand first: other outcomes begin after them. */
const firstPlace = (status: OutcomesQuery['status']): OutcomePlace => ({
  part: status === undefined || status.includes('skipped') ? 'LEFT' : 'SERVERS',
  number: 0,
  member: 0,
})

/** One more than a page holds tells where the next one begins. Before a planning is complete nothing of it counts. */
async function outcomesPage(
  run: Run,
  query: OutcomesQuery,
  { store }: HttpServices,
): Promise<PlacedOutcome[]> {
  const { status, limit, cursor } = query
  const from =
    (cursorPlace(outcomesListName(run, query), cursor) as OutcomePlace | undefined) ?? firstPlace(status)
  if (run.chunks === undefined) return []
  const rows: PlacedOutcome[] = []
  for await (const part of store.outcomes({ runId: run.id, planning: run.planning }, from)) {
    rows.push(...part.filter(isAsked(query)))
    if (rows.length > limit) break
  }
  return rows.slice(0, limit + 1)
}

export const outcomeRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/runs/{id}/servers',
    operation: 'outcomes',
    examples: RUN_EXAMPLES.outcomes,
    summary: 'What became of the servers of a run',
    description: 'As far as it is settled: a server that is still asked or followed is not there yet.',
    params: PathRunId,
    query: OutcomesQuery,
    answers: { 200: { description: 'A page of outcomes.', schema: listSchema(OutcomeDocument) } },
    run: async ({ params, query }, services) => {
      const run = await existingRun(params.id, services)
      const rows = await outcomesPage(run, query, services)
      const outcomes = rows.map(({ outcome }) => outcome)
      const count = Math.min(query.limit, countThatFit(outcomes))
      const next = rows[count]
      const nextCursor = next ? cursorText(outcomesListName(run, query), { ...next.place }) : null
      return jsonAnswer({ items: outcomes.slice(0, count), nextCursor })
    },
  }),
]
