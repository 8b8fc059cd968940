/** The token in a data folder, for an installation of one person. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskProblem, Problem } from '../problem.ts'

/** Who holds it may do everything, as `local`. */
export interface Token {
  value: string
  file: string
}

const NAME = 'token'
const OWNER_ONLY = 0o600
const BYTES = 32
const USABLE = /^[\x21-\x7e]{20,}$/

/** The token of a data folder, made at its first start. Throws `Problem` that names the file, where it holds none. */
export function openToken(folder: string): Token {
  const file = join(folder, NAME)
  try {
    if (!existsSync(file)) writeToken(file)
    chmodSync(file, OWNER_ONLY)
    const value = readFileSync(file, 'utf8').trim()
    if (USABLE.test(value)) return { value, file }
  } catch (error) {
    throw diskProblem(error, folder) ?? error
  }
  throw new Problem(
    `${file} holds no token: expected at least 20 printable characters without spaces. Remove it, and the next start makes one.`,
  )
}

/** Renamed into place, so that a kill or a loss of power leaves the whole token or none. */
function writeToken(file: string): void {
  const value = randomBytes(BYTES).toString('base64url')
  writeFileSync(`${file}.new`, value, { mode: OWNER_ONLY, flush: true })
  renameSync(`${file}.new`, file)
}
