/** The calls of ECS and BMS. */
import type { Action } from '../../../lib/core/model/action.ts'
import { Kind } from '../../../lib/core/model/model.ts'
import { unnamedRefusal } from '../faults.ts'
import { type Answer, type Params, type Request, type Route, refusal, throttled } from '../route.ts'
import { ACTIONS_IN_CLOUD } from '../world/actions.ts'
import { lackWords } from '../world/capacity.ts'
import type { SentAction } from '../world/ledger.ts'
import type { Windows } from '../world/limits.ts'
import { type ServerState, type StopType, viewOf } from '../world/server.ts'
import type { BatchAnswer, State } from '../world/state.ts'
import type { Switches } from '../world/switches/switches.ts'
import { isAmong } from '../world/switches/which.ts'
import { bodyRefusal, namesAction, sentAction } from './action-body.ts'
import { flavorRoute } from './flavors.ts'
import { grantedQuery, notGranted } from './granted.ts'
import { createItems, listFrame, unknownItem } from './item.ts'
import { jobItem } from './job-item.ts'
import { bmsPage, ecsPage, type Page } from './listing.ts'
import { JOB_PATH, PATHS } from './paths.ts'

interface Cloud {
  projectId: string
  state: State
  switches: Switches
}
type Guard = Route['guard']
type Items = ReturnType<typeof createItems>

/** Codes whose status is not 400 (ECS API reference, "error codes"). */
const STATUSES: Record<string, number> = {
  'Ecs.0114': 404,
  'Ecs.0614': 404,
  'Ecs.0603': 501,
  'Ecs.0110': 403,
}
const NOT_FOUND = { ecs: 'Ecs.0114', bms: 'BMS.0040' }
const INVALID = { ecs: 'Ecs.0005', bms: 'BMS.0018' }

function listRoutes({ state, switches }: Cloud, items: Items, guard: Guard): Route[] {
  const listed = (server: ServerState): string =>
    isAmong(switches.statusUntold, server.id, () => viewOf(server))
      ? JSON.stringify({ ...JSON.parse(items(server, switches.bmsVmState)), status: null })
      : items(server, switches.bmsVmState)
  const texts = ({ servers, unknownIds }: Page & { kind: 'page' }): string => {
    const all = [...servers.map(listed), ...unknownIds.map(unknownItem)]
    return all.length === 0 && switches.emptyListIsNull ? 'null' : `[${all.join(',')}]`
  }
  const route = (kind: Kind, pageOf: typeof ecsPage): Route => ({
    name: 'list',
    kind,
    method: 'GET',
    path: PATHS.list[kind],
    guard,
    answer({ query, requestId, now }) {
      const heard = grantedQuery(query, switches)
      if (heard === null) return notGranted('list')
      const page = pageOf(state, heard, { switches, now })
      if (page.kind === 'refused') return refusal(400, INVALID[kind], page.reason)
      const { head, tail } = listFrame(kind, { count: page.count, requestId })
      return { status: 200, body: `${head}${texts(page)}${tail}` }
    },
  })
  return [route('ecs', ecsPage), route('bms', bmsPage)]
}

/** The ECS paths know the BMS too, as the ECS list does. */
function serverRoutes({ state, switches }: Cloud, items: Items, guard: Guard): Route[] {
  const route = (kind: Kind, name: 'server' | 'tags'): Route => ({
    name,
    kind,
    method: 'GET',
    path: PATHS[name][kind],
    guard,
    answer({ now }, { id = '' }) {
      const server = state.server(id, now)
      if (server && switches.granted?.projects.includes(server.enterpriseProjectId) === false)
        return notGranted(name)
      const isKnown = server !== undefined && (kind === 'ecs' || server.kind === kind)
      if (!isKnown) return refusal(404, NOT_FOUND[kind], `The server ${id} does not exist`)
      if (name === 'server') return { status: 200, body: `{"server":${items(server, switches.bmsVmState)}}` }
      return {
        status: 200,
        body: { tags: Object.entries(server.tags).map(([key, value]) => ({ key, value })) },
      }
    },
  })
  return [route('ecs', 'server'), route('ecs', 'tags'), route('bms', 'server'), route('bms', 'tags')]
}

function memberRefusal(
  { member }: BatchAnswer & { kind: 'refused' },
  kind: Kind,
  switches: Switches,
): Answer {
  const code = switches.memberCodes[kind][member.problem ?? 'missing']
  const which = switches.refusalNamesId ? `the server ${member.id}` : 'a server'
  return refusal(STATUSES[code] ?? 400, code, `The status of ${which} does not allow this operation`)
}

/** A type that was left out of a stop is SOFT. */
const typeFrom = ({ action, type }: SentAction): StopType | null =>
  ACTIONS_IN_CLOUD[action].hasType ? (type === 'HARD' ? 'HARD' : 'SOFT') : null

function batchAnswer(
  sent: SentAction,
  { now }: Request,
  { state, switches, windows }: Cloud & { windows: Windows },
): Answer {
  const { action, kind, ids } = sent
  const limit = switches.idsPerMinute
  if (limit !== null && !windows.takes(`ids ${kind}`, ids.length, { limit, now })) return throttled(limit)
  const unnamed = unnamedRefusal(ids, { state, switches, now })
  if (unnamed !== null) return unnamed
  const answer = state.requestBatch({ action, kind, ids, type: typeFrom(sent) }, now)
  if (answer.kind === 'refused') return memberRefusal(answer, kind, switches)
  if (answer.kind === 'noCapacity') return refusal(400, 'Ecs.0319', lackWords(answer.lack))
  return { status: switches.acceptWith, jobId: answer.jobId, body: { job_id: answer.jobId } }
}

function batchRoute(
  of: { action: Action; kind: Kind },
  cloud: Cloud & { windows: Windows },
): Omit<Route, 'guard'> {
  const { action, kind } = of
  return {
    name: action,
    kind,
    method: 'POST',
    path: PATHS.action[kind],
    asks: ({ body }) => sentAction(of, body),
    answer(request) {
      const sent = sentAction(of, request.body)
      const problem = bodyRefusal(of, request.body, sent)
      if (problem !== null) return refusal(400, problem.code, problem.message)
      return sent === undefined ? refusal(400, INVALID[kind], '') : batchAnswer(sent, request, cloud)
    },
  }
}

/** What names no action at all is a stop that cannot be read. */
const batchRoutes = (cloud: Cloud & { windows: Windows }, guard: Guard): Route[] =>
  Kind.options.flatMap(kind => [
    {
      ...batchRoute({ action: 'start', kind }, cloud),
      guard,
      takes: ({ body }: Request) => namesAction(body, 'start'),
    },
    { ...batchRoute({ action: 'stop', kind }, cloud), guard },
  ])

function jobAnswer({ now, service }: Request, { id = '' }: Params, { state, switches }: Cloud): Answer {
  const job = state.job(id, now)
  const isHere = job !== undefined && (service === null || job.kind === service)
  if (isHere && switches.jobsLost === null) return { status: 200, body: jobItem(job) }
  if (switches.jobsLost === '404') return refusal(404, 'Common.0011', 'The job does not exist')
  return refusal(400, 'Common.0011', 'The job id is invalid')
}

/** The calls of ECS and BMS that take a signature. */
export function huaweiRoutes(cloud: Cloud, { windows, guard }: { windows: Windows; guard: Guard }): Route[] {
  const items = createItems(cloud.projectId)
  return [
    ...listRoutes(cloud, items, guard),
    ...batchRoutes({ ...cloud, windows }, guard),
    flavorRoute(cloud, guard),
    ...serverRoutes(cloud, items, guard),
    {
      name: 'job',
      method: 'GET',
      path: JOB_PATH,
      guard,
      answer: (request, params) => jobAnswer(request, params, cloud),
    },
  ]
}
