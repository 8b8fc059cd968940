/** What several test files need and none changes: made once for a run of the tests. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In the run's temporary folder, and gone with it. */
export const MADE_ONCE = 'made-once'

/** The text of this name, made by the file that asks first. Two that ask at once make the same. */
export async function madeOnce(name: string, make: () => Promise<string>): Promise<string> {
  const folder = join(tmpdir(), MADE_ONCE)
  const file = join(folder, encodeURIComponent(name))
  const found = await readFile(file, 'utf8').catch(() => null)
  if (found !== null) return found
  const made = await make()
  await mkdir(folder, { recursive: true })
  // Whole or not at all, whoever reads it meanwhile.
  await writeFile(`${file}.${process.pid}`, made)
  await rename(`${file}.${process.pid}`, file)
  return made
}
