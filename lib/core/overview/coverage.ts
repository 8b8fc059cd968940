/** Which servers any policy would ever stop, and which none would. */
import type { Server } from '../model/cloud.ts'
import type { StoredConnection } from '../model/connection.ts'
import { type Kept, keptBecause, type SelectingPolicy } from '../preview/server-view.ts'
import { countTags, suggestPolicy, type TaggedServers } from './suggestion.ts'

/** What a connection has that decides whether its servers are covered. */
export interface CoverageRules extends Kept {
  connection: Pick<StoredConnection, 'id' | 'enabled'>
  /** Those that are about the connection. */
  policies: SelectingPolicy[]
}

interface Uncovered extends Pick<Server, 'kind' | 'name' | 'tags' | 'flavor'> {
  serverId: string
  connection: string
  /** Nothing about it changed for so long, so it has been up at least as long; `null`: it is not up, or nothing tells. */
  upSinceHours: number | null
}

/** All that is counted, connection by connection. */
export interface CoverageCount {
  servers: number
  covered: number
  protected: number
  uncovered: Uncovered[]
}
export const NOTHING_COUNTED: CoverageCount = { servers: 0, covered: 0, protected: 0, uncovered: [] }

/** The numbers are whole all the same. */
const MAX_NAMED = 1000
const MAX_GROUPS = 100
const HOUR_MS = 3_600_000

function upSinceHours({ power, busy, updatedAt }: Server, now: number): number | null {
  const sinceMs = now - Date.parse(updatedAt ?? '')
  return power === 'on' && busy === null && sinceMs >= 0 ? Math.floor(sinceMs / HOUR_MS) : null
}

const uncoveredServer = (server: Server, { connection, now }: CoverageRules): Uncovered => {
  const { id, name, kind, tags, flavor } = server
  return {
    serverId: id,
    name,
    connection: connection.id,
    kind,
    tags,
    flavor,
    upSinceHours: upSinceHours(server, now),
  }
}

/** A server that no policy may ever stop is protected, whichever match it. */
export function countCoverage(servers: Server[], rules: CoverageRules): CoverageCount {
  const acting = rules.connection.enabled ? rules.policies.filter(({ policy }) => policy.enabled) : []
  const count: CoverageCount = { ...NOTHING_COUNTED, uncovered: [] }
  for (const server of servers) {
    if (server.power === 'deleted' || server.inRecycleBin) continue
    count.servers++
    if (keptBecause(server, rules) !== null) count.protected++
    else if (acting.some(({ matches }) => matches(server))) count.covered++
    else count.uncovered.push(uncoveredServer(server, rules))
  }
  return count
}

export const addCoverage = (one: CoverageCount, other: CoverageCount): CoverageCount => ({
  servers: one.servers + other.servers,
  covered: one.covered + other.covered,
  protected: one.protected + other.protected,
  uncovered: [...one.uncovered, ...other.uncovered],
})

interface CoverageSummary {
  summary: { servers: number; covered: number; protected: number; uncovered: number }
  uncovered: Uncovered[]
  byTag: TaggedServers[]
  byFlavor: { flavor: string; servers: number }[]
  suggestion: ReturnType<typeof suggestPolicy>
}

const longestUpFirst = (one: Uncovered, other: Uncovered): number =>
  (other.upSinceHours ?? -1) - (one.upSinceHours ?? -1) || (one.name < other.name ? -1 : 1)

/** `timeZone`: of the schedule that is suggested; `most`: so many are named. */
export function reportCoverage(
  count: CoverageCount,
  timeZone: string,
  most: number = MAX_NAMED,
): CoverageSummary {
  const { uncovered, ...numbers } = count
  return {
    summary: { ...numbers, uncovered: uncovered.length },
    uncovered: uncovered.toSorted(longestUpFirst).slice(0, most),
    byTag: countTags(uncovered).slice(0, MAX_GROUPS),
    byFlavor: byFlavor(uncovered).slice(0, MAX_GROUPS),
    suggestion: suggestPolicy(uncovered, timeZone),
  }
}

const byFlavor = (uncovered: Uncovered[]): CoverageSummary['byFlavor'] =>
  [...Map.groupBy(uncovered, ({ flavor }) => flavor)]
    .map(([flavor, alike]) => ({ flavor, servers: alike.length }))
    .toSorted((one, other) => other.servers - one.servers || (one.flavor < other.flavor ? -1 : 1))

/** The time zone that most policies are in. */
export function usualTimeZone(policies: SelectingPolicy[]): string {
  const zones = Map.groupBy(policies, ({ policy }) => policy.schedule.timeZone)
  const [usual] = [...zones].toSorted(([, one], [, other]) => other.length - one.length)
  return usual?.[0] ?? 'UTC'
}
