/** Signs requests by the AK/SK algorithm of Huawei Cloud's API gateway. */
import { createHash, createHmac } from 'node:crypto'

/** One HTTP request before it is authorized. Path and query are plain text: encoding is this file's. */
export interface Unsigned {
  method: 'GET' | 'POST'
  host: string
  path: string[]
  query: Record<string, string | string[]>
  headers: Record<string, string>
  body: string
}
interface SigningKey {
  accessKey: string
  secretKey: string
  securityToken?: string | undefined
}

const ALGORITHM = 'SDK-HMAC-SHA256'
/** An HTTP library may add headers or change them: only these are signed. */
const SIGNED = ['content-type', 'host', 'x-project-id', 'x-sdk-date', 'x-security-token']

const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const encodedPath = ({ path }: Unsigned): string => `/${path.map(percentEncode).join('/')}`

function encodedQuery({ query }: Unsigned): string {
  const pairs = Object.keys(query)
    .sort()
    .flatMap(name =>
      [query[name] ?? []]
        .flat()
        .sort()
        .map(value => `${percentEncode(name)}=${percentEncode(value)}`),
    )
  return pairs.join('&')
}

/** Path and query as they are sent: the very text that is signed, but for the slash at the path's end. */
export function requestTarget(unsigned: Unsigned): string {
  const query = encodedQuery(unsigned)
  return query === '' ? encodedPath(unsigned) : `${encodedPath(unsigned)}?${query}`
}

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
