/** What a connection may point at: hosts that are allowed, secrets that are ours. */
import { globMatches } from '../model/glob.ts'
import type { Connection } from '../model/model.ts'
import type { WebhookTarget } from '../notify/webhook.ts'
import { webhookUrlProblem } from '../notify/webhook-address.ts'
import { type FieldProblem, shown } from './problem.ts'

interface Allowed {
  /** Globs. */
  allowedEndpointHosts: string[]
  /** What the names of secrets and parameters begin with. */
  secretsPrefix: string
}

const ENDPOINTS: Record<Connection['api'], { known: string[]; required: string[] }> = {
  huaweicloud: { known: ['ecs', 'bms', 'iam'], required: [] },
  openstack: { known: ['identity', 'compute'], required: ['identity', 'compute'] },
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

function urlProblem(text: string, { allowedEndpointHosts }: Allowed): string | null {
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    return `expected https, got ${shown(text)}`
  if (`${username}${password}${search}${hash}` !== '')
    return 'expected no user, password, query or fragment in it'
  if (allowedEndpointHosts.some(glob => globMatches(glob.toLowerCase(), hostname))) return null
  return `expected a host that ALLOWED_ENDPOINT_HOSTS allows (${allowedEndpointHosts.join(', ')}), got ${shown(hostname)}`
}

function endpointProblems({ api, endpoints }: Connection, allowed: Allowed): FieldProblem[] {
  const { known, required } = ENDPOINTS[api]
  const given = Object.entries(endpoints).filter(([, url]) => url !== undefined)
  const missing = required.filter(name => !given.some(([one]) => one === name))
  return [
    ...missing.map(name => ({
      path: `endpoints.${name}`,
      message: `expected a URL: ${api} needs it, got nothing`,
    })),
    ...given.flatMap(([name, url]) => {
      const message = known.includes(name)
        ? urlProblem(url, allowed)
        : `unknown field for ${api}; the endpoints here are ${known.join(', ')}`
      return message === null ? [] : [{ path: `endpoints.${name}`, message }]
    }),
  ]
}

/** Why a secret's name is not ours to read; `null` when it is. */
export const secretNameProblem = (
  name: string,
  { secretsPrefix }: Pick<Allowed, 'secretsPrefix'>,
): string | null =>
  name.startsWith(secretsPrefix) && name.length > secretsPrefix.length
    ? null
    : `expected a name that begins with "${secretsPrefix}" (SECRETS_PREFIX), got ${shown(name)}`

function credentialsProblem({ credentials }: Connection, allowed: Allowed): string | null {
  if (credentials.source !== 'environment') return secretNameProblem(credentials.name, allowed)
  return /^[A-Z0-9_]*$/i.test(credentials.name)
    ? null
    : `expected the beginning of a variable's name, such as PROD_, or nothing, got ${shown(credentials.name)}`
}

/** What is not allowed about a connection here, beyond its form. */
export function connectionProblems(connection: Connection, allowed: Allowed): FieldProblem[] {
  const credentials = credentialsProblem(connection, allowed)
  return [
    ...endpointProblems(connection, allowed),
    ...(credentials === null ? [] : [{ path: 'credentials.name', message: credentials }]),
  ]
}

/** What is not allowed about a policy's or an ad hoc run's webhook here. */
export function webhookProblems(
  { webhook }: { webhook: WebhookTarget | null },
  allowed: Pick<Allowed, 'secretsPrefix'>,
): FieldProblem[] {
  if (webhook === null) return []
  const { url, secretName } = webhook
  const messages = {
    'webhook.url': webhookUrlProblem(url),
    'webhook.secretName': secretName === undefined ? null : secretNameProblem(secretName, allowed),
  }
  return Object.entries(messages).flatMap(([path, message]) => (message === null ? [] : [{ path, message }]))
}
