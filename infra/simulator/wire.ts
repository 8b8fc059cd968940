/** The HTTP server of the simulated cloud. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Kind } from '../../lib/core/model/model.ts'
import { createFaults, type Outcome, underFault } from './faults.ts'
import { isForeign } from './foreign.ts'
import { type Answer, type Found, gatewayRefusal, type Request, type Route, routeOf } from './route.ts'
import { enter, type LedgerEntry } from './world/ledger.ts'
import type { Fault } from './world/switches/faults.ts'
import type { Switches } from './world/switches/switches.ts'

const MAX_BODY_BYTES = 12 * 1024 * 1024

/** As recorded from the real gateway. */
const HEADERS = {
  'Content-Type': 'application/json',
  Server: 'api-gateway',
  'Transfer-Encoding': 'chunked',
  'Strict-Transport-Security': 'max-age=31536000; includeSubdomains;',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Download-Options': 'noopen',
  'X-XSS-Protection': '1; mode=block;',
  Vary: 'Accept-Charset, Accept-Encoding, Accept-Language, Accept',
}

interface Wire {
  routes: readonly Route[]
  switches: Switches
  ledger: LedgerEntry[]
  /** The ledger forgets its oldest entries beyond so many. */
  mostEntries: number
  /** What is said of a path that no route has. */
  unrouted(request: Request): Answer
  /** The kind of a job, whose path does not tell. */
  kindOfJob(id: string): Kind | undefined
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part)
  return Buffer.concat(parts)
}

function requestFrom(message: IncomingMessage, body: Buffer, { separateHosts }: Switches): Request {
  const [path = '/', rawQuery = ''] = (message.url ?? '/').split(/\?(.*)/s)
  const isBmsHost = message.headers.host?.startsWith('localhost') === true
  return {
    method: message.method ?? 'GET',
    path,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: message.headers,
    body,
    service: separateHosts ? (isBmsHost ? 'bms' : 'ecs') : null,
    requestId: randomBytes(16).toString('hex'),
    now: Date.now(),
  }
}

function entryFrom(request: Request, found: Found | null): LedgerEntry {
  const { now, method, path, query, requestId } = request
  const names = [...new Set(query.keys())]
  const sent = found?.route.asks?.(request)
  return {
    at: now,
    method,
    path,
    query: Object.fromEntries(names.map(name => [name, query.getAll(name).join(',')])),
    status: 0,
    requestId,
    ...(sent === undefined ? {} : { sent }),
  }
}

function carryOut(request: Request, found: Found | null, { unrouted }: Wire): Answer {
  if (request.body.length > MAX_BODY_BYTES)
    return gatewayRefusal(413, 'APIGW.0201', 'Request entity too large')
  if (found === null) return unrouted(request)
  const { route, params } = found
  return route.guard(request, params, route) ?? route.answer(request, params)
}

/** Gateway refusals carry the request id in their body. */
function textOf({ body }: Answer, requestId: string): string {
  if (body === undefined) return ''
  if (typeof body === 'string') return body
  const isGateway = typeof body === 'object' && body !== null && 'error_msg' in body
  return JSON.stringify(isGateway ? { ...body, request_id: requestId } : body)
}

/** What a server sends of itself, where no gateway stands before it. */
const bareHeaders = ({ status, headers }: Answer, date: string, text: string): Record<string, string> => ({
  ...headers,
  Date: date,
  ...(status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) }),
})

function headersOf(
  answer: Answer,
  request: Request,
  { switches, text }: { switches: Switches; text: string },
): Record<string, string> {
  const { status, code, headers } = answer
  const date = new Date(request.now + switches.clockSkewSeconds * 1000).toUTCString()
  if (answer.bare) return bareHeaders(answer, date, text)
  const isThrottling = status === 429 || status === 503 || code === 'Common.0024'
  const wait = switches.retryAfterSeconds
  return {
    ...HEADERS,
    Date: date,
    'X-Request-Id': request.requestId,
    ...(isThrottling && wait !== null ? { 'Retry-After': String(wait) } : {}),
    ...headers,
  }
}

function send(
  response: ServerResponse,
  request: Request,
  { outcome, switches }: { outcome: Outcome; switches: Switches },
): void {
  if (outcome.kind === 'silence') return
  if (outcome.kind === 'cut') {
    response.socket?.resetAndDestroy()
    return
  }
  const { answer } = outcome
  const whole = textOf(answer, request.requestId)
  const text = outcome.kind === 'half' ? whole.slice(0, whole.length >> 1) : whole
  response.writeHead(answer.status, headersOf(answer, request, { switches, text }))
  response.end(text)
}

function complete(
  entry: LedgerEntry,
  result: { outcome: Outcome; jobId?: string },
  fault: Fault | null,
): void {
  const { outcome } = result
  const answer = outcome.kind === 'answer' || outcome.kind === 'half' ? outcome.answer : undefined
  const jobId = result.jobId ?? answer?.jobId
  if (answer !== undefined) entry.status = answer.status
  if (answer?.code !== undefined) entry.code = answer.code
  if (jobId !== undefined) entry.jobId = jobId
  if (fault !== null) entry.fault = fault.kind
}

/** The simulated cloud's HTTP: each request is done at once and entered in the ledger, then answered as the switches say. */
export function createWire(wire: Wire): Server {
  const { routes, switches, ledger, mostEntries, kindOfJob } = wire
  const faultFor = createFaults(switches)

  function faultOf(found: Found | null): Fault | null {
    if (found === null) return null
    const { name, kind } = found.route
    return faultFor({ route: name, kind: kind ?? kindOfJob(found.params.id ?? '') })
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = requestFrom(message, await bodyOf(message), switches)
    const found = routeOf(routes, request)
    const entry = entryFrom(request, found)
    enter(ledger, entry, mostEntries)
    const fault = faultOf(found)
    const result = underFault(fault, () => carryOut(request, found, wire))
    complete(entry, result, fault)
    const deliver = () => send(response, request, { outcome: result.outcome, switches })
    if (switches.latencyMs <= 0) return deliver()
    const timer = setTimeout(deliver, switches.latencyMs)
    response.once('close', () => clearTimeout(timer))
  }

  const server = createServer((message, response) => {
    if (isForeign(message.headers)) return void response.writeHead(403, { connection: 'close' }).end()
    serve(message, response).catch(error => {
      // A caller that hung up while it was sending; everything else is a fault of ours and has to be loud.
      if (!message.errored) throw error
    })
  })
  server.keepAliveTimeout = 65_000
  return server
}
