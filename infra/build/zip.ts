import { crc32, deflateRawSync } from 'node:zlib'

/** One file of an archive; `name` is its path within, with forward slashes. */
interface ZipEntry {
  name: string
  bytes: Uint8Array
}

const VERSION = 20
const MADE_ON_UNIX = (3 << 8) | VERSION
const NAMES_ARE_UTF8 = 1 << 11
const DEFLATED = 8
// The format's first day. A real date would make every build of the same code another archive.
const MIDNIGHT = 0
const FIRST_JANUARY_1980 = (1 << 5) | 1
// A plain file all may read: Lambda runs the code as another user than the one that unpacks it.
const READABLE_FILE = 0o100644 * 2 ** 16

const little =
  (size: 2 | 4) =>
  (value: number): Buffer => {
    const bytes = Buffer.alloc(size)
    bytes.writeUIntLE(value, 0, size)
    return bytes
  }
const u16 = little(2)
const u32 = little(4)

function packed({ name, bytes }: ZipEntry) {
  const path = Buffer.from(name)
  const data = deflateRawSync(bytes, { level: 9 })
  const facts = Buffer.concat([
    ...[VERSION, NAMES_ARE_UTF8, DEFLATED, MIDNIGHT, FIRST_JANUARY_1980].map(u16),
    ...[crc32(bytes), data.length, bytes.length].map(u32),
    u16(path.length),
    u16(0),
  ])
  return { path, data, facts }
}

function directoryEntry({ path, facts }: ReturnType<typeof packed>, offset: number): Buffer {
  const noCommentFirstDiskBinary = [0, 0, 0].map(u16)
  return Buffer.concat([
    u32(0x02014b50),
    u16(MADE_ON_UNIX),
    facts,
    ...noCommentFirstDiskBinary,
    u32(READABLE_FILE),
    u32(offset),
    path,
  ])
}

function directoryEnd({ count, size, offset }: { count: number; size: number; offset: number }): Buffer {
  return Buffer.concat([u32(0x06054b50), ...[0, 0, count, count].map(u16), u32(size), u32(offset), u16(0)])
}

/** An archive of these files, in this order. The same files give the same bytes, on any day and machine. */
export function zip(entries: ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries.map(packed)) {
    const local = Buffer.concat([u32(0x04034b50), entry.facts, entry.path, entry.data])
    locals.push(local)
    directory.push(directoryEntry(entry, offset))
    offset += local.length
  }
  const listing = Buffer.concat(directory)
  return Buffer.concat([
    ...locals,
    listing,
    directoryEnd({ count: entries.length, size: listing.length, offset }),
  ])
}
