/** Packs files into archives that are the same on every machine. */
import { zipSync } from 'fflate'

/** One file of an archive; `name` is its path within, with forward slashes. */
export interface ZipEntry {
  name: string
  bytes: Uint8Array
}

const UNIX = 3
// A plain file all may read: Lambda runs the code as another user than the one that unpacks it.
const READABLE_FILE = 0o100644 * 2 ** 16
// The format's first day, in local time as the format has it. A real date would make every build another archive.
const FIRST_DAY = new Date(1980, 0, 1)

/** An archive of these files. The same files give the same bytes, on any day and machine. */
export function zip(entries: ZipEntry[]): Uint8Array {
  const files = entries.map(({ name, bytes }) => [name, bytes])
  return zipSync(Object.fromEntries(files), { level: 9, mtime: FIRST_DAY, os: UNIX, attrs: READABLE_FILE })
}
