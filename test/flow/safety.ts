/** What the tests of safety share: what was sent, what came of it, and what happens right before a stop goes out. */
import type { Act } from '../../lib/core/model/action.ts'
import type { Server } from '../../lib/core/model/cloud.ts'
import type { Kind, Mode } from '../../lib/core/model/model.ts'
import type { Outcome } from '../../lib/core/model/outcome.ts'
import type { Run } from '../../lib/core/model/run.ts'
import type { World, WorldOptions } from './world.ts'
import { fleet } from './world.ts'

export const ids = (count: number): string[] => fleet(count).map(({ id }) => id!)
const placeOf = (id: string): number => Number(id.slice(-12))

/** The stop requests so far: `SOFT 0,1,2 200`, by the places of the servers in the fleet. */
export const sent = ({ simulator }: World): string[] =>
  simulator.stops().map(({ stop, status }) => `${stop.type} ${stop.ids.map(placeOf).join(',')} ${status}`)

/** The requests that listed or read servers so far. */
export const reads = ({ simulator }: World): number =>
  simulator.ledger.filter(({ path, method }) => method === 'GET' && path.includes('servers')).length

/** `0: stopped stopped`, by the places of the servers. */
export async function ends(world: World, run: Run): Promise<string[]> {
  const all = [...(await world.outcomes(run)).values()]
  return all
    .toSorted((a, b) => a.serverId.localeCompare(b.serverId))
    .map(({ serverId, status, code }) => `${placeOf(serverId)}: ${status} ${code}`)
}

/** How many outcomes came to each end. */
export function counts(outcomes: Iterable<Outcome>): Record<string, number> {
  const groups = Map.groupBy(outcomes, ({ status, code }) => `${status} ${code}`)
  return Object.fromEntries([...groups].map(([end, all]) => [end, all.length]))
}

export interface Hooks {
  /** Right before a stop request goes out. */
  beforeStop?: (mode: Mode, ids: string[]) => void | Promise<void>
  /** What a read of some servers makes of each. */
  read?: (server: Server) => Server
}

/** Lets things happen at the very edge between Curfew and its cloud. */
export const rigged =
  ({ beforeStop, read = server => server }: Hooks): NonNullable<WorldOptions['rig']> =>
  services => ({
    ...services,
    async cloud(connection) {
      const cloud = await services.cloud(connection)
      return {
        ...cloud,
        async request(kind: Kind, act: Act, asked: string[]) {
          await beforeStop?.(act.mode, asked)
          return cloud.request(kind, act, asked)
        },
        async serversById(kind: Kind, asked: string[], total: number | null) {
          const servers = await cloud.serversById(kind, asked, total)
          return new Map([...servers].map(([id, server]) => [id, read(server)]))
        },
      }
    },
  })
