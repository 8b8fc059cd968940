import type { Kind } from '../../../lib/core/model/model.ts'
import { unnamedRefusal } from '../faults.ts'
import {
  type Answer,
  gatewayRefusal,
  type Params,
  type Request,
  type Route,
  refusal,
  throttled,
} from '../route.ts'
import type { SentStop } from '../world/ledger.ts'
import type { Windows } from '../world/limits.ts'
import { type ServerState, viewOf } from '../world/server.ts'
import type { State, StopAnswer } from '../world/state.ts'
import { isAmong, type Switches } from '../world/switches.ts'
import { createSignatureCheck, type Key } from './auth.ts'
import { createItems, listFrame, unknownItem } from './item.ts'
import { jobItem } from './job-item.ts'
import { bmsPage, ecsPage, type Page } from './listing.ts'
import { JOB_PATH, PATHS } from './paths.ts'
import { sentStop, stopProblem } from './stop-body.ts'

interface Cloud {
  projectId: string
  keys: readonly Key[]
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

/** Signature, project, requests in a minute: in this order. */
export function createGuard({ projectId, keys, switches }: Cloud, windows: Windows): Guard {
  const check = createSignatureCheck(keys)
  return ({ method, path, rawQuery, headers, body, now }, params, { name }) => {
    const plain = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, value?.toString()]))
    const bad = check(
      { method, path, query: rawQuery, headers: plain, body },
      now + switches.clockSkewSeconds * 1000,
    )
    if (bad !== null) return gatewayRefusal(401, bad.code, bad.message)
    if (params.project !== projectId)
      return refusal(400, 'Common.0018', 'The project in the URL is not that of the key')
    const limit = switches.requestsPerMinute[name]
    return limit === undefined || windows.takes(name, 1, { limit, now }) ? null : throttled(limit)
  }
}

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
      const page = pageOf(state, query, { switches, now })
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

function memberRefusal({ member }: StopAnswer & { kind: 'refused' }, kind: Kind, switches: Switches): Answer {
  const code = switches.memberCodes[kind][member.problem ?? 'missing']
  const which = switches.refusalNamesId ? `the server ${member.id}` : 'a server'
  return refusal(STATUSES[code] ?? 400, code, `The status of ${which} does not allow this operation`)
}

function stopAnswer(
  stop: SentStop,
  { now }: Request,
  { state, switches, windows }: Cloud & { windows: Windows },
): Answer {
  const { kind, ids } = stop
  const limit = switches.idsPerMinute
  if (limit !== null && !windows.takes(`ids ${kind}`, ids.length, { limit, now })) return throttled(limit)
  const unnamed = unnamedRefusal(ids, { state, switches, now })
  if (unnamed !== null) return unnamed
  const answer = state.stop({ kind, ids, type: stop.type === 'HARD' ? 'HARD' : 'SOFT' }, now)
  if (answer.kind === 'refused') return memberRefusal(answer, kind, switches)
  return { status: switches.acceptWith, jobId: answer.jobId, body: { job_id: answer.jobId } }
}

function stopRoutes(cloud: Cloud, windows: Windows, guard: Guard): Route[] {
  const route = (kind: Kind): Route => ({
    name: 'stop',
    kind,
    method: 'POST',
    path: PATHS.stop[kind],
    guard,
    asks: ({ body }) => sentStop(kind, body),
    answer(request) {
      const stop = sentStop(kind, request.body)
      const problem = stopProblem(kind, request.body, stop)
      if (problem !== null) return refusal(400, problem.code, problem.message)
      return stop === undefined
        ? refusal(400, INVALID[kind], '')
        : stopAnswer(stop, request, { ...cloud, windows })
    },
  })
  return [route('ecs'), route('bms')]
}

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
    ...stopRoutes(cloud, windows, guard),
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
