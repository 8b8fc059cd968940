/** The simulated cloud, as tests, the bench and the local run start and change it. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Action } from '../../lib/core/model/action.ts'
import type { Kind } from '../../lib/core/model/model.ts'
import { agencyRoutes, type SeedAgency, type SessionKey } from './huawei/agencies.ts'
import type { Key } from './huawei/auth.ts'
import { ratingsRoute } from './huawei/billing/ratings.ts'
import { recordsRoute } from './huawei/billing/records.ts'
import { createGuard, createSigned } from './huawei/guard.ts'
import { identityRoutes } from './huawei/identity.ts'
import { huaweiRoutes } from './huawei/routes.ts'
import { scalingRoutes } from './huawei/scaling.ts'
import { isNovaPath, notRouted } from './nova/answer.ts'
import { createKeystone, type Login } from './nova/keystone.ts'
import { novaRoutes } from './nova/nova.ts'
import { versionRoutes } from './nova/versions.ts'
import { openState, routesOf, type SeedFleet, type SeedProject } from './projects.ts'
import { gatewayRefusal, type Request, type Route } from './route.ts'
import { createWire } from './wire.ts'
import { ACTIONS_IN_CLOUD } from './world/actions.ts'
import { type ActionEntry, isActionEntry, type LedgerEntry, type SentAction } from './world/ledger.ts'
import { createWindows } from './world/limits.ts'
import type { Usage } from './world/meter.ts'
import { type SeedServer, type ServerView, viewOf } from './world/server.ts'
import type { State } from './world/state.ts'
import { defaultSwitches, type Switches } from './world/switches/switches.ts'

export type { SeedAgency } from './huawei/agencies.ts'
export type { Key } from './huawei/auth.ts'
export type { Login } from './nova/keystone.ts'
export type { SeedProject } from './projects.ts'
export { sampleFleet } from './world/fleet.ts'
export type { SeedGroup } from './world/scaling-groups.ts'
export type { SeedServer } from './world/server.ts'
export type { Fault, RouteName } from './world/switches/faults.ts'
export type { Switches } from './world/switches/switches.ts'

export interface SimulatorOptions extends SeedFleet {
  /** Default 0: any that is free. */
  port?: number
  projectId: string
  /** Default `cn-north-4`. */
  projectName?: string
  /** Projects beside it, in any region; default none. */
  projects?: readonly SeedProject[]
  /** Read at each request: a key may be changed, added or withdrawn. */
  keys: Key[]
  /** The agencies of the project's account, read at each request; default none. */
  agencies?: SeedAgency[]
  /** Whom Keystone gives tokens, read at each request; default nobody. */
  logins?: Login[]
  switches?: Partial<Switches>
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
  readonly agencies: SeedAgency[]
  /** Every key of an agency that was given, ended ones too. */
  readonly sessions: readonly SessionKey[]
  /** Ends every one of them. */
  endSessions(): void
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
  /** All, or those of a kind, by project, in the order of arrival. */
  servers(kind?: Kind): ServerView[]
  /** When each server was on, from its beginning. */
  usage(): Usage[]
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

/** Nova's router has its own words for a path that it does not know. */
const unrouted = (request: Request) =>
  isNovaPath(request)
    ? notRouted(request)
    : gatewayRefusal(404, 'APIGW.0101', 'The API does not exist or has not been published')

/** Starts a cloud that is not there, on loopback: Huawei Cloud's ECS, BMS, Auto Scaling, IAM, STS and BSS, and Keystone and Nova over the same servers. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port = 0, projectId, keys, logins = [], agencies = [] } = options
  const { mostLedgerEntries = Number.POSITIVE_INFINITY } = options
  const switches: Switches = { ...defaultSwitches(), ...options.switches }
  const { projectName = 'cn-north-4', projects: others = [] } = options
  const seeds: SeedProject[] = [{ ...options, id: projectId, name: projectName }, ...others]
  const opened = seeds.map(seed => ({ ...seed, ...openState(seed, switches) }))
  const states = opened.map(({ state }) => state)
  const [state] = states as [State]
  const ledger: LedgerEntry[] = []
  const keystone = createKeystone({ projects: seeds, logins, switches })
  const sessions: SessionKey[] = []
  const signers = () => [...keys, ...sessions]
  const signed = createSigned({ signers, switches })
  const routesIn = ({ id, state }: { id: string; state: State }): Route[] => {
    const cloud = { projectId: id, state, switches }
    const windows = createWindows()
    const guard = createGuard({ projectId: id, signers, switches }, signed, windows)
    const nova = { projectId: id, state, switches, holder: keystone.holder, signed: guard }
    return [...huaweiRoutes(cloud, { windows, guard }), ...scalingRoutes(cloud, guard), ...novaRoutes(nova)]
  }
  const [first, ...rest] = opened
  const server = createWire({
    routes: [
      ...rest.flatMap(one => routesOf(one.id, routesIn(one))),
      ...identityRoutes({ projects: seeds, signers, guard: signed }),
      ...agencyRoutes({ agencies, sessions, signers, guard: signed, switches }),
      ratingsRoute(switches, signed),
      recordsRoute({ projects: opened, signers, switches }, signed),
      ...keystone.routes,
      ...versionRoutes,
      ...routesIn(first!),
    ],
    unrouted,
    switches,
    ledger,
    mostEntries: mostLedgerEntries,
    kindOfJob: id => states.map(one => one.kindOfJob(id)).find(kind => kind !== undefined),
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo

  const url = `http://127.0.0.1:${actual}`
  const actions = () => ledger.filter(isActionEntry)
  const actionsOf = (action: Action) => actions().filter(({ sent }) => sent.action === action)
  /** The one that has a server; the first where none has. */
  const stateOf = (id: string): State => states.find(one => one.server(id, Date.now())) ?? state
  const groups = () => states.flatMap(one => one.scalingGroups(Date.now()))
  return {
    url,
    bmsUrl: `http://localhost:${actual}`,
    openstack: { identity: `${url}/v3`, compute: `${url}/v2.1` },
    switches,
    ledger,
    keys,
    agencies,
    sessions,
    endSessions() {
      for (const session of sessions) session.expiresAt = 0
    },
    logins,
    revokeTokens: keystone.revoke,
    actions,
    stops: () => actionsOf('stop').map(entry => ({ ...entry, stop: entry.sent })),
    starts: () => actionsOf('start').map(entry => ({ ...entry, start: entry.sent })),
    addServers: seeds => state.add(seeds, Date.now()),
    server: id => stateOf(id).view(id, Date.now()),
    servers: (kind?: Kind) => states.flatMap(one => one.list(kind ?? 'all', Date.now()).map(viewOf)),
    usage: () => states.flatMap(one => [...one.usage(Date.now())]),
    byHand(action, id) {
      const type = ACTIONS_IN_CLOUD[action].hasType ? 'HARD' : null
      return stateOf(id).requestNative({ action, id, type, isAdmin: false }, Date.now()) === null
    },
    change: (id, patch) => stateOf(id).change(id, patch, Date.now()),
    remove: id => stateOf(id).remove(id),
    scalingGroups: () =>
      Object.fromEntries(groups().map(({ name, members }) => [name, members.map(one => one.serverId)])),
    joinGroup: (name, serverId) => stateOf(serverId).joinGroup(name, serverId),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await Promise.all(opened.map(({ keeping }) => keeping?.close()))
    },
  }
}
