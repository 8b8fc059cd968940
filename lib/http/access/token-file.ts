/** The file of tokens: on each line a name, a role and the SHA-256 of a token; the tokens themselves are nowhere. */
import { createHash } from 'node:crypto'
import { quoteValue } from '../../core/documents/problem.ts'
import { ROLES, type Role } from './role.ts'

export interface TokenLine {
  /** The actor that is written down. */
  name: string
  role: Role
  /** SHA-256 of the token, in hexadecimal. */
  digest: string
}

interface TokenLines {
  lines: TokenLine[]
  /** What is wrong with the others, which open nothing. */
  problems: string[]
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
const DIGEST = /^[0-9a-f]{64}$/
/** Names that Curfew itself acts under. */
const TAKEN = ['local', 'nobody']
/** What is longer may be a token in the wrong place, which must not be shown. */
const MAX_TOLD_LENGTH = 24

const toldWord = (word: string): string =>
  word.length > MAX_TOLD_LENGTH ? `${word.length} characters` : quoteValue(word)

/** What is wrong with a name for the holder of a token; `null`: nothing. */
export function nameProblem(name: string): string | null {
  if (TAKEN.includes(name)) return `expected any name but ${TAKEN.join(' and ')}, got "${name}"`
  if (NAME.test(name)) return null
  return `expected 1 to 64 letters, digits, dots, dashes, @ and _, a letter or digit first, got ${toldWord(name)}`
}

export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('hex')

export const shownTokenLine = ({ name, role, digest }: TokenLine): string => `${name} ${role} ${digest}`

const isRole = (word: string): word is Role => (ROLES as readonly string[]).includes(word)

/** A line as it is meant, or what is wrong with it. */
function parseTokenLine(text: string): TokenLine | string {
  const words = text.split(/\s+/)
  if (words.length !== 3)
    return `expected a name, a role and a SHA-256, parted by spaces, got ${words.length} words`
  const [name = '', role = '', given = ''] = words
  const digest = given.toLowerCase()
  const wrongName = nameProblem(name)
  if (wrongName !== null) return `name: ${wrongName}`
  if (!isRole(role)) return `role: expected ${ROLES.join(', ')}, got ${toldWord(role)}`
  if (DIGEST.test(digest)) return { name, role, digest }
  return `SHA-256: expected 64 hexadecimal digits, got ${given.length} characters`
}

/** The tokens of a file. One that stands on several lines counts on none of them: which is meant is not clear. */
export function readTokenLines(text: string): TokenLines {
  const parsed = text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim()
    return trimmed === '' || trimmed.startsWith('#')
      ? []
      : [{ number: index + 1, read: parseTokenLine(trimmed) }]
  })
  const numbers = Map.groupBy(parsed, ({ read }) => (typeof read === 'string' ? null : read.digest))
  const lines: TokenLine[] = []
  const problems: string[] = []
  for (const { number, read } of parsed) {
    const same = typeof read === 'string' ? [] : numbers.get(read.digest)!
    if (typeof read === 'string') problems.push(`line ${number}: ${read}`)
    else if (same.length === 1) lines.push(read)
    else
      problems.push(
        `line ${number}: expected each token once, got it on lines ${same.map(one => one.number)}`,
      )
  }
  return { lines, problems }
}
