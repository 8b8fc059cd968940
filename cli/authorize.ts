/** How a request shows who sends it: by a token, or signed for IAM with AWS credentials. */
import { readFileSync } from 'node:fs'
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { isLoopback } from '../lib/core/documents/connection.ts'

export type Variables = Record<string, string | undefined>

/** A request before it is authorized. */
export interface Sent {
  method: string
  url: URL
  headers: Record<string, string>
  body?: string | Uint8Array
}

/** Where `npm start` is, unless told otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:3000'
/** Below the folder from which both commands are started. */
const TOKEN_FILE = '.curfew/token'

/** There are no AWS credentials to sign with. */
export class NoCredentials extends Error {
  override name = 'NoCredentials'
}

/** The command line or the environment is wrong: the command exits with 2. */
export class CalledWrongly extends Error {
  override name = 'CalledWrongly'
}

/** The address in CURFEW_URL. Throws `CalledWrongly` where it is none. */
export function curfewUrl({ CURFEW_URL }: Variables): URL {
  const url = URL.parse(CURFEW_URL || DEFAULT_URL)
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new CalledWrongly(
    `CURFEW_URL: expected the address of Curfew, such as https://curfew.example, got "${CURFEW_URL}"`,
  )
}

/** The region stands in the address that API Gateway gives; under a name of one's own it is the environment's. */
function regionOf({ hostname }: URL, env: Variables): string {
  const region =
    /\.execute-api\.([a-z0-9-]+)\./.exec(hostname)?.[1] ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION
  if (region) return region
  throw new Error(`${hostname} does not tell its region: expected it in AWS_REGION`)
}

type Provider = ReturnType<typeof defaultProvider>
let provider: Provider | undefined

/** The AWS credentials that AWS's own tools would take: kept while they are valid, then asked for anew. Throws `NoCredentials`. */
export async function awsCredentials(): Promise<Awaited<ReturnType<Provider>>> {
  provider ??= defaultProvider()
  try {
    return await provider()
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw new NoCredentials(
      `no AWS credentials (${reason.replace(/\.$/, '')}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and ` +
        'AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN where they are temporary), or log in with `aws sso login`',
      { cause },
    )
  }
}

/** A name that is repeated has a list. */
const queryOf = ({ searchParams }: URL): Record<string, string[]> =>
  Object.fromEntries([...new Set(searchParams.keys())].map(name => [name, searchParams.getAll(name)]))

/** Signs for IAM (AWS Signature Version 4, service `execute-api`); gives the headers to send. */
export async function signed(sent: Sent, env: Variables): Promise<Record<string, string>> {
  const { method, url, headers, body } = sent
  const signer = new SignatureV4({
    service: 'execute-api',
    region: regionOf(url, env),
    credentials: awsCredentials,
    sha256: Sha256,
  })
  const request = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    body,
    query: queryOf(url),
    headers: { ...headers, host: url.host },
  })
  const { host: _, ...rest } = request.headers
  return rest
}

/** The token of the data folder where `npm start` keeps it: sent to this machine alone. */
function localToken(): string | undefined {
  try {
    return readFileSync(TOKEN_FILE, 'utf8').trim()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${TOKEN_FILE} cannot be read: give the token in CURFEW_TOKEN`, { cause })
  }
}

/** `iam`: signed with AWS credentials. `none`: on this machine nothing may be asked for. */
export type Authorization = { kind: 'token'; token: string } | { kind: 'iam' } | { kind: 'none' }

/** A token, where there is one; without one, requests are signed elsewhere than on this machine. */
export function authorizationFor({ hostname }: URL, env: Variables): Authorization {
  const isHere = isLoopback(hostname)
  const token = env.CURFEW_TOKEN || (isHere ? localToken() : undefined)
  if (token !== undefined) return { kind: 'token', token }
  return { kind: isHere ? 'none' : 'iam' }
}

/** The headers of a request with what shows who sends it. Throws `NoCredentials`. */
export async function authorize(sent: Sent, env: Variables): Promise<Record<string, string>> {
  const how = authorizationFor(sent.url, env)
  if (how.kind === 'token') return { ...sent.headers, authorization: `Bearer ${how.token}` }
  return how.kind === 'iam' ? signed(sent, env) : sent.headers
}
