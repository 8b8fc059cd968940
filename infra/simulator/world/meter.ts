/** Meters how long servers are on. */
import type { Kind } from '../../../lib/core/model/model.ts'
import type { ServerState } from './server.ts'

/** A time that a server was on, and charged for. Instants are ms since the epoch. */
export interface Usage {
  serverId: string
  name: string
  kind: Kind
  chargingMode: ServerState['chargingMode']
  /** Flavour and system. */
  spec: string
  from: number
  /** Null: it goes on. */
  to: number | null
}
interface Meter {
  /** After anything about it changed. */
  note(server: ServerState, at: number): void
  end(serverId: string, at: number): void
  usage(): Usage[]
}

const specOf = ({ flavor, windows }: ServerState): string => `${flavor}.${windows ? 'win' : 'linux'}`
const isCharged = ({ vmState, status }: ServerState): boolean =>
  vmState !== 'stopped' && status !== 'SHUTOFF' && status !== 'DELETED'

/** Counts the seconds of each server, as long as it is on, by what it was then. */
export function createMeter(kept: readonly Usage[] = []): Meter {
  const all = [...kept]
  const open = new Map(all.filter(({ to }) => to === null).map(one => [one.serverId, one]))

  function end(serverId: string, at: number): void {
    const current = open.get(serverId)
    if (current === undefined) return
    current.to = Math.max(current.from, at)
    open.delete(serverId)
  }

  return {
    note(server, at) {
      const { id: serverId, name, kind, chargingMode } = server
      const current = open.get(serverId)
      const spec = specOf(server)
      const isSame = current?.spec === spec && current.chargingMode === chargingMode
      if (isSame && isCharged(server)) return
      end(serverId, at)
      if (!isCharged(server)) return
      const usage = { serverId, name, kind, chargingMode, spec, from: at, to: null }
      all.push(usage)
      open.set(serverId, usage)
    },
    end,
    usage: () => all,
  }
}
