/** `api METHOD PATH [BODY]`: any request, for what has no command of its own. */
import { Argument, type Command } from 'commander'
import { CalledWrongly, curfewUrl } from '../authorize.ts'
import type { Terminal } from '../screen/terminal.ts'
import { send } from '../send.ts'
import { action, type ExitCode, type Session } from '../session.ts'

const METHODS = ['GET', 'PUT', 'POST', 'DELETE'] as const
interface Typed {
  method: (typeof METHODS)[number]
  path: string
  /** JSON. */
  body: string | undefined
}

export function addAnyRequest(program: Command, session: Session): void {
  program
    .command('api')
    .addArgument(new Argument('<method>', 'of the request').choices(METHODS))
    .argument('<path>', 'such as /v1/runs?bad=true')
    .argument('[body]', 'JSON, where the request has one')
    .description('any request to the API, and its answer: for what has no command of its own')
    .action(
      action(session, (method: Typed['method'], path: string, body?: string) =>
        askAnything({ method, path, body }, session.terminal),
      ),
    )
}

async function askAnything({ method, path, body }: Typed, terminal: Terminal): Promise<ExitCode> {
  const url = apiAddress(path, curfewUrl(terminal.env))
  if (body !== undefined) refuseOtherThanJson(body)
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const answer = await send({ method, url, headers, ...(body === undefined ? {} : { body }) }, terminal)
  if (answer !== null) terminal.print(JSON.stringify(answer, null, 2))
  return 0
}

/** A path of Curfew alone: the request bears a token, and `//elsewhere` would send it to another host. */
function apiAddress(path: string, base: URL): URL {
  const url = path.startsWith('/') ? URL.parse(path, base.href) : null
  if (url?.origin === base.origin) return url
  throw new CalledWrongly(`expected a path, such as /v1/runs, got "${path}"`)
}

function refuseOtherThanJson(body: string): void {
  try {
    JSON.parse(body)
  } catch (cause) {
    throw new CalledWrongly(`expected a body of JSON, got "${body.slice(0, 80)}"`, { cause })
  }
}
