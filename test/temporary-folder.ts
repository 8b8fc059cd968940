import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MADE_ONCE } from './once-a-run.ts'

/** Where Node keeps code that is compiled: hundreds of processes load the same packages. */
const COMPILED = 'node-compile-cache'
/** What processes and files of tests share. */
const FOR_THE_RUN = [COMPILED, MADE_ONCE]

/**
 * Gives a run of the tests a temporary folder of its own, for every process of it. Gone with the run; fails it where
 * a test left something in there.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-test-'))
  process.env.TMPDIR = folder
  process.env.NODE_COMPILE_CACHE ??= join(folder, COMPILED)
  return () => {
    const left = readdirSync(folder).filter(name => !FOR_THE_RUN.includes(name))
    rmSync(folder, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`Tests left these in the temporary folder: ${left.join(', ')}`)
  }
}
