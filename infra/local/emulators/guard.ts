/** An HTTP server in front of an emulator that takes signed requests alone. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LOCAL_AWS } from './local-aws.ts'
import { type Answer, addPart, removePart } from './own-clients.ts'
import { type Claim, isSameSecret, isSigned, readClaim } from './signature.ts'

interface GuardOptions {
  /** As the signature names it. */
  service: 'dynamodb' | 'sqs'
  /** What the names of its operations begin with; nothing else is passed on. */
  operations: string
  answer: Answer
}

interface GuardedServer {
  endpoint: string
  /** Takes no more requests, and waits for the answers to those that are under way. */
  close(): Promise<void>
}

/** The most that DynamoDB takes, and more than SQS does. */
const MAX_BODY_BYTES = 16 * 1024 * 1024
const REFUSAL = JSON.stringify({
  __type: 'AccessDeniedException',
  message: 'This is an inner part of Curfew: it answers its own process alone.',
})

/**
 * An HTTP server on a free port of 127.0.0.1 that answers the AWS clients of this process alone: everything but an
 * operation of the service, sent to this very address and signed with the key of `LOCAL_AWS`, gets a 403.
 */
export async function startGuarded(options: GuardOptions): Promise<GuardedServer> {
  let host = ''
  const underWay = new Set<Promise<unknown>>()
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    const tracking: Promise<unknown> = work.catch(() => undefined).finally(() => underWay.delete(tracking))
    underWay.add(tracking)
    return work
  }
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    void tracked(pass(request, response, { ...options, host }))
  })
  server.keepAliveTimeout = 0
  server.on('checkExpectation', (_, response) => refuse(response))
  // What is no HTTP has no response to write to.
  server.on('clientError', (_, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const endpoint = `http://${host}`
  addPart(endpoint, request => tracked(options.answer(request)))
  return {
    endpoint,
    close: async () => {
      removePart(endpoint)
      const closed = once(server, 'close')
      server.close()
      await Promise.all(underWay)
      server.closeAllConnections()
      await closed
    },
  }
}

type Passing = GuardOptions & { host: string }

async function pass(request: IncomingMessage, response: ServerResponse, passing: Passing): Promise<void> {
  const claim = claimOf(request, passing)
  if (claim === null) return refuse(response)
  const body = await readBody(request)
  const own = body !== null && isSigned(claim, { headers: request.headers, body }, LOCAL_AWS.credentials)
  if (!own) return refuse(response)
  const reply = await passing.answer({ headers: request.headers, body })
  response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body)
}

/** What can be judged before a byte of the body is read; `null` for a request that cannot be one of ours. */
function claimOf(request: IncomingMessage, { service, operations, host }: Passing): Claim | null {
  const { method, url, headers } = request
  if (method !== 'POST' || url !== '/' || headers.host !== host || headers.origin !== undefined) return null
  if (!String(headers['x-amz-target']).startsWith(operations)) return null
  if (headers['content-type'] !== 'application/x-amz-json-1.0') return null
  const claim = readClaim(headers.authorization)
  if (claim?.service !== service) return null
  return isSameSecret(claim.accessKeyId, LOCAL_AWS.credentials.accessKeyId) ? claim : null
}

/** `null` for one that is too long, or was broken off. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let bytes = 0
  return new Promise(resolve => {
    request.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes > MAX_BODY_BYTES) resolve(null)
      else parts.push(part)
    })
    request.on('end', () => resolve(Buffer.concat(parts)))
    request.on('error', () => resolve(null))
    request.on('close', () => resolve(null))
  })
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0', connection: 'close' }).end(REFUSAL)
}
