/** Tells a whole backup from a torn one: a proxy may end an answer properly whose sender was cut off. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import * as z from 'zod'

/** The last line: how many rows stand between it and the first, which says what the file is. */
const Trailer = z.object({ rows: z.int() })
const LINES_BESIDE_ROWS = 2

export const tornBackup = (cause: unknown): Error =>
  new Error('expected a whole backup, and what came is torn or none: nothing was kept. Try again', { cause })

/** Throws for a file that is not a whole backup. */
export async function refuseTornBackup(file: string): Promise<void> {
  try {
    const { lines, last } = await readEnd(file)
    const { rows } = Trailer.parse(JSON.parse(last))
    const came = lines - LINES_BESIDE_ROWS
    if (came !== rows) throw new Error(`it has ${came} of ${rows} rows`)
  } catch (cause) {
    throw tornBackup(cause)
  }
}

/** A backup may be longer than any string. */
async function readEnd(file: string): Promise<{ lines: number; last: string }> {
  let lines = 0
  let last = ''
  let rest = ''
  const bytes = createReadStream(file)
  for await (const text of pipeline(bytes, createGunzip().setEncoding('utf8'), () => undefined)) {
    const parts = `${rest}${text}`.split('\n')
    rest = parts.pop()!
    lines += parts.length
    last = parts.at(-1) ?? last
  }
  return { lines, last }
}
