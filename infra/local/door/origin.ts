/** Where a request comes from, and whether it was meant for this service. */
import type { IncomingMessage } from 'node:http'
import { isForeign } from '../../simulator/foreign.ts'

/** An address of IPv4 as it is, however the socket writes it. */
const plain = (address = ''): string => address.replace(/^::ffff:(?=\d+\.)/, '')

/** As it stands in a URL. */
export const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/**
 * The address of the client. What a request says of it is believed of the reverse proxy alone: the last address of
 * `X-Forwarded-For` is the one that this proxy wrote.
 */
export function clientAddress({ socket, headers }: IncomingMessage, proxy: string | null): string {
  const address = plain(socket.remoteAddress)
  if (proxy === null || address !== proxy) return address
  const [last = ''] = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .slice(-1)
  return last.trim() || address
}

/** Whoever is on this machine may name the address itself that it reached: no page can make that its own. */
function isFromHere({ socket, headers: { host, origin = `http://${host}` } }: IncomingMessage): boolean {
  const from = plain(socket.remoteAddress)
  const to = plain(socket.localAddress)
  return from === to && host === `${urlHost(to)}:${socket.localPort}` && origin === `http://${host}`
}

/**
 * Whether a request was meant for another service: it names neither the public URL nor, from this machine, this machine.
 * Without a public URL nobody from elsewhere is answered.
 */
export function isForeignHere(request: IncomingMessage, publicUrl: URL | null): boolean {
  const { host, origin } = request.headers
  if (publicUrl !== null && host === publicUrl.host)
    return origin !== undefined && origin !== publicUrl.origin
  return isForeign(request.headers) && !isFromHere(request)
}
