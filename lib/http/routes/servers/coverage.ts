/** Which servers any policy would ever stop: a live look at the fleets. */
import type { StoredConnection } from '../../../core/model/connection.ts'
import { aboutConnection } from '../../../core/model/connection.ts'
import { CloudError } from '../../../core/model/errors.ts'
import { Kind } from '../../../core/model/model.ts'
import {
  addCoverage,
  type CoverageCount,
  type CoverageRules,
  countCoverage,
  NOTHING_COUNTED,
  reportCoverage,
  usualTimeZone,
} from '../../../core/overview/coverage.ts'
import type { SelectingPolicy } from '../../../core/preview/server-view.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { csvAnswer, wantsCsv } from '../../csv.ts'
import { fleetOf } from '../../fleet.ts'
import { waitAtMost } from '../../late.ts'
import { type Answer, defineRoute, jsonAnswer } from '../../route.ts'
import { Coverage, CoverageQuery } from '../../schemas/coverage-schemas.ts'
import { SERVER_EXAMPLES } from './examples.ts'
import type { SearchProblem } from './page.ts'
import { searchedConnections } from './servers.ts'
import { isNeeded, readGuardedGroups, readPolicies } from './view.ts'

const SIDE_BY_SIDE = 8
/** Well below what the gateway waits for an answer, 29 s. */
const PATIENCE_MS = 22_000

interface Looked {
  count: CoverageCount
  unreachable: SearchProblem[]
}

const NOT_IN_TIME = `its servers were not all listed within ${PATIENCE_MS / 1000} s`
const notCounted = (problem: SearchProblem): Looked => ({ count: NOTHING_COUNTED, unreachable: [problem] })

/** Counts the servers of one kind; a fleet that cannot be listed counts for nothing and is named. */
async function lookAtKind(
  kind: Kind,
  { connection, rules, until }: { connection: StoredConnection; rules: CoverageRules; until: number },
  services: HttpServices,
): Promise<Looked> {
  const missing = (reason: string, isRefused = false): Looked =>
    notCounted({ connection: connection.id, kind, reason, isRefused })
  if (performance.now() > until) return missing(NOT_IN_TIME)
  try {
    const listing = fleetOf(connection, { kind, selector: { all: true } }, services)
    const servers = await waitAtMost(Math.max(0, until - performance.now()), listing)
    if (servers === null) return missing(NOT_IN_TIME)
    return { count: countCoverage(servers, rules), unreachable: [] }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    return missing(error.message, error.details.class === 'refused')
  }
}

/** What is the same for all kinds of a connection, such as a key that is refused, is told once. */
const toldOnce = (problems: SearchProblem[]): SearchProblem[] =>
  [...Map.groupBy(problems, ({ reason }) => reason).values()].map(alike => {
    const [first] = alike as [SearchProblem]
    const isOneKind = alike.every(({ kind }) => kind === first.kind)
    return isOneKind ? first : { ...first, kind: null, isRefused: false }
  })

async function lookAtConnection(
  connection: StoredConnection,
  { policies, until }: { policies: SelectingPolicy[]; until: number },
  services: HttpServices,
): Promise<Looked> {
  if (performance.now() > until)
    return notCounted({ connection: connection.id, kind: null, reason: NOT_IN_TIME, isRefused: false })
  const [guarded, snoozes] = await Promise.all([
    readGuardedGroups(connection, services),
    services.store.serverSnoozes(connection.id),
  ])
  const own = policies.filter(({ policy }) => aboutConnection(policy)(connection.id))
  const { groups } = guarded
  const rules = { connection, policies: own, groups, snoozes, now: services.now() }
  let { unreachable } = guarded
  let count = NOTHING_COUNTED
  for (const kind of Kind.options) {
    const looked = await lookAtKind(kind, { connection, rules, until }, services)
    count = addCoverage(count, looked.count)
    unreachable = [...unreachable, ...looked.unreachable]
  }
  return { count, unreachable: toldOnce(unreachable) }
}

interface AskedCoverage {
  connection?: string | undefined
  /** So many servers are named; absent: as many as JSON does. */
  most?: number
}

async function lookAtCoverage({ connection: id, most }: AskedCoverage, services: HttpServices) {
  const until = performance.now() + PATIENCE_MS
  const { connections, unreachable } = await searchedConnections(id, services)
  const { policies, unreadable } = await readPolicies(
    connections.map(connection => connection.id),
    services,
  )
  const looks: Looked[] = []
  const results = await settleAll(connections, { sideBySide: SIDE_BY_SIDE }, async connection => {
    looks.push(await lookAtConnection(connection, { policies, until }, services))
  })
  throwFirstRejection(results)
  const count = looks.map(looked => looked.count).reduce(addCoverage, NOTHING_COUNTED)
  const problems = [...unreachable, ...looks.flatMap(looked => looked.unreachable)]
  return {
    ...reportCoverage(count, usualTimeZone(policies), most),
    unreachable: problems
      .filter(problem => isNeeded(problem, policies))
      .map(({ connection, kind, reason }) => ({ connection, kind, reason })),
    ...(unreadable.length > 0 ? { unreadable } : {}),
  }
}

type Report = Awaited<ReturnType<typeof lookAtCoverage>>

const COLUMNS = [
  'serverId',
  'name',
  'connection',
  'kind',
  'flavor',
  'upSinceHours',
  'tags',
  'problem',
] as const

const joinTags = (tags: Record<string, string[]>): string =>
  Object.entries(tags)
    .flatMap(([key, values]) => values.map(value => (value === '' ? key : `${key}=${value}`)))
    .join(' ')

/** A row for each server, then one for each connection or policy for which some may be missing. */
const coverageCsv = ({ uncovered, unreachable, unreadable = [] }: Report): Answer =>
  csvAnswer(COLUMNS, [
    ...uncovered.map(({ tags, ...server }) => ({ ...server, tags: joinTags(tags) })),
    ...unreachable.map(({ reason, ...where }) => ({ ...where, problem: `not counted: ${reason}` })),
    ...unreadable.map(id => ({ problem: `policy ${id} cannot be read, and may cover some` })),
  ])

export const coverageRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/coverage',
    operation: 'coverage',
    examples: SERVER_EXAMPLES.coverage,
    summary: 'Servers that no policy would ever stop',
    description:
      'A live listing of both kinds: which servers an enabled policy of an enabled connection matches, which are protected, and the rest by tag and flavor, with a policy that would cover most of them. A connection whose servers cannot be listed within 22 s is named in `unreachable`, and its servers are not counted. `Accept: text/csv` gives every uncovered server as CSV, and last a row with a `problem` for each connection that is not counted.',
    query: CoverageQuery,
    answers: { 200: { description: 'What is covered now.', schema: Coverage } },
    problems: { 404: 'There is no such connection.' },
    run: async ({ query, headers }, services) => {
      if (!wantsCsv(headers)) return jsonAnswer(await lookAtCoverage(query, services))
      return coverageCsv(await lookAtCoverage({ ...query, most: Number.POSITIVE_INFINITY }, services))
    },
  }),
]
