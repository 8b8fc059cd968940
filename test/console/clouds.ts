/** Simulated clouds of a test's own beside the sample, to which connections of the local run may point. */
import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import {
  type SeedServer,
  type Simulator,
  type Switches,
  startSimulator,
} from '../../infra/simulator/index.ts'
import type { OpenConsole } from './page.ts'

const PREFIX = 'OWN_'
const KEY = { accessKey: 'OWNKEY', secretKey: randomBytes(20).toString('hex') }

/** The variables of the local run that hold the key of these clouds. */
export const OWN_KEY = {
  [`${PREFIX}HUAWEICLOUD_SDK_AK`]: KEY.accessKey,
  [`${PREFIX}HUAWEICLOUD_SDK_SK`]: KEY.secretKey,
}

interface Cloud {
  id: string
  servers: SeedServer[]
  switches?: Partial<Switches>
  maxServersPerMinute?: number
}

const projectIdOf = (id: string) => Buffer.from(id.padEnd(16, '.').slice(0, 16)).toString('hex')

/** A cloud with a project of its own, and the connection of that id to it. It ends with the file. */
export async function connectCloud(
  curfew: OpenConsole,
  { id, servers, switches, maxServersPerMinute }: Cloud,
): Promise<Simulator> {
  const projectId = projectIdOf(id)
  const simulator = await startSimulator({
    projectId,
    keys: [KEY],
    servers,
    ...(switches ? { switches } : {}),
  })
  afterAll(() => simulator.close())
  const { url } = simulator
  await curfew.api('PUT', `/v1/connections/${id}`, {
    api: 'huaweicloud',
    region: 'cn-north-4',
    projectId,
    endpoints: { ecs: url, bms: url, iam: url, as: url },
    credentials: { source: 'environment', name: PREFIX },
    maxServersPerMinute: { ecs: maxServersPerMinute ?? null, bms: null },
  })
  return simulator
}

/** So many ordinary servers with names in order; those of the first places are `overrides`. */
export const someServers = (count: number, overrides: Partial<SeedServer>[] = []): SeedServer[] =>
  Array.from({ length: count }, (_, place) => ({
    kind: 'ecs',
    id: `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`,
    name: `web-${String(place).padStart(4, '0')}`,
    ...overrides[place],
  }))
