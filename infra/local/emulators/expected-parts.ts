/** Checks that the emulators' packages still have the private parts that are used here. */
import { createRequire } from 'node:module'
import { Problem } from '../problem.ts'

interface Expectation {
  package: 'dynalite' | 'fauxqs'
  /** The file of ours that uses these parts. */
  usedBy: string
}

const require = createRequire(import.meta.url)

/** An emulator whose private parts are not what we use: says what is missing and what to do. */
export function changedPackage(missing: string, expected: Expectation, cause?: unknown): Problem {
  const { version } = require(`../../../node_modules/${expected.package}/package.json`) as { version: string }
  return new Problem(
    [
      `Cannot start: the package ${expected.package} ${version} is not as Curfew uses it: ${missing}.`,
      `Install the version of package-lock.json with npm ci, or adapt ${expected.usedBy}.`,
    ].join(' '),
    { cause },
  )
}

/** Loads the parts. Throws `Problem` where a file of the package is not there any more. */
export async function loadParts<T>(load: () => Promise<T>, expected: Expectation): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw changedPackage(`${message}`, expected, error)
  }
}

/** Throws `Problem` that names every part which is not there. `parts`: what each is called, and whether it is there. */
export function requireParts(parts: Record<string, unknown>, expected: Expectation): void {
  const missing = Object.entries(parts).flatMap(([name, isThere]) => (isThere ? [] : [name]))
  if (missing.length > 0) throw changedPackage(`it has no ${missing.join(', no ')}`, expected)
}
