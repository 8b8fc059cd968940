/** A certificate that its own key signs, for some hosts and 127.0.0.1, good for a day (RFC 5280). */
import { generateKeyPairSync, sign } from 'node:crypto'

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BITS = 0x03
const OCTETS = 0x04
const OBJECT_ID = 0x06
const TEXT = 0x0c
const UTC_TIME = 0x17
const BOOLEAN = 0x01

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OBJECT_ID, hex('2a8648ce3d040302')))
const COMMON_NAME = der(OBJECT_ID, hex('550403'))
const SUBJECT_ALT_NAME = der(OBJECT_ID, hex('551d11'))
const BASIC_CONSTRAINTS = der(OBJECT_ID, hex('551d13'))
const TRUE = der(BOOLEAN, hex('ff'))

const name = (text: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(TEXT, Buffer.from(text)))))
const utcTime = (ms: number): Buffer =>
  der(
    UTC_TIME,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replaceAll(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  )

const extensions = (hosts: string[]): Buffer => {
  const named = hosts.map(host => der(0x82, Buffer.from(host)))
  const names = der(SEQUENCE, ...named, der(0x87, Buffer.from([127, 0, 0, 1])))
  return der(
    0xa3,
    der(
      SEQUENCE,
      der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTETS, names)),
      der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(OCTETS, der(SEQUENCE, TRUE))),
    ),
  )
}

const pem = (kind: string, bytes: Buffer): string =>
  [
    `-----BEGIN ${kind}-----`,
    ...(bytes.toString('base64').match(/.{1,64}/g) ?? []),
    `-----END ${kind}-----\n`,
  ].join('\n')

/** PEM of both. */
export function aCertificate(now: number, hosts = ['localhost']): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = name('Curfew test')
  const day = 86_400_000
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, hex('02'))),
    der(INTEGER, hex('01')),
    ECDSA_WITH_SHA256,
    own,
    der(SEQUENCE, utcTime(now - day), utcTime(now + day)),
    own,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(hosts),
  )
  const signature = der(BITS, Buffer.from([0]), sign('sha256', body, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', der(SEQUENCE, body, ECDSA_WITH_SHA256, signature)),
  }
}
