import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Kind } from '../../../lib/core/model.ts'
import type { Key } from './auth.ts'
import { createKeeping, keptIn } from './keeping.ts'
import { isStop, type LedgerEntry, type StopEntry } from './ledger.ts'
import { huaweiRoutes } from './routes.ts'
import { type SeedServer, type ServerView, viewOf } from './server.ts'
import { createState, type State } from './state.ts'
import { defaultSwitches, type Switches } from './switches.ts'
import { createWire } from './wire.ts'

export type { Key } from './auth.ts'
export { sampleFleet } from './fleet.ts'
export type { LedgerEntry, SentStop, StopEntry } from './ledger.ts'
export type { SeedServer, ServerView } from './server.ts'
export type { Fault, FaultKind, RandomFaults, RouteName, Switches, Which } from './switches.ts'

export interface SimulatorOptions {
  /** Default 0: any that is free. */
  port?: number
  projectId: string
  /** Read at each request: a key may be changed, added or withdrawn. */
  keys: Key[]
  /** The fleet to begin with, unless `file` holds one. */
  servers?: readonly SeedServer[]
  switches?: Partial<Switches>
  /** Where the fleet and its jobs are kept from one start to the next. */
  file?: string
  /** The ledger forgets its oldest entries beyond so many; default none. */
  mostLedgerEntries?: number
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`, for ECS and BMS alike. */
  readonly url: string
  /** The same under another name, for `separateHosts`. */
  readonly bmsUrl: string
  readonly switches: Switches
  /** Every request in the order of arrival, refused and lost ones too. */
  readonly ledger: LedgerEntry[]
  readonly keys: Key[]
  /** The stop requests of the ledger. */
  stops(): StopEntry[]
  /** Throws when an id is there already. */
  addServers(seeds: readonly SeedServer[]): void
  /** The server as it is now. */
  server(id: string): ServerView | undefined
  /** All, or those of a kind, in the order of arrival. */
  servers(kind?: Kind): ServerView[]
  /** What someone else does to a server: starts it, locks it, tags it (`tags` replaces all). Throws when there is none. */
  change(id: string, patch: Partial<Omit<SeedServer, 'id' | 'kind'>>): void
  remove(id: string): void
  /** Answers nothing more; what is kept is written. */
  close(): Promise<void>
}

function openState({ file, servers = [] }: SimulatorOptions, switches: Switches) {
  const kept = file === undefined ? undefined : keptIn(file)
  const keeping = file === undefined ? null : createKeeping(file, () => state.kept(Date.now()))
  const state: State = createState(switches, kept, () => keeping?.changed())
  if (kept === undefined) state.add(servers, Date.now())
  return { state, keeping }
}

/** Starts a Huawei Cloud that is not there, on loopback: ECS and BMS over HTTP as `huaweiRoutes` has them. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port = 0, projectId, keys, mostLedgerEntries = Number.POSITIVE_INFINITY } = options
  const switches: Switches = { ...defaultSwitches(), ...options.switches }
  const { state, keeping } = openState(options, switches)
  const ledger: LedgerEntry[] = []
  const server = createWire({
    routes: huaweiRoutes({ projectId, keys, state, switches }),
    switches,
    ledger,
    mostEntries: mostLedgerEntries,
    kindOfJob: state.kindOfJob,
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${actual}`,
    bmsUrl: `http://localhost:${actual}`,
    switches,
    ledger,
    keys,
    stops: () => ledger.filter(isStop),
    addServers: seeds => state.add(seeds, Date.now()),
    server: id => state.view(id, Date.now()),
    servers: (kind?: Kind) => state.list(kind ?? 'all', Date.now()).map(viewOf),
    change: (id, patch) => state.change(id, patch, Date.now()),
    remove: id => state.remove(id),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await keeping?.close()
    },
  }
}
