/**
 * Every key of the table, in one place.
 *
 * | item              | pk             | sk                        | index `due`       | index `runs`                        |
 * |-------------------|----------------|---------------------------|-------------------|-------------------------------------|
 * | connection        | CONNECTION#id  | CONNECTION                |                   | connections, id                     |
 * | its key's health  | CONNECTION#id  | HEALTH                    |                   | refused keys, since when and id     |
 * | its jobs' lengths | CONNECTION#id  | JOBS                      |                   |                                     |
 * | one of its users  | CONNECTION#id  | USER#policy               |                   |                                     |
 * | channel           | CHANNEL#id     | CHANNEL                   |                   | channels, id                        |
 * | one of its users  | CHANNEL#id     | USER#policy               |                   |                                     |
 * | its turns         | CHANNEL#id     | TURNS                     |                   |                                     |
 * | calendar          | CALENDAR#id    | CALENDAR                  | due, next fetch   | calendars, id                       |
 * | one of its users  | CALENDAR#id    | USER#policy               |                   |                                     |
 * | policy            | POLICY#id      | POLICY                    | due, the earliest | policies, id                        |
 * | its latest end    | POLICY#id      | ENDED#action#connection   |                   | bad ends, endedAt and run           |
 * | a snooze of it    | POLICY#id      | SNOOZE#until              |                   | snoozes, until and id               |
 * | a warning of it   | POLICY#id      | WARNING#stopAt            | due, next try     |                                     |
 * | run               | RUN#id         | HEAD                      | due, its lease    | runs of its policy, as below        |
 * | its policy        | RUN#id         | POLICY                    |                   | runs, dueAt, id and connection      |
 * | its place         | RUNS#policy#connection | dueAt and id      |                   |                                     |
 * | runs of a request | RUN#id         | POLICY, with no run       |                   |                                     |
 * | its webhook       | RUN#id         | WEBHOOK                   | due, next try     |                                     |
 * | message to one    | DELIVERY#key   | CHANNEL#channel           | due, next try     |                                     |
 * | its end, ad hoc   | RUN#id         | ENDED                     |                   | bad ends, endedAt and run           |
 * | end of its undos  | RUN#id         | ENDED#undo                |                   | bad ends, endedAt and run           |
 * | left servers      | RUN#id         | LEFT#planning#part        |                   |                                     |
 * | paused planning   | RUN#id         | PROGRESS#planning#0       |                   |                                     |
 * | chunk             | RUN#id         | CHUNK#planning#number     | due, its lease    |                                     |
 * | its outcomes      | RUN#id         | OUTCOMES#planning#number  |                   |                                     |
 * | its servers       | RUN#id         | SERVERS#planning#number   |                   |                                     |
 * | earlier change    | as the thing's | CHANGE#at                 |                   |                                     |
 * | pace              | PACE#project   | kind                      |                   |                                     |
 * | quoted prices     | PRICES#project | region                    |                   |                                     |
 * | a server's snooze | SNOOZED#connection | SERVER#id            |                   |                                     |
 * | its changes       | both of these  | CHANGE#at                 |                   |                                     |
 * | feed              | FEED#id        | FEED                      |                   | feeds, createdAt and id             |
 * | settings          | SETTINGS       | SETTINGS                  |                   |                                     |
 * | keys of links     | LINKS          | KEYS                      |                   |                                     |
 * | alarm             | ALARM#name     | CAUSE#cause               |                   |                                     |
 * | latest tick       | CLOCK          | CLOCK                     |                   |                                     |
 * | waits for a first | CLOCK          | AWAITED                   |                   |                                     |
 */
import type { Key } from './table.ts'

/** The id in a key: of a policy, a connection or a run. */
export const keyId = ({ pk }: Pick<Key, 'pk'>): string => pk.slice(pk.indexOf('#') + 1)

const padNumber = (number: number): string => String(number).padStart(6, '0')

export const connectionKey = (id: string): Key => ({ pk: `CONNECTION#${id}`, sk: 'CONNECTION' })
export const healthKey = (id: string): Key => ({ pk: `CONNECTION#${id}`, sk: 'HEALTH' })
export const channelKey = (id: string): Key => ({ pk: `CHANNEL#${id}`, sk: 'CHANNEL' })
export const calendarKey = (id: string): Key => ({ pk: `CALENDAR#${id}`, sk: 'CALENDAR' })
export const jobTimesKey = (id: string): Key => ({ pk: `CONNECTION#${id}`, sk: 'JOBS' })
/** A policy that uses the document, or is about to. */
export const usersPrefix = 'USER#'
export const userKey = ({ pk }: Key, policyId: string): Key => ({ pk, sk: `${usersPrefix}${policyId}` })
export const userOf = ({ sk }: Pick<Key, 'sk'>): string => sk.slice(usersPrefix.length)
export const policyKey = (id: string): Key => ({ pk: `POLICY#${id}`, sk: 'POLICY' })
export const runKey = (id: string): Key => ({ pk: `RUN#${id}`, sk: 'HEAD' })
export const runPolicyKey = (id: string): Key => ({ pk: `RUN#${id}`, sk: 'POLICY' })
const pairPrefix = 'RUNS#'
/** Where the runs of a policy in a connection are listed: a look at those of one pair costs the same beside ten thousand others. */
export const pairPk = ({ policyId = '', connection }: { policyId?: string; connection: string }): string =>
  `${pairPrefix}${policyId}#${connection}`
/** The latest end of a policy's runs that act so in a connection; of a run without a policy, its own; of undos, those of the same run. */
export const latestEndKey = ({
  id,
  policyId,
  undoes,
  action,
  connection,
}: Record<'id' | 'action' | 'connection', string> & { policyId?: string; undoes?: string }): Key => {
  if (undoes !== undefined) return { pk: `RUN#${undoes}`, sk: 'ENDED#undo' }
  return policyId === undefined
    ? { pk: `RUN#${id}`, sk: 'ENDED' }
    : { pk: `POLICY#${policyId}`, sk: `ENDED#${action}#${connection}` }
}
/** One for each end that a snooze of the policy was given: none takes another's place. */
export const snoozeKey = (policyId: string, until: string): Key => ({
  pk: `POLICY#${policyId}`,
  sk: `SNOOZE#${until}`,
})
const warningPrefix = 'WARNING#'
export const warningKey = ({ policyId, stopAt }: { policyId: string; stopAt: string }): Key => ({
  pk: `POLICY#${policyId}`,
  sk: `${warningPrefix}${stopAt}`,
})
/** When the stop is due that a warning is about; `null`: the item is none. */
export const warnedStopOf = ({ sk }: Pick<Key, 'sk'>): string | null =>
  sk.startsWith(warningPrefix) ? sk.slice(warningPrefix.length) : null
export const webhookKey = (runId: string): Key => ({ pk: `RUN#${runId}`, sk: 'WEBHOOK' })
const toChannel = 'CHANNEL#'
export const deliveryKey = ({ key, channel }: { key: string; channel: string }): Key => ({
  pk: `DELIVERY#${key}`,
  sk: `${toChannel}${channel}`,
})
export const deliveryOf = (item: Key): { key: string; channel: string } => ({
  key: keyId(item),
  channel: item.sk.slice(toChannel.length),
})
export const turnsKey = (channel: string): Key => ({ pk: `CHANNEL#${channel}`, sk: 'TURNS' })
export const paceKey = (projectId: string, kind: string): Key => ({ pk: `PACE#${projectId}`, sk: kind })
export const pricesKey = (projectId: string, region: string): Key => ({
  pk: `PRICES#${projectId}`,
  sk: region,
})
const SNOOZED = 'SNOOZED#'
const snoozedPrefix = 'SERVER#'
export const snoozedPk = (connectionId: string): string => `${SNOOZED}${connectionId}`
export const serverSnoozeKey = (connectionId: string, serverId: string): Key => ({
  pk: snoozedPk(connectionId),
  sk: `${snoozedPrefix}${serverId}`,
})
export const snoozedServerOf = ({ sk }: Pick<Key, 'sk'>): string => sk.slice(snoozedPrefix.length)
export const feedKey = (id: string): Key => ({ pk: `FEED#${id}`, sk: 'FEED' })
export const SETTINGS_KEY: Key = { pk: 'SETTINGS', sk: 'SETTINGS' }
export const LINK_KEYS_KEY: Key = { pk: 'LINKS', sk: 'KEYS' }
export const alarmKey = (name: string, cause: string): Key => ({ pk: `ALARM#${name}`, sk: `CAUSE#${cause}` })
export const CLOCK_KEY: Key = { pk: 'CLOCK', sk: 'CLOCK' }
export const AWAITED_TICK_KEY: Key = { pk: 'CLOCK', sk: 'AWAITED' }

/** One planning of a run: what earlier ones left is never read. */
export interface PlanningId {
  runId: string
  planning: number
}
export interface ChunkId extends PlanningId {
  number: number
}
export type RunPart = 'CHUNK' | 'OUTCOMES' | 'SERVERS' | 'LEFT' | 'PROGRESS'
/** All items of one sort that a planning made, in order of their numbers. */
export const partsPrefix = (part: RunPart, { planning }: PlanningId): string =>
  `${part}#${padNumber(planning)}#`
const partKey =
  (part: RunPart) =>
  (id: ChunkId): Key => ({ pk: `RUN#${id.runId}`, sk: `${partsPrefix(part, id)}${padNumber(id.number)}` })
export const chunkKey = partKey('CHUNK')
export const outcomesKey = partKey('OUTCOMES')
export const serversKey = partKey('SERVERS')
export const leftKey = partKey('LEFT')
export const progressKey = (id: PlanningId): Key => partKey('PROGRESS')({ ...id, number: 0 })

/** What has a history of changes. */
export type ChangedItem =
  | { kind: 'policy' | 'connection' | 'channel' | 'calendar'; id: string }
  | { kind: 'server'; connection: string; id: string }
  | { kind: 'settings' }
export const changesPrefix = 'CHANGE#'
/** Where the changes of an item stand: snoozes share one place, and have one each for their changes. */
export const changesPk = ({ pk, sk }: Key): string => (pk.startsWith(SNOOZED) ? `${pk}#${sk}` : pk)
export const changeKey = (item: Key, at: string): Key => ({
  pk: changesPk(item),
  sk: `${changesPrefix}${at}`,
})
const KEYS = { policy: policyKey, connection: connectionKey, channel: channelKey, calendar: calendarKey }
export function thingKey(of: ChangedItem): Key {
  if (of.kind === 'settings') return SETTINGS_KEY
  if (of.kind === 'server') return serverSnoozeKey(of.connection, of.id)
  return KEYS[of.kind](of.id)
}

/**
 * The to-do list: whatever needs attention stands in index `due` under the instant at which it does, and its own key: the embedded
 * table tells rows of one place apart by 24 bits of a hash, so of many policies due at once some would be lost.
 */
export const DUE = 'due'
export const dueAt = (instant: string, { pk, sk }: Key): { dueKey: string; dueAt: string } => ({
  dueKey: DUE,
  dueAt: `${instant}#${pk}#${sk}`,
})
/** Past all that is due at the instant. */
export const dueUntil = (instant: string): string => `${instant}#~`
export const dueInstant = (dueAt: string): string => dueAt.split('#')[0]!
/** What takes an item off the list. */
export const NOT_DUE = ['dueKey', 'dueAt']

/** Lists in index `runs`. */
export const CONNECTIONS = 'connections'
export const CHANNELS = 'channels'
export const CALENDARS = 'calendars'
export const POLICIES = 'policies'
export const RUNS = 'runs'
/** Latest ends that need a person. */
export const BAD_ENDS = 'bad ends'
export const REFUSED_KEYS = 'refused keys'
export const SNOOZES = 'snoozes'
export const FEEDS = 'feeds'
export const runsOf = (policyId: string | undefined): string => `runs of ${policyId ?? 'manual requests'}`
/** The place of a run in lists: runs of other connections are passed over unread. */
export const runListedAt = ({
  dueAt,
  id,
  connection,
}: Record<'dueAt' | 'id' | 'connection', string>): string => `${dueAt}#${id}#${connection}`
/** The run at a place, of either list. */
export const listedRunKey = ({ pk, sk }: Key): Key =>
  pk.startsWith(pairPrefix) ? runKey(listedId(sk)) : runKey(keyId({ pk }))
/** Runs of earlier versions do not tell their connection by their place. */
export function mayBeListedFor(listAt: string, connection: string): boolean {
  const [, , own = connection] = listAt.split('#')
  return own === connection
}
/** A place in a list that is ordered by instants. */
export const listedAt = (instant: string, id: string): string => `${instant}#${id}`
export const listedId = (listAt: string): string => listAt.slice(listAt.indexOf('#') + 1)
