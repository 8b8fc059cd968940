/** Someone who takes webhooks, over TLS, on a free loopback port. */
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}
export interface ReceiverAnswer {
  status: number
  headers?: Record<string, string>
  body?: string
}
export interface Receiver {
  port: number
  received: Received[]
  /** How many connections were made to it at all. */
  connections: () => number
  /** What it answers; `null`: nothing, ever. */
  answer: ReceiverAnswer | null
  /** What it answers to each, in place of that. */
  answerTo?: (received: Received) => ReceiverAnswer
  close(): Promise<void>
}

export async function startReceiver(identity: { key: string; cert: string }): Promise<Receiver> {
  let connections = 0
  const server: Server = createServer(identity, async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts).toString()
    const received = { path: request.url ?? '', headers: request.headers, body }
    receiver.received.push(received)
    const answer = receiver.answerTo?.(received) ?? receiver.answer
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body ?? 'thanks')
  })
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    port: (server.address() as AddressInfo).port,
    received: [],
    connections: () => connections,
    answer: { status: 200 },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}
