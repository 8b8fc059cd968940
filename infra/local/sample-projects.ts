/** The sample's projects beside the first: in other regions, with fleets of their own. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type SeedProject, type SeedServer, sampleFleet } from '../simulator/index.ts'

const NAMES = [
  ...['cn-east-3', 'cn-north-4_lab', 'ap-southeast-1', 'cn-south-1', 'cn-southwest-2'],
  ...['ap-southeast-3', 'af-south-1', 'la-south-2'],
]
/** With the first. */
export const MOST_PROJECTS = NAMES.length + 1
const SERVERS = 300

/** The ids of the connections to them, as they are discovered, for so many projects with the first. */
export const otherConnections = (projects: number): string[] =>
  NAMES.slice(0, projects - 1).map(name => name.replaceAll('_', '-'))

/** The same at each start. */
export const otherProjects = (projects: number, folder: string): SeedProject[] =>
  NAMES.slice(0, projects - 1).map(name => ({
    id: createHash('md5').update(name).digest('hex'),
    name,
    servers: fleetOf(name),
    file: join(folder, `fleet-${name}.json`),
  }))

const fleetOf = (name: string): SeedServer[] => sampleFleet({ ecs: SERVERS, bms: 0, of: `${name} ` })

/** Every server of them. */
export const otherFleets = (projects: number): SeedServer[] => NAMES.slice(0, projects - 1).flatMap(fleetOf)
