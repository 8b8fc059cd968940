/** Slows down clients that guess tokens. */
import ipaddr from 'ipaddr.js'

export interface WrongTries {
  /** How many seconds an address has to wait before it may try again; 0: none. */
  waitSeconds(address: string): number
  count(address: string): void
}

const MAX_TRIES = 10
const WINDOW_MS = 60_000
/** More addresses than these are forgotten, the oldest first: what is counted takes no more memory. */
const MAX_ADDRESSES = 10_000
/** A customer of IPv6 has as many addresses as it likes below these. */
const NETWORK_BYTES = 8

/** What one caller has: an address of IPv4, a network of IPv6. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toByteArray().slice(0, NETWORK_BYTES).join('.')
}

/** Counts what an address does, such as send wrong tokens: after so many in a minute it is not listened to for the rest of that minute. */
export function createWrongTries(now: () => number = () => performance.now(), most = MAX_TRIES): WrongTries {
  const windows = new Map<string, { sinceMs: number; tries: number }>()
  const current = (network: string) => {
    const window = windows.get(network)
    return window && now() - window.sinceMs < WINDOW_MS ? window : undefined
  }
  return {
    waitSeconds(address) {
      const window = current(networkOf(address))
      if (window === undefined || window.tries < most) return 0
      return Math.ceil((window.sinceMs + WINDOW_MS - now()) / 1000)
    },
    count(address) {
      const network = networkOf(address)
      const { sinceMs, tries } = current(network) ?? { sinceMs: now(), tries: 0 }
      windows.delete(network)
      windows.set(network, { sinceMs, tries: tries + 1 })
      for (const oldest of windows.keys()) {
        if (windows.size <= MAX_ADDRESSES) break
        windows.delete(oldest)
      }
    },
  }
}
