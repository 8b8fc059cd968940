/** IAM (v3) and STS, as far as they give keys of agencies, and what a server asks about itself. */
import { randomBytes } from 'node:crypto'
import { type Answer, gatewayRefusal, type Request, type Route } from '../route.ts'
import type { Switches } from '../world/switches/switches.ts'
import { callerOf, type Key } from './auth.ts'

export interface SeedAgency {
  name: string
  /** The account that it is of: that of the project. */
  domainName: string
  domainId: string
  /** The access keys that may take it on. */
  trusts: readonly string[]
  /** What its trust policy asks for, by STS; IAM (v3) knows no such thing. */
  externalId?: string
  /** The longest session, by STS; default 60. */
  maxSessionMinutes?: number
  /** Projects in which it has no right. */
  denied?: readonly string[]
}

/** A key of an agency that was given. */
export type SessionKey = Key & Required<Pick<Key, 'securityToken' | 'expiresAt' | 'allows'>>

interface AgencyOptions {
  /** Read at each request. */
  agencies: readonly SeedAgency[]
  /** Every key that was given, ended ones too. */
  sessions: SessionKey[]
  /** Every key that may sign: those of the cloud, and those that were given. */
  signers: () => readonly Key[]
  /** Refuses a request whose signature is none. */
  guard: Route['guard']
  switches: Pick<Switches, 'serverHasAgency'>
}

const SERVER_SESSION_MS = 6 * 3_600_000
const MAX_CHAINED_SECONDS = 3600

type Json = Record<string, unknown>
const inner = (value: unknown, ...names: string[]): unknown =>
  names.reduce<unknown>((outer, name) => (outer as Json | undefined)?.[name], value)

function jsonFrom(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const iamRefusal = (status: number, title: string, message: string): Answer => ({
  status,
  code: String(status),
  body: { error: { code: status, message, title } },
})
const forbidden = (): Answer =>
  iamRefusal(403, 'Forbidden', 'You are not authorized to perform the requested action.')
/** It says no more than that to whoever may not: what it is for is encoded. */
const denied = (): Answer => ({
  status: 403,
  code: 'PAP5.0001',
  body: {
    error_msg: 'access denied: sts:agencies:assume',
    error_code: 'PAP5.0001',
    encoded_authorization_message: randomBytes(60).toString('base64'),
  },
})
const malformed = (why: string): Answer => gatewayRefusal(400, 'PAP5.0011', why)

/** The actions of a session policy; undefined where it is none. */
function allowedBy(policy: unknown): readonly string[] | null | undefined {
  if (policy === undefined) return null
  if (typeof policy !== 'string' || policy.length < 2 || policy.length > 4096) return undefined
  const { Version, Statement } = (jsonFrom(Buffer.from(policy)) ?? {}) as Json
  if (Version !== '5.0' || !Array.isArray(Statement)) return undefined
  return Statement.flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []))
}

const credentialBody = ({ accessKey, secretKey, securityToken, expiresAt }: SessionKey) => ({
  credential: {
    access: accessKey,
    secret: secretKey,
    securitytoken: securityToken,
    expires_at: new Date(expiresAt).toISOString().replace('Z', '000Z'),
  },
})

export function agencyRoutes({ agencies, sessions, signers, guard, switches }: AgencyOptions): Route[] {
  function give(endsAt: number, rights: Pick<Key, 'allows' | 'denied'> = {}): SessionKey {
    const text = (bytes: number) => randomBytes(bytes).toString('hex').toUpperCase()
    const session = {
      accessKey: `HST${text(9)}`,
      secretKey: text(20),
      securityToken: randomBytes(600).toString('base64'),
      expiresAt: endsAt,
      ...rights,
      allows: rights.allows ?? null,
    }
    sessions.push(session)
    return session
  }

  const rightsOf = (agency: SeedAgency | undefined) => (agency?.denied ? { denied: agency.denied } : {})
  const caller = ({ headers }: Request): Key => callerOf(headers, signers())
  const trusted = (agency: SeedAgency | undefined, key: Key): boolean =>
    agency !== undefined && key.mayTakeOn !== false && agency.trusts.includes(key.accessKey)

  /** `POST /v3.0/OS-CREDENTIAL/securitytokens`. */
  function iamAnswer(request: Request): Answer {
    const role = inner(jsonFrom(request.body), 'auth', 'identity', 'assume_role')
    const seconds = Number(inner(role, 'duration_seconds') ?? 900)
    if (role === undefined) return iamRefusal(400, 'Bad Request', 'Request parameter is invalid.')
    if (!(seconds >= 900 && seconds <= 86_400))
      return iamRefusal(400, 'Bad Request', 'duration_seconds is invalid.')
    const agency = agencies.find(
      ({ name, domainName }) =>
        name === inner(role, 'agency_name') && domainName === inner(role, 'domain_name'),
    )
    if (!trusted(agency, caller(request))) return forbidden()
    return { status: 201, body: credentialBody(give(request.now + seconds * 1000, rightsOf(agency))) }
  }

  /** `POST /v5/agencies/assume`. */
  function stsAnswer(request: Request): Answer {
    const body = (jsonFrom(request.body) ?? {}) as Json
    const key = caller(request)
    const seconds = Number(body.duration_seconds ?? 3600)
    const allows = allowedBy(body.policy)
    if (allows === undefined) return malformed('malformed policy document')
    if (!(seconds >= 900 && seconds <= 43_200)) return malformed('invalid duration_seconds')
    if (key.securityToken !== undefined && seconds > MAX_CHAINED_SECONDS)
      return malformed('duration_seconds of a chained session exceeds 3600')
    const agency = agencies.find(
      ({ name, domainId }) => body.agency_urn === `iam::${domainId}:agency:${name}`,
    )
    if (!trusted(agency, key) || agency?.externalId !== body.external_id) return denied()
    if (seconds > (agency?.maxSessionMinutes ?? 60) * 60)
      return malformed('duration_seconds exceeds the maximum session duration of the agency')
    const { accessKey, secretKey, securityToken, expiresAt } = give(request.now + seconds * 1000, {
      ...rightsOf(agency),
      allows,
    })
    return {
      status: 200,
      body: {
        assumed_agency: { urn: `sts::${agency?.domainId}:assumed-agency:${agency?.name}`, id: 'id' },
        credentials: {
          access_key_id: accessKey,
          secret_access_key: secretKey,
          security_token: securityToken,
          expiration: new Date(expiresAt).toISOString(),
        },
      },
    }
  }

  function serverAnswer({ now }: Request): Answer {
    if (!switches.serverHasAgency)
      return { status: 404, body: 'Not Found', headers: { 'Content-Type': 'text/plain' } }
    return { status: 200, body: credentialBody(give(now + SERVER_SESSION_MS)) }
  }

  const iam = { name: 'agencyKey', method: 'POST', path: '/v3.0/OS-CREDENTIAL/securitytokens' } as const
  const sts = { name: 'assume', method: 'POST', path: '/v5/agencies/assume' } as const
  const metadata = { name: 'metadata', method: 'GET', path: '/openstack/latest/securitykey' } as const
  return [
    { ...iam, guard, answer: iamAnswer },
    { ...sts, guard, answer: stsAnswer },
    { ...metadata, guard: () => null, answer: serverAnswer },
  ]
}
