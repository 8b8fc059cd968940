/** The one place that knows dynalite from the inside: its data files, and its answers without a server that listens. */
import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { promisify } from 'node:util'
import type { Level, Store, StoredItem, TableRecord } from 'dynalite/db/index.js'
import { loadParts, requireParts } from './expected-parts.ts'
import type { OwnRequest, Reply } from './own-clients.ts'

export type { Level, TableRecord } from 'dynalite/db/index.js'

interface Emulator {
  answer: (request: OwnRequest) => Promise<Reply>
  /** The items and the tables, as they are at this moment whatever is written meanwhile; not their indexes. */
  rows(): AsyncIterable<[key: string, value: unknown]>
  close(): Promise<void>
}
export interface Dynalite {
  /** The data files of a folder; not open yet. */
  createStore(folder: string): Level
  /** The index rows that an item has, as dynalite keys and projects them. */
  indexRows(item: StoredItem, table: TableRecord): { index: string; key: string; item: StoredItem }[]
  /** Over the data files of a folder, or in memory. What it has acknowledged survives a loss of power. */
  createEmulator(folder: string | null): Emulator
}

const EXPECTED = { package: 'dynalite', usedBy: 'infra/local/emulators/embedded-dynalite.ts' } as const

/** How the keys of the data files begin. */
export const KEY_PREFIXES = {
  tables: 'table~',
  allItems: 'item-',
  items: (table: string) => `item-${table}~`,
  index: (table: string, index: string) => `index-global~${table}~${index}~`,
}

async function importParts() {
  const [{ default: dynalite }, { default: db }] = await Promise.all([
    import('dynalite'),
    import('dynalite/db/index.js'),
  ])
  return { dynalite, db }
}
type Parts = Awaited<ReturnType<typeof importParts>>

/** Throws `Problem` that says in words what another version of dynalite lacks. */
export async function loadDynalite(load: () => Promise<Parts> = importParts): Promise<Dynalite> {
  const { dynalite, db } = await loadParts(load, EXPECTED)
  const isFunction = (value: unknown): boolean => typeof value === 'function'
  requireParts(
    {
      'function dynalite()': isFunction(dynalite),
      'db.create()': isFunction(db.create),
      'db.getIndexActions()': isFunction(db.getIndexActions),
    },
    EXPECTED,
  )
  await checkKeys(db)
  return {
    createStore: folder => checkedStore(db.create({ path: folder }).db),
    indexRows: (item, table) =>
      db.getIndexActions(table.GlobalSecondaryIndexes ?? [], undefined, item, table).puts,
    createEmulator: folder => createEmulator({ dynalite, db }, folder),
  }
}

/** Has dynalite write a row of each part, in memory: where its keys begin otherwise, data files would look empty. */
async function checkKeys(db: Parts['db']): Promise<void> {
  const store = db.create({})
  const names = ['getItemDb', 'getIndexDb'] as const
  requireParts(
    Object.fromEntries(names.map(name => [`${name}() in its store`, typeof store[name] === 'function'])),
    EXPECTED,
  )
  await checkedStore(store.db).open()
  for (const part of partsOf(store)) await promisify(part.put)('key', {})
  const keys = new Set<string>()
  for await (const [key] of store.db.iterator({ gte: '', lt: '\xff' })) keys.add(key)
  await store.db.close()
  const expected = [KEY_PREFIXES.tables, KEY_PREFIXES.items('t'), KEY_PREFIXES.index('t', 'i')]
  requireParts(
    Object.fromEntries(
      expected.map(prefix => [`row ${prefix}key in its data files`, keys.has(`${prefix}key`)]),
    ),
    EXPECTED,
  )
}
const partsOf = (store: Store) => [store.tableDb, store.getItemDb('t'), store.getIndexDb('Global', 't', 'i')]

function checkedStore(store: Level): Level {
  const names = ['open', 'close', 'get', 'put', 'del', 'batch', 'iterator', '_put', '_del'] as const
  requireParts(
    Object.fromEntries(names.map(name => [`${name}() in its store`, typeof store[name] === 'function'])),
    EXPECTED,
  )
  return store
}

function createEmulator({ dynalite, db }: Parts, folder: string | null): Emulator {
  const { server, store } = withStore(db, () =>
    dynalite({
      ...(folder === null ? {} : { path: folder }),
      createTableMs: 0,
      deleteTableMs: 0,
      updateTableMs: 0,
    }),
  )
  if (folder !== null) syncItems(store)
  return {
    answer: request => replyOf(server, request),
    // One iterator, which sees one moment: the keys of items stand before those of tables, and nothing between them.
    rows: () => store.iterator({ gte: KEY_PREFIXES.allItems, lt: `${KEY_PREFIXES.tables}\xff` }),
    close: () => store.close(),
  }
}

/** Hands a request to dynalite's own listener; what it uses of a request and a response is no more than this. */
function replyOf(server: Server, { headers, body }: OwnRequest): Promise<Reply> {
  const request = Object.assign(new EventEmitter(), { method: 'POST', url: '/', headers })
  return new Promise(resolve => {
    const response = {
      statusCode: 200,
      contentType: '',
      setHeader: () => undefined,
      end: (text: string) =>
        resolve({ status: response.statusCode, contentType: response.contentType, body: text }),
    }
    server.emit('request', request, response)
    request.emit('data', body)
    request.emit('end')
  })
}

/** dynalite keeps its store to itself; it asks `db.create` for it. */
function withStore(db: Parts['db'], make: () => Server): { server: Server; store: Level } {
  const { create } = db
  const stores: Level[] = []
  db.create = options => {
    const created = create(options)
    stores.push(checkedStore(created.db))
    return created
  }
  try {
    const server = make()
    const [store] = stores
    requireParts(
      { 'use of db.create()': store, 'listener for requests': server.listeners('request').length === 1 },
      EXPECTED,
    )
    return { server, store: store as Level }
  } finally {
    db.create = create
  }
}

/**
 * dynalite leaves its writes with the kernel, which loses them with the power. Index rows may be lost: they are
 * repaired from the items at the next start.
 */
function syncItems(store: Level): void {
  const { _put, _del } = store
  const synced = (key: string) => ({ sync: !key.startsWith('index-') })
  store._put = (key, value, options) => _put.call(store, key, value, { ...options, ...synced(key) })
  store._del = (key, options) => _del.call(store, key, { ...options, ...synced(key) })
}
