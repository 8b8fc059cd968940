/** Nova's calls for servers. */
import { Action } from '../../../lib/core/model/action.ts'
import { unnamedRefusal } from '../faults.ts'
import type { Answer, Params, Request, Route } from '../route.ts'
import { ACTIONS_IN_CLOUD } from '../world/actions.ts'
import type { SentAction } from '../world/ledger.ts'
import type { NativeProblem } from '../world/native-action.ts'
import type { StopType } from '../world/server.ts'
import type { State } from '../world/state.ts'
import type { RouteName } from '../world/switches/faults.ts'
import type { Switches } from '../world/switches/switches.ts'
import { controllerAnswer, fault, routerRefusal, unauthorized, versionRefusal } from './answer.ts'
import { novaItem } from './item.ts'
import type { TokenHolder } from './keystone.ts'
import { novaPage } from './list.ts'

interface NovaOptions {
  projectId: string
  state: State
  switches: Switches
  holder(token: string | undefined, now: number): TokenHolder | null
  /** Who signs as at Huawei Cloud is let in, too: there the native calls are at the ECS host. */
  signed: Route['guard']
}

const MAX_BODY_BYTES = 114_688
/** The second prefix is Nova's older one, without microversions; the last needs no project, for the token has it. */
const PREFIXES = ['/v2.1/:project', '/v2/:project', '/v2.1']

const isSigned = ({ headers }: Request): boolean => headers.authorization !== undefined
const tokenOf = ({ headers }: Request): string | undefined => headers['x-auth-token']?.toString()

/** Token or signature, then the project. */
function createGuard({ holder, signed }: NovaOptions): Route['guard'] {
  return (request, params, route) => {
    if (isSigned(request)) return signed(request, params, route)
    const found = holder(tokenOf(request), request.now)
    if (found === null) return unauthorized(request)
    const version = versionRefusal(request)
    if (version !== null) return version
    const { project } = params
    if (project !== undefined && project !== found.projectId) {
      const words = `Malformed request URL: URL's project_id '${project}' doesn't match Context's project_id '${found.projectId ?? 'None'}'`
      return fault(request, 'badRequest', words)
    }
    return found.projectId === null ? notAllowed(request, `os_compute_api:servers:${route.name}`) : null
  }
}

const notAllowed = (request: Request, rule: string): Answer =>
  fault(request, 'forbidden', `Policy doesn't allow ${rule} to be performed.`)

const notFound = (request: Request, id = ''): Answer =>
  fault(request, 'itemNotFound', `Instance ${id} could not be found.`)

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** The one member of a body; undefined for a body with none or several. */
function memberOf(body: Buffer): { name: string; value: unknown } | undefined {
  const json = parsed(body)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const [first, ...others] = Object.entries(json)
  return first === undefined || others.length > 0 ? undefined : { name: first[0], value: first[1] }
}

const typeOf = (value: unknown): string | null =>
  typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : null

/** The action that a body asks for, and no other with it. */
const actionOf = (body: Buffer): Action | undefined =>
  Action.options.find(action => ACTIONS_IN_CLOUD[action].name === memberOf(body)?.name)

/** What Nova does not look at in an action's body, it takes. */
function bodyProblem(request: Request): Answer | null {
  const { body } = request
  if (body.length > MAX_BODY_BYTES)
    return routerRefusal(
      request,
      413,
      `Request is too large. Larger than max_request_body_size (${MAX_BODY_BYTES}).`,
    )
  if (parsed(body) === null) return fault(request, 'itemNotFound', 'The resource could not be found.')
  const member = memberOf(body)
  if (member === undefined) return fault(request, 'badRequest', 'Malformed request body')
  return actionOf(body) === undefined
    ? fault(request, 'badRequest', `There is no such action: ${member.name}`)
    : null
}

const ruleOf = (action: Action): string => `os_compute_api:servers:${action}`

function problemAnswer(
  request: Request,
  { action, id }: { action: Action; id: string },
  problem: NativeProblem,
): Answer {
  const conflict = (words: string) => fault(request, 'conflictingRequest', words)
  switch (problem.kind) {
    case 'unknown':
      return fault(request, 'itemNotFound', `Instance ${id} has no mapping to a cell.`)
    case 'deleted':
      return notFound(request, id)
    case 'locked':
      return conflict(`Instance ${id} is locked`)
    case 'notReady':
      return conflict(`Instance ${id} is not ready`)
    case 'frozen':
      return notAllowed(request, ruleOf(action))
    case 'state':
      return conflict(`Cannot '${action}' instance ${id} while it is in ${problem.of} ${problem.is}`)
  }
}

/** A plain Nova takes the type of a stop, and does a soft one. */
function typeHeard(request: Request, action: Action, { novaHearsType }: Switches): StopType | null {
  if (!ACTIONS_IN_CLOUD[action].hasType) return null
  const isHeard = isSigned(request) || novaHearsType
  return isHeard && typeOf(memberOf(request.body)?.value) === 'HARD' ? 'HARD' : 'SOFT'
}

/** Compute API, "Stop Server", "Start Server"; ECS and BMS API reference, the native calls: a BMS answers 204. */
function actionAnswer(
  request: Request,
  { id = '' }: Params,
  options: NovaOptions & { action: Action },
): Answer {
  const { action, state, switches, holder } = options
  const bad = bodyProblem(request)
  if (bad !== null) return bad
  const role = isSigned(request) ? 'member' : holder(tokenOf(request), request.now)?.role
  if (role === 'reader') return notAllowed(request, ruleOf(action))
  if (unnamedRefusal([id], { state, switches, now: request.now }) !== null)
    return fault(request, 'badRequest', 'The request is invalid.')
  const type = typeHeard(request, action, switches)
  const problem = state.requestNative({ action, id, type, isAdmin: role === 'admin' }, request.now)
  if (problem !== null) return problemAnswer(request, { action, id }, problem)
  return controllerAnswer(request, state.server(id, request.now)?.kind === 'bms' ? 204 : 202)
}

function sentNatively({ path, body, now }: Request, state: State): SentAction | undefined {
  const action = actionOf(body)
  const id = path.split('/').at(-2)
  if (action === undefined || id === undefined) return undefined
  const type = ACTIONS_IN_CLOUD[action].hasType ? typeOf(memberOf(body)?.value) : null
  return { action, kind: state.server(id, now)?.kind ?? 'ecs', type, ids: [id] }
}

/** What names no action at all is a stop that cannot be read. */
function actionRoutes(options: NovaOptions): Omit<Route, 'guard' | 'method' | 'path'>[] {
  const route = (action: Action, name: RouteName) => ({
    name,
    asks: (request: Request) => sentNatively(request, options.state),
    answer: (request: Request, params: Params) => actionAnswer(request, params, { ...options, action }),
  })
  return [
    { ...route('start', 'novaStart'), takes: ({ body }) => actionOf(body) === 'start' },
    route('stop', 'novaStop'),
  ]
}

/** Nova's calls for servers, with the answers of a real one. */
export function novaRoutes(options: NovaOptions): Route[] {
  const { state, switches, projectId } = options
  const shared = { kind: 'ecs' as const, guard: createGuard(options) }
  const list = (request: Request) => novaPage(request, { state, projectId, switches })
  const server = (request: Request, { id = '' }: Params): Answer => {
    const found = state.server(id, request.now)
    if (found === undefined || found.inRecycleBin) return notFound(request, id)
    return controllerAnswer(request, 200, { server: novaItem(found, request, projectId) })
  }
  return PREFIXES.flatMap((prefix): Route[] => {
    const at = (method: string, path: string) => ({ ...shared, method, path: `${prefix}/servers/${path}` })
    return [
      { ...at('GET', 'detail'), name: 'novaList', answer: list },
      { ...at('GET', ':id'), name: 'novaServer', answer: server },
      ...actionRoutes(options).map(route => ({ ...at('POST', ':id/action'), ...route })),
    ]
  })
}
