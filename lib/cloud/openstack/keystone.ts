/** Tokens of Keystone: asks for them, and keeps them until shortly before their end. */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Connection } from '../../core/model/connection.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import type { CloudOptions } from '../http/options.ts'
import { type AskCloud, type CallAnswer, type Credential, createAsk } from '../http/request.ts'
import { keepCredential, usedUntil } from '../kept-credential.ts'
import { OPENSTACK_CODES } from './codes.ts'
import { type OpenstackSecret, parseOpenstackSecret } from './secret.ts'

interface Token {
  text: string
  /** Not used from then on, ms since the epoch. */
  until: number
}

/**
 * What authorizes the calls of a connection: a token of Keystone's, kept until shortly before its end, and asked for anew once
 * the cloud refuses it. Identity API v3, "Password authentication with scoped authorization" and "Authenticating with an
 * Application Credential". Throws `CloudError` where the secret does not fit, and when Keystone gives no token.
 */
export function createTokens(options: CloudOptions): () => Promise<Credential> {
  const { connection, now } = options
  const secret = parseOpenstackSecret(connection, options.secret)
  const token = keepCredential({
    // By connection: Keystone should not be asked for each call, nor for each run.
    owner: `token ${connection.id}`,
    purpose: purposeOf(connection, secret),
    obtain: tokenRequester(options, secret),
    now,
  })
  return async () => {
    const { text, drop } = await token()
    return {
      authorize: ({ headers }) => ({ ...headers, 'x-auth-token': text }),
      secrets: [text, ...secretsOf(secret)],
      renew: drop,
    }
  }
}

/** A digest: the secret itself is kept nowhere but where it is used. */
const purposeOf = ({ endpoints, projectId }: Connection, secret: OpenstackSecret): string =>
  createHash('sha256')
    .update(JSON.stringify([endpoints.identity, projectId, secret]))
    .digest('hex')

export const secretsOf = (secret: OpenstackSecret): string[] =>
  'password' in secret
    ? [secret.password]
    : [secret.applicationCredentialId, secret.applicationCredentialSecret]

const Named = z.object({ id: z.string(), name: z.string().nullish() })
const TokenAnswer = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    issued_at: z.iso.datetime({ offset: true }).nullish(),
    project: Named.extend({ domain: Named.nullish() }).nullish(),
    user: z.object({ name: z.string().nullish() }).nullish(),
  }),
})
type TokenAnswer = z.infer<typeof TokenAnswer>

/** How Keystone is asked. */
export const keystoneAsk = (options: CloudOptions, credential: Credential): AskCloud =>
  createAsk({
    ...options,
    connectionId: options.connection.id,
    codes: OPENSTACK_CODES,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    credential: () => credential,
  })

/** Asks Keystone for a token; a token changes nothing, so it is asked for again like any read. Without a project it is good for none. */
export function requestToken(
  options: CloudOptions,
  secret: OpenstackSecret,
  projectId?: string,
): Promise<CallAnswer<TokenAnswer>> {
  const ask = keystoneAsk(options, { authorize: ({ headers }) => headers, secrets: secretsOf(secret) })
  return ask({
    what: 'token',
    method: 'POST',
    endpoint: options.connection.endpoints.identity!,
    path: ['auth', 'tokens'],
    // The list of all services is long, and says nothing that the connection does not.
    query: { nocatalog: 'true' },
    body: JSON.stringify(authOf(secret, projectId)),
    answer: TokenAnswer,
  })
}

function tokenRequester(options: CloudOptions, secret: OpenstackSecret): () => Promise<Token> {
  const { connection, now } = options
  return async () => {
    const askedAt = now()
    return tokenOf(connection, await requestToken(options, secret, connection.projectId), askedAt)
  }
}

/** An application credential belongs to its project and takes no scope. */
function authOf(secret: OpenstackSecret, projectId?: string): object {
  if ('password' in secret) {
    const { username: name, password, domainName } = secret
    const user = { name, password, domain: { name: domainName } }
    const scope = projectId === undefined ? {} : { scope: { project: { id: projectId } } }
    return { auth: { identity: { methods: ['password'], password: { user } }, ...scope } }
  }
  const credential = { id: secret.applicationCredentialId, secret: secret.applicationCredentialSecret }
  return { auth: { identity: { methods: ['application_credential'], application_credential: credential } } }
}

const plainProjectId = (projectId: string): string => projectId.replaceAll('-', '').toLowerCase()

const askedOfToken = ({ id, endpoints }: Connection): string =>
  `Connection ${id}: token of ${endpoints.identity}`

/** It comes in a header. */
export function tokenText(connection: Connection, answered: CallAnswer<TokenAnswer>): string {
  const text = answered.header('x-subject-token')
  if (text !== null) return text
  return throwCloudError({
    asked: askedOfToken(connection),
    came: 'expected it in the header X-Subject-Token, got no such header',
    details: ownDetails({ class: 'refused', code: 'no-token' }),
  })
}

function tokenOf(connection: Connection, answered: CallAnswer<TokenAnswer>, askedAt: number): Token {
  const { token } = answered.value
  if (token.project && plainProjectId(token.project.id) !== plainProjectId(connection.projectId))
    throwCloudError({
      asked: askedOfToken(connection),
      came: `expected one for project ${connection.projectId}, got one for ${token.project.id}`,
      details: ownDetails({ class: 'credentials', code: 'wrong-project' }),
    })
  const text = tokenText(connection, answered)
  const cloudAskedAt = token.issued_at ? Date.parse(token.issued_at) : undefined
  return { text, until: usedUntil({ askedAt, cloudAskedAt, cloudEndsAt: Date.parse(token.expires_at) }) }
}
