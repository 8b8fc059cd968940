/** What several test files need and none changes: made once for a run of the tests. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In the run's temporary folder, and gone with it. */
export const MADE_ONCE = 'made-once'

/** The folder of this name, filled by the file that asks first. Two that ask at once make the same. */
export async function madeOnce(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const all = join(tmpdir(), MADE_ONCE)
  const made = join(all, encodeURIComponent(name))
  if (existsSync(made)) return made
  await mkdir(all, { recursive: true })
  // Whole or not at all, for another that reads it meanwhile.
  const aside = await mkdtemp(`${made}-`)
  await fill(aside)
  try {
    await rename(aside, made)
  } catch (error) {
    // Another was quicker.
    if (!existsSync(made)) throw error
    await rm(aside, { recursive: true })
  }
  return made
}
