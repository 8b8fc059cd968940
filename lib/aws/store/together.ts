/** What a step needs at one time, in one read. */
import { JobTimes } from '../../core/follow/job-times.ts'
import type { ChunkInRun } from '../../core/model/chunk.ts'
import type { StoredConnection } from '../../core/model/connection.ts'
import type { Settings } from '../../core/model/model.ts'
import type { Run } from '../../core/model/run.ts'
import { type ChunkId, connectionKey, jobTimesKey, runKey, runPolicyKey, SETTINGS_KEY } from '../keys.ts'
import type { Item, Key, Table } from '../table.ts'
import { chunkKeys, storedWhole } from './chunks.ts'
import { connectionFrom, settingsOf } from './documents/stored-documents.ts'
import type { ServerLists } from './lists/lists.ts'
import { runFrom, storedRunPolicy } from './runs.ts'

/** What a step reads before it acts for a run. */
interface RunContext {
  settings: Settings
  run: Run
  connection: StoredConnection | null
  jobTimes: JobTimes
}

/** What cannot be read is not known. */
const jobTimesFrom = (item: Item | undefined): JobTimes => JobTimes.safeParse(item?.doc).data ?? {}

export function joinedReads(table: Table, lists: ServerLists) {
  async function itemsOf(keys: Key[]): Promise<(key: Key) => Item | undefined> {
    const items = await table.items(keys)
    return ({ pk, sk }) => items.find(item => item.pk === pk && item.sk === sk)
  }

  return {
    /** A chunk with its run and the run's policy, each read consistently; null where there is no such chunk or run. */
    async chunkInRun(id: ChunkId): Promise<ChunkInRun | null> {
      const head = runKey(id.runId)
      const beside = runPolicyKey(id.runId)
      const parts = chunkKeys(id)
      const item = await itemsOf([head, beside, ...parts])
      const run = runFrom(item(head))
      const found = parts.flatMap(key => item(key) ?? [])
      const whole = storedWhole(found, await lists.repeatedBy(found))
      return run && whole && { run, whole, policy: storedRunPolicy(run, item(beside)) }
    },

    /** A run, its connection, how long its jobs take, and the settings as they are now, each read consistently. */
    async around(seen: Run): Promise<RunContext> {
      const head = runKey(seen.id)
      const place = connectionKey(seen.connection)
      const lengths = jobTimesKey(seen.connection)
      const item = await itemsOf([head, place, SETTINGS_KEY, lengths])
      return {
        run: runFrom(item(head)) ?? seen,
        connection: connectionFrom(item(place)),
        settings: settingsOf(item(SETTINGS_KEY)),
        jobTimes: jobTimesFrom(item(lengths)),
      }
    },

    jobTimes: async (connectionId: string): Promise<JobTimes> =>
      jobTimesFrom(await table.item(jobTimesKey(connectionId))),
    saveJobTimes: (connectionId: string, doc: JobTimes): Promise<boolean> =>
      table.put({ ...jobTimesKey(connectionId), doc }),
  }
}
