/** What a connection may point at: hosts that are allowed, secrets that are ours. */

import { type Assume, type Connection, traitsOf } from '../model/connection.ts'
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
  /** Whether keys may be those of the server that Curfew runs on. */
  metadataKeys: boolean
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

function keyNameProblem(
  { credentials: { source, name } }: Pick<Connection, 'credentials'>,
  allowed: Pick<Allowed, 'secretsPrefix'>,
): string | null {
  if (source === 'metadata') return name === '' ? null : `expected nothing, got ${quoteValue(name)}`
  if (source !== 'environment') return secretNameProblem(name, allowed)
  return /^[A-Z0-9_]*$/i.test(name)
    ? null
    : `expected the beginning of a variable's name, such as PROD_, or nothing, got ${quoteValue(name)}`
}

/** `metadata` reads the key of the very machine: it must be a server of the cloud, and its operator must allow it. */
function keySourceProblem(connection: Connection, { metadataKeys }: Allowed): string | null {
  if (connection.credentials.source !== 'metadata') return null
  if (!traitsOf(connection).hasAgencies)
    return `expected environment, secretsManager or parameterStore for ${connection.api}, got "metadata"`
  return metadataKeys
    ? null
    : 'expected environment, secretsManager or parameterStore, got "metadata": Curfew reads the key of the server that it runs on only where it was started on one, with real clouds (npm start -- --no-simulator); here it was not'
}

/** The longest session, in minutes: of STS, and of a key that takes an agency on and is temporary itself. */
const MAX_STS_MINUTES = 720
export const MAX_CHAINED_MINUTES = 60

function sessionProblem({ credentials: { source } }: Connection, assume: Assume): string | null {
  const { domainId, sessionMinutes } = assume
  if (source === 'metadata' && sessionMinutes > MAX_CHAINED_MINUTES)
    return `expected at most ${MAX_CHAINED_MINUTES}, for the key of a server is temporary itself, got ${sessionMinutes}`
  return domainId !== undefined && sessionMinutes > MAX_STS_MINUTES
    ? `expected at most ${MAX_STS_MINUTES} with domainId, got ${sessionMinutes}`
    : null
}

function accountProblem({ domainName, domainId }: Assume): string | null {
  if ((domainName === undefined) !== (domainId === undefined)) return null
  const came = domainName === undefined ? 'neither' : 'both'
  return `expected the account of the agency as domainName or as domainId, got ${came}`
}

/** Where the servers are elsewhere than by default, the key is shown to no host that only follows from the region. */
function agencyHostProblems({ endpoints }: Connection, { domainId }: Assume): Record<string, string | null> {
  const name = domainId === undefined ? 'iam' : 'sts'
  const isMissing = endpoints.ecs !== undefined && endpoints[name] === undefined
  return { [`endpoints.${name}`]: isMissing ? 'expected a URL, for ecs is named, got nothing' : null }
}

function assumeProblems(connection: Connection): Record<string, string | null> {
  const { api, assume } = connection
  if (assume === null) return {}
  if (!traitsOf(connection).hasAgencies) return { assume: `expected null: ${api} has no agencies` }
  const isExternalIdOdd = assume.externalId !== undefined && assume.domainId === undefined
  return {
    assume: accountProblem(assume),
    'assume.externalId': isExternalIdOdd ? 'expected it with domainId alone: IAM (v3) takes none' : null,
    'assume.sessionMinutes': sessionProblem(connection, assume),
    ...agencyHostProblems(connection, assume),
  }
}

/** The problems of fields, by path; `null`: a field has none. */
const problemsByPath = (messages: Record<string, string | null>): FieldProblem[] =>
  Object.entries(messages).flatMap(([path, message]) => (message === null ? [] : [{ path, message }]))

/** What is not allowed about a connection here, beyond its form. */
export function connectionProblems(connection: Connection, allowed: Allowed): FieldProblem[] {
  return [
    ...endpointProblems(connection, allowed),
    ...problemsByPath({
      'credentials.source': keySourceProblem(connection, allowed),
      'credentials.name': keyNameProblem(connection, allowed),
      ...assumeProblems(connection),
    }),
  ]
}

/** What is not allowed about a channel here, beyond its form. */
export function channelProblems(channel: Channel, allowed: Pick<Allowed, 'secretsPrefix'>): FieldProblem[] {
  return problemsByPath({ 'credentials.name': keyNameProblem(channel, allowed) })
}

/** What is not allowed about a policy's or an ad hoc run's webhook here. */
export function webhookProblems(
  { webhook }: { webhook: WebhookTarget | null },
  allowed: Pick<Allowed, 'secretsPrefix'>,
): FieldProblem[] {
  if (webhook === null) return []
  const { url, secretName } = webhook
  return problemsByPath({
    'webhook.url': webhookUrlProblem(url),
    'webhook.secretName': secretName === undefined ? null : secretNameProblem(secretName, allowed),
  })
}
