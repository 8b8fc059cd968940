/**
 * What an overview reads: the first of the to-do list, and short lists of what a person should see. A list names what to look at, and
 * the thing itself decides: a place in it may be old.
 */
import { KeyHealth } from '../../core/model/connection.ts'
import { PolicyState } from '../../core/model/model.ts'
import type { Run } from '../../core/model/run.ts'
import type { DueItem } from '../../core/tick/attention.ts'
import {
  BAD_ENDS,
  DUE,
  healthKey,
  keyId,
  latestEndKey,
  listedAt,
  listedId,
  policyKey,
  REFUSED_KEYS,
  runKey,
  SNOOZES,
} from '../keys.ts'
import type { Item, PageStart, Table } from '../table.ts'
import { type DocumentRow, readDocumentPage } from './documents/document-list.ts'
import { HEAD_FIELDS, hasDocument, type PolicyHead, policyHead } from './documents/stored-documents.ts'
import { storedRun } from './runs.ts'

/** A key that a cloud refused, and whose. */
interface RefusedKey extends KeyHealth {
  connection: string
}
type ListedSnooze = Pick<PolicyState, 'snoozedUntil' | 'snoozeReason'> & { policyId: string }
const SnoozeState = PolicyState.pick({ snoozedUntil: true, snoozeReason: true })

/** How long an end is kept: older ones are of no interest. */
const END_SECONDS = 8 * 86_400

interface ListRange {
  /** Only places from this instant on. */
  since: string
  most: number
}

export function overviewStore(table: Table, dueOf: (item: Item) => DueItem) {
  /** Ids in a list, the latest first, each once. */
  async function listedIds(listKey: string, { since, most }: ListRange): Promise<string[]> {
    const range = { name: 'listAt', from: since }
    const hash: [string, string] = ['listKey', listKey]
    const { items } = await table.query({ index: 'runs', hash, range, most, newestFirst: true })
    return [...new Set(items.map(({ listAt }) => listedId(String(listAt))))]
  }

  return {
    /** A page of the to-do list, what is due first first. */
    async duePage(page: {
      most: number
      after?: PageStart
    }): Promise<{ items: DueItem[]; next?: PageStart }> {
      const { items, next } = await table.query({ index: 'due', hash: ['dueKey', DUE], ...page })
      return { items: items.map(dueOf), ...(next && { next }) }
    },

    /** Notes how the latest run of a policy in a connection ended, and lists it while that is bad. An earlier end changes nothing. */
    async noteEnd(run: Run, endedAt: string, ending: 'bad' | 'good'): Promise<void> {
      const listAt = listedAt(endedAt, run.id)
      const expiresAt = Math.floor(Date.parse(endedAt) / 1000) + END_SECONDS
      const when = [{ path: 'latestAt', atMost: listAt }]
      const set = { latestAt: listAt, expiresAt }
      const change =
        ending === 'bad'
          ? { set: { ...set, listKey: BAD_ENDS, listAt } }
          : { set, remove: ['listKey', 'listAt'] }
      await table.change(latestEndKey(run), { ...change, when })
    },
    badEnds: (range: ListRange): Promise<string[]> => listedIds(BAD_ENDS, range),

    /** Reads these runs as far as they exist. */
    async runsByIds(ids: string[]): Promise<DocumentRow<Run>[]> {
      const placeOf = ({ pk, sk }: Item): PageStart => ({ pk, sk })
      return readDocumentPage(await table.items(ids.map(runKey)), { placeOf, read: storedRun }).rows
    },

    /** Reads the heads of these policies as far as they exist, readable or not. */
    async existingPolicies(ids: string[]): Promise<PolicyHead[]> {
      const items = await table.items(ids.map(policyKey), HEAD_FIELDS)
      return items.filter(hasDocument).map(policyHead)
    },

    async refusedKeys(range: ListRange): Promise<RefusedKey[]> {
      const items = await table.items((await listedIds(REFUSED_KEYS, range)).map(healthKey))
      return items.flatMap(item => {
        const { data } = KeyHealth.safeParse(item.doc)
        return data ? [{ ...data, connection: keyId(item) }] : []
      })
    },

    /** Snoozes of policies that may still last. */
    async snoozes(range: ListRange): Promise<ListedSnooze[]> {
      const fields = ['doc.snoozedUntil', 'doc.snoozeReason']
      const items = await table.items((await listedIds(SNOOZES, range)).map(policyKey), fields)
      return items.flatMap(item => {
        const { data } = SnoozeState.safeParse(item.doc)
        return data ? [{ ...data, policyId: keyId(item) }] : []
      })
    },
  }
}
