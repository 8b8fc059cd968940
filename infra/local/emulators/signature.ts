/** AWS Signature Version 4 as the embedded parts check it (IAM user guide, "Create a signed AWS API request"). */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

interface SigningKey {
  accessKeyId: string
  secretAccessKey: string
}
/** What an `Authorization` header claims. */
export interface Claim {
  accessKeyId: string
  date: string
  region: string
  service: string
  signedHeaders: string[]
  signature: string
}
interface SignedRequest {
  headers: IncomingHttpHeaders
  body: Buffer
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
/** A signature that covers less would do for another request, too. */
const MUST_BE_SIGNED = ['host', 'x-amz-date', 'x-amz-target']

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest()
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest()

/** Takes the same time wherever the texts differ. */
export const isSameSecret = (one: string, other: string): boolean =>
  timingSafeEqual(sha256(one), sha256(other))

/** `null` where the header is none that claims to sign what matters. */
export function readClaim(authorization: string | undefined): Claim | null {
  const [, accessKeyId, date, region, service, names, signature] =
    AUTHORIZATION.exec(authorization ?? '') ?? []
  if (!accessKeyId || !date || !region || !service || !names || !signature) return null
  const signedHeaders = names.split(';')
  if (!MUST_BE_SIGNED.every(name => signedHeaders.includes(name))) return null
  return { accessKeyId, date, region, service, signedHeaders, signature }
}

const keysOfScopes = new Map<string, Buffer | string>()

/** The same for a whole day, region and service. */
function keyOfScope(scope: string, { secretAccessKey }: SigningKey): Buffer | string {
  const name = `${scope} ${secretAccessKey}`
  const known = keysOfScopes.get(name)
  if (known !== undefined) return known
  const made = scope.split('/').reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`)
  keysOfScopes.set(name, made)
  return made
}

/**
 * Whether the key made the signature of a `POST /` without a query, over these headers and this body. How old it is
 * does not matter: the key is no older than the process.
 */
export function isSigned(claim: Claim, { headers, body }: SignedRequest, key: SigningKey): boolean {
  const { date, region, service, signedHeaders, signature } = claim
  const lines = signedHeaders.map(
    name =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replaceAll(/ +/g, ' ')}\n`,
  )
  const canonical = ['POST', '/', '', lines.join(''), signedHeaders.join(';'), sha256(body).toString('hex')]
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    scope,
    sha256(canonical.join('\n')).toString('hex'),
  ].join('\n')
  return isSameSecret(signature, hmac(keyOfScope(scope, key), toSign).toString('hex'))
}
