/**
 * A backup: lines of JSON, gzipped. First what it is, then the rows of the table's items, last how many those are.
 * Indexes follow from the items; queues only speed up what the table says.
 */
import { gunzipSync } from 'node:zlib'
import * as z from 'zod'
import about from '../../../package.json' with { type: 'json' }
import { type FolderState, State } from '../folder.ts'
import { Problem } from '../problem.ts'

/** One of the table's data files: its key, and what it holds. */
type Row = [key: string, value: unknown]

const FORMAT = 1
const Header = z.object({
  curfew: z.literal('backup'),
  format: z.literal(FORMAT),
  version: z.string(),
  madeAt: z.iso.datetime(),
  state: State,
})
const Row = z.tuple([z.string(), z.unknown()])
const Trailer = z.object({ rows: z.int() })

interface BackupOptions {
  rows: AsyncIterable<Row>
  state: FolderState
  madeAt: Date
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`

export async function* backupLines({ rows, state, madeAt }: BackupOptions): AsyncGenerator<string> {
  const { version } = about
  yield line({ curfew: 'backup', format: FORMAT, version, madeAt: madeAt.toISOString(), state })
  let count = 0
  for await (const row of rows) {
    count += 1
    yield line(row)
  }
  yield line({ rows: count })
}

interface Backup {
  version: string
  madeAt: string
  state: FolderState
  rows: Row[]
}

/** A backup whole; the file names it in errors. Throws `Problem` for what is none, or not all of one. */
export function readBackup(bytes: Buffer, file: string): Backup {
  try {
    const lines = gunzipSync(bytes).toString('utf8').trimEnd().split('\n')
    const { version, madeAt, state } = Header.parse(JSON.parse(lines.shift() ?? ''))
    const { rows: count } = Trailer.parse(JSON.parse(lines.pop() ?? ''))
    const rows = lines.map(one => Row.parse(JSON.parse(one)))
    if (count !== rows.length) throw new Error(`expected ${count} rows, got ${rows.length}`)
    return { version, madeAt, state, rows }
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw new Problem(
      `${file}: expected a whole backup of this version or an older one, and it cannot be read (${reason})`,
      { cause },
    )
  }
}
