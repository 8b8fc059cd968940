/** The route that tells why a policy stops a server, or does not. */
import { NO_SCALING_GROUPS, type Server } from '../../../core/model/cloud.ts'
import { policyIn } from '../../../core/model/connection.ts'
import type { ConnectionPolicy, StoredPolicy } from '../../../core/model/model.ts'
import type { Outcome } from '../../../core/model/outcome.ts'
import { FIRST_OUTCOME } from '../../../core/model/outcome.ts'
import { isEnded, type Run } from '../../../core/model/run.ts'
import { NO_SNOOZES } from '../../../core/plan/server-snooze.ts'
import { nothingElsewhere, otherKind } from '../../../core/plan/unknown-ids.ts'
import { explainServer } from '../../../core/preview/explain.ts'
import { nextStopOf, prepareSelection } from '../../../core/preview/server-view.ts'
import { restWarnings } from '../../../core/preview/warnings.ts'
import { localTime } from '../../../core/schedule/zone.ts'
import { nextStartAt } from '../../../core/tick/next-stop.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { connectionsNow, refuseOtherConnection } from '../../edits/policy-connections.ts'
import { cloudProblem } from '../../fleet.ts'
import { throwProblem, throwUnprocessable } from '../../problem.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { Why, WhyQuery } from '../../schemas/preview-schemas.ts'
import { PathServer } from '../../schemas/schemas.ts'
import { POLICY_EXAMPLES } from './examples.ts'
import { policyOf } from './policies.ts'

type PolicyThere = StoredPolicy & ConnectionPolicy

/** Runs of the policy in the connection that are looked through for the server. */
const LATEST_RUNS = 5

async function serverOf(
  policy: PolicyThere,
  serverId: string,
  services: HttpServices,
): Promise<Server | null> {
  const connection =
    (await services.store.connection(policy.connection)) ??
    throwProblem(
      409,
      `connection ${policy.connection} does not exist any more: PUT it, or give the policy another`,
    )
  const cloud = await services.cloud(connection)
  const servers = await cloud.serversById(policy.kind, [serverId], null)
  const elsewhere = servers.has(serverId)
    ? servers
    : await cloud.serversById(otherKind(policy.kind), [serverId], null).catch(nothingElsewhere)
  return elsewhere.get(serverId) ?? null
}

async function outcomeOf(run: Run, serverId: string, { store }: HttpServices): Promise<Outcome | null> {
  if (run.chunks === undefined) return null
  const id = { runId: run.id, planning: run.planning }
  for await (const part of store.outcomes(id, FIRST_OUTCOME)) {
    const found = part.find(({ outcome }) => outcome.serverId === serverId)
    if (found) return found.outcome
  }
  return null
}

/** Whether it is among the targets of a run that goes on: without an outcome, it may as well be none of them. */
async function isAmong(run: Run, serverId: string, { store }: HttpServices): Promise<boolean> {
  if (run.chunks === undefined || isEnded(run)) return false
  for await (const { servers } of store.wholeChunks({ runId: run.id, planning: run.planning }))
    if (servers.some(({ id }) => id === serverId)) return true
  return false
}

async function latestOf({ id: policyId, connection }: PolicyThere, serverId: string, services: HttpServices) {
  const runs = await services.store.latestRuns({ policyId, connection }, LATEST_RUNS)
  const shown = async (run: Run) => {
    const outcome = await outcomeOf(run, serverId, services)
    const underWay = outcome === null && (await isAmong(run, serverId, services))
    const { id: runId, dueAt, status, reason, dryRun } = run
    return { runId, dueAt, status, reason, dryRun, outcome, underWay }
  }
  return Promise.all(runs.map(shown))
}

async function explainWhy(policy: PolicyThere, serverId: string, services: HttpServices) {
  const { store, config, now } = services
  const [server, connection, settings, snooze, latest] = await Promise.all([
    serverOf(policy, serverId, services).catch(cloudProblem),
    store.connection(policy.connection),
    store.settings(),
    store.serverSnooze({ connection: policy.connection, serverId }),
    latestOf(policy, serverId, services),
  ])
  const guard = { connection, ...settings, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  const groups = connection
    ? await services.scalingGroups(connection, policy.kind).catch(cloudProblem)
    : undefined
  const snoozes = snooze === undefined ? NO_SNOOZES : new Map([[serverId, snooze]])
  const { nextDueAt, schedule } = policy
  const outlook = { switches: guard, groups: groups ?? NO_SCALING_GROUPS, snoozes, now: guard.now }
  const isMatch = server !== null && prepareSelection(policy).matches(server)
  const stopAt = isMatch ? nextStopOf(policy, server, outlook) : null
  const startAt = isMatch ? nextStartAt(policy, guard) : null
  const local = (at: string | null) => (at === null ? null : localTime(Date.parse(at), schedule.timeZone))
  return {
    serverId,
    connection: policy.connection,
    name: server?.name ?? null,
    ...explainServer(policy, server, { ...guard, groups, snoozes }),
    nextDueAt,
    nextDueLocal: local(nextDueAt),
    nextStopAt: stopAt,
    nextStopLocal: local(stopAt),
    nextStartAt: startAt,
    nextStartLocal: local(startAt),
    warnings: restWarnings({ policy, now: guard.now }),
    latest,
  }
}

/** The connection that the server is of: the one that was asked for, or the only one. Throws 422. */
async function connectionFor(
  policy: StoredPolicy,
  asked: string | undefined,
  services: HttpServices,
): Promise<string> {
  await refuseOtherConnection(policy, asked, services)
  const [only, ...others] = asked === undefined ? await connectionsNow(policy, services) : [asked]
  if (only !== undefined && others.length === 0) return only
  const message = `expected which of the policy's connections the server is of, got nothing: it has ${only === undefined ? 'none' : others.length + 1} now`
  return throwUnprocessable([{ path: 'connection', message }])
}

export const whyRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/policies/{id}/servers/{serverId}',
    operation: 'why',
    examples: POLICY_EXAMPLES.why,
    summary: 'Why a policy would stop a server now, or would not',
    description: 'Limits count a whole run: whether one would block it, the preview tells.',
    params: PathServer,
    query: WhyQuery,
    answers: { 200: { description: 'What holds for the server.', schema: Why } },
    problems: {
      502: 'The cloud refused to show the server.',
      503: 'The cloud could not be reached, or had too much to do: ask again later.',
    },
    run: async ({ params, query }, services) => {
      const policy = await policyOf(params.id, services)
      const connection = await connectionFor(policy, query.connection, services)
      return jsonAnswer(await explainWhy(policyIn(policy, connection), params.serverId, services))
    },
  }),
]
