/** Keeps lists of servers: whole, or as what they repeat of earlier whole lists that outlast them. */
import type { Member } from '../../../core/model/chunk.ts'
import type { Run } from '../../../core/model/run.ts'
import type { Facts, SeenTarget } from '../../../core/plan/facts.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import type { ChunkId } from '../../keys.ts'
import type { Item, Key, Table } from '../../table.ts'
import { unpackMembers } from '../pack.ts'
import {
  packRepeated,
  packWhole,
  type RepeatedList,
  repeatedFacts,
  repeatedMembers,
  type WholeList,
  wholeFacts,
} from './repeated-list.ts'

/** Finds the run whose lists are likely to be repeated; called only where that may pay. */
export type EarlierRun = () => Promise<Pick<Run, 'id' | 'planning'> | null>

/** The lists of one sort and planning, by their numbers. */
type ListKey = (number: number) => Key

/** A list as small as this costs as much to look for as to write. */
const SMALL_BYTES = 1536
/** A list is kept as what it repeats where that takes at most this share of its bytes; else whole, for later ones to repeat. */
const WORTH_SHARE = 0.25
/** How much longer than its run a whole list is kept: for so long later lists may repeat it, then one is written whole again. */
const MAX_REPEATED_DAYS = 30
/** The table deletes expired items within some days, in no order: a list outlasts those that repeat it by this. */
const DELETION_DAYS = 3
/** Which earlier lists may be repeated: that of the same number, or its neighbours too, where servers before it came or went. */
const NEIGHBOURS = [[0], [-1, 0], [0, 1]]
const MAX_REPEATED_LISTS = 4

const packedBytes = (value: unknown): number => {
  if (value instanceof Uint8Array) return value.byteLength
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, one) => sum + packedBytes(one), 0)
}

const keyText = ({ pk, sk }: Key): string => `${pk} ${sk}`
const uniqueKeys = (keys: Key[]): Key[] => [...new Map(keys.map(key => [keyText(key), key])).values()]
const repeatedKeys = (item: Item): Key[] => (item.repeats as Key[] | undefined) ?? []

export type ServerLists = ReturnType<typeof serverLists>

export function serverLists(table: Table, keeping: Keeping) {
  /** The whole lists that some earlier lists are, or repeat; none unless each of them outlasts an item that expires then. */
  async function listsToRepeat(keys: Key[], expiresAt: number): Promise<Item[]> {
    const seen = await table.items(keys)
    const isWhole = (item: Item) => repeatedKeys(item).length === 0
    const wanted = uniqueKeys(seen.flatMap(item => (isWhole(item) ? [item] : repeatedKeys(item))))
    const missing = wanted.filter(key => !seen.some(item => keyText(item) === keyText(key)))
    const found = [...seen.filter(isWhole), ...(missing.length > 0 ? await table.items(missing) : [])]
    const all = wanted.flatMap(key => found.find(item => keyText(item) === keyText(key)) ?? [])
    const lasts = expiresAt + DELETION_DAYS * 86_400
    const isEnough = seen.length === keys.length && all.length <= MAX_REPEATED_LISTS
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
    /** The fields that keep the list of a number; `earlier`: where an earlier run keeps lists of its sort. */
    async listFields(
      members: SeenTarget[],
      number: number,
      earlier: () => Promise<ListKey | null>,
    ): Promise<object> {
      const whole = packWhole(members)
      const bytes = packedBytes(whole)
      if (bytes <= SMALL_BYTES) return { ...expiryAttribute(keeping), ...whole }
      const keyOf = await earlier()
      const tried = keyOf ? NEIGHBOURS.map(steps => steps.map(step => number + step)) : []
      for (const numbers of tried.filter(some => some.every(one => one >= 0))) {
        const keys = numbers.map(one => keyOf!(one))
        const repeated = await packedRepeated(members, { keys, mostBytes: bytes * WORTH_SHARE })
        if (repeated) return repeated
      }
      const { retentionDays } = keeping
      const days = retentionDays + Math.min(MAX_REPEATED_DAYS, retentionDays) + DELETION_DAYS
      return { ...expiryAttribute({ ...keeping, retentionDays: days }), ...whole }
    },

    /** Reads the whole lists that these repeat. */
    async repeatedBy(items: Item[]): Promise<Item[]> {
      const keys = uniqueKeys(items.flatMap(repeatedKeys))
      return keys.length > 0 ? table.items(keys) : []
    },
  }
}

/** Where an earlier run keeps lists of a sort; `null` where there is no such run. */
export const earlierLists =
  (earlier: EarlierRun, keyOf: (id: ChunkId) => Key) => async (): Promise<ListKey | null> => {
    const run = await earlier()
    return run && (number => keyOf({ runId: run.id, planning: run.planning, number }))
  }

/** The lists that a list repeats, in order; `null`: it is whole. */
function repeatedLists(item: Item, repeated: Item[]): WholeList[] | null {
  const keys = repeatedKeys(item)
  if (keys.length === 0) return null
  const found = keys.flatMap(key => repeated.find(other => keyText(other) === keyText(key)) ?? [])
  if (found.length < keys.length)
    throw new Error(`${keyText(item)} repeats a list that is not there: its item is damaged`)
  return found as unknown as WholeList[]
}

/** The servers of a list; `repeated`: what `repeatedBy` found. */
export function listedMembers(item: Item, repeated: Item[]): Member[] {
  const earlier = repeatedLists(item, repeated)
  return earlier
    ? repeatedMembers(item as unknown as RepeatedList, earlier)
    : unpackMembers(item as unknown as WholeList)
}

/** The facts of its servers by their places, as far as they are known. */
export function listedFacts(item: Item, repeated: Item[]): Map<number, Facts> {
  const earlier = repeatedLists(item, repeated)
  const facts = earlier
    ? repeatedFacts(item as unknown as RepeatedList, earlier)
    : wholeFacts(item as unknown as WholeList)
  return new Map(facts.flatMap((one, place) => (one === undefined ? [] : [[place, one] as const])))
}
