/** What the pretended cloud answers: ECS and BMS lists, batch stops and jobs, as far as whoever stops a fleet needs them. */
import type { Kind } from '../../lib/core/model/model.ts'
import type { Counters } from './counters.ts'
import type { Fleet } from './fleet.ts'
import { type Jobs, jobParts, statusOf } from './jobs.ts'
import { createListing } from './listing.ts'
import type { Settings } from './settings.ts'

export type RouteName = 'list' | 'stop' | 'job' | 'single' | 'groups' | 'other'
export interface Answer {
  status: number
  parts: Buffer[]
}
export interface Asked {
  method: string
  url: URL
  body: string
}
export interface World {
  fleet: (kind: Kind) => Fleet
  jobs: Jobs
  settings: () => Settings
  counters: () => Counters
}

export const MOST_IDS = 1000

const json = (status: number, value: unknown): Answer => ({
  status,
  parts: [Buffer.from(JSON.stringify(value))],
})
const error = (status: number, code: string, message: string): Answer =>
  json(status, { error: { code, message } })

const PATHS: [RouteName, RegExp][] = [
  ['list', /^\/v1\/[^/]+\/(cloudservers|baremetalservers)\/detail$/],
  ['stop', /^\/v1\/[^/]+\/(cloudservers|baremetalservers)\/action$/],
  ['job', /^\/v1\/[^/]+\/jobs\/([^/]+)$/],
  ['groups', /^\/autoscaling-api\/v1\/[^/]+\/scaling_group$/],
  ['single', /^\/v1\/[^/]+\/(cloudservers|baremetalservers)\/([0-9a-f-]{36})$/],
]
const kindOf = (folder: string | undefined): Kind => (folder === 'baremetalservers' ? 'bms' : 'ecs')

/** Which route a request is for, and the words of its path. */
export function routed({ pathname }: URL): { route: RouteName; words: string[] } {
  for (const [route, pattern] of PATHS) {
    const match = pattern.exec(pathname)
    if (match) return { route, words: match.slice(1) }
  }
  return { route: 'other', words: [] }
}

export function createRoutes({ fleet, jobs, settings, counters }: World) {
  const page = createListing()

  function stop(kind: Kind, body: string): Answer {
    const asked = JSON.parse(body) as { 'os-stop'?: { servers: { id: string }[] } }
    const ids = asked['os-stop']?.servers.map(({ id }) => id) ?? []
    if (ids.length === 0 || ids.length > MOST_IDS) {
      counters().oversized++
      return error(400, 'Ecs.0005', `expected 1 to ${MOST_IDS} servers`)
    }
    const of = fleet(kind)
    const places = ids.map(of.place).filter(place => place >= 0)
    counters().unknownIds += ids.length - places.length
    for (const place of places) {
      if (of.asked[place]) counters().askedAgain++
      if (!of.isUp(place)) counters().askedWhileOff++
      of.asked[place] = 1
    }
    return json(200, { job_id: jobs.begin(of, places, settings()).id })
  }

  function job(id: string): Answer {
    const found = jobs.job(id)
    if (!found) return error(404, 'Common.0011', 'no such job')
    if (statusOf(found) === 'RUNNING') counters().looksAtRunning++
    return { status: 200, parts: jobParts(found) }
  }

  function single(kind: Kind, id: string): Answer {
    const of = fleet(kind)
    const place = of.place(id)
    if (place < 0) return error(404, 'Ecs.0114', 'no such server')
    return { status: 200, parts: [Buffer.from('{"server":'), of.view(place, place + 1), Buffer.from('}')] }
  }

  /** Carries a request out. Throws what a malformed one makes it throw. */
  return function answer({ method, url, body }: Asked): Answer {
    const { route, words } = routed(url)
    jobs.settle()
    const kind = kindOf(words[0])
    if (route === 'list') return { status: 200, parts: page(fleet(kind), url.searchParams, settings()) }
    if (route === 'stop' && method === 'POST') return stop(kind, body)
    if (route === 'job') return job(words[0]!)
    if (route === 'groups') return json(200, { total_number: 0, scaling_groups: [] })
    if (route === 'single') return single(kind, words[1]!)
    return error(404, 'APIGW.0101', `no such API: ${method} ${url.pathname}`)
  }
}
