/** Sends HTTP requests through undici, or tells why no answer came. */
import { brotliDecompressSync, gunzipSync, inflateSync, type ZlibOptions } from 'node:zlib'
import type { Dispatcher } from 'undici'

/** Why no answer came. The first two: not a byte was sent; the others: the cloud may have got it all. */
type NoAnswer = 'not-connected' | 'no-such-host' | 'timeout' | 'connection-lost' | 'unreadable'

export interface OutgoingRequest {
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
  /** The URL of the proxy that it goes through; `null`: straight. */
  proxy: string | null
}
export type Exchanged =
  | { kind: 'answered'; status: number; headers: Record<string, string | string[] | undefined>; text: string }
  | { kind: 'failed'; code: NoAnswer; cause: Error }

interface Agents {
  kept: Dispatcher
  fresh: Dispatcher
}
/** For each origin, over all connections of the process. */
const MAX_SOCKETS = 32

/** The longest answer that is read, before and after unpacking: the longest page of a list is a sixth of it. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/** By the proxy they go through. */
const agents = new Map<string | null, Promise<Agents>>()

/** Made when first needed: undici takes 50 ms to load, which functions that do not call the cloud should not pay. */
function agentsThrough(proxy: string | null): Promise<Agents> {
  const known = agents.get(proxy)
  if (known) return known
  const made = import('undici').then(({ Agent, ProxyAgent }) => {
    const options = { connections: MAX_SOCKETS, allowH2: false, headersTimeout: 0, bodyTimeout: 0 }
    const agent = (more = {}): Dispatcher =>
      proxy === null
        ? new Agent({ ...options, ...more })
        : new ProxyAgent({ ...options, ...more, uri: proxy })
    return { kept: agent(), fresh: agent({ pipelining: 0 }) }
  })
  agents.set(proxy, made)
  return made
}

/**
 * Sends one HTTP request, once, and tells what came: never throws. Without `keepAlive` it opens a connection of its
 * own: a kept one may have died while the function slept, and what is lost on it may or may not have been carried out.
 */
export async function exchangeOnce(outgoing: OutgoingRequest): Promise<Exchanged> {
  const { kept, fresh } = await agentsThrough(outgoing.proxy)
  return new Promise(resolve => {
    const listener = createListener(outgoing, resolve)
    const { origin, target: path, method, headers, body } = outgoing
    const dispatcher = outgoing.keepAlive ? kept : fresh
    dispatcher.dispatch({ origin, path, method, headers, body: body === '' ? null : body }, listener)
  })
}

const UNPACKERS: Record<string, (packed: Buffer, options: ZlibOptions) => Buffer> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
}

/** Decompresses a body: some gateways compress without being asked. */
function unpackBody(packed: Buffer, encoding: string): Buffer {
  if (packed.length === 0 || encoding === '' || encoding === 'identity') return packed
  const unpacker = UNPACKERS[encoding]
  if (unpacker === undefined)
    throw new Error(`expected an answer packed by gzip, or not at all, got ${encoding}`)
  return unpacker(packed, { maxOutputLength: MAX_ANSWER_BYTES })
}

type Head = Pick<Extract<Exchanged, { kind: 'answered' }>, 'status' | 'headers'>

function answerFrom(head: Head, parts: Buffer[]): Exchanged {
  const encoding = [head.headers['content-encoding'] ?? ''].flat().join(',').trim().toLowerCase()
  try {
    return { kind: 'answered', ...head, text: unpackBody(Buffer.concat(parts), encoding).toString('utf8') }
  } catch (error) {
    return { kind: 'failed', code: 'unreadable', cause: error as Error }
  }
}

function createListener(
  { timeoutMs, proxy }: OutgoingRequest,
  resolve: (exchanged: Exchanged) => void,
): Dispatcher.DispatchHandler {
  const parts: Buffer[] = []
  let bytes = 0
  let sending: Dispatcher.DispatchController | null = null
  let head: Head = { status: 0, headers: {} }
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
    onResponseData(controller, part) {
      bytes += part.length
      if (bytes <= MAX_ANSWER_BYTES) return void parts.push(part)
      const cause = new Error(`expected an answer of at most ${MAX_ANSWER_BYTES} bytes, got more`)
      end({ kind: 'failed', code: 'unreadable', cause })
      controller.abort(cause)
    },
    onResponseEnd() {
      end(answerFrom(head, parts))
    },
    onResponseError(_controller, cause) {
      const isUnknownHost = proxy === null && 'code' in cause && cause.code === 'ENOTFOUND'
      const unsent = isUnknownHost ? 'no-such-host' : 'not-connected'
      end({ kind: 'failed', code: sending === null ? unsent : 'connection-lost', cause })
    },
  }
}
