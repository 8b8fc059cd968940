/** Policies as they are shown: with what will act next. */
import { shownPolicy } from '../core/documents/documents.ts'
import { connectionsOf, hasPatterns, type StoredConnection } from '../core/model/connection.ts'
import { Unreadable } from '../core/model/errors.ts'
import type { ConnectionFields, Settings, StoredPolicy } from '../core/model/model.ts'
import type { PolicyOutlook } from '../core/model/policy/outlook.ts'
import { NO_PRICES } from '../core/model/prices/prices.ts'
import { nextStartAt, nextStopAt, type Switches } from '../core/tick/next-stop.ts'
import type { HttpServices } from '../runtime/services/services.ts'

type PolicyInAnswers = Omit<StoredPolicy, 'covers' | 'coversAt' | 'warnsEarly'> & PolicyOutlook

/** Nothing acts by what cannot be read. */
const ALL_OFF: Settings = { stopsEnabled: false, startsEnabled: false, prices: NO_PRICES }

type UnreadableSwitch = { kind: 'connection' | 'settings'; id: string }

export interface SwitchReader {
  settings(): Promise<Settings>
  /** `null`: there is none, or it cannot be read. */
  connectionOf(id: string): Promise<StoredConnection | null>
  /** Ids of the connections that it is about now. */
  connectionIdsOf(fields: ConnectionFields): Promise<string[]>
  /** What holds back the stops and starts of whatever has these connections. */
  switchesOf(fields: ConnectionFields): Promise<Switches>
}

/** The settings, the list of connections, and each connection, are read once. */
export function switchReader(
  { store }: Pick<HttpServices, 'store'>,
  onUnreadable: (one: UnreadableSwitch) => void = () => undefined,
): SwitchReader {
  const connections = new Map<string, Promise<StoredConnection | null>>()
  let settings: Promise<Settings> | undefined
  function orNothing<T>(nothing: T, one: UnreadableSwitch): (error: unknown) => T {
    return error => {
      if (!(error instanceof Unreadable)) throw error
      onUnreadable(one)
      return nothing
    }
  }
  const readSettings = (): Promise<Settings> => {
    settings ??= store.settings().catch(orNothing(ALL_OFF, { kind: 'settings', id: '' }))
    return settings
  }
  function connectionOf(id: string): Promise<StoredConnection | null> {
    const known =
      connections.get(id) ?? store.connection(id).catch(orNothing(null, { kind: 'connection', id }))
    connections.set(id, known)
    return known
  }
  let there: Promise<string[]> | undefined
  const connectionIds = (): Promise<string[]> => {
    there ??= store.connectionIds()
    return there
  }
  const connectionIdsOf = async (fields: ConnectionFields): Promise<string[]> =>
    connectionsOf(fields, hasPatterns(fields) ? await connectionIds() : [])
  /** The first that is enabled, else the first that there is. */
  async function mainConnection(fields: ConnectionFields): Promise<StoredConnection | null> {
    let first: StoredConnection | null = null
    for (const id of await connectionIdsOf(fields)) {
      const connection = await connectionOf(id)
      if (connection?.enabled) return connection
      first ??= connection
    }
    return first
  }
  return {
    settings: readSettings,
    connectionOf,
    connectionIdsOf,
    switchesOf: async fields => ({ connection: await mainConnection(fields), ...(await readSettings()) }),
  }
}

/** Shows policies one after the other. */
export function policyViewer(services: HttpServices): (policy: StoredPolicy) => Promise<PolicyInAnswers> {
  const { switchesOf } = switchReader(services)
  return async stored => {
    const switches = await switchesOf(stored)
    // A snooze that is over still skips what was due before its end and waits for the tick.
    const next = { nextStopAt: nextStopAt(stored, switches), nextStartAt: nextStartAt(stored, switches) }
    const { covers: _, coversAt: __, warnsEarly: ___, ...shown } = shownPolicy(stored, services.now())
    return { ...shown, ...next }
  }
}
