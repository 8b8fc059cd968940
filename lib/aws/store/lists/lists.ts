/** Lists of servers in the table: whole, or as what they repeat of whole ones that outlast them. */
import type { Member } from '../../../core/model/chunk.ts'
import type { Run } from '../../../core/model/run.ts'
import type { Facts, SeenTarget } from '../../../core/plan/facts.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import type { ChunkId } from '../../keys.ts'
import type { Item, Key, Table } from '../../table.ts'
import {
  packRepeated,
  packWhole,
  type RepeatedList,
  repeatedFacts,
  repeatedMembers,
  type WholeList,
  wholeFacts,
  wholeMembers,
} from './repeated-list.ts'

/** The run whose lists are likely to be repeated: asked for only where that is worth it. */
export type EarlierRun = () => Promise<Pick<Run, 'id' | 'planning'> | null>

/** The lists of one sort and planning, by their numbers. */
type ListKey = (number: number) => Key

/** A list as small as this takes as much to be found as to be written. */
const SMALL_BYTES = 1536
/** A list is repeated where that takes at most this share; else it is written whole, for later ones to repeat. */
const WORTH_SHARE = 0.25
/** So much longer than its run a whole list is kept, and repeated: as often it is written anew. */
const MAX_REPEATED_DAYS = 30
/** What expires is deleted some days later, in no order: so long a list that is repeated outlasts those that repeat it. */
const DELETION_DAYS = 3
/** The list of the same number first; where there were more or fewer servers before it, its neighbours hold some of its own. */
const TRIED = [[0], [-1, 0], [0, 1]]
const MOST_REPEATED = 4

const packedBytes = (value: unknown): number => {
  if (value instanceof Uint8Array) return value.byteLength
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, one) => sum + packedBytes(one), 0)
}

const placeName = ({ pk, sk }: Key): string => `${pk} ${sk}`
const differentKeys = (keys: Key[]): Key[] => [...new Map(keys.map(key => [placeName(key), key])).values()]
const repeatedKeys = (item: Item): Key[] => (item.repeats as Key[] | undefined) ?? []

export type ServerLists = ReturnType<typeof serverLists>

export function serverLists(table: Table, keeping: Keeping) {
  /** The whole lists that those of an earlier run are or repeat, if all outlast what expires then. */
  async function listsToRepeat(keys: Key[], expiresAt: number): Promise<Item[]> {
    const seen = await table.items(keys)
    const isWhole = (item: Item) => repeatedKeys(item).length === 0
    const wanted = differentKeys(seen.flatMap(item => (isWhole(item) ? [item] : repeatedKeys(item))))
    const missing = wanted.filter(key => !seen.some(item => placeName(item) === placeName(key)))
    const found = [...seen.filter(isWhole), ...(missing.length > 0 ? await table.items(missing) : [])]
    const all = wanted.flatMap(key => found.find(item => placeName(item) === placeName(key)) ?? [])
    const lasts = expiresAt + DELETION_DAYS * 86_400
    const isEnough = seen.length === keys.length && all.length <= MOST_REPEATED
    return isEnough && all.every(item => Number(item.expiresAt) >= lasts) ? all : []
  }

  async function packedRepeated(
    members: SeenTarget[],
    { keys, mostBytes }: { keys: Key[]; mostBytes: number },
  ): Promise<object | null> {
    const expiry = expiryAttribute(keeping)
    const before = await listsToRepeat(keys, expiry.expiresAt)
    if (before.length === 0) return null
    const repeated = packRepeated(members, before as unknown as WholeList[])
    const repeats = before.map(({ pk, sk }) => ({ pk, sk }))
    return packedBytes(repeated) <= mostBytes ? { ...expiry, repeats, ...repeated } : null
  }

  return {
    /** What the list of a number is kept as; `earlier`: the lists of its sort of an earlier run. */
    async listFields(
      members: SeenTarget[],
      number: number,
      earlier: () => Promise<ListKey | null>,
    ): Promise<object> {
      const whole = packWhole(members)
      const bytes = packedBytes(whole)
      if (bytes <= SMALL_BYTES) return { ...expiryAttribute(keeping), ...whole }
      const keyOf = await earlier()
      const tried = keyOf ? TRIED.map(steps => steps.map(step => number + step)) : []
      for (const numbers of tried.filter(some => some.every(one => one >= 0))) {
        const keys = numbers.map(one => keyOf!(one))
        const repeated = await packedRepeated(members, { keys, mostBytes: bytes * WORTH_SHARE })
        if (repeated) return repeated
      }
      const { retentionDays } = keeping
      const days = retentionDays + Math.min(MAX_REPEATED_DAYS, retentionDays) + DELETION_DAYS
      return { ...expiryAttribute({ ...keeping, retentionDays: days }), ...whole }
    },

    /** The whole lists that these repeat, for reading them. */
    async repeatedBy(items: Item[]): Promise<Item[]> {
      const keys = differentKeys(items.flatMap(repeatedKeys))
      return keys.length > 0 ? table.items(keys) : []
    },
  }
}

/** The lists of a sort of an earlier run. */
export const earlierLists =
  (earlier: EarlierRun, keyOf: (id: ChunkId) => Key) => async (): Promise<ListKey | null> => {
    const run = await earlier()
    return run && (number => keyOf({ runId: run.id, planning: run.planning, number }))
  }

/** What a list repeats, in order; `null`: it is whole. */
function repeatedLists(item: Item, repeated: Item[]): WholeList[] | null {
  const keys = repeatedKeys(item)
  if (keys.length === 0) return null
  const found = keys.flatMap(key => repeated.find(other => placeName(other) === placeName(key)) ?? [])
  if (found.length < keys.length)
    throw new Error(`${placeName(item)} repeats a list that is not there: its item is damaged`)
  return found as unknown as WholeList[]
}

/** The servers of a list; `repeated`: what `repeatedBy` found. */
export function listedMembers(item: Item, repeated: Item[]): Member[] {
  const earlier = repeatedLists(item, repeated)
  return earlier
    ? repeatedMembers(item as unknown as RepeatedList, earlier)
    : wholeMembers(item as unknown as WholeList)
}

/** The facts of each, as far as they are known. */
export function listedFacts(item: Item, repeated: Item[]): Map<number, Facts> {
  const earlier = repeatedLists(item, repeated)
  const facts = earlier
    ? repeatedFacts(item as unknown as RepeatedList, earlier)
    : wholeFacts(item as unknown as WholeList)
  return new Map(facts.flatMap((one, place) => (one === undefined ? [] : [[place, one] as const])))
}
