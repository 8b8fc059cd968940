/**
 * The caller, as API Gateway says it: by IAM, or by a token of the OIDC issuer that the deployment names; on one machine
 * as its gateway says it.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { type Caller, ROLES } from './role.ts'

/** What API Gateway's authorizers leave of a request (developer guide, "Lambda proxy integrations for HTTP APIs"). */
interface Authorized {
  iam?: { userArn?: string }
  jwt?: { claims?: Record<string, unknown> }
  /** No deployment has an authorizer of its own, which would speak here: the gateway of the local run does. */
  lambda?: Caller | null
}

/** Below it, the routes of `/v1` are behind the authorizer of tokens, which leaves no other identity. */
const TOKEN_PREFIX = '/console'
const GROUPS = ['groups', 'cognito:groups'] as const
const GROUP_PREFIX = 'curfew-'
const NO_GROUP =
  `the token's claim ${GROUPS.join(' or ')} holds none of ` +
  `${ROLES.map(role => GROUP_PREFIX + role).join(', ')}: ask whoever runs the issuer for one`

const authorizedOf = ({ requestContext }: APIGatewayProxyEventV2): Authorized =>
  (requestContext as { authorizer?: Authorized }).authorizer ?? {}

/** The caller, and the path of the API that is meant. Claims count below `/console/v1` alone, and nothing else does there. */
export function readCaller(event: APIGatewayProxyEventV2): Caller & { path: string } {
  const { rawPath: path, headers } = event
  const { iam, jwt, lambda } = authorizedOf(event)
  if (path.startsWith(`${TOKEN_PREFIX}/v1/`))
    return jwt?.claims
      ? { ...tokenCaller(jwt.claims, headers.authorization), path: path.slice(TOKEN_PREFIX.length) }
      : { actor: 'nobody', role: null, path }
  if (lambda) return { ...lambda, path }
  return iam?.userArn
    ? { actor: iam.userArn, role: 'admin', path }
    : { actor: 'nobody', role: null, roleless: 'the request came without an identity', path }
}

/** The prefix keeps a name that was chosen at the issuer apart from an IAM identity. */
function tokenCaller(claims: Record<string, unknown>, authorization: string | undefined): Caller {
  const groups = groupsOf(claims, authorization)
  const role = ROLES.findLast(one => groups.includes(GROUP_PREFIX + one)) ?? null
  const { email, email_verified: verified, sub } = claims
  const name = email !== undefined && String(verified ?? true) === 'true' ? email : sub
  return { actor: `oidc:${name ?? 'unnamed'}`, role, roleless: NO_GROUP }
}

/**
 * API Gateway hands a list on as `[a b]`, in which a group called `x curfew-admin` looks like two. The token, which it
 * has verified and hands on too, says which they are.
 */
function groupsOf(claims: Record<string, unknown>, authorization: string | undefined): string[] {
  const words = GROUPS.flatMap(name => groupWords(claims[name]))
  const payload = payloadOf(authorization)
  if (payload === null) return words
  const exact = new Set(GROUPS.flatMap(name => payload[name] ?? []))
  return words.filter(word => exact.has(word))
}

function groupWords(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.map(String)
  if (typeof claim !== 'string') return []
  const [, list] = /^\[(.*)\]$/s.exec(claim) ?? []
  return list === undefined ? [claim] : list.split(/\s+/)
}

/** The claims of a bearer token as they stand in it; `null` where it holds none that can be read. */
function payloadOf(authorization = ''): Record<string, unknown> | null {
  const [, payload = ''] = authorization.replace(/^Bearer +/i, '').split('.')
  try {
    const read: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof read === 'object' ? (read as Record<string, unknown> | null) : null
  } catch {
    return null
  }
}
