/** Signs requests by the AK/SK algorithm of Huawei Cloud's API gateway. */
import { createHash, createHmac } from 'node:crypto'
import { encodedPath, encodedQuery, type Unsigned } from '../http/target.ts'

interface SigningKey {
  accessKey: string
  secretKey: string
  securityToken?: string | undefined
}

const ALGORITHM = 'SDK-HMAC-SHA256'
/** An HTTP library may add headers or change them: only these are signed. */
const SIGNED = ['content-type', 'host', 'x-project-id', 'x-sdk-date', 'x-security-token']

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
/** The text whose hash is signed; header names in lower case. API Request Signing Guide, "Constructing a Standard Request". */
export function canonicalRequest(unsigned: Unsigned): string {
  const path = encodedPath(unsigned)
  const names = SIGNED.filter(name => unsigned.headers[name] !== undefined)
  return [
    unsigned.method,
    path.endsWith('/') ? path : `${path}/`,
    encodedQuery(unsigned),
    ...names.map(name => `${name}:${unsigned.headers[name]?.trim()}`),
    '',
    names.join(';'),
    sha256Hex(unsigned.body),
  ].join('\n')
}

/** `at` as in the header X-Sdk-Date. */
export const stringToSign = (canonical: string, at: string): string =>
  `${ALGORITHM}\n${at}\n${sha256Hex(canonical)}`

/**
 * The headers to send, `authorization` among them, all names in lower case.
 * API Request Signing Guide, "AK/SK Signing and Authentication Algorithm"; a temporary key's token is sent and signed.
 */
export function signRequest(unsigned: Unsigned, key: SigningKey, nowMs: number): Record<string, string> {
  const at = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')
  const headers: Record<string, string> = { ...unsigned.headers, host: unsigned.host, 'x-sdk-date': at }
  if (key.securityToken !== undefined) headers['x-security-token'] = key.securityToken
  const text = stringToSign(canonicalRequest({ ...unsigned, headers }), at)
  const signature = createHmac('sha256', key.secretKey).update(text).digest('hex')
  const names = SIGNED.filter(name => headers[name] !== undefined).join(';')
  headers.authorization = `${ALGORITHM} Access=${key.accessKey}, SignedHeaders=${names}, Signature=${signature}`
  return headers
}
