/** Serves the console's files, and passes its requests on to Curfew with the rights of the person who started this. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { CONSOLE_PAGE, type ConsoleFiles, consoleFile } from '../lib/http/console-files.ts'
import about from '../package.json' with { type: 'json' }
import { authorize, NoCredentials, type Sent, type Variables } from './authorize.ts'

interface ConsoleServer {
  files: ConsoleFiles
  /** Where Curfew is. */
  upstream: URL
  env: Variables
  /** What each request to the API must bear. */
  token: string
}

interface Reply {
  status: number
  headers: Record<string, string>
  body: Uint8Array | string
}

/** The API's own limit is 256 KB; it says so itself up to here. */
const MAX_BODY_BYTES = 1024 * 1024
/** API Gateway gives up at 30 s. */
const PATIENCE_MS = 35_000
/** The headers of a request and of its answer that are passed on; no others may reach the other side. */
const PASSED_ON = ['accept', 'content-type', 'idempotency-key', 'if-match', 'if-none-match']
const PASSED_BACK = ['allow', 'cache-control', 'content-disposition', 'content-type', 'etag', 'retry-after']

function problem(status: number, detail: string): Reply {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', status, title: STATUS_CODES[status], detail }),
  }
}

/** Listens nowhere yet. */
export function createConsoleServer(parts: ConsoleServer): Server {
  return createServer((request, response) => {
    replyTo(request, parts)
      .catch(error => failure(error, parts))
      .then(reply => send(response, reply))
  })
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.destroyed) return
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-length': bytes.length,
  })
  response.end(bytes)
}

async function replyTo(request: IncomingMessage, parts: ConsoleServer): Promise<Reply> {
  const { url = '/', method = 'GET' } = request
  const refusal = foreignRefusal(request)
  if (refusal !== null) return refusal
  const [path = '/'] = url.split('?')
  if (path.startsWith('/v1/')) return tokenRefusal(request, parts) ?? passOn(request, parts)
  if (method !== 'GET') return problem(405, `expected GET, got ${method}`)
  if (path === '/docs') return passOn(request, parts)
  return fileReply(path, request, parts)
}

/** A page of another site reaches loopback ports, too: its Origin, or a name that it made lead here, gives it away. */
function foreignRefusal({ headers, socket }: IncomingMessage): Reply | null {
  const { host = '', origin = `http://${host}` } = headers
  const own = ['127.0.0.1', 'localhost'].map(name => `${name}:${socket.localPort}`)
  if (own.includes(host) && origin === `http://${host}`) return null
  return problem(
    403,
    `the console answers this machine alone: expected Host ${own[0]}, and no Origin of another site`,
  )
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function tokenRefusal(
  { headers: { authorization = '' } }: IncomingMessage,
  { token }: ConsoleServer,
): Reply | null {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
  if (timingSafeEqual(digest(given), digest(token))) return null
  const refusal = problem(401, 'expected the token of the link that `npx curfew console` printed')
  return { ...refusal, headers: { ...refusal.headers, 'www-authenticate': 'Bearer realm="curfew console"' } }
}

function fileReply(path: string, { headers }: IncomingMessage, { files }: ConsoleServer): Reply {
  if (path === '/console/settings.json')
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify({ version: about.version, issuer: null, clientId: null }),
    }
  const name = path === '/' ? CONSOLE_PAGE : path.replace(/^\/console\//, '')
  const found = consoleFile(files, { name, acceptEncoding: headers['accept-encoding'], issuer: null })
  return found === null
    ? problem(404, 'there is no such file of the console: load the page anew')
    : { status: 200, ...found }
}

const headersNamed = (names: string[], read: (name: string) => unknown): Record<string, string> =>
  Object.fromEntries(
    names.flatMap(name => {
      const value = read(name)
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )

/** The request as it goes to Curfew; `null` where its path leads out of the API. */
async function sentOf(request: IncomingMessage, { upstream }: ConsoleServer): Promise<Sent | null> {
  const { method = 'GET', url = '/', headers } = request
  // The origin stands before the path: no address within it can lead to another host.
  const target = new URL(`${upstream.origin}${url}`)
  if (!/^\/(v1\/|docs$)/.test(target.pathname) || target.origin !== upstream.origin) return null
  const body = await buffer(request)
  return {
    method,
    url: target,
    headers: headersNamed(PASSED_ON, name => headers[name]),
    ...(body.length === 0 ? {} : { body }),
  }
}

async function passOn(request: IncomingMessage, parts: ConsoleServer): Promise<Reply> {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > MAX_BODY_BYTES || 'transfer-encoding' in request.headers)
    return problem(413, `expected a body of at most ${MAX_BODY_BYTES} bytes, and its length`)
  const sent = await sentOf(request, parts)
  if (sent === null) return problem(404, 'there is no such path here')
  const headers = await authorize(sent, parts.env)
  const { method, url, body } = sent
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  return repliedBy(response, parts)
}

/** A refusal that only the person who started this can mend is told as such: the page would ask its reader for the token. */
async function repliedBy(response: Response, { upstream }: ConsoleServer): Promise<Reply> {
  const { status } = response
  const location = response.headers.get('location')
  if (location !== null)
    return problem(502, `${upstream.origin} answers that it is elsewhere: set CURFEW_URL to its own address`)
  if (status === 401)
    return problem(
      502,
      `${upstream.origin} refuses the token that is set here: set CURFEW_TOKEN, and start again`,
    )
  return {
    status,
    headers: headersNamed(PASSED_BACK, name => response.headers.get(name)),
    body: new Uint8Array(await response.arrayBuffer()),
  }
}

function failure(error: unknown, { upstream }: ConsoleServer): Reply {
  if (error instanceof NoCredentials) return problem(502, `${error.message}; then try again`)
  const isLate = error instanceof Error && error.name === 'TimeoutError'
  if (isLate) return problem(504, `${upstream.origin} did not answer in ${PATIENCE_MS / 1000} s: try again`)
  if (error instanceof TypeError)
    return problem(
      502,
      `nobody answers at ${upstream.origin} (CURFEW_URL): check that it runs and is reached`,
    )
  return problem(500, error instanceof Error ? error.message : String(error))
}
