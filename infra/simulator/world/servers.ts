/** All servers of a simulated project. */
import type { Kind } from '../../../lib/core/model/model.ts'
import { createMeter, type Usage } from './meter.ts'
import {
  beginChange,
  changeServer,
  endChange,
  type PowerChange,
  type SeedServer,
  type ServerState,
  serverFrom,
} from './server.ts'

/** The servers of the project. What is done to them happens at the first look after its time. */
export interface Servers {
  /** Throws when an id is there already. */
  add(seeds: readonly SeedServer[], now: number): void
  /** Throws when there is no such server, as does `remove`. */
  change(id: string, patch: Omit<SeedServer, 'id' | 'kind'>, now: number): void
  remove(id: string): void
  server(id: string, now: number): ServerState | undefined
  /** In the order of arrival; the array is shared: not to be changed. */
  list(kind: Kind | 'all', now: number): readonly ServerState[]
  beginChange(server: ServerState, change: PowerChange, now: number): void
  /** How many there ever were. */
  number(): number
  /** Every time that one was on. */
  usage(now: number): readonly Usage[]
}

const NEVER = Number.POSITIVE_INFINITY
const endOf = ({ change }: ServerState): number => change?.endsAt ?? NEVER

/** Looks through the servers that are changing only when the first of them has changed. */
function createChanging(servers: Iterable<ServerState>, ended: (server: ServerState) => void) {
  const changing = new Set(servers)
  let nextEndAt = [...changing].reduce((first, server) => Math.min(first, endOf(server)), NEVER)
  return {
    put(server: ServerState): void {
      changing.add(server)
      nextEndAt = Math.min(nextEndAt, endOf(server))
    },
    drop: (server: ServerState): boolean => changing.delete(server),
    settle(now: number): void {
      if (now < nextEndAt) return
      nextEndAt = NEVER
      for (const server of changing) {
        nextEndAt = Math.min(nextEndAt, endOf(server) > now ? endOf(server) : NEVER)
        if (endOf(server) > now || !changing.delete(server)) continue
        endChange(server)
        ended(server)
      }
    },
  }
}

interface KeptServers {
  number: number
  servers: readonly ServerState[]
  usage?: readonly Usage[] | undefined
}

export function createServers(kept: KeptServers): Servers {
  const byId = new Map(kept.servers.map(server => [server.id, server]))
  const meter = createMeter(kept.usage)
  const changing = createChanging(
    kept.servers.filter(server => server.change !== null),
    server => meter.note(server, server.updatedAt),
  )
  // Of a file from before there were bills.
  if (kept.usage === undefined) for (const server of kept.servers) meter.note(server, server.updatedAt)
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
        meter.note(server, server.createdAt)
      }
    },
    change(id, patch, now) {
      changing.settle(now)
      const server = known(id)
      changeServer(server, patch, now)
      meter.note(server, now)
      if (server.change === null) changing.drop(server)
    },
    remove(id) {
      changing.drop(known(id))
      meter.end(id, Date.now())
      byId.delete(id)
      lists = {}
    },
    server(id, now) {
      changing.settle(now)
      return byId.get(id)
    },
    list(kind, now) {
      changing.settle(now)
      lists.all ??= [...byId.values()]
      lists[kind] ??= lists.all.filter(server => server.kind === kind)
      return lists[kind]
    },
    beginChange(server, change, now) {
      beginChange(server, change, now)
      changing.put(server)
    },
    number: () => number,
    usage(now) {
      changing.settle(now)
      return meter.usage()
    },
  }
}
