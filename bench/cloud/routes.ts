/** What the pretended cloud answers: ECS and BMS lists, batch stops and jobs, as far as whoever stops a fleet needs them. */
import { bodyRefusal, sentAction } from '../../infra/simulator/huawei/action-body.ts'
import { GROUPS_PATH, JOB_PATH, PATHS } from '../../infra/simulator/huawei/paths.ts'
import { scalingPage } from '../../infra/simulator/huawei/scaling.ts'
import {
  gatewayRefusal,
  type Params,
  paramsOf,
  refusal,
  type Answer as Said,
} from '../../infra/simulator/route.ts'
import type { RouteName as CloudRoute } from '../../infra/simulator/world/switches/faults.ts'
import type { Kind } from '../../lib/core/model/model.ts'
import type { Counters } from './counters.ts'
import type { Fleet } from './fleet.ts'
import { type Jobs, jobBody, statusOf } from './jobs.ts'
import { createListing } from './listing.ts'
import type { Settings } from './settings.ts'

export type RouteName = Extract<CloudRoute, 'list' | 'stop' | 'job' | 'server' | 'groups'> | 'other'
export interface Answer {
  status: number
  parts: Buffer[]
}
export interface Asked {
  method: string
  url: URL
  body: Buffer
}
export interface World {
  fleet: (kind: Kind) => Fleet
  jobs: Jobs
  settings: () => Settings
  counters: () => Counters
}

interface Call {
  route: RouteName
  kind: Kind
  params: Params
}

const under = (kind: Kind): [RouteName, Kind, string][] => [
  ['list', kind, PATHS.list[kind]],
  ['stop', kind, PATHS.action[kind]],
  ['server', kind, PATHS.server[kind]],
]
const CALLS: [RouteName, Kind, string][] = [
  ...under('ecs'),
  ...under('bms'),
  ['job', 'ecs', JOB_PATH],
  ['groups', 'ecs', GROUPS_PATH],
]

/** Which call a request is, and what varies in its path. */
export function callOf({ pathname }: URL): Call {
  for (const [route, kind, path] of CALLS) {
    const params = paramsOf(path, pathname)
    if (params !== null) return { route, kind, params }
  }
  return { route: 'other', kind: 'ecs', params: {} }
}

export const inOnePart = ({ status, body }: Said): Answer => ({
  status,
  parts: [Buffer.from(JSON.stringify(body))],
})

export function createRoutes({ fleet, jobs, settings, counters }: World) {
  const page = createListing()

  function stop(kind: Kind, body: Buffer): Answer {
    const wanted = { action: 'stop' as const, kind }
    const sent = sentAction(wanted, body)
    const problem = bodyRefusal(wanted, body, sent)
    if (sent === undefined || problem !== null) {
      counters().refusedStops++
      return inOnePart(refusal(400, problem?.code ?? '', problem?.message ?? ''))
    }
    const of = fleet(kind)
    const places = sent.ids.map(of.place).filter(place => place >= 0)
    counters().unknownIds += sent.ids.length - places.length
    for (const place of places) {
      if (of.asked[place]) counters().askedAgain++
      if (!of.isUp(place)) counters().askedWhileOff++
      of.asked[place] = 1
    }
    return inOnePart({ status: 200, body: { job_id: jobs.begin(of, places, settings()).id } })
  }

  function job(id: string): Answer {
    const found = jobs.job(id)
    if (!found) return inOnePart(refusal(404, 'Common.0011', 'The job does not exist'))
    if (statusOf(found) === 'RUNNING') counters().pollsOfRunning++
    return { status: 200, parts: [jobBody(found)] }
  }

  function server(kind: Kind, id: string): Answer {
    const of = fleet(kind)
    const place = of.place(id)
    if (place < 0) return inOnePart(refusal(404, 'Ecs.0114', `The server ${id} does not exist`))
    return { status: 200, parts: [Buffer.from('{"server":'), of.view(place, place + 1), Buffer.from('}')] }
  }

  /** Carries a request out. Throws what a malformed one makes it throw. */
  return function answer({ method, url, body }: Asked): Answer {
    const { route, kind, params } = callOf(url)
    const { searchParams: query } = url
    jobs.settle()
    if (route === 'list') return { status: 200, parts: page(fleet(kind), query, settings()) }
    if (route === 'stop' && method === 'POST') return stop(kind, body)
    if (route === 'job') return job(params.id ?? '')
    if (route === 'groups') return inOnePart(scalingPage('scaling_groups', [], { query }))
    if (route === 'server') return server(kind, params.id ?? '')
    return inOnePart(gatewayRefusal(404, 'APIGW.0101', `no such API: ${method} ${url.pathname}`))
  }
}
