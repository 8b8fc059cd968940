/** `npx curfew console`: the console on this machine, for a Curfew elsewhere, with the rights of its user. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildConsole } from '../infra/build/console.ts'
import { type ConsoleFiles, readConsoleFiles } from '../lib/http/console-files.ts'
import {
  type Authorization,
  authorizationFor,
  awsCredentials,
  CalledWrongly,
  curfewUrl,
  type Variables,
} from './authorize.ts'
import { createConsoleServer } from './console-server.ts'

const USAGE = `Usage: npx curfew console [--port N]

Serves the console on 127.0.0.1 for the Curfew that CURFEW_URL names, until Ctrl-C, and prints the link to it. Requests
are signed with your AWS credentials, or bear the token in CURFEW_TOKEN. The link holds a token of its own: whoever has
it acts with your rights.
--port N   where it listens (default: a free port)`

interface Surroundings {
  env: Variables
  print: (text: string) => void
  complain: (text: string) => void
  /** Ends it. */
  ended: AbortSignal
}

/** `null`: help is asked for. */
function portOf(args: string[]): number | null {
  const options = { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  const { port = '0', help } = parsed(() => parseArgs({ args, options }).values)
  if (help) return null
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port)
  throw new CalledWrongly(`--port: expected a whole number from 0 to 65535, got "${port}"`)
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new CalledWrongly(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** The console as this clone has it; nothing of it stays on the disk. */
async function consoleFiles(): Promise<ConsoleFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-console-'))
  try {
    await buildConsole(folder)
    return await readConsoleFiles(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch(cause => {
    throw new Error(
      `port ${port} of 127.0.0.1 cannot be used (${cause.code}): choose another with --port N`,
      { cause },
    )
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const WITH_WHAT: Record<Authorization['kind'], string> = {
  iam: 'signed with your AWS credentials',
  token: 'with the token of Curfew that is set here',
  none: 'without any authorization',
}

/** Serves until it is ended; gives what the process exits with. */
export async function serveConsole(args: string[], surroundings: Surroundings): Promise<number> {
  const { print, complain } = surroundings
  try {
    const port = portOf(args)
    if (port === null) print(USAGE)
    else await serveUntilEnded(port, surroundings)
    return 0
  } catch (error) {
    const isWrong = error instanceof CalledWrongly
    complain(`${error instanceof Error ? error.message : error}${isWrong ? `\n\n${USAGE}` : ''}`)
    return isWrong ? 2 : 1
  }
}

async function serveUntilEnded(port: number, { env, print, ended }: Surroundings): Promise<void> {
  const upstream = curfewUrl(env)
  const { kind } = authorizationFor(upstream, env)
  if (kind === 'iam') await awsCredentials()
  const token = randomBytes(32).toString('base64url')
  const server = createConsoleServer({ files: await consoleFiles(), upstream, env, token })
  const address = await listen(server, port)
  print(
    `The console of ${upstream.origin}, ${WITH_WHAT[kind]}:\n\n  ${address}/#token=${token}\n\n` +
      'Whoever has this link acts with these rights. It ends with Ctrl-C.',
  )
  if (!ended.aborted) await once(ended, 'abort')
  server.closeAllConnections()
  server.close()
}
