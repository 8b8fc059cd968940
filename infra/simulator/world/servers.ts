import type { Kind } from '../../../lib/core/model/model.ts'
import {
  beginStop,
  change,
  endStop,
  type SeedServer,
  type ServerState,
  type ServerStop,
  serverFrom,
} from './server.ts'

/** The servers of the project. What their stops do to them happens at the first look after its time. */
export interface Servers {
  /** Throws when an id is there already. */
  add(seeds: readonly SeedServer[], now: number): void
  /** Throws when there is no such server, as does `remove`. */
  change(id: string, patch: Omit<SeedServer, 'id' | 'kind'>, now: number): void
  remove(id: string): void
  server(id: string, now: number): ServerState | undefined
  /** In the order of arrival; the array is shared: not to be changed. */
  list(kind: Kind | 'all', now: number): readonly ServerState[]
  beginStop(server: ServerState, stop: ServerStop, now: number): void
  /** How many there ever were. */
  number(): number
}

const NEVER = Number.POSITIVE_INFINITY
const endOf = ({ stop }: ServerState): number => stop?.endsAt ?? NEVER

/** Looks through the servers that are being stopped only when the first of them is off. */
function createStopping(servers: Iterable<ServerState>) {
  const stopping = new Set(servers)
  let nextEndAt = Math.min(...[...stopping].map(endOf), NEVER)
  return {
    put(server: ServerState): void {
      stopping.add(server)
      nextEndAt = Math.min(nextEndAt, endOf(server))
    },
    drop: (server: ServerState): boolean => stopping.delete(server),
    settle(now: number): void {
      if (now < nextEndAt) return
      nextEndAt = NEVER
      for (const server of stopping) {
        nextEndAt = Math.min(nextEndAt, endOf(server) > now ? endOf(server) : NEVER)
        if (endOf(server) <= now && stopping.delete(server)) endStop(server)
      }
    },
  }
}

export function createServers(kept: { number: number; servers: readonly ServerState[] }): Servers {
  const byId = new Map(kept.servers.map(server => [server.id, server]))
  const stopping = createStopping(kept.servers.filter(({ stop }) => stop !== null))
  let { number } = kept
  let lists: Partial<Record<Kind | 'all', ServerState[]>> = {}

  function known(id: string): ServerState {
    const server = byId.get(id)
    if (server === undefined) throw new Error(`No server ${id} in the simulator`)
    return server
  }

  return {
    add(seeds, now) {
      lists = {}
      for (const seed of seeds) {
        const server = serverFrom(seed, ++number, now)
        if (byId.has(server.id)) throw new Error(`Server ${server.id} is in the simulator already`)
        byId.set(server.id, server)
      }
    },
    change(id, patch, now) {
      stopping.settle(now)
      const server = known(id)
      change(server, patch, now)
      if (server.stop === null) stopping.drop(server)
    },
    remove(id) {
      stopping.drop(known(id))
      byId.delete(id)
      lists = {}
    },
    server(id, now) {
      stopping.settle(now)
      return byId.get(id)
    },
    list(kind, now) {
      stopping.settle(now)
      lists.all ??= [...byId.values()]
      lists[kind] ??= lists.all.filter(server => server.kind === kind)
      return lists[kind]
    },
    beginStop(server, stop, now) {
      beginStop(server, stop, now)
      stopping.put(server)
    },
    number: () => number,
  }
}
