/** Makes indexes of the table anew that a crash left behind its items. */
import { diskProblem, Problem } from '../problem.ts'
import { refuseDamagedFiles } from './data-files.ts'
import {
  type Dynalite,
  KEY_PREFIXES,
  type Level,
  loadDynalite,
  type TableRecord,
} from './embedded-dynalite.ts'

export interface Mended {
  items: number
  /** Index rows that an item should have had and had not. */
  restored: number
  /** Index rows that no item stood behind any more. */
  removed: number
}
type Wanted = Pick<TableRecord, 'TableName' | 'AttributeDefinitions' | 'GlobalSecondaryIndexes'>

/**
 * Makes every index say what the items say, before the table is opened: dynalite writes an index row and its item
 * apart, so a kill between the two loses an item from its index, or leaves a row of an item that never was.
 *
 * Works on the data files themselves, in one atomic write: a kill while it mends leaves it to be done again. An index
 * that the template has gained since is filled too. A new folder is left alone. Throws `Problem` when a data file is
 * damaged.
 */
export async function mend(options: { folder: string; input: Wanted }): Promise<Mended> {
  const { folder, input } = options
  refuseDamagedFiles(folder)
  const dynalite = await loadDynalite()
  const store = await opened(dynalite.createStore(folder), folder)
  try {
    const table = await tableRecord(store, input)
    return table === null
      ? { items: 0, restored: 0, removed: 0 }
      : await mendIndexes(store, await rowsOfItems({ store, table, dynalite }))
  } catch (error) {
    throw diskProblem(error, folder) ?? error
  } finally {
    await store.close()
  }
}

async function opened(store: Level, folder: string): Promise<Level> {
  try {
    await store.open()
    return store
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const problem = diskProblem(cause, folder)
    if (problem) throw problem
    throw new Problem(
      `The table in ${folder} cannot be opened: ${cause}. Is another process using the folder?`,
      { cause },
    )
  }
}

/** The table as it is kept, with the template's indexes; one that a kill left half made is removed, to be made again. */
async function tableRecord(store: Level, input: Wanted): Promise<TableRecord | null> {
  const key = KEY_PREFIXES.tables + input.TableName
  const record = await store.get(key)
  if (record === undefined) return null
  if (record.TableStatus !== 'ACTIVE') {
    await store.del(key)
    return null
  }
  const known = new Map(record.GlobalSecondaryIndexes?.map(index => [index.IndexName, index]))
  const table: TableRecord = {
    ...record,
    AttributeDefinitions: input.AttributeDefinitions,
    GlobalSecondaryIndexes: (input.GlobalSecondaryIndexes ?? []).map(
      index =>
        known.get(index.IndexName) ?? { ...index, IndexStatus: 'ACTIVE', IndexSizeBytes: 0, ItemCount: 0 },
    ),
  }
  await store.put(key, table)
  return table
}

interface ItemRows {
  table: TableRecord
  items: number
  /** By its key in the data files, as JSON. */
  rows: Map<string, string>
}

async function mendIndexes(store: Level, { table, items, rows }: ItemRows): Promise<Mended> {
  const orphans: string[] = []
  for (const { IndexName } of table.GlobalSecondaryIndexes ?? []) {
    for await (const [key, row] of store.iterator(keysIn(KEY_PREFIXES.index(table.TableName, IndexName)))) {
      if (!rows.has(key)) orphans.push(key)
      else if (rows.get(key) === JSON.stringify(row)) rows.delete(key)
    }
  }
  const operations = [
    ...orphans.map(key => ({ type: 'del' as const, key })),
    ...[...rows].map(([key, row]) => ({ type: 'put' as const, key, value: JSON.parse(row) })),
  ]
  await store.batch(operations, { sync: true })
  return { items, restored: rows.size, removed: orphans.length }
}

interface Reading {
  store: Level
  table: TableRecord
  dynalite: Dynalite
}

/** Every index row that the items call for. */
async function rowsOfItems({ store, table, dynalite }: Reading): Promise<ItemRows> {
  const rows = new Map<string, string>()
  let items = 0
  for await (const [, item] of store.iterator(keysIn(KEY_PREFIXES.items(table.TableName)))) {
    items += 1
    for (const row of dynalite.indexRows(item, table))
      rows.set(KEY_PREFIXES.index(table.TableName, row.index) + row.key, JSON.stringify(row.item))
  }
  return { table, items, rows }
}

const keysIn = (prefix: string) => ({ gte: prefix, lt: `${prefix}\xff` })
