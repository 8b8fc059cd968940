/** Which addresses a webhook may be sent to: public ones alone, so that a webhook cannot reach what only Curfew can reach. */

type Bits = 32 | 128
interface Address {
  bits: Bits
  value: bigint
}
interface Network extends Address {
  prefix: number
  what: string
}

/** The number of dotted IPv4; `null` where the text is none. */
function parseIpv4(text: string): bigint | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

/** Eight groups of four hexadecimal digits: `::` is filled up, a dotted end is spelt as two groups. */
function ipv6Groups(text: string): string[] | null {
  const last = text.slice(text.lastIndexOf(':') + 1)
  const dotted = last.includes('.') ? parseIpv4(last) : null
  if (last.includes('.') && dotted === null) return null
  const hex = (value: bigint) => `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
  const spelt = dotted === null ? text : text.slice(0, -last.length) + hex(dotted)
  const halves = spelt.split('::').map(half => (half === '' ? [] : half.split(':')))
  if (halves.length > 2) return null
  const [head = [], tail] = halves
  if (tail === undefined) return head
  const gap = 8 - head.length - tail.length
  return gap < 1 ? null : [...head, ...Array<string>(gap).fill('0'), ...tail]
}

function parseIpv6(text: string): bigint | null {
  const parts = ipv6Groups(text)
  if (parts?.length !== 8 || !parts.every(part => /^[0-9a-f]{1,4}$/i.test(part))) return null
  return parts.reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n)
}

function addressOf(text: string): Address | null {
  const value = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return value === null ? null : { bits: text.includes(':') ? 128 : 32, value }
}

const parseNetwork = (written: string, what: string): Network => {
  const [address = '', prefix] = written.split('/')
  return { ...addressOf(address)!, prefix: Number(prefix), what }
}

const isInNetwork = ({ bits, value, prefix }: Network, address: Address): boolean => {
  const shift = BigInt(bits - prefix)
  return bits === address.bits && value >> shift === address.value >> shift
}

/** IANA's special-purpose registries, IPv4 and IPv6; every cloud's metadata address lies in one of these. */
const FORBIDDEN = [
  parseNetwork('0.0.0.0/8', 'this network'),
  parseNetwork('10.0.0.0/8', 'private'),
  parseNetwork('100.64.0.0/10', 'shared by carriers and clouds'),
  parseNetwork('127.0.0.0/8', 'loopback'),
  parseNetwork('169.254.0.0/16', 'link-local'),
  parseNetwork('172.16.0.0/12', 'private'),
  parseNetwork('192.0.0.0/24', 'set aside for protocols'),
  parseNetwork('192.0.2.0/24', 'for documentation'),
  parseNetwork('192.88.99.0/24', 'a relay'),
  parseNetwork('192.168.0.0/16', 'private'),
  parseNetwork('198.18.0.0/15', 'for benchmarks'),
  parseNetwork('198.51.100.0/24', 'for documentation'),
  parseNetwork('203.0.113.0/24', 'for documentation'),
  parseNetwork('224.0.0.0/4', 'multicast'),
  parseNetwork('240.0.0.0/4', 'reserved'),
  parseNetwork('2001::/23', 'set aside for protocols'),
  parseNetwork('2001:db8::/32', 'for documentation'),
  parseNetwork('2002::/16', 'a relay'),
  parseNetwork('3fff::/20', 'for documentation'),
]
/** Of IPv6, only this part is given out to the public. */
const GLOBAL_IPV6 = parseNetwork('2000::/3', 'public')
const MAPPED_IPV4 = parseNetwork('::ffff:0:0/96', 'IPv4 in IPv6')

const asIpv4 = (address: Address): Address =>
  isInNetwork(MAPPED_IPV4, address) ? { bits: 32, value: address.value & 0xffffffffn } : address

/** Why nothing is sent to an IP address; `null` for a public one. */
export function addressProblem(text: string): string | null {
  const found = addressOf(text)
  if (!found) return `expected an IP address, got "${text}"`
  const address = asIpv4(found)
  const forbidden = FORBIDDEN.find(one => isInNetwork(one, address))
  if (forbidden) return `${text} is no public address (${forbidden.what})`
  if (address.bits === 128 && !isInNetwork(GLOBAL_IPV6, address)) return `${text} is no public address`
  return null
}

/** Why a webhook's URL is of no form that is sent to, wherever it leads. */
export function webhookFormProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'expected a URL'
  const { protocol, username, password } = new URL(text)
  if (protocol !== 'https:') return 'expected https'
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
