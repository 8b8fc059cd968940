/** The route of every policy in a week. */
import { canonicalText } from '../../../core/documents/canonical.ts'
import type { StoredPolicy } from '../../../core/model/model.ts'
import type { Run } from '../../../core/model/run.ts'
import { shownRun } from '../../../core/notify/shown-run.ts'
import { daysOfWeek, rangeOfDays, type WeekContext, weekRow } from '../../../core/overview/week.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { countThatFit } from '../../lists/answer-size.ts'
import { paginate } from '../../lists/lists.ts'
import { type SwitchReader, switchReader } from '../../outlook.ts'
import { type Answer, defineRoute } from '../../route.ts'
import { Week, WeekQuery } from '../../schemas/overview-schemas.ts'
import { countRuns } from '../runs/runs.ts'
import { OVERVIEW_EXAMPLES } from './examples.ts'

/** Of one policy; more are left out. */
const MAX_RUNS = 200
const MAX_RUNS_OF_MANY = 1000
/** Runs before the days among which the last one that acted is looked for. */
const MAX_EARLIER = 10
/** Policies whose runs are read before the page is measured. */
const POLICIES_AT_ONCE = 25
const SIDE_BY_SIDE = 10

interface WeekRequest {
  query: WeekContext['query']
  switches: SwitchReader
  now: number
}

interface RunsOfWeek extends Pick<WeekContext, 'runs' | 'earlier' | 'runsSince'> {
  unreadable: string[]
}

const readableRuns = (rows: object[]): Run[] => rows.flatMap(row => ('item' in row ? [row.item as Run] : []))

/** The runs of a policy that were due within the days, and the latest before them where they matter. */
async function readRunsOf(
  policy: StoredPolicy,
  { query, now }: WeekRequest,
  services: HttpServices,
): Promise<RunsOfWeek> {
  const { store } = services
  const { fromMs, untilMs } = rangeOfDays(daysOfWeek(policy, query, now))
  const policyId = policy.id
  const range = { since: isoInstant(fromMs), until: isoInstant(untilMs - 1) }
  const isToCome = fromMs > now
  const { rows, next } = isToCome
    ? { rows: [], next: undefined }
    : await store.runs({ policyId, ...range, most: policy.connections ? MAX_RUNS_OF_MANY : MAX_RUNS })
  const all = readableRuns(await countRuns(rows, services))
  const runs = all.slice(0, countThatFit(all.map(run => shownRun(run))))
  const oldest = runs.at(-1)
  if (oldest && (next || runs.length < all.length))
    return { runs, earlier: [], runsSince: oldest.dueAt, unreadable: unreadableOf(rows) }
  const until = isoInstant(Math.min(fromMs - 1, now))
  const before = policy.start && (await store.runs({ policyId, until, most: MAX_EARLIER }))
  return { runs, earlier: before?.items ?? [], runsSince: null, unreadable: unreadableOf(rows) }
}

const unreadableOf = (rows: object[]): string[] =>
  rows.flatMap(row => ('unreadable' in row ? [String(row.unreadable)] : []))

async function shownRow(policy: StoredPolicy, request: WeekRequest, services: HttpServices) {
  const { query, now } = request
  const [{ unreadable, ...runs }, switches] = await Promise.all([
    readRunsOf(policy, request, services),
    request.switches.switchesOf(policy),
  ])
  return {
    ...weekRow(policy, { query, switches, now, ...runs }),
    runs: runs.runs.map(run => shownRun(run)),
    runsSince: runs.runsSince,
    ...(unreadable.length > 0 ? { unreadableRuns: unreadable } : {}),
  }
}

async function answerWeek(asked: WeekQuery, services: HttpServices): Promise<Answer> {
  const { from = null, days, timeZone = null, limit, cursor } = asked
  const now = services.now()
  const request = { query: { from, days, timeZone }, switches: switchReader(services), now }
  const answer = await paginate({
    list: `week ${canonicalText({ from, days, timeZone })}`,
    limit,
    cursor,
    async page(most, after) {
      const { store } = services
      const { rows, next } = await store.policies({
        most: Math.min(most, POLICIES_AT_ONCE),
        ...(after && { after }),
      })
      const shown = new Array(rows.length)
      const results = await settleAll([...rows.entries()], { sideBySide: SIDE_BY_SIDE }, async ([n, row]) => {
        shown[n] = 'item' in row ? { ...row, item: await shownRow(row.item, request, services) } : row
      })
      throwFirstRejection(results)
      return { rows: shown, next }
    },
    shown: row => row,
  })
  return { ...answer, body: { at: isoInstant(now), ...(answer.body as object) }, taggedBy: answer.body }
}

export const weekRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/week',
    operation: 'week',
    examples: OVERVIEW_EXAMPLES.week,
    summary: 'Every policy in a week: what is due, what was, and when its servers are off by it',
    description:
      'A row for each policy, by id. What is to come follows from the schedules, snoozes and switches as they are; what has passed, from the runs there are. It reads each policy with its runs of these days, 200 at most, or 1000 where it has several connections. What cannot be read is left out, and its id is told in `unreadable`.',
    query: WeekQuery,
    answers: { 200: { description: 'A page of rows.', schema: Week } },
    run: ({ query }, services) => answerWeek(query, services),
  }),
]
