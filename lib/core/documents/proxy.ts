/** Which requests leave through a proxy: what `HTTPS_PROXY` and `NO_PROXY` say. */
import { isLoopback } from './connection.ts'

export interface OutgoingProxy {
  /** Its own URL, which may hold a user and a password. */
  url: string
  /** Hosts that are reached without it: names, with all that end in them, addresses, each perhaps with a port; `*` is every host. */
  exceptions: string[]
}

interface Target {
  host: string
  port: string
}

const withoutDots = (host: string): string => host.replace(/^\*?\./, '').replace(/\.$/, '')

function isExcepted({ host, port }: Target, entry: string): boolean {
  const [, bare = entry, entryPort = port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  const name = withoutDots(bare.replace(/^\[|\]$/g, '').toLowerCase())
  if (entryPort !== port || name === '') return false
  return name === '*' || host === name || host.endsWith(`.${name}`)
}

/** The proxy that a request to this URL goes through; `null`: none. What is on this machine is never asked through one. */
export function proxyFor(url: string, proxy: OutgoingProxy | null): string | null {
  const { hostname, port, protocol } = new URL(url)
  if (proxy === null || isLoopback(hostname)) return null
  const host = withoutDots(hostname.replace(/^\[|\]$/g, ''))
  const target = { host, port: port || (protocol === 'https:' ? '443' : '80') }
  return proxy.exceptions.some(entry => isExcepted(target, entry)) ? null : proxy.url
}
