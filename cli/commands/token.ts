/** `token NAME --role ROLE`: makes a token, and the line of it that a Curfew which listens keeps. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { ROLES, type Role } from '../../lib/http/access/role.ts'
import {
  nameProblem,
  readTokenLines,
  shownTokenLine,
  type TokenLine,
  tokenDigest,
} from '../../lib/http/access/token-file.ts'
import { CalledWrongly } from '../authorize.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type ExitCode, type Session } from '../session.ts'

interface TokenOptions {
  role: Role
  tokens?: string
}

/** So that one that is found somewhere is known for what it is. */
const PREFIX = 'curfew_'
const BYTES = 32

export function addToken(program: Command, session: Session): void {
  program
    .command('token')
    .argument('<name>', 'who will bear it: the name is written down with all that is done with it')
    .description('makes a token for a Curfew that listens with --tokens, and shows it once')
    .addOption(
      new Option('--role <role>', 'what one may do with it').choices(ROLES).makeOptionMandatory(true),
    )
    .option('--tokens <file>', 'adds its line to this file, which need not be there yet')
    .action(
      action(session, async (name: string, options: TokenOptions) =>
        makeToken(name, options, session.terminal),
      ),
    )
}

function makeToken(name: string, { role, tokens }: TokenOptions, terminal: Terminal): ExitCode {
  const problem = nameProblem(name)
  if (problem !== null) throw new CalledWrongly(`name: ${problem}`)
  const token = `${PREFIX}${randomBytes(BYTES).toString('base64url')}`
  const line = { name, role, digest: tokenDigest(token) }
  const advice = tokens === undefined ? adviceFor(line) : addLine(tokens, line)
  terminal.print(token)
  for (const one of advice) terminal.complain(one)
  return 0
}

const adviceFor = (line: TokenLine): string[] => [
  'It is shown this once. Its line for the file of --tokens:',
  shownTokenLine(line),
]

/** What the file holds; a file that is not there yet holds nothing. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Written at the end in one go: what others add meanwhile stays. */
function addLine(file: string, line: TokenLine): string[] {
  const before = textOf(file)
  const others = readTokenLines(before).lines.filter(({ name }) => name === line.name).length
  appendFileSync(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}${shownTokenLine(line)}\n`)
  const added = `It is shown this once. ${file} has its line now, and a Curfew that runs has heard of it.`
  if (others === 0) return [added]
  return [
    added,
    `${others} more of its lines ${others === 1 ? 'is' : 'are'} for ${line.name}: remove what is to be revoked.`,
  ]
}
