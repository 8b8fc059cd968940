/** Which addresses a webhook may be sent to: public ones alone, so that a webhook cannot reach what only Curfew can reach. */
import { BlockList, isIP, isIPv6 } from 'node:net'

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

function createNetworks(...written: string[]): BlockList {
  const networks = new BlockList()
  for (const network of written) {
    const [address = '', prefix] = network.split('/')
    networks.addSubnet(address, Number(prefix), familyOf(address))
  }
  return networks
}

/** Made when first asked for: they take 5 ms, which a start should not pay. */
const createAddressRules = () => ({
  /** IANA's special-purpose registries, IPv4 and IPv6; every cloud's metadata address lies in one of these. */
  forbidden: {
    'this network': createNetworks('0.0.0.0/8'),
    private: createNetworks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'),
    'shared by carriers and clouds': createNetworks('100.64.0.0/10'),
    loopback: createNetworks('127.0.0.0/8'),
    'link-local': createNetworks('169.254.0.0/16'),
    'set aside for protocols': createNetworks('192.0.0.0/24', '2001::/23'),
    'for documentation': createNetworks(
      ...['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
    ),
    'a relay': createNetworks('192.88.99.0/24', '2002::/16'),
    'for benchmarks': createNetworks('198.18.0.0/15'),
    multicast: createNetworks('224.0.0.0/4'),
    reserved: createNetworks('240.0.0.0/4'),
  },
  /** Of IPv6, only the first part is given out to the public; the second holds IPv4, which is judged as such. */
  publicIpv6: createNetworks('2000::/3', '::ffff:0:0/96'),
})
let addressRules: ReturnType<typeof createAddressRules> | undefined

/** Why nothing is sent to an IP address; `null` for a public one. */
export function addressProblem(text: string): string | null {
  // An address with a zone is valid on one link of one machine.
  if (isIP(text) === 0 || text.includes('%')) return `expected an IP address, got "${text}"`
  const family = familyOf(text)
  addressRules ??= createAddressRules()
  const forbidden = Object.entries(addressRules.forbidden).find(([, networks]) =>
    networks.check(text, family),
  )
  if (forbidden) return `${text} is no public address (${forbidden[0]})`
  if (family === 'ipv6' && !addressRules.publicIpv6.check(text, family)) return `${text} is no public address`
  return null
}

/** Why a webhook's URL is of no form that is sent to, wherever it leads. Never tells the URL: a channel's is a secret. */
export function webhookFormProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'expected a URL such as https://example.com/hook'
  const { protocol, username, password } = new URL(text)
  if (protocol !== 'https:') return `expected https, got ${protocol.slice(0, -1)}`
  return `${username}${password}` === '' ? null : 'expected no user and no password in it'
}

/** Why a webhook's URL can never be sent to, as far as it tells by itself; names are judged when they are resolved. */
export function webhookUrlProblem(text: string): string | null {
  const problem = webhookFormProblem(text)
  if (problem !== null) return problem
  const { hostname } = new URL(text)
  if (/^[\d.]+$/.test(hostname)) return addressProblem(hostname)
  if (hostname.startsWith('[')) return addressProblem(hostname.slice(1, -1))
  return /(^|\.)localhost\.?$/.test(hostname) ? `${hostname} is this machine itself` : null
}
