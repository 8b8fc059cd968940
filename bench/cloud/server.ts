/** A minimal, fast stand-in for the Huawei Cloud ECS and BMS endpoints, over HTTP on loopback. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { refusal } from '../../infra/simulator/route.ts'
import { type Answer, callOf, createRoutes, inOnePart, type RouteName } from './routes.ts'
import type { Settings } from './settings.ts'
import { createState, type State } from './state.ts'
import { FAULTED, type Fate, THROTTLED } from './weather.ts'

export interface PretendedCloud extends Pick<State, 'seen' | 'reset' | 'nextNight'> {
  url: string
  close: () => Promise<void>
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, parts }: Answer, state: State): void {
  const counters = state.counters()
  const length = parts.reduce((total, part) => total + part.length, 0)
  counters.bytesOut += length
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': length,
    'x-request-id': `r${counters.requests}`,
  })
  response.cork()
  for (const part of parts) response.write(part)
  response.end()
}

interface Call {
  url: URL
  route: RouteName
  fate: Fate
  carryOut: () => Answer
}

/** What the answer will be: a stop takes effect when it is received, a list shows the fleet as it is when it leaves. */
function answerOf({ route, fate, carryOut }: Call): () => Answer {
  if (fate === 'throttled') return () => inOnePart(THROTTLED)
  if (fate === 'faulted') return () => inOnePart(FAULTED)
  if (route !== 'stop') return carryOut
  const answer = carryOut()
  return () => answer
}

function latencyMs({ url, fate }: Call, settings: Settings): number {
  if (fate === 'throttled') return 0
  return settings.latencyMs + (Number(url.searchParams.get('limit') ?? 0) * settings.perServerUs) / 1000
}

function createHandler(state: State) {
  const answer = createRoutes(state)
  let open = 0

  async function call(request: IncomingMessage): Promise<Call> {
    const counters = state.counters()
    counters.requests++
    counters.mostAtOnce = Math.max(counters.mostAtOnce, ++open)
    if (request.headers.authorization) counters.signed++
    const url = new URL(request.url ?? '/', 'http://x')
    const { route } = callOf(url)
    counters.byRoute[route] = (counters.byRoute[route] ?? 0) + 1
    if (route === 'list' && !counters.byRoute.stop) counters.listsBeforeStops++
    const body = await bodyOf(request)
    counters.bytesIn += body.length
    const carryOut = (): Answer => {
      try {
        return answer({ method: request.method ?? 'GET', url, body })
      } catch (error) {
        return inOnePart(refusal(400, 'Ecs.0005', String(error)))
      }
    }
    return { url, route, fate: state.fate(route), carryOut }
  }

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = await call(request)
    const counters = state.counters()
    if (one.fate !== 'answered') counters[one.fate]++
    const answered = answerOf(one)
    setTimeout(
      () => {
        open--
        const made = answered()
        if (one.fate === 'lost') response.destroy()
        else send(response, made, state)
      },
      latencyMs(one, state.settings()),
    )
  }
}

/** Starts it on a free port, with a fleet of ECS; one of BMS is made when first asked for. */
export async function startCloud(settings: Settings): Promise<PretendedCloud> {
  const state = createState(settings)
  state.fleet('ecs')
  const handle = createHandler(state)
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    if (pathname === '/_seen') response.end(JSON.stringify(state.seen()))
    else if (pathname === '/_reset') {
      state.reset(Object.fromEntries(searchParams))
      response.end()
    } else void handle(request, response)
  })
  server.on('connection', socket => {
    state.counters().connections++
    socket.setNoDelay(true)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: state.seen,
    reset: state.reset,
    nextNight: state.nextNight,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
