/** The servers that a run stopped, chunk by chunk, with what looks at them showed. */
import type { Run } from '../../../core/model/run.ts'
import type { Facts } from '../../../core/plan/facts.ts'
import type { LookResult, StoppedServers } from '../../../core/savings/sight.ts'
import { type ChunkId, outcomesKey, serversKey } from '../../keys.ts'
import type { Item, Table } from '../../table.ts'
import { listedFacts, listedMembers, type ServerLists } from '../lists/lists.ts'
import { packInstants, packSettled, unpackInstants, unpackSettled } from '../pack.ts'

/** Chunks that one read brings: two items each. */
const CHUNKS_AT_ONCE = 25

type PlannedRun = Pick<Run, 'id' | 'planning' | 'chunks'>

function unpacked<T>(item: Item | undefined, name: string, unpack: (packed: Uint8Array) => T, none: T): T {
  const value = item?.[name]
  return value === undefined ? none : unpack(value as Uint8Array)
}

/** The items of a chunk; `repeated`: what its list repeats. */
interface StoredStops {
  servers: Item
  outcomes: Item | undefined
  repeated: Item[]
}

function storedStopped(number: number, { servers, outcomes, repeated }: StoredStops): StoppedServers {
  const members = listedMembers(servers, repeated)
  return {
    number,
    servers: members,
    facts: listedFacts(servers, repeated),
    settled: unpacked(outcomes, 'settled', unpackSettled, new Map()),
    offUntil: unpacked(outcomes, 'offUntil', unpackInstants, new Map()),
  }
}

export function stoppedServersStore(table: Table, lists: ServerLists) {
  const idsOf = ({ id, planning, chunks = 0 }: PlannedRun, from: number): ChunkId[] =>
    Array.from({ length: Math.max(0, chunks - from) }, (_, n) => ({ runId: id, planning, number: from + n }))

  return {
    /** From a chunk on, in order. */
    async *stoppedServers(run: PlannedRun, from = 0): AsyncGenerator<StoppedServers> {
      const ids = idsOf(run, from)
      for (let start = 0; start < ids.length; start += CHUNKS_AT_ONCE) {
        const some = ids.slice(start, start + CHUNKS_AT_ONCE)
        const items = await table.items(some.flatMap(id => [serversKey(id), outcomesKey(id)]))
        const repeated = await lists.repeatedBy(items)
        const found = new Map(items.map(item => [item.sk, item]))
        for (const id of some) {
          const servers = found.get(serversKey(id).sk)
          const outcomes = found.get(outcomesKey(id).sk)
          if (servers) yield storedStopped(id.number, { servers, outcomes, repeated })
        }
      }
    },

    /** What planning saw of the targets of a run, chunk by chunk: their ids and facts alone. */
    async *targetFacts(run: PlannedRun): AsyncGenerator<{ id: string; facts: Facts }[]> {
      for (const id of idsOf(run, 0)) {
        const item = await table.item(serversKey(id))
        if (!item) continue
        const repeated = await lists.repeatedBy([item])
        const members = listedMembers(item, repeated)
        const facts = listedFacts(item, repeated)
        yield members.map(({ id }, member) => ({ id, facts: facts.get(member) ?? {} }))
      }
    },

    /** Saves what a look made of a chunk. False where a later look has saved something: that counts. */
    async saveLook(
      run: PlannedRun,
      { number, servers }: StoppedServers,
      { settled, offUntil, lookedAt }: LookResult & { lookedAt: string },
    ): Promise<boolean> {
      const size = servers.length
      const set = { settled: packSettled(settled, size), offUntil: packInstants(offUntil, size), lookedAt }
      const key = outcomesKey({ runId: run.id, planning: run.planning, number })
      return (await table.change(key, { set, when: [{ path: 'lookedAt', atMost: lookedAt }] })) !== null
    },
  }
}
