/** Sends a webhook: signed, once, to a public address alone. */
import { createHmac } from 'node:crypto'
import { lookup as resolve } from 'node:dns'
import { lookup as resolveAll } from 'node:dns/promises'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { type OutgoingProxy, proxyFor } from '../core/documents/proxy.ts'
import { webhookFormProblem } from '../core/notify/webhook-address.ts'

export interface OutgoingWebhook {
  url: string
  /** What tells this message from every other, and is the same each time it is sent. */
  id: string
  body: string
  /** Absent: it is not signed. */
  secret?: string
}
export interface WebhookOptions {
  /** Why nothing may be sent to an IP address; null where it may. */
  addressProblem: (address: string) => string | null
  /** What messages go through, where they must; absent or `null`: nothing. */
  proxy?: OutgoingProxy | null
  /** The addresses of a name, for messages that go through a proxy; those of this machine's resolver unless told otherwise. */
  addressesOf?: (name: string) => Promise<string[]>
  /** From the look-up of the name to the head of the answer. */
  timeoutMs: number
  /** ms since the epoch */
  now: () => number
}
/** Why it was not taken; null when it was. */
type SendWebhook = (outgoing: OutgoingWebhook) => Promise<string | null>

/** A secret that begins so is base64 after it, any other is the text itself (Standard Webhooks, "Signature scheme"). */
const BASE64_MARK = 'whsec_'

/** The headers of Standard Webhooks: the holder of the secret can verify origin, integrity and age. */
export function signedHeaders({ id, body, secret }: OutgoingWebhook, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === undefined) return headers
  const key = secret.startsWith(BASE64_MARK)
    ? Buffer.from(secret.slice(BASE64_MARK.length), 'base64')
    : Buffer.from(secret, 'utf8')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}

type AddressProblem = WebhookOptions['addressProblem']

/** Looks a name up, and gives its addresses only if we may send to every one of them. */
const publicLookup =
  (addressProblem: AddressProblem): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const problem = addresses.map(({ address }) => addressProblem(address)).find(one => one !== null)
      const [first] = addresses
      if (problem || !first) return callback(new Error(problem ?? 'the name has no address'), '', 0)
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }

/** The last word: nothing was written yet when the connection stands, and where it leads is no guess any more. */
function guardConnection(sending: ClientRequest, addressProblem: AddressProblem): void {
  sending.once('socket', (socket: Socket) =>
    socket.once('connect', () => {
      const problem = addressProblem(socket.remoteAddress ?? '')
      if (problem !== null) sending.destroy(new Error(problem))
    }),
  )
}

const answerProblem = ({ statusCode = 0 }: IncomingMessage): string | null => {
  if (statusCode >= 200 && statusCode < 300) return null
  const redirects = statusCode >= 300 && statusCode < 400 ? ', and redirects are not followed' : ''
  return `it answered ${statusCode}${redirects}`
}

const resolveHere = async (name: string): Promise<string[]> =>
  (await resolveAll(name, { all: true })).map(({ address }) => address)

/** How a message goes out. */
interface Way {
  options: RequestOptions
  /** What the far end of the connection is checked by; absent where that is a proxy. */
  addressProblem?: AddressProblem
}

/**
 * Through a proxy, which would look the name up by itself: it is asked for an address that was checked here instead, and the name is
 * the one that the receiver's certificate must bear.
 */
async function proxiedWay(url: URL, proxy: string, options: WebhookOptions): Promise<Way> {
  const { addressProblem, addressesOf = resolveHere } = options
  const name = withoutBrackets(url)
  const addresses = await addressesOf(name)
  const problem = addresses.map(addressProblem).find(one => one !== null)
  const [hostname] = addresses
  if (problem || hostname === undefined) throw new Error(problem ?? 'the name has no address')
  const agent = new Agent({ keepAlive: false, proxyEnv: { HTTPS_PROXY: proxy } })
  const servername = isIP(name) === 0 ? name : ''
  return { options: { agent, hostname, servername, headers: { host: url.host } } }
}

const withoutBrackets = ({ hostname }: URL): string => hostname.replaceAll(/[[\]]/g, '')

interface Post {
  url: URL
  body: string
  headers: Record<string, string>
  signal: AbortSignal
}

function postWebhook({ url, body, headers, signal }: Post, { options, addressProblem }: Way) {
  const all = { ...options.headers, ...headers }
  return new Promise<string | null>((settle, fail) => {
    const sending = request(url, { method: 'POST', ...options, headers: all, signal }, answer => {
      settle(answerProblem(answer))
      answer.destroy()
    })
    if (addressProblem) guardConnection(sending, addressProblem)
    sending.on('error', fail)
    sending.end(body)
  })
}

/** Rejects once the signal fires: a look-up of a name hears no signal. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

/** Never throws. The URL itself is not told: for some receivers it is a secret. */
export function createWebhook(options: WebhookOptions): SendWebhook {
  const { addressProblem, timeoutMs, proxy = null, now } = options
  // A connection for each message: one that is kept would have been checked for another.
  const agent = new Agent({ keepAlive: false })
  const straight: Way = { options: { agent, lookup: publicLookup(addressProblem) }, addressProblem }
  return async outgoing => {
    const malformed = webhookFormProblem(outgoing.url)
    if (malformed !== null) return malformed
    const url = new URL(outgoing.url)
    const literal = withoutBrackets(url)
    const problem = isIP(literal) === 0 ? null : addressProblem(literal)
    if (problem !== null) return problem
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'curfew',
      ...signedHeaders(outgoing, now()),
    }
    const signal = AbortSignal.timeout(timeoutMs)
    const via = proxyFor(outgoing.url, proxy)
    const send = async () => {
      const way = via === null ? straight : await proxiedWay(url, via, options)
      return postWebhook({ url, body: outgoing.body, headers, signal }, way)
    }
    try {
      return await Promise.race([send(), untilAborted(signal)])
    } catch (error) {
      if (signal.aborted) return `no answer within ${timeoutMs} ms`
      const through = via === null ? '' : ` (through the proxy ${new URL(via).host})`
      return `${url.hostname}: ${(error as Error).message}${through}`
    }
  }
}
