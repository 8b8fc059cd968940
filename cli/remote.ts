/** Curfew's HTTP API as the policies are applied with it; signed, where it is not on this machine. */
import { readFileSync } from 'node:fs'
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import * as z from 'zod'
import { isLoopback } from '../lib/core/documents/connection.ts'
import { Policy, PolicyOutlook, PolicyState } from '../lib/core/model/model.ts'

const Stored = z.looseObject({ id: z.string(), version: z.int() })
const Page = z.object({ items: z.array(Stored), nextCursor: z.string().nullable() })
/** Below the folder from which both commands are started. */
const TOKEN_FILE = '.curfew/token'
const Problem = z.object({ status: z.int(), detail: z.string() })

export interface RemotePolicy {
  policy: Policy
  version: number
}
export interface Remote {
  /** All of them. */
  policies(): Promise<RemotePolicy[]>
  /** `version`: the one it replaces, `null` for none. */
  save(policy: Policy, version: number | null): Promise<void>
  remove(id: string, version: number): Promise<void>
}

interface Sent {
  method: string
  url: URL
  headers: Record<string, string>
  body?: string
}

/** The region stands in the address that API Gateway gives; under a name of one's own it is the environment's. */
function regionOf({ hostname }: URL, env: Record<string, string | undefined>): string {
  const region =
    /\.execute-api\.([a-z0-9-]+)\./.exec(hostname)?.[1] ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION
  if (region) return region
  throw new Error(`${hostname} does not tell its region: expected it in AWS_REGION`)
}

/** Signs for IAM (AWS Signature Version 4, service `execute-api`), with the credentials that AWS's own tools would take. */
export async function signed(
  sent: Sent,
  env: Record<string, string | undefined>,
): Promise<Record<string, string>> {
  const { method, url, headers, body } = sent
  const signer = new SignatureV4({
    service: 'execute-api',
    region: regionOf(url, env),
    credentials: defaultProvider(),
    sha256: Sha256,
  })
  const request = await signer.sign({
    ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, body },
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
  })
  const { host: _, ...rest } = request.headers
  return rest
}

/** The token of the data folder where `npm start` keeps it: for what runs on this machine, and for nobody else. */
function localToken(): string | undefined {
  try {
    return readFileSync(TOKEN_FILE, 'utf8').trim()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${TOKEN_FILE} cannot be read: give the token in CURFEW_TOKEN`, { cause })
  }
}

/** With a token, where there is one; elsewhere than on this machine signed for IAM without one. */
async function authorized(sent: Sent, env: Record<string, string | undefined>): Promise<Sent['headers']> {
  const isHere = isLoopback(sent.url.hostname)
  const token = env.CURFEW_TOKEN || (isHere ? localToken() : undefined)
  if (token !== undefined) return { ...sent.headers, authorization: `Bearer ${token}` }
  return isHere ? sent.headers : signed(sent, env)
}

async function answered(sent: Sent, env: Record<string, string | undefined>): Promise<unknown> {
  const { method, url, body } = sent
  const headers = await authorized(sent, env)
  const what = `${method} ${url.pathname}`
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) }).catch(
    cause => {
      throw new Error(`${what}: nobody answers at ${url.origin} (CURFEW_URL)`, { cause })
    },
  )
  const text = await response.text()
  if (response.ok) return text === '' ? null : JSON.parse(text)
  const problem = Problem.safeParse(jsonOf(text))
  throw new Error(`${what}: ${response.status} ${problem.success ? problem.data.detail : text.slice(0, 200)}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function plain(stored: z.infer<typeof Stored>): RemotePolicy {
  const readOnly = { ...PolicyState.shape, ...PolicyOutlook.shape }
  const fields = Object.entries(stored).filter(([name]) => !Object.hasOwn(readOnly, name))
  return { policy: Policy.parse(Object.fromEntries(fields)), version: stored.version }
}

/** What was read is what is replaced, or nothing is. */
function guardOf(version: number | null | undefined): Record<string, string> {
  if (version === undefined) return {}
  return version === null ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` }
}

/** The API at an address. Its functions throw an error with the request and the answer's own words when it is not a success. */
export function createRemote(address: string, env: Record<string, string | undefined>): Remote {
  const call = (
    method: string,
    path: string,
    { body, version }: { body?: object; version?: number | null } = {},
  ) =>
    answered(
      {
        ...{ method, url: new URL(`/v1${path}`, address) },
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...guardOf(version),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      },
      env,
    )
  return {
    async policies() {
      const items: RemotePolicy[] = []
      let cursor = ''
      do {
        const page = Page.parse(await call('GET', `/policies?limit=1000${cursor}`))
        items.push(...page.items.map(plain))
        cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`
      } while (cursor !== '')
      return items
    },
    save: async (policy, version) =>
      void (await call('PUT', `/policies/${policy.id}`, { body: policy, version })),
    remove: async (id, version) => void (await call('DELETE', `/policies/${id}`, { version })),
  }
}
