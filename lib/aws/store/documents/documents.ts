/** Connections, policies and settings: documents that people write. */
import type { Change } from '../../../core/documents/change.ts'
import type { KeptDocument } from '../../../core/documents/documents.ts'
import { aboutConnection, KeyHealth, type StoredConnection } from '../../../core/model/connection.ts'
import type { Kind, PolicyState, Settings, Stamps, StoredPolicy } from '../../../core/model/model.ts'
import type { DueTimes } from '../../../core/tick/due-runs.ts'
import { earliestDueAt } from '../../../core/tick/next-stop.ts'
import {
  CONNECTIONS,
  connectionKey,
  dueAt,
  healthKey,
  keyId,
  listedAt,
  NOT_DUE,
  POLICIES,
  policyKey,
  REFUSED_KEYS,
  SETTINGS_KEY,
  SNOOZES,
  snoozeKey,
} from '../../keys.ts'
import type { Item, PageStart, Table } from '../../table.ts'
import type { SaveChanged } from './changes.ts'
import { type DocumentRow, documentList, READ_AT_ONCE, readDocumentPage } from './document-list.ts'
import {
  type ChangedSettings,
  connectionDoc,
  connectionFrom,
  HEAD_FIELDS,
  hasDocument,
  keptConnection,
  keptPolicy,
  keptSettings,
  NO_VERSION,
  type PolicyHead,
  policyDoc,
  policyHead,
  settingsDoc,
  settingsOf,
  storedConnection,
  storedPolicy,
  versionIs,
} from './stored-documents.ts'

/** Which covers a policy has, in short. */
const coversAttribute = ({ covers = [] }: Pick<PolicyState, 'covers'>): { covers?: string } =>
  covers.length === 0
    ? {}
    : { covers: covers.map(({ calendar, revision }) => `${calendar} ${revision}`).join(', ') }

/** Holds as long as no other covers were put there: its due times follow from them. */
function sameCovers(policy: Pick<PolicyState, 'covers'>) {
  const { covers } = coversAttribute(policy)
  const path = 'covers'
  return covers === undefined ? { path, absent: true as const } : { path, is: covers }
}

/** A disabled policy, and one never due again, is not on the to-do list. */
function policyItem(policy: StoredPolicy): Item {
  const key = policyKey(policy.id)
  const earliest = earliestDueAt(policy)
  const due = earliest === null ? {} : dueAt(earliest, key)
  const doc = policyDoc(policy)
  return { ...key, listKey: POLICIES, listAt: policy.id, ...due, ...coversAttribute(policy), doc }
}

/** Holds as long as neither due time was moved. */
const sameDueTimes = (due: DueTimes) =>
  (['nextDueAt', 'nextStartDueAt'] as const).map(field => {
    const path = `doc.${field}`
    return due[field] === null ? { path, noText: true as const } : { path, is: due[field] }
  })

/** Whether a policy may be about any of these connections; true where that cannot be told. */
const mayBeAbout = (head: PolicyHead, connections: string[]): boolean =>
  head.connections.length === 0 || connections.some(aboutConnection(head))

/** Where a policy goes on to. */
interface AdvancedTo extends DueTimes {
  /** What it needs to keep no longer. */
  spent?: 'delays'
  /** What its calendars cover by now. */
  covers?: PolicyState['covers']
  coversAt?: PolicyState['coversAt']
}

export function documentsStore(table: Table, { saveChanged, removeChanged }: SaveChanged) {
  const list = documentList(table)
  /** Reads the head of every policy, unreadable ones too: what tells which servers it is about. */
  async function* policyHeads(): AsyncGenerator<PolicyHead[]> {
    for await (const page of table.pages({ index: 'runs', hash: ['listKey', POLICIES] })) {
      const keys = page.map(({ pk, sk }) => ({ pk, sk }))
      yield (await table.items(keys, HEAD_FIELDS)).map(policyHead)
    }
  }

  /** Lists a snooze before the policy has it: readers pass over a policy that is listed and not snoozed. */
  async function listSnooze({ id, snoozedUntil }: StoredPolicy): Promise<void> {
    if (snoozedUntil === null) return
    const place = { listKey: SNOOZES, listAt: listedAt(snoozedUntil, id) }
    const expiresAt = Math.ceil(Date.parse(snoozedUntil) / 1000)
    await table.put({ ...snoozeKey(id, snoozedUntil), ...place, expiresAt })
  }

  return {
    async connection(id: string): Promise<StoredConnection | null> {
      return connectionFrom(await table.item(connectionKey(id)))
    },
    /** The same, whatever else it holds: to be replaced or removed. */
    async keptConnection(id: string): Promise<KeptDocument<Stamps> | null> {
      const item = await table.item(connectionKey(id))
      return hasDocument(item) ? keptConnection(item) : null
    },
    /** Ids of all connections that there are, in order. */
    async connectionIds(): Promise<string[]> {
      const ids: string[] = []
      for await (const page of table.pages({ index: 'runs', hash: ['listKey', CONNECTIONS] })) {
        const keys = page.map(({ pk, sk }) => ({ pk, sk }))
        ids.push(...(await table.items(keys, ['doc.id'])).filter(hasDocument).map(keyId))
      }
      return ids
    },
    connections: (page: { most: number; after?: PageStart }) =>
      list({ listKey: CONNECTIONS, read: storedConnection }, page),

    /** `version`: the one it replaces, null for none. False when another is there by now. */
    saveConnection(connection: StoredConnection, version: number | null, change?: Change): Promise<boolean> {
      const keys = { ...connectionKey(connection.id), listKey: CONNECTIONS, listAt: connection.id }
      return saveChanged({ ...keys, doc: connectionDoc(connection) }, versionIs(version), change)
    },
    /** `mark`: as `markDeleting` gave it. False where a policy took it away, or it is another version by now. */
    removeConnection(
      id: string,
      { version, mark }: { version: number; mark?: string },
      change: Change,
    ): Promise<boolean> {
      const marked = mark === undefined ? [] : [{ path: 'deleting', is: mark }]
      return removeChanged(connectionKey(id), [...versionIs(version), ...marked], change)
    },

    /** Unreadable parts put no key in cooldown. */
    async keyHealth(id: string): Promise<KeyHealth | null> {
      return KeyHealth.safeParse((await table.item(healthKey(id)))?.doc).data ?? null
    },
    saveKeyHealth(id: string, doc: KeyHealth): Promise<boolean> {
      const place = { listKey: REFUSED_KEYS, listAt: listedAt(doc.refusedAt, id) }
      return table.put({ ...healthKey(id), ...place, doc })
    },
    removeKeyHealth: (id: string): Promise<boolean> => table.remove(healthKey(id)),

    async policy(id: string): Promise<StoredPolicy | null> {
      const item = await table.item(policyKey(id))
      return hasDocument(item) ? storedPolicy(item) : null
    },
    /** The same, whatever else it holds: to be replaced or removed. */
    async keptPolicy(id: string): Promise<KeptDocument<PolicyState> | null> {
      const item = await table.item(policyKey(id))
      return hasDocument(item) ? keptPolicy(item) : null
    },
    policies: (page: { most: number; after?: PageStart }) =>
      list({ listKey: POLICIES, read: storedPolicy }, page),

    policyHeads,

    /** Ids of the policies that are about servers of a kind in any of these connections, or may be: where that cannot be told. */
    async policyIdsAbout({ connections, kind }: { connections: string[]; kind: Kind }): Promise<string[]> {
      const ids: string[] = []
      for await (const heads of policyHeads())
        for (const head of heads)
          if (head.enabled !== false && head.kind === kind && mayBeAbout(head, connections)) ids.push(head.id)
      return ids
    },
    /** Ids of the policies, disabled ones too, that are about any of these connections, or may be: where that cannot be told. */
    async policyIdsOf(connections: string[]): Promise<string[]> {
      const ids: string[] = []
      for await (const heads of policyHeads())
        for (const head of heads) if (mayBeAbout(head, connections)) ids.push(head.id)
      return ids
    },
    /** Reads these policies as far as they exist, a few at a time. */
    async *policiesByIds(ids: string[]): AsyncGenerator<DocumentRow<StoredPolicy>[]> {
      for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
        const items = await table.items(ids.slice(start, start + READ_AT_ONCE).map(policyKey))
        const placeOf = ({ pk, sk }: Item): PageStart => ({ pk, sk })
        yield readDocumentPage(items.filter(hasDocument), { placeOf, read: storedPolicy }).rows
      }
    },

    /** `replaces`: what was read before, null for none. False when it changed since, or its due time moved. */
    async savePolicy(policy: StoredPolicy, replaces: PolicyState | null, change?: Change): Promise<boolean> {
      await listSnooze(policy)
      const isKnown = replaces !== null && replaces.version !== NO_VERSION
      const due = isKnown ? [...sameDueTimes(replaces), sameCovers(replaces)] : []
      return saveChanged(policyItem(policy), [...versionIs(replaces?.version ?? null), ...due], change)
    },
    removePolicy: (id: string, version: number, change: Change): Promise<boolean> =>
      removeChanged(policyKey(id), versionIs(version), change),

    /** Moves a policy's due times on from those that were dealt with, or that its calendars do not name any more; false when they were moved, or it was edited, meanwhile. */
    async advancePolicy(
      policy: StoredPolicy,
      { spent, covers, coversAt, ...due }: AdvancedTo,
    ): Promise<boolean> {
      const when = [...versionIs(policy.version), ...sameDueTimes(policy), sameCovers(policy)]
      const key = policyKey(policy.id)
      const earliest = earliestDueAt(due)
      const { nextDueAt, nextStartDueAt, nextWarnAt } = due
      const set = {
        'doc.nextDueAt': nextDueAt,
        ...(nextStartDueAt === null ? {} : { 'doc.nextStartDueAt': nextStartDueAt }),
        ...(nextWarnAt === undefined ? {} : { 'doc.nextWarnAt': nextWarnAt }),
        ...(covers === undefined ? {} : { 'doc.covers': covers, ...coversAttribute({ covers }) }),
        ...(coversAt === undefined ? {} : { 'doc.coversAt': coversAt }),
        ...(earliest === null ? {} : dueAt(earliest, key)),
      }
      const remove = [
        ...(nextStartDueAt === null ? ['doc.nextStartDueAt'] : []),
        ...(nextWarnAt === undefined ? ['doc.nextWarnAt'] : []),
        ...(spent === undefined ? [] : [`doc.${spent}`]),
        ...(earliest === null ? NOT_DUE : []),
      ]
      return (await table.change(key, { set, remove, when })) !== null
    },

    async settings(): Promise<Settings> {
      return settingsOf(await table.item(SETTINGS_KEY))
    },
    /** The same, whatever they hold: to be replaced. */
    async keptSettings(): Promise<object> {
      return keptSettings(await table.item(SETTINGS_KEY))
    },
    /** False when another edit changed them at this moment. */
    saveSettings: (settings: ChangedSettings, change?: Change): Promise<boolean> =>
      saveChanged({ ...SETTINGS_KEY, doc: settingsDoc(settings) }, [], change),
  }
}
