/** Sends a webhook: signed, once, to a public address alone. */
import { createHmac } from 'node:crypto'
import { lookup as resolve } from 'node:dns'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'

export interface Outgoing {
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
  /** From the look-up of the name to the head of the answer. */
  timeoutMs: number
  /** ms since the epoch */
  now: () => number
}
/** Why it was not taken; null when it was. */
type SendWebhook = (outgoing: Outgoing) => Promise<string | null>

/** A secret that begins so is base64 after it, any other is the text itself (Standard Webhooks, "Signature scheme"). */
const BASE64_MARK = 'whsec_'

const keyOf = (secret: string): Buffer =>
  secret.startsWith(BASE64_MARK)
    ? Buffer.from(secret.slice(BASE64_MARK.length), 'base64')
    : Buffer.from(secret, 'utf8')

/** The headers of Standard Webhooks: whoever knows the secret can tell that it is ours, whole and fresh. */
export function signedHeaders({ id, body, secret }: Outgoing, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === undefined) return headers
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
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

/** Never throws. The URL itself is not told: for some receivers it is a secret. */
export function createWebhook({ addressProblem, timeoutMs, now }: WebhookOptions): SendWebhook {
  // A connection for each: one that is kept would have been checked for another message.
  const options = { method: 'POST', agent: new Agent({ keepAlive: false }) }
  const lookup = publicLookup(addressProblem)
  return outgoing => {
    const { hostname } = new URL(outgoing.url)
    const literal = hostname.replaceAll(/[[\]]/g, '')
    const problem = /^[\d.]+$|:/.test(literal) ? addressProblem(literal) : null
    if (problem !== null) return Promise.resolve(problem)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'curfew',
      ...signedHeaders(outgoing, now()),
    }
    return new Promise(settle => {
      const signal = AbortSignal.timeout(timeoutMs)
      const sending = request(outgoing.url, { ...options, headers, lookup, signal }, answer => {
        settle(answerProblem(answer))
        answer.destroy()
      })
      guardConnection(sending, addressProblem)
      sending.on('error', error =>
        settle(signal.aborted ? `no answer within ${timeoutMs} ms` : `${hostname}: ${error.message}`),
      )
      sending.end(outgoing.body)
    })
  }
}
