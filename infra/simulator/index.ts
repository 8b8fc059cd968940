import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Action } from '../../lib/core/model/action.ts'
import type { Kind } from '../../lib/core/model/model.ts'
import type { Key } from './huawei/auth.ts'
import { createGuard, huaweiRoutes } from './huawei/routes.ts'
import { scalingRoutes } from './huawei/scaling.ts'
import { isNovaPath, notRouted } from './nova/answer.ts'
import { createKeystone, type Login } from './nova/keystone.ts'
import { novaRoutes } from './nova/nova.ts'
import { gatewayRefusal, type Request } from './route.ts'
import { createWire } from './wire.ts'
import { ACTIONS_IN_CLOUD } from './world/actions.ts'
import { createKeeping, keptIn } from './world/keeping.ts'
import { type ActionEntry, isActionEntry, type LedgerEntry, type SentAction } from './world/ledger.ts'
import { createWindows } from './world/limits.ts'
import type { SeedGroup } from './world/scaling-groups.ts'
import { type SeedServer, type ServerView, viewOf } from './world/server.ts'
import { createState, type State } from './world/state.ts'
import { defaultSwitches, type Switches } from './world/switches.ts'

export type { Key } from './huawei/auth.ts'
export type { Login } from './nova/keystone.ts'
export { sampleFleet } from './world/fleet.ts'
export type { SeedGroup } from './world/scaling-groups.ts'
export type { SeedServer } from './world/server.ts'
export type { Fault, RouteName, Switches } from './world/switches.ts'

export interface SimulatorOptions {
  /** Default 0: any that is free. */
  port?: number
  projectId: string
  /** Read at each request: a key may be changed, added or withdrawn. */
  keys: Key[]
  /** Whom Keystone gives tokens, read at each request; default nobody. */
  logins?: Login[]
  /** The fleet to begin with, unless `file` holds one. */
  servers?: readonly SeedServer[]
  /** The Auto Scaling groups to begin with, unless `file` holds a fleet. */
  scalingGroups?: readonly SeedGroup[]
  switches?: Partial<Switches>
  /** Where the fleet and its jobs are kept from one start to the next. */
  file?: string
  /** The ledger forgets its oldest entries beyond so many; default none. */
  mostLedgerEntries?: number
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`, for ECS, BMS and Auto Scaling alike. */
  readonly url: string
  /** The same under another name, for `separateHosts`. */
  readonly bmsUrl: string
  /** Keystone and Nova, at the same address: the endpoints of an `openstack` connection. */
  readonly openstack: { identity: string; compute: string }
  readonly switches: Switches
  /** Every request in the order of arrival, refused and lost ones too. */
  readonly ledger: LedgerEntry[]
  readonly keys: Key[]
  readonly logins: Login[]
  /** Ends every token that Keystone gave. */
  revokeTokens(): void
  /** The requests of the ledger for a stop or a start, in the order of arrival. */
  actions(): ActionEntry[]
  /** Those for a stop. */
  stops(): (ActionEntry & { stop: SentAction })[]
  /** Those for a start. */
  starts(): (ActionEntry & { start: SentAction })[]
  /** Throws when an id is there already. */
  addServers(seeds: readonly SeedServer[]): void
  /** The server as it is now. */
  server(id: string): ServerView | undefined
  /** All, or those of a kind, in the order of arrival. */
  servers(kind?: Kind): ServerView[]
  /** Somebody stops or starts a server in the console; false where the cloud does not take it, as of one that is locked or so already. */
  byHand(action: Action, id: string): boolean
  /** What someone else does to a server, done at once: starts it, locks it, tags it (`tags` replaces all). Throws when there is none. */
  change(id: string, patch: Partial<Omit<SeedServer, 'id' | 'kind'>>): void
  remove(id: string): void
  /** The names of the Auto Scaling groups, with the ids of their members as they are now. */
  scalingGroups(): Record<string, string[]>
  /** Adds a server to a group by hand. Throws when there is no such group. */
  joinGroup(name: string, serverId: string): void
  /** Answers nothing more; what is kept is written. */
  close(): Promise<void>
}

function openState({ file, servers = [], scalingGroups = [] }: SimulatorOptions, switches: Switches) {
  const kept = file === undefined ? undefined : keptIn(file)
  const keeping = file === undefined ? null : createKeeping(file, () => state.kept(Date.now()))
  const state: State = createState(switches, kept, () => keeping?.changed())
  if (kept === undefined) {
    state.add(servers, Date.now())
    state.addGroups(scalingGroups, Date.now())
  }
  return { state, keeping }
}

/** Nova's router has its own words for a path that it does not know. */
const unrouted = (request: Request) =>
  isNovaPath(request)
    ? notRouted(request)
    : gatewayRefusal(404, 'APIGW.0101', 'The API does not exist or has not been published')

/** Starts a cloud that is not there, on loopback: Huawei Cloud's ECS, BMS and Auto Scaling, and Keystone and Nova over the same servers. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port = 0, projectId, keys, logins = [], mostLedgerEntries = Number.POSITIVE_INFINITY } = options
  const switches: Switches = { ...defaultSwitches(), ...options.switches }
  const { state, keeping } = openState(options, switches)
  const ledger: LedgerEntry[] = []
  const keystone = createKeystone({ projectId, logins, switches })
  const cloud = { projectId, keys, state, switches }
  const windows = createWindows()
  const guard = createGuard(cloud, windows)
  const nova = { projectId, state, switches, holder: keystone.holder, signed: guard }
  const server = createWire({
    routes: [
      ...huaweiRoutes(cloud, { windows, guard }),
      ...scalingRoutes(state, guard),
      ...keystone.routes,
      ...novaRoutes(nova),
    ],
    unrouted,
    switches,
    ledger,
    mostEntries: mostLedgerEntries,
    kindOfJob: state.kindOfJob,
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo

  const url = `http://127.0.0.1:${actual}`
  const actions = () => ledger.filter(isActionEntry)
  const actionsOf = (action: Action) => actions().filter(({ sent }) => sent.action === action)
  return {
    url,
    bmsUrl: `http://localhost:${actual}`,
    openstack: { identity: `${url}/v3`, compute: `${url}/v2.1` },
    switches,
    ledger,
    keys,
    logins,
    revokeTokens: keystone.revoke,
    actions,
    stops: () => actionsOf('stop').map(entry => ({ ...entry, stop: entry.sent })),
    starts: () => actionsOf('start').map(entry => ({ ...entry, start: entry.sent })),
    addServers: seeds => state.add(seeds, Date.now()),
    server: id => state.view(id, Date.now()),
    servers: (kind?: Kind) => state.list(kind ?? 'all', Date.now()).map(viewOf),
    byHand(action, id) {
      const type = ACTIONS_IN_CLOUD[action].hasType ? 'HARD' : null
      return state.requestNative({ action, id, type, isAdmin: false }, Date.now()) === null
    },
    change: (id, patch) => state.change(id, patch, Date.now()),
    remove: id => state.remove(id),
    scalingGroups: () =>
      Object.fromEntries(
        state.scalingGroups(Date.now()).map(({ name, members }) => [name, members.map(one => one.serverId)]),
      ),
    joinGroup: (name, serverId) => state.joinGroup(name, serverId),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await keeping?.close()
    },
  }
}
