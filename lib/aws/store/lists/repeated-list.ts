/**
 * Packs a list of servers as what it repeats of earlier lists, and the rest: a policy's servers are mostly those of the night before,
 * and an id alone takes 16 bytes.
 */
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Member } from '../../../core/model/chunk.ts'
import type { Facts, SeenTarget } from '../../../core/plan/facts.ts'
import { type PackedMembers, packMembers, unpackMembers } from '../pack.ts'
import { packFacts, unpackFacts } from '../savings/pack-facts.ts'

/** A list that repeats none. */
export interface WholeList extends PackedMembers {
  facts?: Uint8Array
}

export interface RepeatedList {
  /**
   * For each server how many earlier servers are passed over before it, in a byte; `FAR`: so many, and more in the next byte; `OWN`:
   * it is the next one of `own`.
   */
  steps: Uint8Array
  /** The servers that are not repeated. */
  own: WholeList
  /** Of all ids, so that no other servers are named where the earlier lists are not those it was made of. */
  checksum: Uint8Array
  /** The facts of all servers, where those of the earlier lists do not hold. */
  facts?: Uint8Array
}

const OWN = 255
const FAR = 254

export const packWhole = (members: SeenTarget[]): WholeList => ({
  ...packMembers(members),
  ...packFacts(members),
})

/** By the place of each server. */
type FactsByPlace = (Facts | undefined)[]

const factsIn = ({ facts }: { facts?: Uint8Array }, size: number): FactsByPlace => {
  const found = facts && unpackFacts(facts, size)
  return Array.from({ length: size }, (_, place) => found?.get(place))
}
export const wholeFacts = (list: WholeList): FactsByPlace => factsIn(list, unpackMembers(list).length)

const CHECKSUM_BYTES = 8
const checksumOf = (members: Member[]): Uint8Array =>
  createHash('sha256')
    .update(members.map(({ id }) => id).join(' '))
    .digest()
    .subarray(0, CHECKSUM_BYTES)

const stepBytes = (step: number): number[] => [...Array(Math.floor(step / FAR)).fill(FAR), step % FAR]

export function packRepeated(members: SeenTarget[], earlier: WholeList[]): RepeatedList {
  // When a server changed last differs from run to run: such facts are never repeated.
  const hasOwnFacts = members.some(({ facts }) => facts?.changedAt !== undefined)
  const before = earlier.flatMap(unpackMembers)
  const factsBefore = earlier.flatMap(wholeFacts)
  const places = new Map(before.map(({ id }, place) => [id, place]))
  // As they are once kept, to be compared with those that were.
  const facts = factsIn(packFacts(members), members.length)
  const isSame = (member: number, place: number): boolean =>
    before[place]!.name === members[member]!.name &&
    (hasOwnFacts || isDeepStrictEqual(factsBefore[place] ?? {}, facts[member] ?? {}))
  const own: SeenTarget[] = []
  let next = 0
  const steps = members.flatMap((member, index) => {
    const place = places.get(member.id) ?? -1
    if (place < next || !isSame(index, place)) {
      own.push(member)
      return [OWN]
    }
    const step = place - next
    next = place + 1
    return stepBytes(step)
  })
  return {
    steps: deflateRawSync(Uint8Array.from(steps)),
    own: hasOwnFacts ? packMembers(own) : packWhole(own),
    checksum: checksumOf(members),
    ...(hasOwnFacts ? packFacts(members) : {}),
  }
}

/** Puts what is of the earlier servers, and what is of its own ones, in the order of the list. */
function inOrder<T>(steps: Uint8Array, { earlier, own }: Record<'earlier' | 'own', T[]>): T[] {
  const all: T[] = []
  let next = 0
  let nextOwn = 0
  for (const step of inflateRawSync(steps)) {
    if (step === OWN) {
      all.push(own[nextOwn++]!)
      continue
    }
    next += step
    if (step !== FAR) all.push(earlier[next++]!)
  }
  return all
}

/** The servers of a list that repeats others. Throws where these are not those it was made of. */
export function repeatedMembers({ steps, own, checksum }: RepeatedList, earlier: WholeList[]): Member[] {
  const members = inOrder(steps, { earlier: earlier.flatMap(unpackMembers), own: unpackMembers(own) })
  const isSame = members.every(Boolean) && Buffer.compare(checksumOf(members), checksum) === 0
  if (!isSame) throw new Error('a list of servers repeats another than it was made of: its item is damaged')
  return members
}

export function repeatedFacts(list: RepeatedList, earlier: WholeList[]): FactsByPlace {
  const { steps, own, facts } = list
  const found = inOrder(steps, { earlier: earlier.flatMap(wholeFacts), own: wholeFacts(own) })
  return facts === undefined ? found : factsIn({ facts }, found.length)
}
