import { randomBytes } from 'node:crypto'
import { type Answer, bare, type Request, type Route } from '../route.ts'
import { uuidOf } from '../world/server.ts'
import type { Switches } from '../world/switches.ts'

type Json = Record<string, unknown>

/** Who may have a token for the project: a user, or a program with an application credential. */
export type Login = { role?: 'member' | 'reader' | 'admin' } & (
  | { username: string; password: string; domainName: string }
  | { applicationCredentialId: string; applicationCredentialSecret: string }
)
export interface TokenHolder {
  role: 'member' | 'reader' | 'admin'
  /** Null: the token is good for no project. */
  projectId: string | null
  expiresAt: number
}
interface KeystoneOptions {
  projectId: string
  /** Read at each request. */
  logins: readonly Login[]
  switches: Pick<Switches, 'tokenSeconds'>
}
interface Keystone {
  routes: Route[]
  /** Whose token this is; null for one that never was, has ended or was revoked. */
  holder(token: string | undefined, now: number): TokenHolder | null
  /** Every token that was given ends. */
  revoke(): void
}

const REST =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.'
const TITLES: Record<number, string> = { 400: 'Bad Request', 401: 'Unauthorized' }

/** Keystone closes each connection. */
const answer = (status: number, body: Json, { requestId }: Request, headers = {}): Answer =>
  bare(status, body, {
    'Content-Type': 'application/json',
    Vary: 'X-Auth-Token',
    Connection: 'close',
    'x-openstack-request-id': `req-${uuidOf(requestId)}`,
    ...headers,
  })
const refused = (status: number, message: string, request: Request): Answer => ({
  ...answer(status, { error: { code: status, message, title: TITLES[status] } }, request),
  code: String(status),
})
const malformed = (what: string, request: Request): Answer => refused(400, `${what}. ${REST}`, request)

/** Whatever is wrong with who asks or for what: the same words. */
function unauthorized(request: Request): Answer {
  const plain = refused(401, 'The request you have made requires authentication.', request)
  const authenticate = { 'WWW-Authenticate': `Keystone uri="http://${request.headers.host}/v3"` }
  return { ...plain, headers: { ...plain.headers, ...authenticate } }
}

const part = (value: unknown, ...names: string[]): unknown =>
  names.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value)
function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

function parsed(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** A token as Keystone's own kind looks: 183 characters. */
const newToken = (): string => `gAAAAA${randomBytes(133).toString('base64url').slice(0, 177)}`

const instant = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

function loginOf(auth: unknown, logins: readonly Login[]): Login | undefined {
  const user = part(auth, 'identity', 'password', 'user')
  const application = part(auth, 'identity', 'application_credential')
  return logins.find(login =>
    'password' in login
      ? part(user, 'name') === login.username &&
        part(user, 'password') === login.password &&
        part(user, 'domain', 'name') === login.domainName
      : part(application, 'id') === login.applicationCredentialId &&
        part(application, 'secret') === login.applicationCredentialSecret,
  )
}

/** An application credential has its scope with it; a project that is not this one is nobody's. */
function scopeOf(auth: unknown, login: Login, projectId: string): string | null | undefined {
  if (!('password' in login)) return projectId
  const scope = part(auth, 'scope')
  if (scope === undefined) return null
  return part(scope, 'project', 'id') === projectId ? projectId : undefined
}

function tokenBody(login: Login, holder: TokenHolder, { now, query }: Request): Json {
  const isPassword = 'password' in login
  const [name, domain] = isPassword ? [login.username, login.domainName] : ['owner', 'Default']
  const hex = (text: string) => uuidOf(text).replaceAll('-', '')
  const scoped = {
    project: { id: holder.projectId, name: 'curfew', domain: { id: 'default', name: 'Default' } },
    is_domain: false,
    roles: [{ id: hex(holder.role), name: holder.role }],
    ...(query.has('nocatalog') ? {} : { catalog: [] }),
  }
  return {
    methods: [isPassword ? 'password' : 'application_credential'],
    user: {
      id: hex(name),
      name,
      domain: { id: hex(domain), name: domain },
      password_expires_at: null,
    },
    audit_ids: [randomBytes(16).toString('base64url')],
    expires_at: instant(holder.expiresAt),
    issued_at: instant(now),
    ...(holder.projectId === null ? {} : scoped),
  }
}

/** Identity API v3, `POST /v3/auth/tokens`, with the answers of a real Keystone. */
export function createKeystone({ projectId, logins, switches }: KeystoneOptions): Keystone {
  const holders = new Map<string, TokenHolder>()

  function give(request: Request): Answer {
    const { headers, body, now } = request
    if (headers['content-type']?.startsWith('application/json') !== true)
      return malformed('Expecting to find application/json in Content-Type header', request)
    const json = parsed(body)
    if (json === undefined) return malformed('Expecting to find valid JSON in request body', request)
    const auth = part(json, 'auth')
    if (auth === undefined) return malformed('Expecting to find auth in request body', request)
    const user = part(auth, 'identity', 'password', 'user')
    if (part(user, 'name') !== undefined && part(user, 'domain') === undefined)
      return malformed('Expecting to find domain in user', request)
    const login = loginOf(auth, logins)
    const scope = login && scopeOf(auth, login, projectId)
    if (login === undefined || scope === undefined) return unauthorized(request)
    const expiresAt = now + switches.tokenSeconds * 1000
    const holder = { role: login.role ?? ('member' as const), projectId: scope, expiresAt }
    const token = newToken()
    holders.set(token, holder)
    return answer(201, { token: tokenBody(login, holder, request) }, request, { 'X-Subject-Token': token })
  }

  return {
    routes: [{ name: 'token', method: 'POST', path: '/v3/auth/tokens', guard: () => null, answer: give }],
    holder(token = '', now) {
      const holder = holders.get(token)
      return holder !== undefined && now < holder.expiresAt ? holder : null
    },
    revoke: () => holders.clear(),
  }
}
