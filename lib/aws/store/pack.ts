/** Lists of servers and their outcomes as small binary values: what is written costs by the kilobyte. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type * as z from 'zod'
import type { Member } from '../../core/model/chunk.ts'
import { Instant } from '../../core/model/model.ts'
import { Settled } from '../../core/model/outcome.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const packJson = (value: unknown): Buffer => deflateRawSync(JSON.stringify(value), { level: 6 })
export const unpackJson = (packed: Uint8Array): unknown => JSON.parse(inflateRawSync(packed).toString())

const uuidBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex')
function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export interface PackedMembers {
  /** 16 bytes for each id where all are UUIDs, else a packed list. */
  ids: Uint8Array
  uuids: boolean
  names: Uint8Array
}

export function packMembers(members: Member[]): PackedMembers {
  const uuids = members.every(({ id }) => UUID.test(id))
  const ids = uuids
    ? Buffer.concat(members.map(({ id }) => uuidBytes(id)))
    : packJson(members.map(({ id }) => id))
  return { ids, uuids, names: packJson(members.map(({ name }) => name)) }
}

export function unpackMembers({ ids, uuids, names }: PackedMembers): Member[] {
  const bytes = Buffer.from(ids)
  const texts = uuids
    ? Array.from({ length: bytes.length / 16 }, (_, i) => uuidText(bytes.subarray(i * 16, i * 16 + 16)))
    : (unpackJson(ids) as string[])
  const named = unpackJson(names) as string[]
  return texts.map((id, index) => ({ id, name: named[index] ?? '' }))
}

/** Most members of a chunk are alike: each different value is kept once, and a number for each member, -1 for none. */
function packKinds(values: readonly unknown[]): Uint8Array {
  const kinds = new Map<string, number>()
  const of = values.map(value => {
    if (value === undefined) return -1
    const text = JSON.stringify(value)
    if (!kinds.has(text)) kinds.set(text, kinds.size)
    return kinds.get(text)!
  })
  return packJson({ kinds: [...kinds.keys()].map(text => JSON.parse(text)), of })
}

/** Equal values are one object. */
function unpackKinds<T>(packed: Uint8Array, schema: z.ZodType<T>): Map<number, T> {
  const { kinds, of } = unpackJson(packed) as { kinds: unknown[]; of: number[] }
  const parsed = kinds.map(kind => schema.parse(kind))
  return new Map(of.flatMap((kind, member) => (kind < 0 ? [] : [[member, parsed[kind]!] as const])))
}

const byPlace = <T>(values: Map<number, T>, size: number): (T | undefined)[] =>
  Array.from({ length: size }, (_, member) => values.get(member))

export const packSettled = (settled: Map<number, Settled>, size: number): Uint8Array =>
  packKinds(byPlace(settled, size))
export const unpackSettled = (packed: Uint8Array): Map<number, Settled> => unpackKinds(packed, Settled)

export const packInstants = (instants: Map<number, string>, size: number): Uint8Array =>
  packKinds(byPlace(instants, size))
export const unpackInstants = (packed: Uint8Array): Map<number, string> => unpackKinds(packed, Instant)

/** Places in a list, as one bit each: a request of a thousand members takes 125 bytes. */
export function packPlaces(places: number[], size: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(size / 8))
  for (const place of places) bits[place >> 3]! |= 1 << (place & 7)
  return bits
}

export function unpackPlaces(bits: Uint8Array): number[] {
  const places: number[] = []
  for (let place = 0; place < bits.length * 8; place++)
    if ((bits[place >> 3]! >> (place & 7)) & 1) places.push(place)
  return places
}
