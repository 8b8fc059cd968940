import type { Agent, Dispatcher } from 'undici'

/** Why no answer came. `not-connected`: not a byte was sent; the others: the cloud may have got it all. */
type NoAnswer = 'not-connected' | 'timeout' | 'connection-lost'

export interface Outgoing {
  method: 'GET' | 'POST'
  origin: string
  /** Path and query, encoded. */
  target: string
  headers: Record<string, string>
  body: string
  /** From the first look for a connection to the last byte of the answer. */
  timeoutMs: number
  /** Whether it may go over a connection that has been idle. */
  keepAlive: boolean
}
export type Exchanged =
  | { kind: 'answered'; status: number; headers: Record<string, string | string[] | undefined>; text: string }
  | { kind: 'failed'; code: NoAnswer; cause: Error }

interface Agents {
  kept: Agent
  fresh: Agent
}
/** For each origin, over all connections of the process. */
const MAX_SOCKETS = 32

let agents: Promise<Agents> | undefined

/** Made when first needed: undici takes 50 ms to load, which functions that do not call the cloud should not pay. */
const sharedAgents = (): Promise<Agents> => {
  agents ??= import('undici').then(({ Agent }) => {
    const options = { connections: MAX_SOCKETS, allowH2: false, headersTimeout: 0, bodyTimeout: 0 }
    return { kept: new Agent(options), fresh: new Agent({ ...options, pipelining: 0 }) }
  })
  return agents
}

/**
 * Sends one HTTP request, once, and tells what came: never throws. Without `keepAlive` it opens a connection of its
 * own: a kept one may have died while the function slept, and what is lost on it may or may not have been carried out.
 */
export async function exchange(outgoing: Outgoing): Promise<Exchanged> {
  const { kept, fresh } = await sharedAgents()
  return new Promise(resolve => {
    const listener = createListener(outgoing.timeoutMs, resolve)
    const { origin, target: path, method, headers, body } = outgoing
    const dispatcher = outgoing.keepAlive ? kept : fresh
    dispatcher.dispatch({ origin, path, method, headers, body: body === '' ? null : body }, listener)
  })
}

function createListener(
  timeoutMs: number,
  resolve: (exchanged: Exchanged) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = []
  let sending: Dispatcher.DispatchController | null = null
  let head: Pick<Extract<Exchanged, { kind: 'answered' }>, 'status' | 'headers'> = { status: 0, headers: {} }
  let ended = false
  const end = (exchanged: Exchanged) => {
    ended = true
    clearTimeout(timer)
    resolve(exchanged)
  }
  const timer = setTimeout(() => {
    const cause = new Error(`no whole answer within ${timeoutMs} ms`)
    end({ kind: 'failed', code: sending === null ? 'not-connected' : 'timeout', cause })
    sending?.abort(cause)
  }, timeoutMs)
  return {
    onRequestStart(controller) {
      // Called before the first byte is written: given up meanwhile, it is never sent.
      if (ended) controller.abort(new Error('given up before it was sent'))
      else sending = controller
    },
    onResponseStart(_controller, status, headers) {
      head = { status, headers }
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk)
    },
    onResponseEnd() {
      end({ kind: 'answered', ...head, text: Buffer.concat(chunks).toString('utf8') })
    },
    onResponseError(_controller, cause) {
      end({ kind: 'failed', code: sending === null ? 'not-connected' : 'connection-lost', cause })
    },
  }
}
