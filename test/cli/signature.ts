/** Whether a request is signed as IAM asks for it (IAM user guide, "Create a signed AWS API request"), written from that page. */
import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

interface Received {
  method: string
  /** As it stood in the request line. */
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
/** By their bytes, not as a language has it. */
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))

function canonicalQuery(query: string): string {
  const pairs = query === '' ? [] : query.split('&').map(pair => pair.split(/=(.*)/s))
  const read = (text = '') => encoded(decodeURIComponent(text.replaceAll('+', '%20')))
  return pairs
    .map(([name, value]) => `${read(name)}=${read(value)}`)
    .sort(byBytes)
    .join('&')
}

/** The region and the session token it was signed for; throws where the signature is not the key's. */
export function verifiedSignature({ method, url, headers, body }: Received, secretKey: string) {
  const [, keyId, date, region, service, names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const [path = '', query = ''] = url.split(/\?(.*)/s)
  const signedNames = names.split(';')
  const canonical = [
    method,
    // Outside of S3 each segment is encoded once more.
    path.split('/').map(encoded).join('/'),
    canonicalQuery(query),
    ...signedNames.map(name => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}`),
    '',
    names,
    hash(body),
  ].join('\n')
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope}\n${hash(canonical)}`
  const key = [region!, service!, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretKey}`, date!))
  if (hmac(key, toSign).toString('hex') !== signature) throw new Error(`another signature:\n${canonical}`)
  return { keyId, region, service, signedNames }
}
