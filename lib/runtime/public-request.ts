/** Sends a request to a public address alone: once, over TLS, within a time and a size. */
import { lookup as resolve } from 'node:dns'
import { lookup as resolveAll } from 'node:dns/promises'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { type OutgoingProxy, proxyFor } from '../core/documents/proxy.ts'
import { webhookFormProblem } from '../core/notify/webhook-address.ts'

export interface PublicOptions {
  /** Why nothing may be sent to an IP address; null where it may. */
  addressProblem: (address: string) => string | null
  /** What requests go through, where they must; absent or `null`: nothing. */
  proxy?: OutgoingProxy | null
  /** The addresses of a name, for requests that go through a proxy; those of this machine's resolver unless told otherwise. */
  addressesOf?: (name: string) => Promise<string[]>
  /** From the look-up of the name to the last byte of the answer that is read. */
  timeoutMs: number
}

interface PublicRequest {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string
  /** The most that is read of the answer; 0: its head is enough. */
  maxBytes: number
}

export interface PublicAnswer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}
/** What was answered, whatever its status; or why there is no answer. */
type PublicResult = { answer: PublicAnswer } | { problem: string }

type AddressProblem = PublicOptions['addressProblem']

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

/** Why a status is no success; `null` where it is. */
export function statusProblem(status: number): string | null {
  if (status >= 200 && status < 300) return null
  const redirects = status >= 300 && status < 400 ? ', and redirects are not followed' : ''
  return `it answered ${status}${redirects}`
}

const resolveHere = async (name: string): Promise<string[]> =>
  (await resolveAll(name, { all: true })).map(({ address }) => address)

/** How a request goes out. */
interface Way {
  options: RequestOptions
  /** What the far end of the connection is checked by; absent where that is a proxy. */
  addressProblem?: AddressProblem
}

/**
 * Through a proxy, which would look the name up by itself: it is asked for an address that was checked here instead, and the name is
 * the one that the receiver's certificate must bear.
 */
async function proxiedWay(url: URL, proxy: string, options: PublicOptions): Promise<Way> {
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

async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer) {
    bytes += (part as Buffer).length
    if (bytes > maxBytes) throw new Error(`it answered more than ${maxBytes} bytes`)
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts)
}

async function readAnswer(answer: IncomingMessage, maxBytes: number): Promise<PublicAnswer> {
  const { statusCode: status = 0, headers } = answer
  try {
    return { status, headers, body: maxBytes === 0 ? Buffer.alloc(0) : await readBody(answer, maxBytes) }
  } finally {
    answer.destroy()
  }
}

function exchange(asked: PublicRequest, { options, addressProblem }: Way, signal: AbortSignal) {
  const { method, url, body, maxBytes } = asked
  const headers = { ...options.headers, 'user-agent': 'curfew', ...asked.headers }
  return new Promise<PublicAnswer>((settle, fail) => {
    const sending = request(url, { method, ...options, headers, signal }, answer => {
      readAnswer(answer, maxBytes).then(settle, fail)
    })
    if (addressProblem) guardConnection(sending, addressProblem)
    sending.on('error', fail)
    sending.end(body)
  })
}

/** Rejects once the signal fires: a look-up of a name hears no signal. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

function publicUrlProblem(text: string, addressProblem: AddressProblem): string | null {
  const malformed = webhookFormProblem(text)
  if (malformed !== null) return malformed
  const literal = withoutBrackets(new URL(text))
  return isIP(literal) === 0 ? null : addressProblem(literal)
}

/** Never throws. Of the URL the host alone is told: the rest may be a secret. */
export function createPublicRequests(options: PublicOptions) {
  const { addressProblem, timeoutMs, proxy = null } = options
  // A connection for each request: one that is kept would have been checked for another.
  const agent = new Agent({ keepAlive: false })
  const straight: Way = { options: { agent, lookup: publicLookup(addressProblem) }, addressProblem }
  return async (asked: PublicRequest): Promise<PublicResult> => {
    const problem = publicUrlProblem(asked.url, addressProblem)
    if (problem !== null) return { problem }
    const url = new URL(asked.url)
    const signal = AbortSignal.timeout(timeoutMs)
    const via = proxyFor(asked.url, proxy)
    const send = async () =>
      exchange(asked, via === null ? straight : await proxiedWay(url, via, options), signal)
    try {
      return { answer: await Promise.race([send(), untilAborted(signal)]) }
    } catch (error) {
      if (signal.aborted) return { problem: `no answer within ${timeoutMs} ms` }
      const through = via === null ? '' : ` (through the proxy ${new URL(via).host})`
      return { problem: `${url.hostname}: ${(error as Error).message}${through}` }
    }
  }
}
