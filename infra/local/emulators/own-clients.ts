/** How AWS clients of this process reach its own embedded parts: without a socket between them, and unsigned. */
import type { IncomingHttpHeaders } from 'node:http'
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import { LOCAL_AWS } from './local-aws.ts'

/** A request of this process, whole. */
export interface OwnRequest {
  headers: IncomingHttpHeaders
  body: Buffer
}
export interface Reply {
  status: number
  contentType: string
  body: Buffer | string
}
export type Answer = (request: OwnRequest) => Promise<Reply>

/** What answers at an endpoint of this process, as long as it listens. */
const parts = new Map<string, Answer>()

export const addPart = (endpoint: string, answer: Answer): void => void parts.set(endpoint, answer)
export const removePart = (endpoint: string): void => void parts.delete(endpoint)

/** The emulators want to see a signature; whether it is right, they leave to their guard. */
const AS_SIGNED = {
  authorization: `AWS4-HMAC-SHA256 Credential=own/20260101/${LOCAL_AWS.region}/own/aws4_request, SignedHeaders=host, Signature=own`,
  'x-amz-date': '20260101T000000Z',
}

/** What a client for this endpoint is made with; for one of another process it signs, and goes over the wire. */
export function ownClient(endpoint: string) {
  if (!parts.has(endpoint)) return { endpoint, ...LOCAL_AWS }
  return {
    endpoint,
    ...LOCAL_AWS,
    signer: { sign: async <T>(request: T): Promise<T> => request },
    requestHandler: { handle: (request: HttpRequest) => handOver(endpoint, request) },
  }
}

/** As they are: the SDK warns of whoever takes its bytes for a text, and copying would. */
const bytesOf = (body: Uint8Array | string): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)

async function handOver(
  endpoint: string,
  { headers, body }: HttpRequest,
): Promise<{ response: HttpResponse }> {
  const answer = parts.get(endpoint)
  if (!answer) throw new Error(`Expected an embedded part at ${endpoint}; it is closed`)
  const reply = await answer({ headers: { ...headers, ...AS_SIGNED }, body: bytesOf(body) })
  return {
    response: new HttpResponse({
      statusCode: reply.status,
      headers: { 'content-type': reply.contentType },
      body: Buffer.from(reply.body),
    }),
  }
}
