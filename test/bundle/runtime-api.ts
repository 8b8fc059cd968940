/** The runtime API that a function's process asks for calls (AWS Lambda developer guide, "Using the Lambda runtime API"). */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Answered {
  ok: boolean
  body: string
}
interface RuntimeApi {
  /** `127.0.0.1:PORT` */
  address: string
  /** Hands an event to the process that asks next; how it answered. */
  call(event: unknown): Promise<Answered>
  /** The process is gone: whoever waits for it is told why. */
  failAll(body: string): void
  close(): Promise<void>
}

interface Call {
  id: string
  event: string
  settle: (answered: Answered) => void
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}

export async function startRuntimeApi(options: {
  name: string
  timeoutSeconds: number
}): Promise<RuntimeApi> {
  const { name, timeoutSeconds } = options
  const waiting: Call[] = []
  const running = new Map<string, Call>()
  let idle: ServerResponse | null = null

  function hand(): void {
    const call = idle && waiting.shift()
    if (!idle || !call) return
    running.set(call.id, call)
    idle.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': call.id,
      'lambda-runtime-deadline-ms': Date.now() + timeoutSeconds * 1000,
      'lambda-runtime-invoked-function-arn': `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
    })
    idle.end(call.event)
    idle = null
  }

  function failAll(body: string): void {
    idle = null
    for (const call of [...running.values(), ...waiting.splice(0)]) call.settle({ ok: false, body })
    running.clear()
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    if (path.endsWith('/invocation/next')) {
      idle = response
      return hand()
    }
    const body = await bodyOf(request)
    response.writeHead(202).end()
    if (path.endsWith('/init/error')) return failAll(body)
    const [, id = '', kind] = /invocation\/([^/]+)\/(response|error)$/.exec(path) ?? []
    running.get(id)?.settle({ ok: kind === 'response', body })
    running.delete(id)
  }

  // A connection that is closed while it rests could be closed right under a request.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    answer(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    failAll,
    call: event =>
      new Promise(settle => {
        waiting.push({ id: randomUUID(), event: JSON.stringify(event), settle })
        hand()
      }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
