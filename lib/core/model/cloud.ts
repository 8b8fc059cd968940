/** The cloud, as the steps see it, and what it shows of its servers and jobs. */
import type { Accepted } from './accepted.ts'
import type { Act, PowerState } from './action.ts'
import type { Kind } from './model.ts'
import type { Bill } from './prices/bill.ts'
import type { Quotation, QuotedKind } from './prices/prices.ts'

/** The most servers that one request may name (ECS and BMS API reference, "batch stop", "batch start", 2023). */
export const MAX_CHUNK_SERVERS = 1000

export interface Server extends PowerState {
  id: string
  name: string
  /** What the cloud says it is; `null` where the answer does not tell. */
  kind: Kind
  /** Its status in the cloud's own word, for people. */
  status: string
  locked: boolean
  frozen: boolean
  inRecycleBin: boolean
  /** The values of each key: usually one; several where tags are plain words, as on an OpenStack, and begin alike. */
  tags: Record<string, string[]>
  enterpriseProjectId: string | null
  /** `null` where the answer does not tell. */
  chargingMode: 'payPerUse' | 'yearlyMonthly' | 'spot' | null
  /** The flavour's name, such as `s6.xlarge.4`. */
  flavor: string
  /** Its system is Windows, which has a price of its own. */
  windows?: true
  /** The part of it that cannot be read and might protect it, such as `its tags`. */
  unreadable?: string
  /** Why its status is ERROR, or that there was no room for it, in the cloud's own words, where it tells. */
  fault?: string
  /** Whether that says that there was no room for it: perhaps long ago, while it is off. */
  lacksCapacity?: true
  /** When anything about it changed last, in the cloud's own spelling, where it tells. */
  updatedAt?: string
}

/** Why a part of a job failed, where the cloud's code tells. `wrong-state`: its server was done already, or busy. */
export type SubJobCause =
  | 'already-done'
  | 'wrong-state'
  | 'busy'
  | 'locked'
  | 'frozen'
  | 'not-found'
  | 'no-capacity'

export interface SubJob {
  serverId: string
  status: 'running' | 'succeeded' | 'failed'
  /** The cloud's own code, such as `Ecs.0605`; `null` unless failed. */
  code: string | null
  /** `null` where the code tells none. */
  cause: SubJobCause | null
  reason: string | null
  /** In the cloud's own spelling, where it tells. */
  endedAt?: string
}
/** `gone`: the cloud no longer knows it (ECS forgets ended jobs after a day). */
export interface Job {
  status: 'running' | 'succeeded' | 'failed' | 'gone'
  code: string | null
  reason: string | null
  /** How long it took, where it is over and the cloud tells. */
  seconds?: number
  subJobs: SubJob[]
}

export interface ServerPage {
  servers: Server[]
  /** What another listing takes to go on behind this page; `null` where it cannot, or this page is the last. */
  resume: string | null
  /** All servers of the kind in the project, where the answer tells. */
  total: number | null
}
/** Servers that carry a tag with this value. */
export interface TagFilter {
  key: string
  value: string
}
/** What a cloud's own list is narrowed to. */
export type ServerFilter = { ids: string[] } | TagFilter
/** By the id of a server the name of the scaling group that it is a member of. */
export type ScalingGroups = ReadonlyMap<string, string>
export const NO_SCALING_GROUPS: ScalingGroups = new Map()

/** A project that a key may use. */
export interface Project {
  id: string
  name: string
  /** `null` where its name does not tell. */
  region: string | null
  isEnabled: boolean
}
/** Whose a key is. */
export interface Account {
  id: string
  /** `null` where the answer does not tell. */
  name: string | null
  /** The user or agency whose key it is, in the cloud's own spelling; `null` where the answer does not tell. */
  caller: string | null
}

/** One connection's cloud. Every function throws `CloudError` when the cloud, the way to it or the key fails. */
export interface Cloud {
  /**
   * Every server of a kind, each once, page by page; the next page is asked for while one is worked on. `after`: the `resume` of
   * another listing's page. Throws where fewer servers came than there are.
   */
  servers(kind: Kind, after?: string): AsyncGenerator<ServerPage>
  /**
   * The servers of a kind that a filter of the cloud's own list lets through, each once, page by page; `null` where its list has no such
   * filter. Throws as well where the filter is ignored, as far as that shows, and where fewer came than there are.
   */
  filteredServers(kind: Kind, filter: ServerFilter): AsyncGenerator<ServerPage> | null
  /**
   * These servers, as they are now, by whichever way takes fewer calls. Absent is what a whole list lacks; without a `total` no list is
   * read, and absent is only a server of which the cloud says that it does not exist.
   */
  serversById(kind: Kind, ids: string[], total: number | null): Promise<Map<string, Server>>
  /** Asks once, never again by itself: 1 to 1000 ids. */
  request(kind: Kind, act: Act, ids: string[]): Promise<Accepted>
  /** The same by the native call, one for each server: where the other does not serve, or there is no other. */
  requestEach(kind: Kind, act: Act, ids: string[]): Promise<Accepted>
  job(kind: Kind, jobId: string): Promise<Job>
  /**
   * How many servers of a kind an enterprise project has, where the cloud has such projects and tells. Throws where the key may not list
   * them.
   */
  countInEnterpriseProject(kind: Kind, enterpriseProjectId: string): Promise<number | null>
  /** Every member of every scaling group of the project; none where the cloud has no such groups. */
  scalingGroups(): Promise<ScalingGroups>
  /** The flavours that cost the same while their servers are off; none where the cloud has no such thing. */
  chargedFlavors(): Promise<ReadonlySet<string>>
  /** Every project that the key may use, whatever the connection's own is. */
  projects(): Promise<Project[]>
  /** Asked once, for some seconds at most; `null` where the cloud does not tell. */
  account(): Promise<Account | null>
  /** What an hour of servers costs the account in the connection's region. Throws where the cloud quotes no prices. */
  quotePrices(kinds: readonly QuotedKind[]): Promise<Quotation>
  /** What the account was charged for servers in the connection's region, in a month such as `2026-11`. Throws where the cloud shows no bill. */
  bill(month: string): Promise<Bill>
}
