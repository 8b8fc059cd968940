/** Pages of the lists of ECS and BMS. */
import type { Kind } from '../../../lib/core/model/model.ts'
import type { ServerState } from '../world/server.ts'
import type { State } from '../world/state.ts'
import type { Switches } from '../world/switches/switches.ts'
import { isAskedFor } from './granted.ts'
import { addressOf, BMS_TAG } from './item.ts'

export type Page =
  | { kind: 'page'; servers: readonly ServerState[]; unknownIds: string[]; count: number }
  | { kind: 'refused'; reason: string }
type Condition = (server: ServerState) => boolean
interface Circumstances {
  switches: Switches
  now: number
}

const MAX_IDS = 100
const DEFAULT_LIMIT = 25
const DEFAULT_LIMIT_OF_NUMBERED_BMS_PAGES = 1000

/** What else a status asked for brings (ECS API reference, "querying details about ECSs"). */
const ALSO: Record<string, string[]> = {
  ACTIVE: ['REBOOT', 'HARD_REBOOT', 'REBUILD', 'MIGRATING', 'RESIZE'],
  SHUTOFF: ['RESIZE', 'REBUILD'],
  ERROR: ['REBUILD'],
  VERIFY_RESIZE: ['REVERT_RESIZE'],
}

/** A parameter may be repeated, or hold several values with commas between them. */
const values = (params: URLSearchParams, name: string): string[] =>
  params.getAll(name).flatMap(value => value.split(',').filter(part => part !== ''))

/** `key=value`, or a key alone for any value. */
function hasTag(text: string): Condition {
  const [key = '', ...rest] = text.split('=')
  if (key === BMS_TAG) return ({ kind }) => kind === 'bms'
  const value = rest.join('=')
  if (rest.length === 0) return ({ tags }) => Object.hasOwn(tags, key)
  return ({ tags }) => Object.hasOwn(tags, key) && tags[key] === value
}

const CONDITIONS: Record<string, (value: string) => Condition> = {
  name: part => server => server.name.toLowerCase().includes(part.toLowerCase()),
  flavor: flavor => server => server.flavor === flavor,
  reservation_id: id => server => server.reservationId === id,
  ip: part => server => addressOf(server).includes(part),
  ip_eq: address => server => addressOf(server) === address,
  enterprise_project_id: asked => server => isAskedFor(asked, server.enterpriseProjectId),
  status: status => {
    const all = [status, ...(ALSO[status] ?? [])]
    return server => all.includes(server.status)
  },
}

function conditions(params: URLSearchParams): Condition[] {
  const plain = Object.entries(CONDITIONS).flatMap(([name, condition]) => {
    const value = params.get(name)
    return value === null || value === '' ? [] : [condition(value)]
  })
  const without = values(params, 'not-tags').filter(tag => tag !== BMS_TAG)
  const not = without.map(hasTag).map(has => (server: ServerState) => !has(server))
  return [...plain, ...values(params, 'tags').map(hasTag), ...not]
}

function matching(servers: readonly ServerState[], params: URLSearchParams): readonly ServerState[] {
  const all = conditions(params)
  return all.length === 0 ? servers : servers.filter(server => all.every(condition => condition(server)))
}

function whole(params: URLSearchParams, name: string, least: number): number | null | 'refused' {
  const text = params.get(name)
  if (text === null || text === '') return null
  const number = /^\d{1,9}$/.test(text) ? Number(text) : -1
  return number < least ? 'refused' : number
}

const refused = (reason: string): Page => ({ kind: 'refused', reason })

/** Where the page after this server begins; the servers are in the order of their numbers. */
function indexAfter(servers: readonly ServerState[], number: number): number {
  let low = 0
  let high = servers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((servers[middle]?.number ?? 0) > number) high = middle
    else low = middle + 1
  }
  return low
}

/** What of a request's parameters the cloud takes notice of; or the one for which it refuses the request. */
export function heardParameters(
  sent: URLSearchParams,
  { ignoredParameters, refusedParameters }: Switches,
): { params: URLSearchParams; refused: string | undefined } {
  const params = new URLSearchParams(sent)
  for (const name of ignoredParameters) params.delete(name)
  return { params, refused: refusedParameters.find(name => params.has(name)) }
}

const notAccepted = (name: string): Page => refused(`The parameter ${name} is invalid`)

/** Which page is asked for; a text says why it is refused. */
export function askedPage(
  kind: Kind,
  params: URLSearchParams,
  maxPage: number,
): { begin: number; limit: number; numbered: boolean } | string {
  const asked = whole(params, 'limit', 1)
  const offset = whole(params, 'offset', 0)
  if (asked === 'refused') return 'limit must be a number from 1'
  if (offset === 'refused') return `offset must be a number from ${kind === 'ecs' ? 0 : 1}`
  const numbered = offset !== null
  const usual = kind === 'bms' && numbered ? DEFAULT_LIMIT_OF_NUMBERED_BMS_PAGES : DEFAULT_LIMIT
  const limit = Math.min(asked ?? usual, maxPage)
  return { begin: (Math.max(offset ?? 1, 1) - 1) * limit, limit, numbered }
}

function pageById(state: State, ids: string[], { now, switches }: Circumstances): Page {
  if (ids.length > MAX_IDS)
    return refused(`server_id names ${ids.length} servers, at most ${MAX_IDS} are allowed`)
  const found = ids.map(id => ({ id, server: state.server(id, now) }))
  return {
    kind: 'page',
    servers: found.flatMap(({ server }) => server ?? []),
    unknownIds: found.flatMap(({ id, server }) =>
      server === undefined && switches.unknownIds === 'faulted' ? [id] : [],
    ),
    count: ids.length,
  }
}

/**
 * ECS API reference, "querying details about ECSs": `marker` goes before `offset`, which is a page number; `server_id` goes
 * before everything; BMS are there too unless `not-tags` says otherwise. Refused: a marker whose server is gone.
 */
export function ecsPage(state: State, sent: URLSearchParams, circumstances: Circumstances): Page {
  const { switches, now } = circumstances
  const { params, refused: name } = heardParameters(sent, switches)
  if (name !== undefined) return notAccepted(name)
  const ids = values(params, 'server_id')
  if (ids.length > 0) {
    const page = pageById(state, ids, circumstances)
    return page.kind === 'page' && switches.granted !== null
      ? {
          ...page,
          servers: matching(
            page.servers,
            new URLSearchParams({ enterprise_project_id: params.get('enterprise_project_id') ?? '' }),
          ),
        }
      : page
  }
  const asked = askedPage('ecs', params, switches.maxPage)
  if (typeof asked === 'string') return refused(asked)
  const marker = params.get('marker') ?? ''
  const after = marker === '' ? undefined : state.server(marker, now)
  if (marker !== '' && after === undefined) return refused(`marker [${marker}] not found`)

  const base: Kind | 'all' = values(params, 'not-tags').includes(BMS_TAG) ? 'ecs' : 'all'
  const servers = matching(state.list(base, now), params)
  const begin = after === undefined ? asked.begin : indexAfter(servers, after.number)
  const shown = servers.slice(begin, begin + asked.limit)
  return { kind: 'page', servers: shown, unknownIds: [], count: servers.length }
}

export function bmsCount(
  total: number,
  limit: number,
  { mode, numbered }: { mode: Switches['bmsCount']; numbered: boolean },
) {
  const whole = mode === 'whole' || (mode === 'faithful' && numbered)
  return whole ? total : Math.min(total, limit)
}

/**
 * BMS API reference, "querying details about BMSs": `offset` is a page number from 1. Its quirks: without `offset`, `count` goes
 * no further than `limit`; with `offset` and no `limit`, pages have 1000 servers. There is no `marker`.
 */
export function bmsPage(state: State, sent: URLSearchParams, { switches, now }: Circumstances): Page {
  const { params, refused: name } = heardParameters(sent, switches)
  if (name !== undefined) return notAccepted(name)
  const asked = askedPage('bms', params, switches.maxPage)
  if (typeof asked === 'string') return refused(asked)
  const { begin, limit, numbered } = asked
  const servers = matching(state.list('bms', now), params)
  const count = bmsCount(servers.length, limit, { mode: switches.bmsCount, numbered })
  return { kind: 'page', servers: servers.slice(begin, begin + limit), unknownIds: [], count }
}
