/** The HTTP API of this machine: hands requests to the function http as API Gateway does. */
import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda'
import * as z from 'zod'
import type { Caller } from '../../../lib/http/access/role.ts'
import { type Handlers, lambdaContext, type Trouble } from '../runner/lambda.ts'
import { functionSettings } from '../templates.ts'
import type { Authorizer } from './authorizer.ts'
import {
  foreignProblem,
  type GatewayAnswer,
  gatewayProblem,
  portProblem,
  refuseUnreadable,
} from './gateway-problems.ts'
import { LOCAL } from './keyring.ts'
import { createLinkLimit } from './link-limit.ts'
import { type LocalAnswer, type LocalRoute, localAnswer } from './local-routes.ts'
import { clientAddress, isForeignHere, urlHost } from './origin.ts'

export interface Gateway {
  url: string
  /** Takes no more requests and ends what is idle; answers under way are still given. */
  close(): Promise<void>
}

interface GatewayOptions {
  /** Absent: every request that reaches the port may do everything. */
  authorize?: Authorizer
  handler: Handlers['http']
  /** Where it listens, 127.0.0.1 unless said; port 0: a free one. */
  address?: string
  port: number
  /** Absent: it answers this machine alone. */
  publicUrl?: URL | null
  /** The address of a reverse proxy, which says who asks. */
  proxy?: string | null
  /** Routes of this machine alone, beside those of the function. */
  localRoutes?: LocalRoute[]
  trouble: Trouble
}

/** API Gateway's own limit; the function has a lower one, and answers for itself. */
const MAX_BODY_BYTES = 10 * 1024 * 1024
const LOOPBACK = '127.0.0.1'
/** Addresses that mean each of this machine's. */
const ANY = ['0.0.0.0', '::']

/**
 * An HTTP server that calls the function as API Gateway's HTTP API does, payload 2.0, the caller being whoever the
 * authorizer says, else `local`. Throws `Problem` when the port is taken or not allowed.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { address = LOOPBACK, publicUrl = null, proxy = null, localRoutes = [] } = options
  const { authorize = () => ({ caller: LOCAL }) } = options
  const settings = functionSettings().http
  const call = (event: Event) => options.handler(event, lambdaContext('http', settings))
  const limitLinks = createLinkLimit()
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    exchange(request, response, { call, authorize, limitLinks, publicUrl, proxy, localRoutes }).catch(
      error => {
        options.trouble('http', error)
        answer(response, gatewayProblem(500, 'something went wrong here; the terminal tells more'))
      },
    )
  })
  server.on('clientError', refuseUnreadable)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(portProblem(`port ${options.port} of ${address}`, error)))
    server.listen(options.port, address, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${urlHost(ANY.includes(address) ? LOOPBACK : address)}:${port}`,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>

const Answer = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})

interface Door {
  call: (event: Event) => Promise<unknown>
  authorize: Authorizer
  limitLinks: ReturnType<typeof createLinkLimit>
  publicUrl: URL | null
  proxy: string | null
  localRoutes: LocalRoute[]
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  { call, authorize, limitLinks, publicUrl, proxy, localRoutes }: Door,
): Promise<void> {
  if (isForeignHere(request, publicUrl)) return answer(response, foreignProblem(request.headers, publicUrl))
  const address = clientAddress(request, proxy)
  const tooMany = limitLinks(request, address)
  if (tooMany) return answer(response, tooMany)
  const admission = authorize(request, address)
  if ('refusal' in admission) return answer(response, admission.refusal)
  const local = localAnswer(localRoutes, request, admission.caller)
  if (local !== null) return giveLocal(response, await local)
  const body = await boundedBody(request)
  if (body === null) {
    response.setHeader('connection', 'close')
    return answer(
      response,
      gatewayProblem(413, `expected a body of at most ${MAX_BODY_BYTES} bytes, got more`),
    )
  }
  const event = httpEvent(request, { body, address, caller: admission.caller })
  answer(response, Answer.parse(await call(event)))
}

/** What is long is written as it comes; whoever has enough of it goes away. */
async function giveLocal(response: ServerResponse, given: LocalAnswer): Promise<void> {
  if (!('stream' in given)) return answer(response, given)
  response.writeHead(200, { 'content-type': given.contentType, 'cache-control': 'no-store' })
  await pipeline(given.stream, response).catch(error => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

async function boundedBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

interface Admitted {
  body: Buffer
  address: string
  caller: Caller
}

/** Format 2.0 (API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"). */
function httpEvent(request: IncomingMessage, { body, ...from }: Admitted): Event {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split(/\?(.*)/s)
  // The token is for this door alone.
  const { cookie, authorization: _, ...headers } = headersOf(request)
  const isText =
    isUtf8(body) &&
    /^(text\/|application\/(json|javascript|xml)\b|[^;]*\+(json|xml)\b)/i.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers,
    ...(rawQueryString === '' ? {} : { queryStringParameters: parameters(rawQueryString) }),
    requestContext: requestContext(request, rawPath, from),
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(',')] as const)
  return Object.fromEntries(entries)
}

/** One that is given more than once has its values joined by commas. */
function parameters(query: string): Record<string, string> {
  const search = new URLSearchParams(query)
  return Object.fromEntries([...new Set(search.keys())].map(name => [name, search.getAll(name).join(',')]))
}

function requestContext(
  request: IncomingMessage,
  path: string,
  { address, caller }: Omit<Admitted, 'body'>,
): Event['requestContext'] {
  const now = new Date()
  return {
    accountId: '000000000000',
    apiId: 'local',
    authorizer: { lambda: caller },
    domainName: request.headers.host ?? LOOPBACK,
    domainPrefix: 'local',
    http: {
      method: request.method ?? 'GET',
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: address,
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: randomUUID(),
    routeKey: '$default',
    stage: '$default',
    time: requestTime(now),
    timeEpoch: now.getTime(),
  }
}

/** `21/Nov/2026:12:00:00 +0000` */
function requestTime(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}

function answer(
  response: ServerResponse,
  { statusCode, headers, cookies, body, isBase64Encoded }: GatewayAnswer,
): void {
  if (response.headersSent || response.destroyed) return
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  response.setHeader('content-length', bytes.length)
  response.writeHead(statusCode)
  response.end(bytes)
}
