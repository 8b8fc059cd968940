import type { Login, Simulator, SimulatorOptions } from '../../infra/simulator/index.ts'
import { aSimulator, PROJECT } from './client.ts'

export const LOGIN = { username: 'curfew', password: 'examplePassword0', domainName: 'Default' }
export const APPLICATION = {
  applicationCredentialId: '21dced0fd20347869b93710d2b98aae0',
  applicationCredentialSecret: 'exampleApplicationSecret0',
}

/** A simulator that knows a member, a reader, an administrator and an application credential. */
export const aNova = (options: Partial<SimulatorOptions> = {}): Promise<Simulator> => {
  const others: Login[] = [
    { ...LOGIN, username: 'reader', role: 'reader' },
    { ...LOGIN, username: 'admin', role: 'admin' },
    APPLICATION,
  ]
  return aSimulator({ logins: [LOGIN, ...others], ...options })
}

export interface NovaReply {
  status: number
  headers: Headers
  text: string
  json: unknown
}
interface Sent {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

/** Sends a body as JSON, or as it is when a string. */
export async function send(
  base: string,
  path: string,
  { method = 'GET', body, headers = {} }: Sent,
): Promise<NovaReply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const sent = { 'content-type': 'application/json', ...headers }
  const response = await fetch(`${base}${path}`, {
    method,
    headers: sent,
    ...(text === undefined ? {} : { body: text }),
  })
  const answer = await response.text()
  return { status: response.status, headers: response.headers, text: answer, json: jsonOf(answer) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What asks Keystone for a token by password. */
export const authOf = ({ username = LOGIN.username, password = LOGIN.password, scope = PROJECT } = {}) => ({
  auth: {
    identity: {
      methods: ['password'],
      password: { user: { name: username, password, domain: { name: LOGIN.domainName } } },
    },
    ...(scope === '' ? {} : { scope: { project: { id: scope } } }),
  },
})

export const askToken = (simulator: Simulator, body: unknown, headers = {}): Promise<NovaReply> =>
  send(simulator.url, '/v3/auth/tokens', { method: 'POST', body, headers })

export async function tokenOf(
  simulator: Simulator,
  options: Parameters<typeof authOf>[0] = {},
): Promise<string> {
  const { headers, text } = await askToken(simulator, authOf(options))
  const token = headers.get('x-subject-token')
  if (token === null) throw new Error(`no token: ${text}`)
  return token
}

/** A Nova as somebody with a token sees it. */
export interface Seen {
  get(path: string, headers?: Record<string, string>): Promise<NovaReply>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<NovaReply>
  /** `os-stop` of a server, with this value. */
  stop(id: string, value?: unknown): Promise<NovaReply>
  /** `os-start`, likewise. */
  start(id: string, value?: unknown): Promise<NovaReply>
}

export function seenBy(simulator: Simulator, token: string, prefix = `/v2.1/${PROJECT}`): Seen {
  const asking = (method: string, path: string, { body, headers }: Sent) =>
    send(simulator.url, `${prefix}${path}`, { method, body, headers: { 'x-auth-token': token, ...headers } })
  return {
    get: (path, headers) => asking('GET', path, { ...(headers ? { headers } : {}) }),
    post: (path, body, headers) => asking('POST', path, { body, ...(headers ? { headers } : {}) }),
    stop: (id, value = null) => asking('POST', `/servers/${id}/action`, { body: { 'os-stop': value } }),
    start: (id, value = null) => asking('POST', `/servers/${id}/action`, { body: { 'os-start': value } }),
  }
}
