/** Connections to the projects that a key may use. */
import * as z from 'zod'
import type { Project } from '../../model/cloud.ts'
import { Connection, type StoredConnection, traitsOf } from '../../model/connection.ts'
import type { FieldProblem } from '../input.ts'
import { quoteValue } from '../problem.ts'

/** What projects are asked for with: what a connection says beside its project. Without a `region`: those of all. */
export interface Discovery
  extends Pick<Connection, 'api' | 'endpoints' | 'credentials'>,
    Partial<Pick<Connection, 'assume'>> {
  region?: string | undefined
}

/** What is there by now. */
export interface KnownConnections {
  connections: StoredConnection[]
  /** Ids of those that cannot be read. */
  unreadable: string[]
}

interface ProjectItem {
  region: string
  projectId: string
  projectName: string
  /** The id of the connection that there is to it; `null` for none. */
  existing: string | null
  /** The one that there is, else a new one, ready to be saved. */
  connection: Connection
}
/** A project that no connection is made for. */
interface LeftProject {
  projectId: string
  projectName: string
  reason: string
}
interface DiscoveredProjects {
  items: ProjectItem[]
  leftOut: LeftProject[]
}

/** Taken as an id: what is asked with it has no project yet. */
export const DISCOVER = 'discover'

const template = (discovery: Discovery): Connection =>
  Connection.parse({ region: 'any', ...discovery, id: DISCOVER, projectId: 'any' })

/** The connection that projects are asked for by: whole, but for its project. */
export const askingConnection = (discovery: Discovery): Connection => ({
  ...template(discovery),
  region: discovery.region ?? '',
  projectId: '',
})

/** What is not allowed about what is asked, beyond what is not allowed of a connection. */
export function discoveryProblems({ api, region, endpoints }: Discovery): FieldProblem[] {
  const { hasRegions } = traitsOf({ api })
  const noRegion = `expected the region of the endpoints, which projects of ${api} do not tell, got nothing`
  const noIam =
    'expected a URL, for ecs is named: the key is shown to no host that only follows from the region; got nothing'
  return [
    ...(hasRegions || region !== undefined ? [] : [{ path: 'region', message: noRegion }]),
    ...(endpoints.ecs === undefined || endpoints.iam !== undefined
      ? []
      : [{ path: 'endpoints.iam', message: noIam }]),
  ]
}

/** A connection for each project, in the region that was asked for or in all, by region and name. */
export function connectionsTo(
  projects: Project[],
  discovery: Discovery,
  known: KnownConnections,
): DiscoveredProjects {
  const ids = new Set([...known.connections.map(({ id }) => id), ...known.unreadable, DISCOVER])
  const found: DiscoveredProjects = { items: [], leftOut: [] }
  for (const project of projects.toSorted(byRegionAndName)) {
    const reason = reasonToLeave(project)
    if (reason !== null) found.leftOut.push({ projectId: project.id, projectName: project.name, reason })
    else if (isWanted(project, discovery)) found.items.push(itemOf(project, { discovery, known, ids }))
  }
  return found
}

const byRegionAndName = (one: Project, other: Project): number =>
  compared(one.region ?? '', other.region ?? '') ||
  compared(one.name, other.name) ||
  compared(one.id, other.id)
const compared = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

function reasonToLeave({ id, name, region, isEnabled }: Project): string | null {
  if (!isEnabled) return 'it is disabled'
  if (!Connection.shape.projectId.safeParse(id).success)
    return `expected an id of letters, digits and dashes, got ${quoteValue(id)}`
  if (region !== null) return null
  return `expected a name that begins with its region, such as cn-north-4 or cn-north-4_dev, got ${quoteValue(name)}`
}

const isWanted = ({ region }: Project, discovery: Discovery): boolean =>
  discovery.region === undefined || discovery.region === region

interface ItemMaking {
  discovery: Discovery
  known: KnownConnections
  /** Those that are taken; a new one is added. */
  ids: Set<string>
}

function itemOf({ id: projectId, name: projectName, ...project }: Project, making: ItemMaking): ProjectItem {
  const { discovery, known, ids } = making
  const region = project.region!
  const isSame = (one: Connection) =>
    one.api === discovery.api && one.region === region && one.projectId === projectId
  const existing = known.connections.find(isSame)
  const told = { region, projectId, projectName }
  if (existing) return { ...told, existing: existing.id, connection: withoutStamps(existing) }
  const id = freeId(told, ids)
  ids.add(id)
  return { ...told, existing: null, connection: { ...template(discovery), id, region, projectId } }
}

const WithoutStamps = z.object(Connection.shape)
const withoutStamps = (stored: StoredConnection): Connection => WithoutStamps.parse(stored)

const MAX_ID_LENGTH = 63
const idFrom = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')

/** `cn-north-4-dev` for project `cn-north-4_dev`; where that is taken, with the beginning of the project's id, and a number. */
function freeId({ region, projectId, projectName }: TakenFrom, ids: Set<string>): string {
  const name = idFrom(projectName.startsWith(region) ? projectName : `${region}-${projectName}`)
  const ending = `-${idFrom(projectId).slice(0, 8)}`
  const numbered = Array.from({ length: ids.size }, (_, taken) => `${ending}-${taken + 2}`)
  const all = ['', ending, ...numbered].map(end => name.slice(0, MAX_ID_LENGTH - end.length) + end)
  return all.find(id => !ids.has(id))!
}
type TakenFrom = Pick<ProjectItem, 'region' | 'projectId' | 'projectName'>
