/** What a step needs at one time, in one read. */
import type { ChunkInRun } from '../../core/model/chunk.ts'
import type { StoredConnection } from '../../core/model/connection.ts'
import type { Settings } from '../../core/model/model.ts'
import type { Run } from '../../core/model/run.ts'
import { type ChunkId, connectionKey, runKey, runPolicyKey, SETTINGS_KEY } from '../keys.ts'
import type { Item, Key, Table } from '../table.ts'
import { chunkKeys, storedWhole } from './chunks.ts'
import { connectionFrom, settingsOf } from './documents/stored-documents.ts'
import { runFrom, storedRunPolicy } from './runs.ts'

/** What a step reads before it acts for a run. */
interface RunContext {
  settings: Settings
  run: Run
  connection: StoredConnection | null
}

export function joinedReads(table: Table) {
  async function found(keys: Key[]): Promise<(key: Key) => Item | undefined> {
    const items = await table.items(keys)
    return ({ pk, sk }) => items.find(item => item.pk === pk && item.sk === sk)
  }

  return {
    /** A chunk with its run and the run's policy, each read consistently; null where there is no such chunk or run. */
    async chunkInRun(id: ChunkId): Promise<ChunkInRun | null> {
      const [head, beside, parts] = [runKey(id.runId), runPolicyKey(id.runId), chunkKeys(id)]
      const item = await found([head, beside, ...parts])
      const run = runFrom(item(head))
      const whole = storedWhole(parts.flatMap(key => item(key) ?? []))
      return run && whole && { run, whole, policy: storedRunPolicy(run, item(beside)) }
    },

    /** A run, its connection and the settings as they are now, each read consistently. */
    async around(seen: Run): Promise<RunContext> {
      const [head, place] = [runKey(seen.id), connectionKey(seen.connection)]
      const item = await found([head, place, SETTINGS_KEY])
      return {
        run: runFrom(item(head)) ?? seen,
        connection: connectionFrom(item(place)),
        settings: settingsOf(item(SETTINGS_KEY)),
      }
    },
  }
}
