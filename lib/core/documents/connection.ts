/** What a connection may point at: hosts that are allowed, secrets that are ours. */

import { type Connection, traitsOf } from '../model/connection.ts'
import { globMatches } from '../model/glob.ts'
import type { Channel } from '../notify/channel/channel.ts'
import type { WebhookTarget } from '../notify/webhook.ts'
import { webhookUrlProblem } from '../notify/webhook-address.ts'
import type { FieldProblem } from './input.ts'
import { quoteValue } from './problem.ts'

interface Allowed {
  /** Globs. */
  allowedEndpointHosts: string[]
  /** What the names of secrets and parameters begin with. */
  secretsPrefix: string
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** However it is written: `localhost.`, `x.localhost`, IPv4 in IPv6, the addresses that mean every address of one's own. */
const isThisMachine = (host: string): boolean =>
  isLoopback(host) || /(^|\.)localhost\.?$|^0\.0\.0\.0$|^\[::\]$|^\[::ffff:(7f[0-9a-f]{2}|0):/.test(host)

/**
 * `*.` at the beginning of a glob is any number of labels, `*` elsewhere a part of one: customers name hosts below
 * those of some services. This machine is only matched by a glob that begins with its name.
 */
function hostMatches(glob: string, host: string): boolean {
  if (glob.startsWith('*') && isThisMachine(host)) return false
  if (glob === '*') return true
  const labels = host.split('.')
  const wanted = glob.toLowerCase().split('.')
  const isOpen = wanted[0] === '*'
  if (isOpen) wanted.shift()
  const more = labels.length - wanted.length
  if (isOpen ? more < 1 : more !== 0) return false
  return wanted.every((label, index) => globMatches(label, labels[more + index]!))
}

const MAX_GLOBS_SHOWN = 5

function urlProblem(text: string, { allowedEndpointHosts: globs }: Allowed): string | null {
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    return `expected https, got ${quoteValue(text)}`
  if (`${username}${password}${search}${hash}` !== '')
    return 'expected no user, password, query or fragment in it'
  if (globs.some(glob => hostMatches(glob, hostname))) return null
  const more = globs.length > MAX_GLOBS_SHOWN ? ` and ${globs.length - MAX_GLOBS_SHOWN} more` : ''
  const shown = `${globs.slice(0, MAX_GLOBS_SHOWN).join(', ')}${more}`
  return `expected a host that ALLOWED_ENDPOINT_HOSTS allows (${shown}), got ${quoteValue(hostname)}`
}

function endpointProblems(connection: Connection, allowed: Allowed): FieldProblem[] {
  const { api, endpoints } = connection
  const { endpoints: known, required } = traitsOf(connection)
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
    : `expected a name that begins with "${secretsPrefix}" (SECRETS_PREFIX), got ${quoteValue(name)}`

function credentialsProblem(
  { credentials }: Pick<Connection, 'credentials'>,
  allowed: Pick<Allowed, 'secretsPrefix'>,
): string | null {
  if (credentials.source !== 'environment') return secretNameProblem(credentials.name, allowed)
  return /^[A-Z0-9_]*$/i.test(credentials.name)
    ? null
    : `expected the beginning of a variable's name, such as PROD_, or nothing, got ${quoteValue(credentials.name)}`
}

/** What is not allowed about a connection here, beyond its form. */
export function connectionProblems(connection: Connection, allowed: Allowed): FieldProblem[] {
  const credentials = credentialsProblem(connection, allowed)
  return [
    ...endpointProblems(connection, allowed),
    ...(credentials === null ? [] : [{ path: 'credentials.name', message: credentials }]),
  ]
}

/** What is not allowed about a channel here, beyond its form. */
export function channelProblems(channel: Channel, allowed: Pick<Allowed, 'secretsPrefix'>): FieldProblem[] {
  const message = credentialsProblem(channel, allowed)
  return message === null ? [] : [{ path: 'credentials.name', message }]
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
