/** What became of a run's servers, as far as it is settled, from any place on. */
import type { OutcomePlace, PlacedOutcome, Settled } from '../../core/model/outcome.ts'
import { type ChunkId, leftKey, outcomesKey, type PlanningId, partsPrefix, serversKey } from '../keys.ts'
import type { Item, Table } from '../table.ts'
import { listedMembers, type ServerLists } from './lists/lists.ts'
import { unpackSettled } from './pack.ts'

/** Parts read at once: each is up to a thousand servers. */
const PARTS_AT_ONCE = 4

export function outcomesStore(table: Table, lists: ServerLists) {
  async function* parts(id: ChunkId, part: OutcomePlace['part']): AsyncGenerator<Item> {
    const from = (part === 'LEFT' ? leftKey : serversKey)(id)
    const range = { name: 'sk', from: from.sk, to: `${partsPrefix(part, id)}~` }
    const pages = table.pages({ hash: ['pk', from.pk], range, most: PARTS_AT_ONCE })
    for await (const page of pages) yield* page
  }

  async function settledOf(item: Item, id: ChunkId): Promise<Map<number, Settled>> {
    const packed = item.settled ?? (await table.item(outcomesKey(id)))?.settled
    return packed === undefined ? new Map() : unpackSettled(packed as Uint8Array)
  }

  async function placed(item: Item, { runId, planning }: PlanningId): Promise<PlacedOutcome[]> {
    const [part, , number] = item.sk.split('#') as [OutcomePlace['part'], string, string]
    const settled = await settledOf(item, { runId, planning, number: Number(number) })
    return listedMembers(item, await lists.repeatedBy([item])).flatMap(({ id: serverId, name }, member) => {
      const one = settled.get(member)
      return one
        ? [{ place: { part, number: Number(number), member }, outcome: { serverId, name, ...one } }]
        : []
    })
  }

  return {
    /** The servers that a planning left, then those of its chunks, part by part from a place on. */
    async *outcomes(id: PlanningId, from: OutcomePlace): AsyncGenerator<PlacedOutcome[]> {
      const isReached = ({ place: { part, number, member } }: PlacedOutcome) =>
        part !== from.part || number !== from.number || member >= from.member
      for (const part of from.part === 'LEFT' ? (['LEFT', 'SERVERS'] as const) : (['SERVERS'] as const)) {
        const number = part === from.part ? from.number : 0
        for await (const item of parts({ ...id, number }, part))
          yield (await placed(item, id)).filter(isReached)
      }
    },
  }
}
