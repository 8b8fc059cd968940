import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Node's own, kept by whichever process asks for it. */
const NOT_OURS = ['node-compile-cache']

/**
 * Gives a run of the tests a temporary folder of its own, for every process of it. Gone with the run; fails it where
 * a test left something in there.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-test-'))
  process.env.TMPDIR = folder
  return () => {
    const left = readdirSync(folder).filter(name => !NOT_OURS.includes(name))
    rmSync(folder, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`Tests left these in the temporary folder: ${left.join(', ')}`)
  }
}
