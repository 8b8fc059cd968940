/** What DynamoDB charges (developer guide, "Read and write capacity" and "Item sizes and formats"): reads by 4 kB, writes by 1 kB. */

const READ_BYTES = 4096
const WRITE_BYTES = 1024

const text = (value: string): number => Buffer.byteLength(value)
/** Two digits a byte, and one more. */
const number = (value: number): number => Math.ceil(String(Math.abs(value)).replace('.', '').length / 2) + 1
const sum = (sizes: Iterable<number>): number => {
  let total = 0
  for (const size of sizes) total += size
  return total
}

/** Bytes of an attribute's value, as the document client has it. */
function valueSize(value: unknown): number {
  if (value === undefined) return 0
  if (value === null || typeof value === 'boolean') return 1
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return number(value)
  if (value instanceof Uint8Array) return value.byteLength
  if (value instanceof Set) return sum([...value].map(valueSize))
  if (Array.isArray(value)) return 3 + sum(value.map(one => 1 + valueSize(one)))
  return 3 + sum(fields(value as object).map(([name, one]) => 1 + text(name) + valueSize(one)))
}
const fields = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, one]) => one !== undefined)

/** Bytes of an item: names and values. */
export const itemSize = (item: object): number =>
  sum(fields(item).map(([name, value]) => text(name) + valueSize(value)))

export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_BYTES))
export const readUnits = (bytes: number, { consistent }: { consistent: boolean }): number =>
  Math.max(1, Math.ceil(bytes / READ_BYTES)) * (consistent ? 1 : 0.5)

export interface IndexKeys {
  hash: string
  range: string
}

/** Units of bringing an index of keys alone up to date: none where an item's keys stay, two where they move. */
export function indexUnits(
  { hash, range }: IndexKeys,
  before: Record<string, unknown> | undefined,
  after: Record<string, unknown> | undefined,
): number {
  const entry = (item: Record<string, unknown> | undefined) =>
    item?.[hash] === undefined || item[range] === undefined ? null : `${item[hash]} ${item[range]}`
  const old = entry(before)
  const now = entry(after)
  if (old === now) return 0
  return (old === null ? 0 : 1) + (now === null ? 0 : 1)
}
