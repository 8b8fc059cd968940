/** Whose tokens open the door: the one of the data folder, or those of a file of tokens. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Caller } from '../../../lib/http/access/role.ts'
import { readTokenLines, type TokenLine, tokenDigest } from '../../../lib/http/access/token-file.ts'
import { isSameSecret } from '../emulators/signature.ts'
import { Problem } from '../problem.ts'
import type { Token } from './token.ts'

export interface Keyring {
  /** The holder of a token; `null`: there is none. */
  holderOf(token: string): Caller | null
  /** What a request is expected to bear, as refusals say it. */
  expected: string
  /** Whether wrong tries are counted: where requests come from elsewhere, tokens may be guessed. */
  isLimited: boolean
}

/** The one that sits at this machine. */
export const LOCAL: Caller = { actor: 'local', role: 'admin' }

export const folderKeyring = ({ value, file }: Token): Keyring => ({
  holderOf: token => (isSameSecret(token, value) ? LOCAL : null),
  expected: `the token that lies in ${file}`,
  isLimited: false,
})

export interface TokenFile extends Keyring {
  path: string
  /** What this process itself bears: it lives in memory, and ends with it. */
  own: string
  /** How many tokens count now. */
  count(): number
}

interface TokenFileOptions {
  path: string
  /** Told of each state of the file that has something wrong in it, once. */
  complain: (text: string) => void
}

/** A file of this size is none of tokens. */
const MAX_BYTES = 1024 * 1024
const EXPECTED = 'a token that this Curfew was given (npx curfew token NAME --role ROLE)'

interface Contents {
  lines: TokenLine[]
  problems: string[]
}

/** Throws an error that says why the file lets nobody in. */
function contentsOf(path: string): Contents {
  const { mode, size } = statSync(path)
  if (mode & 0o022) throw new Error('others than its owner may write to it: chmod go-w it')
  if (size > MAX_BYTES) throw new Error(`expected at most ${MAX_BYTES} bytes, got ${size}`)
  return readTokenLines(readFileSync(path, 'utf8'))
}

const failureOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** No token of a file that cannot be read counts. */
function currentContents(path: string): Contents {
  try {
    return contentsOf(path)
  } catch (error) {
    return { lines: [], problems: [`it lets nobody in: ${failureOf(error)}`] }
  }
}

/**
 * The tokens of a file, which is read at each request: a line counts from the moment it is there, and no longer. A
 * line that is wrong lets nobody in and is told; the others count. Throws `Problem` where the file cannot be used now.
 */
export function openTokenFile({ path, complain }: TokenFileOptions): TokenFile {
  refuseUnusable(path)
  const own = randomBytes(32).toString('base64url')
  let told = ''
  const current = (): TokenLine[] => {
    const { lines, problems } = currentContents(path)
    const text = problems.map(problem => `${path}: ${problem}\n`).join('')
    if (text !== told && text !== '') complain(text)
    told = text
    return lines
  }
  return {
    path,
    own,
    expected: EXPECTED,
    isLimited: true,
    count: () => current().length,
    holderOf: token => (isSameSecret(token, own) ? LOCAL : holderAmong(current(), token)),
  }
}

function refuseUnusable(path: string): void {
  try {
    contentsOf(path)
  } catch (cause) {
    throw new Problem(
      `--tokens: expected a file of tokens, and ${path} cannot be used: ${failureOf(cause)}. ` +
        `To make one: npx curfew token NAME --role admin --tokens ${path}`,
      { exitCode: 2, cause },
    )
  }
}

/** Each line is compared, and each in the same time: how long it takes tells nothing about any of them. */
function holderAmong(lines: TokenLine[], token: string): Caller | null {
  const given = Buffer.from(tokenDigest(token), 'hex')
  const [held] = lines.filter(({ digest }) => timingSafeEqual(Buffer.from(digest, 'hex'), given))
  return held === undefined ? null : { actor: held.name, role: held.role }
}
