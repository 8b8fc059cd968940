/** Chunks: a small head that changes, a list of servers that never does, and one packed item of their outcomes. */
import * as z from 'zod'
import {
  type Ask,
  Chunk,
  type Member,
  type RefusedTry,
  type Request,
  type WholeChunk,
} from '../../core/model/chunk.ts'
import { countOutcomes, OutcomeStatus, type Settled } from '../../core/model/outcome.ts'
import type { ChunkCounts } from '../../core/notify/shown-run.ts'
import type { SeenTarget } from '../../core/plan/facts.ts'
import { expiryAttribute, type Keeping } from '../expiry.ts'
import {
  type ChunkId,
  chunkKey,
  dueAt,
  leftKey,
  outcomesKey,
  type PlanningId,
  partsPrefix,
  type RunPart,
  serversKey,
} from '../keys.ts'
import type { Item, Key, Table } from '../table.ts'
import { type EarlierRun, earlierLists, listedMembers, type ServerLists } from './lists/lists.ts'
import { packPlaces, packSettled, unpackPlaces, unpackSettled } from './pack.ts'

type Packed<T> = Omit<T, 'members'> & { members: Uint8Array }
const packed = <T extends Ask | Request | RefusedTry>(one: T, size: number): Packed<T> => ({
  ...one,
  members: packPlaces(one.members, size),
})
const unpackRequest = (one: Packed<Ask | Request | RefusedTry>) => ({
  ...one,
  members: unpackPlaces(one.members),
})

const chunkDoc = (chunk: Chunk) => ({
  ...chunk,
  todo: chunk.todo.map(ask => packed(ask, chunk.size)),
  requests: chunk.requests.map(request => packed(request, chunk.size)),
  refused: chunk.refused.map(one => packed(one, chunk.size)),
})

function storedChunk(item: Item): Chunk {
  const doc = item.doc as ReturnType<typeof chunkDoc>
  const { todo, requests, refused } = doc
  return Chunk.parse({
    ...doc,
    todo: todo.map(unpackRequest),
    requests: requests.map(unpackRequest),
    refused: refused.map(unpackRequest),
  })
}

/** The fields of a head that tell how far its chunk is. */
const CountedHead = z.object({
  doc: Chunk.pick({ number: true, status: true }),
  codes: z.record(z.templateLiteral([OutcomeStatus, '/', z.string()]), z.int().min(0)).default({}),
})

const idOf = ({ runId, planning, number }: ChunkId): ChunkId => ({ runId, planning, number })

export const chunkKeys = (id: ChunkId): Key[] => [chunkKey(id), outcomesKey(id), serversKey(id)]

/** Puts a chunk together from its items, which the first word of their range key tells apart; null where one is missing. */
export function storedWhole(items: Item[], repeated: Item[]): WholeChunk | null {
  const part = (name: RunPart) => items.find(item => item.sk.startsWith(`${name}#`))
  const head = part('CHUNK')
  const outcomes = part('OUTCOMES')
  const servers = part('SERVERS')
  if (!head || !servers) return null
  return {
    chunk: storedChunk(head),
    servers: listedMembers(servers, repeated),
    settled: outcomes ? unpackSettled(outcomes.settled as Uint8Array) : new Map(),
  }
}

const NO_RUN: EarlierRun = async () => null

export function chunksStore(table: Table, keeping: Keeping, lists: ServerLists) {
  const heads = (id: PlanningId) =>
    table.pages({ hash: ['pk', `RUN#${id.runId}`], range: { name: 'sk', prefix: partsPrefix('CHUNK', id) } })

  async function wholeChunk(id: ChunkId): Promise<WholeChunk | null> {
    const items = await table.items(chunkKeys(id))
    return storedWhole(items, await lists.repeatedBy(items))
  }

  return {
    /** Writes a chunk of a planning, its servers first. Writing it again changes nothing. `earlier`: whose lists it may repeat. */
    async createChunk(chunk: Chunk, members: SeenTarget[], earlier = NO_RUN): Promise<void> {
      const id = idOf(chunk)
      const list = await lists.listFields(members, id.number, earlierLists(earlier, serversKey))
      await table.put({ ...serversKey(id), ...list })
      await table.put({ ...chunkKey(id), ...expiryAttribute(keeping), doc: chunkDoc(chunk) })
    },

    /** Read consistently, with all that lies beside it; null when there is none. */
    wholeChunk,

    /** Claims a chunk if it is unclaimed since; `leaseUntil` is when another may, `looks` its count of looks from now on. */
    async claimChunk(
      seen: Chunk,
      { owner, leaseUntil, looks = seen.looks }: { owner: string; leaseUntil: string; looks?: number },
    ): Promise<Chunk | null> {
      const attempt = seen.attempt + 1
      const key = chunkKey(idOf(seen))
      const item = await table.change(key, {
        set: {
          'doc.attempt': attempt,
          'doc.owner': owner,
          ...(looks === seen.looks ? {} : { 'doc.looks': looks }),
          ...dueAt(leaseUntil, key),
        },
        when: [
          { path: 'doc.attempt', is: seen.attempt },
          { path: 'doc.status', is: seen.status },
        ],
      })
      if (item) return storedChunk(item)
      const other = await table.item(key)
      const chunk = other && storedChunk(other)
      return chunk?.attempt === attempt && chunk.owner === owner ? chunk : null
    },

    /**
     * Saves what happened to a chunk: its outcomes first, so that no head ever says more than they do. `leaseUntil` is when it needs
     * attention; null for a chunk that is done. False when another took it up meanwhile: nothing of ours counts any more.
     */
    async saveChunk({ chunk, settled }: WholeChunk, leaseUntil: string | null): Promise<boolean> {
      const id = idOf(chunk)
      const { attempt, owner } = chunk
      if (settled.size > 0) {
        const item = {
          ...outcomesKey(id),
          ...expiryAttribute(keeping),
          attempt,
          settled: packSettled(settled, chunk.size),
        }
        if (!(await table.put(item, [{ path: 'attempt', atMost: attempt }]))) return false
      }
      const key = chunkKey(id)
      const due = leaseUntil === null ? {} : dueAt(leaseUntil, key)
      const when = [
        { path: 'doc.attempt', is: attempt },
        { path: 'doc.owner', is: owner },
      ]
      const { codes } = countOutcomes(settled.values())
      return table.put({ ...key, ...expiryAttribute(keeping), ...due, codes, doc: chunkDoc(chunk) }, when)
    },

    /** The heads of a planning's chunks, in order. */
    async chunkHeads(id: PlanningId): Promise<Chunk[]> {
      const chunks: Chunk[] = []
      for await (const page of heads(id)) chunks.push(...page.map(storedChunk))
      return chunks
    },

    /**
     * How far a planning's chunks are, by their heads alone: these never say more than the outcomes beside them. What cannot be read
     * counts for nothing.
     */
    async chunkCounts(id: PlanningId): Promise<ChunkCounts[]> {
      const counts: ChunkCounts[] = []
      for await (const page of heads(id))
        for (const item of page) {
          const { data } = CountedHead.safeParse(item)
          if (data) counts.push({ ...data.doc, codes: data.codes })
        }
      return counts
    },

    /** Every chunk of a planning with all that lies beside it, in order. */
    async *wholeChunks(id: PlanningId): AsyncGenerator<WholeChunk> {
      for await (const page of heads(id)) {
        for (const item of page) {
          const one = await wholeChunk(idOf(storedChunk(item)))
          if (one) yield one
        }
      }
    },

    /** Servers that the planning left, each with its reason: one part of the list. Writing it again changes nothing. */
    async createSkipped(
      id: ChunkId,
      left: { member: Member; settled: Settled }[],
      earlier = NO_RUN,
    ): Promise<void> {
      const settled = packSettled(new Map(left.map((one, place) => [place, one.settled])), left.length)
      const members = left.map(({ member }) => member)
      const list = await lists.listFields(members, id.number, earlierLists(earlier, leftKey))
      await table.put({ ...leftKey(id), ...list, settled })
    },
  }
}
