/** Judges signatures, as the API gateway does. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface Key {
  accessKey: string
  secretKey: string
  /** Of a temporary key: has to come with each request. */
  securityToken?: string
  /** When a temporary key ends, ms since the epoch. */
  expiresAt?: number
  /** Whose it is; default `curfew`. */
  user?: string
  /** Ids of the projects that it may use; default all. */
  projects?: readonly string[]
  /** Ids of those of them in which it may do nothing all the same. */
  denied?: readonly string[]
  /** Whether its user may take on agencies; default yes. */
  mayTakeOn?: boolean
  /** What its session policy allows; null, the default: everything. */
  allows?: readonly string[] | null
}

interface SignedRequest {
  method: string
  /** Path and query as they came, percent-encoded. */
  path: string
  query: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string | undefined>>
  body: Uint8Array
}

interface AuthRefusal {
  code: string
  message: string
}

const CLOCK_TOLERANCE_MS = 15 * 60_000
const MAX_BAD_IN_A_ROW = 5
const LOCK_MS = 5 * 60_000
const AUTHORIZATION =
  /^SDK-HMAC-SHA256\s+Access=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/

interface Signed {
  signedHeaders: string
  value: string
}

function signedBy(authorization: string): Signed & { accessKey: string } {
  const [, accessKey = '', signedHeaders = '', value = ''] = AUTHORIZATION.exec(authorization) ?? []
  return { accessKey, signedHeaders, value }
}

/** Whose signature it is, once that was found good. */
export const callerOf = ({ authorization = '' }: { authorization?: string }, keys: readonly Key[]): Key =>
  keys.find(({ accessKey }) => accessKey === signedBy(authorization).accessKey)!

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function canonicalPath(path: string): string {
  const encoded = path.split('/').map(decode).map(encode).join('/')
  return encoded.endsWith('/') ? encoded : `${encoded}/`
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter(part => part !== '')
    .map(part => {
      const [name = '', ...value] = part.replaceAll('+', ' ').split('=')
      return [decode(name), decode(value.join('='))] as const
    })
  const sorted = pairs.sort(([a, x], [b, y]) => order(a, b) || order(x, y))
  return sorted.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
}

function signature(request: SignedRequest, names: readonly string[], secretKey: string): string {
  const { headers } = request
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    names.map(name => `${name}:${(headers[name] ?? '').trim()}\n`).join(''),
    names.join(';'),
    headers['x-sdk-content-sha256'] ?? sha256(request.body),
  ].join('\n')
  const stringToSign = `SDK-HMAC-SHA256\n${headers['x-sdk-date']}\n${sha256(canonical)}`
  return createHmac('sha256', secretKey).update(stringToSign).digest('hex')
}

/** `YYYYMMDDTHHMMSSZ` as ms since the epoch; NaN for anything else. */
function sdkDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return Number.NaN
  const [year = 0, month = 0, day = 0, ...time] = parts
  return Date.UTC(year, month - 1, day, ...time)
}

const refusal = (code: string, why: string): AuthRefusal => ({
  code,
  message: `Incorrect IAM authentication information: ${why}`,
})
const wrong = (why: string): AuthRefusal => refusal('APIGW.0301', why)

function tokenProblem(
  key: Key,
  { headers }: SignedRequest,
  { names, now }: { names: string[]; now: number },
) {
  if (key.expiresAt !== undefined && now >= key.expiresAt) return 'the security token has expired'
  if (headers['x-security-token'] !== key.securityToken)
    return 'the security token is not that of the access key'
  return key.securityToken !== undefined && !names.includes('x-security-token')
    ? 'the security token is not signed'
    : null
}

function signatureProblem(
  key: Key,
  request: SignedRequest,
  { names, value }: { names: string[]; value: string },
) {
  if (!names.includes('host') || !names.includes('x-sdk-date')) return 'host and x-sdk-date must be signed'
  if (names.some(name => request.headers[name] === undefined)) return 'a signed header is missing'
  const expected = signature(request, names, key.secretKey)
  return timingSafeEqual(Buffer.from(expected), Buffer.from(value)) ? null : 'verify aksk signature fail'
}

/** Five bad ones in a row lock a key for five minutes (API request signing guide, "AK/SK signing and authentication"). */
function createLocks() {
  const failures = new Map<string, { inARow: number; lockedUntil: number }>()
  return {
    isLocked: (accessKey: string, now: number): boolean => (failures.get(accessKey)?.lockedUntil ?? 0) > now,
    succeeded: (accessKey: string): boolean => failures.delete(accessKey),
    failed(accessKey: string, now: number): void {
      const { inARow = 0, lockedUntil = 0 } = failures.get(accessKey) ?? {}
      const before = lockedUntil > 0 && lockedUntil <= now ? 0 : inARow
      const locks = before + 1 >= MAX_BAD_IN_A_ROW
      failures.set(accessKey, { inARow: before + 1, lockedUntil: locks ? now + LOCK_MS : 0 })
    },
  }
}

/** Judges SDK-HMAC-SHA256 signatures by the cloud's clock `now`; null: let in. `keys` is asked at each request. */
export function createSignatureCheck(
  keys: () => readonly Key[],
): (request: SignedRequest, now: number) => AuthRefusal | null {
  const locks = createLocks()

  function judged(key: Key, request: SignedRequest, { signedHeaders, value, now }: Signed & { now: number }) {
    const names = signedHeaders.toLowerCase().split(';').sort(order)
    const why = signatureProblem(key, request, { names, value })
    if (why !== null) locks.failed(key.accessKey, now)
    else locks.succeeded(key.accessKey)
    const reason = why ?? tokenProblem(key, request, { names, now })
    return reason === null ? null : wrong(reason)
  }

  return (request, now) => {
    const { accessKey, ...signed } = signedBy(request.headers.authorization ?? '')
    if (accessKey === '') return wrong('no signature that can be read')
    const key = keys().find(candidate => candidate.accessKey === accessKey)
    if (key === undefined) return wrong('the access key does not exist')
    if (locks.isLocked(accessKey, now))
      return wrong('access failed to reach the limit, forbidden for 5 minutes')
    const sentAt = sdkDate(request.headers['x-sdk-date'] ?? '')
    if (Math.abs(now - sentAt) <= CLOCK_TOLERANCE_MS) return judged(key, request, { ...signed, now })
    return refusal('APIGW.0303', 'the time of the signature is more than 15 minutes from the time here')
  }
}
