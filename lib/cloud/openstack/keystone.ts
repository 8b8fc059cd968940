import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Connection } from '../../core/model/connection.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import type { CloudOptions } from '../http/options.ts'
import { type CallAnswer, type Credential, createAsk } from '../http/request.ts'
import { OPENSTACK_CODES } from './codes.ts'
import { type OpenstackSecret, parseOpenstackSecret } from './secret.ts'

/** A token this close to its end is not used any more: a call under way must not outlive it. */
const BEFORE_END_MS = 120_000

interface Token {
  text: string
  /** Not used from then on, ms since the epoch. */
  until: number
}
/** A token as it is kept: still to come, or there. */
interface CachedToken {
  /** What it was asked for: another secret or project needs another token. */
  purpose: string
  token: Promise<Token>
  until: number
}

/** By connection, for the whole process: Keystone should not be asked for each call, nor for each run. */
const kept = new Map<string, CachedToken>()

/**
 * What authorizes the calls of a connection: a token of Keystone's, kept until shortly before its end, and asked for anew once
 * the cloud refuses it. Identity API v3, "Password authentication with scoped authorization" and "Authenticating with an
 * Application Credential". Throws `CloudError` where the secret does not fit, and when Keystone gives no token.
 */
export function createTokens(options: CloudOptions): () => Promise<Credential> {
  const { connection, now } = options
  const secret = parseOpenstackSecret(connection, options.secret)
  const purpose = purposeOf(connection, secret)
  const forToken = tokenRequester(options, secret)

  function keep(): CachedToken {
    const one: CachedToken = { purpose, token: forToken(), until: Number.POSITIVE_INFINITY }
    const there = ({ until }: Token) => {
      one.until = until
    }
    one.token.then(there, () => drop(one))
    kept.set(connection.id, one)
    return one
  }
  function drop(one: CachedToken): void {
    if (kept.get(connection.id) === one) kept.delete(connection.id)
  }

  return async () => {
    const last = kept.get(connection.id)
    const one = last?.purpose === purpose && now() < last.until ? last : keep()
    const { text } = await one.token
    return {
      authorize: ({ headers }) => ({ ...headers, 'x-auth-token': text }),
      secrets: [text, ...secretsOf(secret)],
      renew: () => drop(one),
    }
  }
}

/** A digest: the secret itself is kept nowhere but where it is used. */
const purposeOf = ({ endpoints, projectId }: Connection, secret: OpenstackSecret): string =>
  createHash('sha256')
    .update(JSON.stringify([endpoints.identity, projectId, secret]))
    .digest('hex')

const secretsOf = (secret: OpenstackSecret): string[] =>
  'password' in secret
    ? [secret.password]
    : [secret.applicationCredentialId, secret.applicationCredentialSecret]

const TokenAnswer = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    issued_at: z.iso.datetime({ offset: true }).nullish(),
    project: z.object({ id: z.string() }).nullish(),
  }),
})
type TokenAnswer = z.infer<typeof TokenAnswer>

/** Asks Keystone for a token; a token changes nothing, so it is asked for again like any read. */
function tokenRequester(options: CloudOptions, secret: OpenstackSecret): () => Promise<Token> {
  const { connection, now } = options
  const ask = createAsk({
    ...options,
    connectionId: connection.id,
    codes: OPENSTACK_CODES,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    credential: () => ({ authorize: ({ headers }) => headers, secrets: secretsOf(secret) }),
  })
  return async () => {
    const askedAt = now()
    const answered = await ask({
      what: 'token',
      method: 'POST',
      endpoint: connection.endpoints.identity!,
      path: ['auth', 'tokens'],
      // The list of all services is long, and says nothing that the connection does not.
      query: { nocatalog: 'true' },
      body: JSON.stringify(authOf(connection, secret)),
      answer: TokenAnswer,
    })
    return tokenOf(connection, answered, askedAt)
  }
}

/** An application credential belongs to its project and takes no scope. */
function authOf({ projectId }: Connection, secret: OpenstackSecret): object {
  if ('password' in secret) {
    const { username: name, password, domainName } = secret
    const user = { name, password, domain: { name: domainName } }
    return {
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { id: projectId } },
      },
    }
  }
  const credential = { id: secret.applicationCredentialId, secret: secret.applicationCredentialSecret }
  return { auth: { identity: { methods: ['application_credential'], application_credential: credential } } }
}

const plainProjectId = (projectId: string): string => projectId.replaceAll('-', '').toLowerCase()

function tokenOf(connection: Connection, answered: CallAnswer<TokenAnswer>, askedAt: number): Token {
  const { token } = answered.value
  const asked = `Connection ${connection.id}: token of ${connection.endpoints.identity}`
  if (token.project && plainProjectId(token.project.id) !== plainProjectId(connection.projectId))
    throwCloudError({
      asked,
      came: `expected one for project ${connection.projectId}, got one for ${token.project.id}`,
      details: ownDetails({ class: 'credentials', code: 'wrong-project' }),
    })
  const text = answered.header('x-subject-token')
  if (text === null)
    throwCloudError({
      asked,
      came: 'expected it in the header X-Subject-Token, got no such header',
      details: ownDetails({ class: 'refused', code: 'no-token' }),
    })
  // By the cloud's clock alone, where it tells both instants: ours may be wrong.
  const issuedAt = token.issued_at ? Date.parse(token.issued_at) : askedAt
  return { text, until: askedAt + (Date.parse(token.expires_at) - issuedAt) - BEFORE_END_MS }
}
