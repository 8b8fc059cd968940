/** What the embedded run uses of dynalite 4, which brings no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  interface DynaliteOptions {
    /** LevelDB folder; in memory when absent. */
    path?: string
    createTableMs?: number
    deleteTableMs?: number
    updateTableMs?: number
  }
  export default function dynalite(options?: DynaliteOptions): Server
}

declare module 'dynalite/db/index.js' {
  interface KeySchemaElement {
    AttributeName: string
    KeyType: string
  }
  export interface IndexRecord {
    IndexName: string
    KeySchema: KeySchemaElement[]
    Projection: { ProjectionType: string; NonKeyAttributes?: string[] }
    [more: string]: unknown
  }
  export interface TableRecord {
    TableName: string
    TableStatus: string
    KeySchema: KeySchemaElement[]
    AttributeDefinitions: { AttributeName: string; AttributeType: string }[]
    GlobalSecondaryIndexes?: IndexRecord[]
    [more: string]: unknown
  }
  export type StoredItem = Record<string, unknown>
  type Operation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string }

  interface WriteOptions {
    /** It is on the disk, not only with the kernel, before the write is done. */
    sync?: boolean
  }
  export interface Level {
    open(): Promise<void>
    close(): Promise<void>
    get(key: string): Promise<TableRecord | undefined>
    put(key: string, value: unknown): Promise<void>
    del(key: string): Promise<void>
    batch(operations: Operation[], options: WriteOptions): Promise<void>
    iterator(range: { gte: string; lt: string }): AsyncIterable<[string, StoredItem]>
    /** What `put` and `del` come down to (abstract-level, "Private API for implementors"). */
    _put(key: string, value: unknown, options: WriteOptions): Promise<void>
    _del(key: string, options: WriteOptions): Promise<void>
  }
  /** A part of the data files, whose keys begin alike. */
  interface Part {
    put(key: string, value: unknown, done: (error?: Error | null) => void): void
  }
  export interface Store {
    db: Level
    tableDb: Part
    getItemDb(table: string): Part
    getIndexDb(type: 'Global', table: string, index: string): Part
  }
  interface Db {
    create(options: { path?: string }): Store
    /** The index rows an item has, as dynalite itself keys and projects them. */
    getIndexActions(
      indexes: IndexRecord[],
      existing: StoredItem | undefined,
      item: StoredItem,
      table: TableRecord,
    ): { puts: { index: string; key: string; item: StoredItem }[] }
  }
  const db: Db
  export default db
}
