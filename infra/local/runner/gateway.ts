import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda'
import * as z from 'zod'
import { isForeign } from '../../simulator/foreign.ts'
import { Problem } from '../problem.ts'
import { functionSettings } from '../templates.ts'
import type { Authorizer } from './authorizer.ts'
import { foreignProblem, gatewayProblem, refuseUnreadable } from './gateway-problems.ts'
import { type Handlers, lambdaContext, type Trouble } from './lambda.ts'

export interface Gateway {
  url: string
  /** Takes no more requests and ends what is idle; answers under way are still given. */
  close(): Promise<void>
}

interface GatewayOptions {
  /** Absent: whoever reaches the port may do everything. */
  authorize?: Authorizer
  handler: Handlers['http']
  /** 0: a free one. */
  port: number
  trouble: Trouble
}

/** API Gateway's own limit; the function has a lower one, and answers for itself. */
const MAX_BODY_BYTES = 10 * 1024 * 1024
/** Who asks here: whoever sits at this machine. */
const ACTOR = 'local'

/**
 * An HTTP server on 127.0.0.1 that calls the function as API Gateway's HTTP API does, payload 2.0, the caller being
 * `local`. Throws `Problem` when the port is taken or not allowed.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { authorize = () => null } = options
  const settings = functionSettings().http
  const call = (event: Event) => options.handler(event, lambdaContext('http', settings))
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    exchange(request, response, { call, authorize }).catch(error => {
      options.trouble('http', error)
      answer(response, gatewayProblem(500, 'something went wrong here; the terminal tells more'))
    })
  })
  server.on('clientError', refuseUnreadable)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(portProblem(options.port, error)))
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

type Event = APIGatewayProxyEventV2WithIAMAuthorizer

const Answer = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})
type Answer = z.infer<typeof Answer>

interface Door {
  call: (event: Event) => Promise<unknown>
  authorize: Authorizer
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  { call, authorize }: Door,
): Promise<void> {
  if (isForeign(request.headers)) return answer(response, foreignProblem(request.headers))
  const refusal = authorize(request)
  if (refusal) return void response.writeHead(refusal.status, refusal.headers).end(refusal.body)
  const body = await boundedBody(request)
  if (body === null) {
    response.setHeader('connection', 'close')
    return answer(
      response,
      gatewayProblem(413, `expected a body of at most ${MAX_BODY_BYTES} bytes, got more`),
    )
  }
  answer(response, Answer.parse(await call(httpEvent(request, body))))
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

/** Format 2.0 (API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"). */
function httpEvent(request: IncomingMessage, body: Buffer): Event {
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
    requestContext: requestContext(request, rawPath),
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

function requestContext(request: IncomingMessage, path: string): Event['requestContext'] {
  const now = new Date()
  const iam = { accessKey: ACTOR, accountId: '000000000000', callerId: ACTOR, userArn: ACTOR, userId: ACTOR }
  return {
    accountId: '000000000000',
    apiId: ACTOR,
    authorizer: { iam: { ...iam, cognitoIdentity: null, principalOrgId: '' } },
    domainName: request.headers.host ?? '127.0.0.1',
    domainPrefix: ACTOR,
    http: {
      method: request.method ?? 'GET',
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: '127.0.0.1',
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
  { statusCode, headers, cookies, body, isBase64Encoded }: Answer,
): void {
  if (response.headersSent || response.destroyed) return
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  response.setHeader('content-length', bytes.length)
  response.writeHead(statusCode)
  response.end(bytes)
}

function portProblem(port: number, error: Error): Error {
  const code = 'code' in error ? error.code : ''
  const advice = 'Choose another with --port N, or a free one with --port 0.'
  if (code === 'EADDRINUSE')
    return new Problem(`Port ${port} of 127.0.0.1 is in use. ${advice}`, { cause: error })
  if (code === 'EACCES')
    return new Problem(`This user may not listen on port ${port} of 127.0.0.1. ${advice}`, { cause: error })
  return error
}
