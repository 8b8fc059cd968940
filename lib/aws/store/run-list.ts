/** Runs, newest first: all of them, or those of a policy. */

import type { Action } from '../../core/model/action.ts'
import type { Run } from '../../core/model/run.ts'
import { countsForHistory, HISTORY_RUNS } from '../../core/plan/limits.ts'
import { RunProgress } from '../../core/tick/existing-run.ts'
import {
  dueInstant,
  keyId,
  listedId,
  listedRunKey,
  mayBeListedFor,
  pairPk,
  RUNS,
  runKey,
  runListedAt,
  runsOf,
} from '../keys.ts'
import type { Item, ItemPage, Key, PageStart, Table } from '../table.ts'
import { type ReadPage, readable, readDocumentPage } from './documents/document-list.ts'
import { storedRun } from './runs.ts'

/** Absent for all runs, `null` for those of manual requests without a policy. */
type RunListOwner = string | null | undefined

const listKey = (policyId: RunListOwner): string =>
  policyId === undefined ? RUNS : runsOf(policyId ?? undefined)

/** How many rows of a policy in a connection are searched at most. */
const MAX_ROWS = 1000

/** How many rows of a policy one query reads to find those of one connection: some 200 bytes each. */
const ROWS_AT_ONCE = 1000

const PROGRESS_FIELDS = Object.keys(RunProgress.shape).map(field => `doc.${field}`)

interface RunListAsked {
  policyId?: RunListOwner
  connection?: string | undefined
  since?: string | undefined
  until?: string | undefined
  most: number
  after?: PageStart | undefined
}

/** A policy in one of its connections. */
interface RunsThere {
  policyId: string
  connection: string
}

/** As many of the items as are wanted, and where the list goes on behind them. */
function firstPlaces({ items, next }: ItemPage<Item>, most: number): ItemPage<Item> {
  if (items.length <= most) return { items, next }
  const { pk, sk, listKey, listAt } = items[most - 1]!
  return { items: items.slice(0, most), next: { pk, sk, listKey, listAt } }
}

/** Where the list of a policy goes on behind a place among the runs of a pair. */
function behindPair({ sk }: Key, { policyId, connection }: Partial<RunsThere>): PageStart {
  const due = dueInstant(sk)
  const id = listedId(sk)
  const listAt = runListedAt({ dueAt: due, id, connection: connection ?? '' })
  return { ...runKey(id), listKey: runsOf(policyId), listAt }
}

export function runList(table: Table) {
  /** A page of places of runs, newest first. */
  async function places({
    policyId,
    connection,
    since,
    until,
    most,
    after,
  }: RunListAsked): Promise<ItemPage<Item>> {
    const bounds = { ...(since && { from: since }), ...(until && { to: `${until}#~` }) }
    const rangeOf = (name: string) => (since || until ? { name, ...bounds } : undefined)
    const page = { most, after, newestFirst: true }
    const ofPolicy = async (start: PageStart | undefined): Promise<ItemPage<Item>> => {
      const hash: [string, string] = ['listKey', listKey(policyId)]
      const list = { index: 'runs' as const, hash, range: rangeOf('listAt'), ...page, after: start }
      if (connection === undefined) return table.query(list)
      const { items, next } = await table.query({ ...list, most: Math.max(most, ROWS_AT_ONCE) })
      const there = items.filter(({ listAt }) => mayBeListedFor(String(listAt), connection))
      return firstPlaces({ items: there, next }, most)
    }
    if (policyId === undefined || connection === undefined || after?.listKey !== undefined)
      return ofPolicy(after)
    const pair = { ...(policyId !== null && { policyId }), connection }
    const listed = await table.query({ hash: ['pk', pairPk(pair)], range: rangeOf('sk'), ...page })
    // A list goes on behind a key, which has no other attribute.
    const items = listed.items.map(({ pk, sk }) => ({ pk, sk }))
    if (listed.next) return { items, next: listed.next }
    // Runs of earlier versions are in the list of their policy alone, behind those of the pair.
    const last = items.at(-1) ?? after
    return last ? { items, next: behindPair(last as Key, pair) } : ofPolicy(undefined)
  }

  /**
   * `connection`: only those there; of all policies together, a page may hold fewer, or none, and go on. `since`: only those due then
   * or later; `until`: only those due then or earlier.
   */
  async function runs(filter: RunListAsked): Promise<ReadPage<Run>> {
    const { connection } = filter
    const { items, next } = await places(filter)
    // A run that was asked for twice has two places, and must not be asked for twice in one read.
    const placed = new Map(items.map(place => [listedRunKey(place).pk, place]))
    const heads = await table.items([...placed.values()].map(listedRunKey))
    const page = readDocumentPage(heads, { placeOf: ({ pk }) => ({ ...placed.get(pk) }), read: storedRun })
    const rows = page.rows.filter(
      row => connection === undefined || !('item' in row) || row.item.connection === connection,
    )
    return { rows, items: readable(rows), next }
  }

  /** Runs of a policy in a connection, newest first, until there are enough of them. */
  async function newestRuns(
    of: RunsThere,
    { most, keeps = () => true }: { most: number; keeps?: (run: Run) => boolean },
  ): Promise<Run[]> {
    const found: Run[] = []
    let after: PageStart | undefined
    // Stops and starts take turns.
    const rows = 2 * most
    for (let seen = 0; seen < MAX_ROWS; seen += rows) {
      const page: ReadPage<Run> = await runs({ ...of, most: rows, after })
      found.push(...page.items.filter(keeps))
      // Few are left of what earlier versions made, if any: one query looks for them.
      const isSparse = after?.listKey !== undefined && page.rows.length < rows
      after = page.next
      if (!after || found.length >= most || isSparse) break
    }
    return found.slice(0, most)
  }

  return {
    runs,

    /** Every readable run of a list, page by page of at most so many. */
    async *runPages(filter: Omit<RunListAsked, 'after'>): AsyncGenerator<Run[]> {
      let after: PageStart | undefined
      do {
        const { items, next } = await runs({ ...filter, after })
        yield items
        after = next
      } while (after !== undefined)
    },

    /**
     * How far the runs of a policy that are due within these instants came, by their ids, as far as the index knows of them and they can
     * be read: a query for thousands of runs, a read for a hundred.
     */
    async progressOfRuns(
      policyId: string,
      { since, until }: Record<'since' | 'until', string>,
    ): Promise<Map<string, RunProgress>> {
      const begun = new Map<string, RunProgress>()
      const range = { name: 'listAt', from: since, to: `${until}#~` }
      for await (const page of table.pages({ index: 'runs', hash: ['listKey', runsOf(policyId)], range }))
        for (const item of await table.items(
          page.map(({ pk }) => ({ pk, sk: 'HEAD' })),
          PROGRESS_FIELDS,
        )) {
          const { data } = RunProgress.safeParse(item.doc)
          if (data) begun.set(keyId(item), data)
        }
      return begun
    },

    /** A policy's latest runs in a connection, newest first. */
    latestRuns: (of: RunsThere, most: number): Promise<Run[]> => newestRuns(of, { most }),

    /** The latest of them that acted: the guard by history compares with these. */
    pastRuns: ({ action, ...of }: RunsThere & { action: Action }): Promise<Run[]> =>
      newestRuns(of, { most: HISTORY_RUNS, keeps: run => countsForHistory(run, action) }),
  }
}
