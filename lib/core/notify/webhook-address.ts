/** Which addresses a webhook may be sent to: public ones alone, so that nobody reaches through us what only we can reach. */

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
function ipv4(text: string): bigint | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

/** Eight groups of four hexadecimal digits: `::` is filled up, a dotted end is spelt as two groups. */
function groups(text: string): string[] | null {
  const last = text.slice(text.lastIndexOf(':') + 1)
  const dotted = last.includes('.') ? ipv4(last) : null
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

function ipv6(text: string): bigint | null {
  const parts = groups(text)
  if (parts?.length !== 8 || !parts.every(part => /^[0-9a-f]{1,4}$/i.test(part))) return null
  return parts.reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n)
}

function addressOf(text: string): Address | null {
  const value = text.includes(':') ? ipv6(text) : ipv4(text)
  return value === null ? null : { bits: text.includes(':') ? 128 : 32, value }
}

const network = (written: string, what: string): Network => {
  const [address = '', prefix] = written.split('/')
  return { ...addressOf(address)!, prefix: Number(prefix), what }
}

const holds = ({ bits, value, prefix }: Network, address: Address): boolean => {
  const shift = BigInt(bits - prefix)
  return bits === address.bits && value >> shift === address.value >> shift
}

/** IANA's special-purpose registries, IPv4 and IPv6; every cloud's metadata address lies in one of these. */
const FORBIDDEN = [
  network('0.0.0.0/8', 'this network'),
  network('10.0.0.0/8', 'private'),
  network('100.64.0.0/10', 'shared by carriers and clouds'),
  network('127.0.0.0/8', 'loopback'),
  network('169.254.0.0/16', 'link-local'),
  network('172.16.0.0/12', 'private'),
  network('192.0.0.0/24', 'set aside for protocols'),
  network('192.0.2.0/24', 'for documentation'),
  network('192.88.99.0/24', 'a relay'),
  network('192.168.0.0/16', 'private'),
  network('198.18.0.0/15', 'for benchmarks'),
  network('198.51.100.0/24', 'for documentation'),
  network('203.0.113.0/24', 'for documentation'),
  network('224.0.0.0/4', 'multicast'),
  network('240.0.0.0/4', 'reserved'),
  network('2001::/23', 'set aside for protocols'),
  network('2001:db8::/32', 'for documentation'),
  network('2002::/16', 'a relay'),
  network('3fff::/20', 'for documentation'),
]
/** Of IPv6, only this part is given out to the public. */
const GLOBAL_IPV6 = network('2000::/3', 'public')
const MAPPED_IPV4 = network('::ffff:0:0/96', 'IPv4 in IPv6')

const asIpv4 = (address: Address): Address =>
  holds(MAPPED_IPV4, address) ? { bits: 32, value: address.value & 0xffffffffn } : address

/** Why nothing is sent to an IP address; `null` for a public one. */
export function addressProblem(text: string): string | null {
  const found = addressOf(text)
  if (!found) return `expected an IP address, got "${text}"`
  const address = asIpv4(found)
  const forbidden = FORBIDDEN.find(one => holds(one, address))
  if (forbidden) return `${text} is no public address (${forbidden.what})`
  if (address.bits === 128 && !holds(GLOBAL_IPV6, address)) return `${text} is no public address`
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
