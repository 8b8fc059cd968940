/** Keystone: gives tokens, and knows whose they are. */
import { randomBytes } from 'node:crypto'
import { type NamedProject, projectList } from '../huawei/identity.ts'
import { type Answer, bare, type Request, type Route } from '../route.ts'
import { uuidOf } from '../world/server.ts'
import type { Switches } from '../world/switches/switches.ts'
import { catalogOf } from './versions.ts'

type Json = Record<string, unknown>

/** Who may have a token for the project: a user, or a program with an application credential. */
export type Login = {
  role?: 'member' | 'reader' | 'admin'
  /** Ids of the projects that it has a role in; default all. Of an application credential: the one that it belongs to, default the first. */
  projects?: readonly string[]
} & (
  | { username: string; password: string; domainName: string }
  | { applicationCredentialId: string; applicationCredentialSecret: string }
)
export interface TokenHolder {
  role: 'member' | 'reader' | 'admin'
  /** Null: the token is good for no project. */
  projectId: string | null
  expiresAt: number
  /** What its owner has a role in. */
  own: readonly NamedProject[]
}
interface KeystoneOptions {
  projects: readonly NamedProject[]
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

const projectsOf = ({ projects }: Login, all: readonly NamedProject[]): NamedProject[] =>
  all.filter(({ id }) => projects === undefined || projects.includes(id))

/** An application credential has its scope with it; a project that is not there, or not theirs, is refused. */
function scopeOf(auth: unknown, login: Login, all: readonly NamedProject[]): NamedProject | null | undefined {
  const own = projectsOf(login, all)
  if (!('password' in login)) return own[0]
  const scope = part(auth, 'scope')
  return scope === undefined ? null : own.find(({ id }) => part(scope, 'project', 'id') === id)
}

function tokenBody({ login, project, expiresAt }: Given, request: Request): Json {
  const { now, query } = request
  const isPassword = 'password' in login
  const [name, domain] = isPassword ? [login.username, login.domainName] : ['owner', 'Default']
  const hex = (text: string) => uuidOf(text).replaceAll('-', '')
  const scoped = {
    project: { id: project?.id, name: project?.name, domain: { id: 'default', name: 'Default' } },
    is_domain: false,
    roles: [{ id: hex(roleOf(login)), name: roleOf(login) }],
    ...(query.has('nocatalog') ? {} : { catalog: catalogOf(request) }),
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
    expires_at: instant(expiresAt),
    issued_at: instant(now),
    ...(project === null ? {} : scoped),
  }
}

interface Given {
  login: Login
  project: NamedProject | null
  expiresAt: number
}
const roleOf = ({ role = 'member' }: Login) => role

/** Identity API v3, `POST /v3/auth/tokens` and `GET /v3/auth/projects`, with the answers of a real Keystone. */
export function createKeystone({ projects, logins, switches }: KeystoneOptions): Keystone {
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
    const project = login && scopeOf(auth, login, projects)
    if (login === undefined || project === undefined) return unauthorized(request)
    const expiresAt = now + switches.tokenSeconds * 1000
    const token = newToken()
    const own = projectsOf(login, projects)
    holders.set(token, { role: roleOf(login), projectId: project?.id ?? null, expiresAt, own })
    const given = tokenBody({ login, project, expiresAt }, request)
    return answer(201, { token: given }, request, { 'X-Subject-Token': token })
  }

  function holder(token: string | undefined, now: number): TokenHolder | null {
    const found = holders.get(token ?? '')
    return found !== undefined && now < found.expiresAt ? found : null
  }

  function list(request: Request): Answer {
    const found = holder(request.headers['x-auth-token']?.toString(), request.now)
    return found === null ? unauthorized(request) : answer(200, projectList(found.own), request)
  }

  return {
    routes: [
      { name: 'token', method: 'POST', path: '/v3/auth/tokens', guard: () => null, answer: give },
      { name: 'projects', method: 'GET', path: '/v3/auth/projects', guard: () => null, answer: list },
    ],
    holder,
    revoke: () => holders.clear(),
  }
}
