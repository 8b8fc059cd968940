/** The sample fleet. */
import { shareOf } from './jobs.ts'
import { type SeedServer, uuidOf } from './server.ts'

interface Team {
  team: string
  owner: string
  roles: readonly [string, ...string[]]
}
const DATA: Team = { team: 'data', owner: 'wang.tao', roles: ['etl', 'notebook', 'worker'] }
const PLATFORM: Team = { team: 'platform', owner: 's.novak', roles: ['ci', 'build', 'gateway'] }
const TEAMS: readonly [Team, ...Team[]] = [
  DATA,
  PLATFORM,
  { team: 'checkout', owner: 'mei.lin', roles: ['web', 'api', 'worker'] },
  { team: 'search', owner: 'j.okafor', roles: ['api', 'indexer', 'cache'] },
  { team: 'billing', owner: 'a.rossi', roles: ['api', 'db', 'batch'] },
  { team: 'mobile', owner: 'l.haddad', roles: ['api', 'push', 'web'] },
]
const ENVIRONMENTS = ['dev', 'dev', 'dev', 'dev', 'test', 'test', 'test', 'prod', 'prod', 'prod'] as const
const FLAVORS = [
  's6.large.2',
  's6.xlarge.2',
  'c7.xlarge.4',
  'c7.2xlarge.2',
  'm7.large.8',
  't6.small.1',
] as const
const ZONES = ['cn-north-4a', 'cn-north-4b', 'cn-north-4c', 'cn-north-4g'] as const

/** The same one for the same text, all equally likely. */
function oneOf<T>(list: readonly [T, ...T[]], text: string): T {
  return list[Math.floor(shareOf(text) * list.length)] ?? list[0]
}

/** What is out of the ordinary about a few of them. */
function oddity(text: string, env: string): Partial<SeedServer> {
  const share = shareOf(`oddity ${text}`)
  if (share < 0.06) return { status: 'SHUTOFF' }
  if (share < 0.07) return { locked: true }
  if (share < 0.075) return { frozen: true }
  if (share < 0.08) return { taskState: 'rebooting' }
  if (share < 0.082) return { status: 'ERROR' }
  return share > (env === 'prod' ? 0.9 : 0.985) ? { tags: { 'curfew-protect': '' } } : {}
}

function sampleEcs(index: number, of: string): SeedServer {
  const text = `${of}ecs ${index}`
  const env = oneOf(ENVIRONMENTS, `environment ${text}`)
  const { team, owner, roles } = oneOf(TEAMS, `team ${text}`)
  const role = oneOf(roles, `role ${text}`)
  const odd = oddity(text, env)
  const share = shareOf(`charging ${text}`)
  return {
    kind: 'ecs',
    id: uuidOf(`sample ${text}`),
    name: `${env}-${team}-${role}-${String(index + 1).padStart(4, '0')}`,
    flavor: oneOf(FLAVORS, `flavor ${text}`),
    availabilityZone: oneOf(ZONES, `zone ${text}`),
    enterpriseProjectId: env === 'prod' ? uuidOf('enterprise project prod') : '0',
    chargingMode: env === 'prod' && share < 0.5 ? 'yearlyMonthly' : share > 0.97 ? 'spot' : 'payPerUse',
    ...odd,
    tags: { env, team, owner, role, ...(role === 'db' ? { 'curfew-no-force': '' } : {}), ...odd.tags },
  }
}

function sampleBms(index: number, of: string): SeedServer {
  const text = `${of}bms ${index}`
  const env = oneOf(['test', 'prod'], `environment ${text}`)
  const { team, owner } = oneOf([DATA, PLATFORM], `team ${text}`)
  return {
    kind: 'bms',
    id: uuidOf(`sample ${text}`),
    name: `${env}-${team}-metal-${String(index + 1).padStart(2, '0')}`,
    flavor: 'physical.s4.2xlarge',
    availabilityZone: oneOf(ZONES, `zone ${text}`),
    ...(index % 9 === 8 ? { status: 'SHUTOFF' } : {}),
    ...(index % 17 === 16 ? { locked: true } : {}),
    tags: { env, team, owner, ...(env === 'prod' && index % 4 === 0 ? { 'curfew-protect': '' } : {}) },
  }
}

/** A fleet to try policies on, always the same: development, test and production servers of six teams, with some of everything a stop can meet. */
export function sampleFleet({ ecs = 3000, bms = 36, of = '' }: FleetSize = {}): SeedServer[] {
  return [
    ...Array.from({ length: ecs }, (_, i) => sampleEcs(i, of)),
    ...Array.from({ length: bms }, (_, i) => sampleBms(i, of)),
  ]
}
interface FleetSize {
  ecs?: number
  bms?: number
  /** Another text makes another fleet. */
  of?: string
}
