/** The sample: a simulated cloud, and the connections and policies that go with it. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from '../../lib/core/model/connection.ts'
import {
  type SeedGroup,
  type SeedServer,
  type Simulator,
  type SimulatorOptions,
  sampleFleet,
  startSimulator,
} from '../simulator/index.ts'
import { Problem } from './problem.ts'
import { otherConnections, otherFleets, otherProjects } from './sample-projects.ts'
import type { Api as Curfew, ShownOutcome, ShownRun } from './screen/api.ts'

const CONNECTION = 'sample'
const PROJECT = '0123456789abcdef0123456789abcdef'
/** What the names of the variables with the sample's key begin with. */
const PREFIX = 'SAMPLE_'
/** The policy that the first run is made of. */
const FIRST_RUN_POLICY = 'weekend'

type Api = Connection['api']

const WEEKEND = { env: ['dev', 'test'] }
const BUILDERS = { role: ['ci'] }
const FLEET = { ecs: 3400, bms: 40 }

/** Ids of running servers of the first run's policy that are like any other, of one role. */
const ordinary = (fleet: SeedServer[], role: string): string[] =>
  fleet
    .filter(
      ({ kind, tags = {}, status, locked, frozen, taskState }) =>
        kind === 'ecs' &&
        tags.env === 'test' &&
        tags.role === role &&
        !('curfew-protect' in tags) &&
        !status &&
        !locked &&
        !frozen &&
        !taskState,
    )
    .flatMap(({ id }) => (id === undefined ? [] : [id]))

/** Servers of the first run that are to make trouble. */
function troubled(fleet: SeedServer[]): { hanging: string[]; failing: string[] } {
  const ids = ordinary(fleet, 'notebook')
  return { hanging: ids.slice(0, 2), failing: ids.slice(2, 3) }
}

/** Servers that a test group has made, three of those that the first run's policy matches. */
function scalingGroup(fleet: SeedServer[]): SeedGroup {
  const made = ordinary(fleet, 'etl').slice(0, 3)
  return { name: 'test-data-etl', made }
}

export interface SampleCloud extends Simulator {
  /** The variables that hold the secret of the sample connection, for either of its apis. */
  variables: Record<string, string>
  projects: number
}
interface SampleWish {
  api?: Api
  /** How many. */
  projects?: number
}

/** The simulated cloud of a data folder; its fleets are made with the folder and kept in it. A plain OpenStack has no scaling groups. */
export async function startSampleCloud(
  folder: string,
  { api = 'huaweicloud', projects = 1 }: SampleWish = {},
): Promise<SampleCloud> {
  const fleet = sampleFleet(FLEET)
  const { hanging, failing } = troubled(fleet)
  const accessKey = random(10)
  const secretKey = random(20)
  const password = random(20)
  const login = { username: 'curfew', password, domainName: 'Default' }
  const file = join(folder, 'fleet.json')
  const simulator = await startCloud({
    projectId: PROJECT,
    keys: [{ accessKey, secretKey }],
    logins: [login],
    servers: fleet,
    projects: otherProjects(projects, folder),
    scalingGroups: api === 'openstack' ? [] : [scalingGroup(fleet)],
    switches: {
      jobSeconds: { first: 1, spread: 1 },
      softHangs: hanging,
      softHangSeconds: 2,
      partialFail: Object.fromEntries(failing.map(id => [id, 'Ecs.0611'])),
    },
    file,
    mostLedgerEntries: 100,
  })
  const variables = {
    [`${PREFIX}HUAWEICLOUD_SDK_AK`]: accessKey,
    [`${PREFIX}HUAWEICLOUD_SDK_SK`]: secretKey,
    [`${PREFIX}OS_USERNAME`]: login.username,
    [`${PREFIX}OS_PASSWORD`]: login.password,
    [`${PREFIX}OS_USER_DOMAIN_NAME`]: login.domainName,
  }
  return { ...simulator, variables, projects }
}

async function startCloud(options: SimulatorOptions & { file: string }): Promise<Simulator> {
  try {
    return await startSimulator(options)
  } catch (error) {
    const { file } = options
    if (!existsSync(file)) throw error
    throw new Problem(
      `${file} is damaged, or of another version. Move it away: the next start makes a new simulated fleet.`,
      { cause: error },
    )
  }
}

const random = (bytes: number): string => randomBytes(bytes).toString('hex').toUpperCase()

type Reachable = Pick<Simulator, 'url' | 'openstack'>

const endpoints = ({ url, openstack }: Reachable, api: unknown) =>
  api === 'openstack' ? openstack : { ecs: url, bms: url, iam: url, as: url, sts: url, bss: url }

/** The policies of the first runs: one for each project. */
export const firstRunPolicies = ({ projects }: Pick<SampleCloud, 'projects'>): string[] => [
  FIRST_RUN_POLICY,
  ...otherConnections(projects).map(id => `${FIRST_RUN_POLICY}-${id}`),
]

const connection = (cloud: Reachable, api: Api) => ({
  id: CONNECTION,
  api,
  region: 'cn-north-4',
  projectId: PROJECT,
  endpoints: endpoints(cloud, api),
  credentials: { source: 'environment', name: PREFIX },
  // A real project takes 1000 ids a minute, and should be left at that.
  maxServersPerMinute: { ecs: null, bms: null },
})

const POLICIES = [
  {
    id: 'nightly-dev',
    description: 'Development servers are off at night',
    connection: CONNECTION,
    kind: 'ecs',
    schedule: { cron: '0 20 * * 1-5', timeZone: 'Asia/Shanghai', catchUpMinutes: 60 },
    start: { cron: '0 7 * * 1-5' },
    selector: { tags: { env: ['dev'] } },
    exclude: { tags: BUILDERS },
    mode: 'soft',
    escalateAfterMinutes: 15,
    limits: { maxPercent: 60 },
  },
  {
    id: FIRST_RUN_POLICY,
    description: 'Only production runs over the weekend',
    connection: CONNECTION,
    kind: 'ecs',
    schedule: { cron: '0 19 * * 5', timeZone: 'Europe/Berlin', catchUpMinutes: 240 },
    selector: { tags: WEEKEND },
    exclude: { tags: BUILDERS },
    mode: 'soft',
    limits: { maxPercent: 80 },
  },
  {
    id: 'lab-metal',
    description: 'The bare-metal test lab is off from Saturday night',
    connection: CONNECTION,
    kind: 'bms',
    schedule: { cron: '30 22 * * 6', timeZone: 'Asia/Shanghai', skipDates: ['2027-02-06'] },
    selector: { tags: { env: ['test'] } },
    mode: 'hard',
    acceptPowerCut: true,
    limits: { maxServers: 40 },
  },
]

type Sampled = Reachable & Pick<SampleCloud, 'projects'>

/** Makes the sample's connections and policies, through the API as anybody would. */
export async function createSample(curfew: Curfew, cloud: Sampled, api: Api): Promise<void> {
  const first = connection(cloud, api)
  await curfew.saveConnection(CONNECTION, first)
  for (const policy of POLICIES) await curfew.savePolicy(policy.id, policy)
  if (cloud.projects > 1) await createOthers(curfew, first)
}

/** Each further project has a connection, and the policy of the first run once more. */
async function createOthers(curfew: Curfew, first: ReturnType<typeof connection>): Promise<void> {
  const { api, endpoints, credentials, maxServersPerMinute } = first
  const found = await curfew.discover({ api, endpoints, credentials })
  const weekend = POLICIES.find(({ id }) => id === FIRST_RUN_POLICY)!
  for (const { existing, connection } of found) {
    if (existing !== null) continue
    const { id } = connection
    await curfew.saveConnection(id, { ...connection, maxServersPerMinute })
    await curfew.savePolicy(`${FIRST_RUN_POLICY}-${id}`, {
      ...weekend,
      id: `${FIRST_RUN_POLICY}-${id}`,
      connection: id,
    })
  }
}

/** The simulated cloud has another address at each start: what is left of the sample's connections is pointed there. */
export async function repointSample(curfew: Curfew, cloud: Sampled): Promise<void> {
  for (const id of [CONNECTION, ...otherConnections(cloud.projects)]) {
    const found = await curfew.connection(id)
    if (found) await curfew.saveConnection(id, { ...found, endpoints: endpoints(cloud, found.api) })
  }
}

/** Starts what ran when the fleets were made and is off now: the first run can be shown once more. */
export function restartFleet(cloud: SampleCloud): void {
  for (const { id = '', status } of [...sampleFleet(FLEET), ...otherFleets(cloud.projects)]) {
    if (status === undefined && cloud.server(id)?.status === 'SHUTOFF') cloud.change(id, { status: 'ACTIVE' })
  }
}

/** Whether all that a run stopped runs again. */
export const isTakenBack = ({ status }: ShownRun, outcomes: ShownOutcome[]): boolean =>
  status === 'succeeded' && outcomes.every(one => one.status === 'started' || one.code === 'already-running')

/** Whether a run ended as the sample means it to: whoever was not stopped is one that was to make trouble. */
export function isIntended(run: ShownRun, outcomes: ShownOutcome[]): boolean {
  const { hanging, failing } = troubled(sampleFleet(FLEET))
  const trouble = new Set([...hanging, ...failing])
  const unwell = outcomes.filter(({ status }) => status === 'failed' || status === 'unconfirmed')
  if (!unwell.every(({ serverId }) => trouble.has(serverId))) return false
  return run.status === 'succeeded' || run.status === 'partial'
}
