/** The facts of a chunk's targets, column by column: one byte for each target and field that is not the same for all of them. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as z from 'zod'
import { Facts, type SeenTarget } from '../../../core/plan/facts.ts'

/** Values of a field; a target has one of them by its number from 1, or none: 0. */
const Column = z.object({ name: z.string(), values: z.array(z.unknown()) })
type Column = z.infer<typeof Column>

/** What one byte tells apart beside none. A tag with more values groups nothing, and is not kept. */
const MAX_VALUES = 255
const TAG = 'tag:'
const LENGTH_BYTES = 4

const fieldsOfFacts = ({ tags = {}, ...facts }: Facts): [string, unknown][] => [
  ...Object.entries(facts),
  ...Object.entries(tags).map(([key, values]): [string, unknown] => [`${TAG}${key}`, values]),
]

interface Numbered {
  numbers: Map<string, number>
  of: Uint8Array
}

function numberColumns(targets: SeenTarget[]): Map<string, Numbered> {
  const columns = new Map<string, Numbered>()
  for (const [place, { facts = {} }] of targets.entries())
    for (const [name, value] of fieldsOfFacts(facts)) {
      if (value === undefined) continue
      const column = columns.get(name) ?? { numbers: new Map(), of: new Uint8Array(targets.length) }
      columns.set(name, column)
      const text = JSON.stringify(value)
      const number = column.numbers.get(text) ?? column.numbers.size + 1
      column.numbers.set(text, number)
      column.of[place] = number
    }
  return columns
}

/** Nothing where nothing is known of any. */
export function packFacts(targets: SeenTarget[]): { facts?: Uint8Array } {
  const columns = [...numberColumns(targets)].filter(([, { numbers }]) => numbers.size <= MAX_VALUES)
  if (columns.length === 0) return {}
  const head: Column[] = columns.map(([name, { numbers }]) => ({
    name,
    values: [...numbers.keys()].map(text => JSON.parse(text)),
  }))
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(text.length)
  return { facts: deflateRawSync(Buffer.concat([length, text, ...columns.map(([, { of }]) => of)])) }
}

function factsAt(columns: Column[], numbers: Buffer[], place: number): Facts {
  const facts: Record<string, unknown> = {}
  const tags: [string, unknown][] = []
  for (const [column, { name, values }] of columns.entries()) {
    const number = numbers[column]![place]!
    if (number === 0) continue
    if (name.startsWith(TAG)) tags.push([name.slice(TAG.length), values[number - 1]])
    else facts[name] = values[number - 1]
  }
  return Facts.parse(tags.length > 0 ? { ...facts, tags: Object.fromEntries(tags) } : facts)
}

/** By the place of each of so many targets. */
export function unpackFacts(packed: Uint8Array, size: number): Map<number, Facts> {
  const bytes = inflateRawSync(packed)
  const end = LENGTH_BYTES + bytes.readUInt32BE(0)
  const columns = z.array(Column).parse(JSON.parse(bytes.subarray(LENGTH_BYTES, end).toString()))
  const numbers = columns.map((_, column) => bytes.subarray(end + column * size, end + (column + 1) * size))
  const known = new Map<string, Facts>()
  const places = Array.from({ length: size }, (_, place): [number, Facts] => {
    const key = numbers.map(of => of[place]).join(' ')
    const facts = known.get(key) ?? factsAt(columns, numbers, place)
    known.set(key, facts)
    return [place, facts]
  })
  return new Map(places)
}
