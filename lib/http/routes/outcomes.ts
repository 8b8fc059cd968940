import { canonical } from '../../core/documents/canonical.ts'
import { globMatches } from '../../core/model/glob.ts'
import type { OutcomePlace, PlacedOutcome } from '../../core/model/outcome-place.ts'
import type { Run } from '../../core/model/run.ts'
import type { Services } from '../../runtime/services.ts'
import { countThatFit } from '../answer-size.ts'
import { cursorPlace, cursorText } from '../cursor.ts'
import { json, route } from '../route.ts'
import { OutcomeDocument, OutcomesQuery } from '../run-schemas.ts'
import { listOf, PathRunId } from '../schemas.ts'
import { runOf } from './runs.ts'

const list = ({ id, planning }: Run, { status, name }: OutcomesQuery): string =>
  `outcomes of ${canonical({ id, planning, status, name })}`

const isAsked =
  ({ status, name }: OutcomesQuery) =>
  ({ outcome }: PlacedOutcome): boolean =>
    (status === undefined || outcome.status === status) &&
    (name === undefined || globMatches(name, outcome.name))

/** Servers that a planning left are all skipped: whoever wants others begins after them. */
const start = (status: OutcomesQuery['status']): OutcomePlace => ({
  part: status === undefined || status === 'skipped' ? 'LEFT' : 'SERVERS',
  number: 0,
  member: 0,
})

/** One more than a page holds tells where the next one begins. Before a planning is complete nothing of it counts. */
async function page(run: Run, query: OutcomesQuery, { store }: Services): Promise<PlacedOutcome[]> {
  const { status, limit, cursor } = query
  const from = (cursorPlace(list(run, query), cursor) as OutcomePlace | undefined) ?? start(status)
  if (run.chunks === undefined) return []
  const rows: PlacedOutcome[] = []
  for await (const part of store.outcomes({ runId: run.id, planning: run.planning }, from)) {
    rows.push(...part.filter(isAsked(query)))
    if (rows.length > limit) break
  }
  return rows.slice(0, limit + 1)
}

export const outcomeRoutes = [
  route({
    method: 'GET',
    path: '/v1/runs/{id}/servers',
    operation: 'outcomes',
    summary: 'What became of the servers of a run',
    description: 'As far as it is settled: a server that is still asked or followed is not there yet.',
    params: PathRunId,
    query: OutcomesQuery,
    answers: { 200: { description: 'A page of outcomes.', schema: listOf(OutcomeDocument) } },
    run: async ({ params, query }, services) => {
      const run = await runOf(params.id, services)
      const rows = await page(run, query, services)
      const outcomes = rows.map(({ outcome }) => outcome)
      const count = Math.min(query.limit, countThatFit(outcomes))
      const next = rows[count]
      const nextCursor = next ? cursorText(list(run, query), { ...next.place }) : null
      return json({ items: outcomes.slice(0, count), nextCursor })
    },
  }),
]
