import { fc, test } from '@fast-check/vitest'
import ipaddr from 'ipaddr.js'
import { describe, expect } from 'vitest'
import { addressProblem, webhookUrlProblem } from '../../../lib/core/notify/webhook-address.ts'

describe('nothing is sent to', () => {
  test.each([
    ['0.0.0.0', 'this network'],
    ['10.1.2.3', 'private'],
    ['100.100.100.200', 'shared by carriers and clouds'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['169.254.170.2', 'link-local'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.192', 'set aside for protocols'],
    ['192.168.255.255', 'private'],
    ['198.19.0.1', 'for benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['2002:a9fe:a9fe::1', 'a relay'],
    ['2001:db8::1', 'for documentation'],
    ['2001::1', 'set aside for protocols'],
  ])('%s, which is %s', (address, what) => {
    expect(addressProblem(address)).toBe(`${address} is no public address (${what})`)
  })

  test.each([
    '::',
    '::1',
    'fe80::1',
    'fec0::1',
    'fd00:ec2::254',
    'fc00::',
    'ff02::1',
    '64:ff9b::7f00:1',
    '100::1',
    '::8.8.8.8',
  ])('%s, which is outside of what IPv6 gives out', address => {
    expect(addressProblem(address)).toBe(`${address} is no public address`)
  })

  test.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.04x',
    '1.2.3.04',
    '::1.2.3.04',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    'fe80::1%eth0',
  ])('"%s", which is no address', text => {
    expect(addressProblem(text)).toBe(`expected an IP address, got "${text}"`)
  })
})

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:830::200e',
  '::ffff:8.8.8.8',
])('%s may be sent to', address => {
  expect(addressProblem(address)).toBeNull()
})

/** IANA's registries as another library has them. It knows a few ranges more, which are routed like others. */
const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(ipaddr.IPv6.parseCIDR('2000::/3'))
    ? ['unicast', 'as112', 'as112v6', 'amt'].includes(address.range())
    : false
/** Spelt without dots, of which the library reads more as IPv4 than there is. */
const withoutDots = (address: string): string => new URL(`https://[${address}]`).hostname.slice(1, -1)

test.prop([fc.ipV4()], { numRuns: 2000 })('IPv4 is judged as another library judges it', address => {
  expect(addressProblem(address) === null).toBe(isPublic(ipaddr.parse(address)))
})

test.prop([fc.ipV6()], { numRuns: 2000 })(
  'IPv6 is judged as another library judges it, however it is spelt',
  address => {
    expect(addressProblem(address) === null).toBe(isPublic(ipaddr.process(withoutDots(address))))
  },
)

test.prop([fc.integer({ min: 0, max: 2 ** 32 - 1 })])(
  'an address is judged alike with IPv6 around it',
  number => {
    const parts = [24, 16, 8, 0].map(shift => (number >>> shift) & 255)
    const plain = addressProblem(parts.join('.')) === null
    const hex = `::ffff:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`
    expect(addressProblem(`::ffff:${parts.join('.')}`) === null).toBe(plain)
    expect(addressProblem(hex) === null).toBe(plain)
  },
)

describe('a URL', () => {
  test.each([
    ['https://127.0.0.1/x', '127.0.0.1 is no public address (loopback)'],
    ['https://2130706433/', '127.0.0.1 is no public address (loopback)'],
    ['https://0x7f.1/', '127.0.0.1 is no public address (loopback)'],
    ['https://[::1]:8443/', '::1 is no public address'],
    ['https://[::ffff:10.0.0.1]/', '::ffff:a00:1 is no public address (private)'],
    ['https://localhost/', 'localhost is this machine itself'],
    ['https://a.LOCALHOST./', 'a.localhost. is this machine itself'],
    ['https://user:word@example.com/', 'expected no user and no password in it'],
    ['http://example.com/', 'expected https, got http'],
  ])('%s can never be sent to: %s', (url, problem) => {
    expect(webhookUrlProblem(url)).toBe(problem)
  })

  test.each([
    'https://hooks.example.com/services/x?y=z',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
  ])('%s may be', url => {
    expect(webhookUrlProblem(url)).toBeNull()
  })
})
