/** Connections, policies and settings: documents a person writes. */
import type * as z from 'zod'
import type { Change } from '../../core/documents/change.ts'
import { type Kept, withoutState } from '../../core/documents/documents.ts'
import { checked, type FieldProblem } from '../../core/documents/problem.ts'
import { Unreadable } from '../../core/model/errors.ts'
import {
  Connection,
  KeyHealth,
  Policy,
  PolicyState,
  Settings,
  Stamps,
  type StoredConnection,
  type StoredPolicy,
} from '../../core/model/model.ts'
import {
  CONNECTIONS,
  connectionKey,
  dueAt,
  healthKey,
  NOT_DUE,
  POLICIES,
  policyKey,
  SETTINGS_KEY,
} from '../keys.ts'
import type { Item, Page, Place, Table } from '../table.ts'
import type { SaveChanged } from './changes.ts'

/** Read whole or not at all: a field that is not known may be what keeps a server from being stopped. */
function known<T>(schema: z.ZodType<T>, doc: unknown, what: string): T {
  const result = checked(schema, doc)
  if (result.ok) return result.value
  const [{ path, message }] = result.errors as [FieldProblem]
  throw new Unreadable(
    `${what}, as it is stored, cannot be read by this version: ${path}: ${message}. PUT it again, or DELETE it`,
  )
}

/** Of what was deleted, its last change is left. */
const isThere = (item: Item | undefined): item is Item => item?.doc !== undefined

const storedPolicy = (item: Item): StoredPolicy => {
  const doc = item.doc as StoredPolicy
  const what = `policy ${doc.id}`
  const policy = known(Policy, withoutState(doc, PolicyState.shape), what)
  return { ...policy, ...known(PolicyState, doc, what) }
}
const storedConnection = (item: Item): StoredConnection => {
  const doc = item.doc as StoredConnection
  const what = `connection ${doc.id}`
  const connection = known(Connection, withoutState(doc, Stamps.shape), what)
  return { ...connection, ...known(Stamps, doc, what) }
}

export const connectionOf = (item: Item | undefined): StoredConnection | null =>
  isThere(item) ? storedConnection(item) : null

export const settingsOf = (item: Item | undefined): Settings =>
  item ? Settings.parse(item.doc) : { stopsEnabled: true }

/** A disabled policy, and one never due again, is not on the to-do list. */
function policyItem(policy: StoredPolicy): Item {
  const key = policyKey(policy.id)
  const due = policy.nextDueAt === null ? {} : dueAt(policy.nextDueAt, key)
  return { ...key, listKey: POLICIES, listAt: policy.id, ...due, doc: policy }
}

export function documents(table: Table, { saveChanged, removeChanged }: SaveChanged) {
  async function list<T>(
    listKey: string,
    read: (item: Item) => T,
    { most, after }: { most: number; after?: Place },
  ): Promise<Page<T>> {
    const { items, next } = await table.query({ index: 'runs', hash: ['listKey', listKey], most, after })
    return {
      items: (await table.items(items.map(({ pk, sk }) => ({ pk, sk })))).filter(isThere).map(read),
      next,
    }
  }
  const versionIs = (version: number | null) =>
    version === null ? { path: 'doc', absent: true as const } : { path: 'doc.version', is: version }

  return {
    async connection(id: string): Promise<StoredConnection | null> {
      return connectionOf(await table.item(connectionKey(id)))
    },
    /** The same, whatever else it holds: to be replaced or removed. */
    async keptConnection(id: string): Promise<Kept<Stamps> | null> {
      const item = await table.item(connectionKey(id))
      return isThere(item) ? { ...(item.doc as object), ...Stamps.parse(item.doc), id } : null
    },
    connections: (page: { most: number; after?: Place }) => list(CONNECTIONS, storedConnection, page),
    /** Where their list goes on after this one. */
    connectionPlace: ({ id }: Connection): Place => ({
      ...connectionKey(id),
      listKey: CONNECTIONS,
      listAt: id,
    }),

    /** `version`: the one it replaces, null for none. False when another is there by now. */
    saveConnection(connection: StoredConnection, version: number | null, change?: Change): Promise<boolean> {
      const keys = { ...connectionKey(connection.id), listKey: CONNECTIONS, listAt: connection.id }
      return saveChanged({ ...keys, doc: connection }, [versionIs(version)], change)
    },
    removeConnection: (id: string, version: number, change: Change): Promise<boolean> =>
      removeChanged(connectionKey(id), [versionIs(version)], change),

    async keyHealth(id: string): Promise<KeyHealth | null> {
      const item = await table.item(healthKey(id))
      return item ? KeyHealth.parse(item.doc) : null
    },
    saveKeyHealth: (id: string, doc: KeyHealth): Promise<boolean> => table.put({ ...healthKey(id), doc }),
    removeKeyHealth: (id: string): Promise<boolean> => table.remove(healthKey(id)),

    async policy(id: string): Promise<StoredPolicy | null> {
      const item = await table.item(policyKey(id))
      return isThere(item) ? storedPolicy(item) : null
    },
    /** The same, whatever else it holds: to be replaced or removed. */
    async keptPolicy(id: string): Promise<Kept<PolicyState> | null> {
      const item = await table.item(policyKey(id))
      return isThere(item) ? { ...(item.doc as object), ...PolicyState.parse(item.doc), id } : null
    },
    policies: (page: { most: number; after?: Place }) => list(POLICIES, storedPolicy, page),
    /** Where their list goes on after this one. */
    policyPlace: ({ id }: Policy): Place => ({ ...policyKey(id), listKey: POLICIES, listAt: id }),

    /** `replaces`: what was read before, null for none. False when it changed since, or its due time moved. */
    savePolicy(policy: StoredPolicy, replaces: PolicyState | null, change?: Change): Promise<boolean> {
      const due = replaces === null ? [] : [{ path: 'doc.nextDueAt', is: replaces.nextDueAt }]
      return saveChanged(policyItem(policy), [versionIs(replaces?.version ?? null), ...due], change)
    },
    removePolicy: (id: string, version: number, change: Change): Promise<boolean> =>
      removeChanged(policyKey(id), [versionIs(version)], change),

    /** Moves a policy's due time on from the one that was dealt with; false when somebody did so, or edited it, meanwhile. */
    async advancePolicy(policy: StoredPolicy, nextDueAt: string | null): Promise<boolean> {
      const when = [versionIs(policy.version), { path: 'doc.nextDueAt', is: policy.nextDueAt }]
      const key = policyKey(policy.id)
      const change =
        nextDueAt === null
          ? { set: { 'doc.nextDueAt': null }, remove: NOT_DUE }
          : { set: { 'doc.nextDueAt': nextDueAt, ...dueAt(nextDueAt, key) } }
      return (await table.change(key, { ...change, when })) !== null
    },

    async settings(): Promise<Settings> {
      return settingsOf(await table.item(SETTINGS_KEY))
    },
    /** False when somebody else changed them at this moment. */
    saveSettings: (doc: Settings, change?: Change): Promise<boolean> =>
      saveChanged({ ...SETTINGS_KEY, doc }, [], change),
  }
}
