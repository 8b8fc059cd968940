/** API Gateway as a deployment with an issuer has it: IAM before `/v1`, the issuer's tokens before `/console/v1`. */
import { type KeyObject, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Context } from 'aws-lambda'
import { openRoutes } from '../../infra/local/templates.ts'
import { eventOf, type HttpWorld } from '../http/world.ts'
import { CLIENT_ID } from './issuer.ts'

interface Issuer {
  url: string
  publicKey: KeyObject
}
type Claims = Record<string, unknown>

const open = openRoutes().map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

/** The claims of a token that the issuer signed for this client and that has not ended; `null`: it is none. */
function claimsOf(authorization: string | undefined, issuer: Issuer, now: number): Claims | null {
  const [, head = '', payload = '', signature = ''] =
    /^Bearer (.+)\.(.+)\.(.+)$/.exec(authorization ?? '') ?? []
  const signed = Buffer.from(`${head}.${payload}`)
  if (!verify('sha256', signed, issuer.publicKey, Buffer.from(signature, 'base64url'))) return null
  const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const { iss, aud, exp } = claims
  return iss === issuer.url && aud === CLIENT_ID && Number(exp) > now ? claims : null
}

/** As API Gateway hands claims on: texts, of lists their words in brackets. */
const handedOn = (claims: Claims): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  )

const REFUSALS = { 401: 'Unauthorized', 403: 'Forbidden' }

interface Door {
  handler: HttpWorld['handler']
  issuer: Issuer | null
  /** `GET /v1/now` and its like, in their order. */
  asked: string[]
  /** How far the gateway's clock is ahead of that of the issuer. */
  clock: { aheadSeconds: number }
}

/** The claims of a request, none of an open one; or the status that it is refused with. */
function letIn(request: IncomingMessage, { issuer, asked, clock }: Door): Claims | keyof typeof REFUSALS {
  const { method, url = '/', headers } = request
  const [path = '/'] = url.split('?')
  if (open.some(route => route.method === method && route.pattern.test(path))) return {}
  asked.push(`${method} ${path}`)
  if (issuer !== null && path.startsWith('/console/v1/'))
    return claimsOf(headers.authorization, issuer, Date.now() / 1000 + clock.aheadSeconds) ?? 401
  return path.startsWith('/v1/') ? 403 : 401
}

async function exchange(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
  const claims = letIn(request, door)
  if (typeof claims === 'number')
    return void response
      .writeHead(claims, { 'content-type': 'application/json' })
      .end(JSON.stringify({ message: REFUSALS[claims] }))
  const { method = 'GET', url = '/', headers } = request
  const body = await text(request)
  const event = eventOf(method, url, {
    actor: null,
    headers: headers as Record<string, string>,
    ...(body === '' ? {} : { raw: body }),
    ...(Object.keys(claims).length === 0 ? {} : { claims: handedOn(claims) }),
  })
  const result = (await door.handler(event, { getRemainingTimeInMillis: () => 29_000 } as Context)) as {
    statusCode: number
    headers: Record<string, string>
    body?: string
    isBase64Encoded?: boolean
  }
  response.writeHead(result.statusCode, result.headers)
  response.end(Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8'))
}

export async function startGatewayWithIssuer({ handler }: HttpWorld, issuer: Issuer | null) {
  const asked: string[] = []
  const clock = { aheadSeconds: 0 }
  const door = { handler, issuer, asked, clock }
  const server = createServer((request, response) => void exchange(request, response, door))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    clock,
    close: () => server.close(),
  }
}
