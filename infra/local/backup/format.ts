/**
 * A backup: lines of JSON, gzipped. First what it is, then the rows of the table's items, last how many those are.
 * Indexes follow from the items; queues only speed up what the table says.
 */
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
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
  /** Throw `Problem` once it shows that they are not all. */
  rows: AsyncIterable<Row>
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof z.ZodError)) return cause instanceof Error ? cause.message : String(cause)
  const [issue] = cause.issues
  return [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')
}

function unreadable(cause: unknown, file: string): Problem {
  const [reason = ''] = reasonOf(cause).split('\n')
  return new Problem(
    `${file}: expected a whole backup of this version or an older one, and it cannot be read (${reason})`,
    { cause },
  )
}

/** A backup may be longer than any string. */
async function* unzippedLines(bytes: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const text of pipeline(bytes, createGunzip().setEncoding('utf8'), () => undefined)) {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== '') yield rest
}

async function* countedRows(lines: AsyncIterable<string>): AsyncGenerator<Row> {
  let count = 0
  let last = ''
  for await (const line of lines) {
    if (last !== '') yield Row.parse(JSON.parse(last))
    if (last !== '') count += 1
    last = line
  }
  const { rows } = Trailer.parse(JSON.parse(last))
  if (rows !== count) throw new Error(`expected ${rows} rows, got ${count}`)
}

async function* orProblem(rows: AsyncIterable<Row>, file: string): AsyncGenerator<Row> {
  try {
    yield* rows
  } catch (cause) {
    throw unreadable(cause, file)
  }
}

/** A backup, its rows as they are asked for; the file names it in errors. Throws `Problem` for what is none. */
export async function readBackup(bytes: Readable, file: string): Promise<Backup> {
  const lines = unzippedLines(bytes)
  try {
    const { value: first } = await lines.next()
    const { version, madeAt, state } = Header.parse(JSON.parse(first ?? ''))
    return { version, madeAt, state, rows: orProblem(countedRows(lines), file) }
  } catch (cause) {
    bytes.destroy()
    throw unreadable(cause, file)
  }
}
