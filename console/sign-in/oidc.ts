/**
 * Logs in at an OIDC issuer by authorization code and PKCE (RFC 7636, S256). Loaded where an issuer is named alone. Tokens
 * stay in the memory of this page.
 */
import { claimsProblem, readClaims } from './id-token.ts'

export interface Client {
  /** The URL of the issuer, as its tokens name it. */
  issuer: string
  clientId: string
}

export interface Session {
  /** The ID token: what API Gateway checks. */
  token: string
  /** ms since the epoch */
  expiresAt: number
  /** Gives another one without asking anybody; `null`: the issuer gave nothing to do it with. */
  renew: (() => Promise<Session>) | null
}

/** What the way to the issuer and back must keep: no token, and gone as soon as it is read. */
interface Kept {
  state: string
  nonce: string
  verifier: string
  /** The screen that one comes back to. */
  place: string
}

/** Of the discovery document, what is used. */
interface Discovered {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
  scopes_supported?: string[]
}

interface TokenAnswer {
  id_token?: string
  refresh_token?: string
}

const KEY = 'curfew-login'
const WANTED_SCOPES = ['openid', 'email', 'groups']
const USUAL_SCOPES = ['openid', 'email']
const TOKEN_BYTES = 32

const encode = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
const randomText = (): string => encode(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)))
const redirectUri = (): string => `${location.origin}/`

async function challengeOf(verifier: string): Promise<string> {
  return encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))
}

/** Asks the issuer. Throws an error for people. */
async function askIssuer<T>(address: string, form?: Record<string, string>): Promise<T> {
  const body = form && { method: 'POST', body: new URLSearchParams(form) }
  const response = await fetch(address, {
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    ...body,
  }).catch(() => {
    throw new Error(`${address} cannot be reached from this page`)
  })
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return answer
  throw new Error(answer.error_description ?? answer.error ?? `${address} answered ${response.status}`)
}

async function discover(issuer: string): Promise<Discovered> {
  const found = await askIssuer<Discovered>(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  if (found.issuer === issuer) return found
  throw new Error(`the issuer calls itself ${found.issuer}, and the deployment names ${issuer}`)
}

/** Leaves for the issuer; the page that comes back goes on with `finishLogin`. */
export async function beginLogin({ issuer, clientId }: Client): Promise<never> {
  const { authorization_endpoint, scopes_supported: known } = await discover(issuer)
  const kept: Kept = {
    state: randomText(),
    nonce: randomText(),
    verifier: randomText(),
    place: location.hash,
  }
  const address = new URL(authorization_endpoint)
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: (known ? WANTED_SCOPES.filter(scope => known.includes(scope)) : USUAL_SCOPES).join(' '),
    state: kept.state,
    nonce: kept.nonce,
    code_challenge: await challengeOf(kept.verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
  sessionStorage.setItem(KEY, JSON.stringify(kept))
  location.assign(address)
  // The page is left: whatever waits for a session waits for the next page.
  return new Promise<never>(() => undefined)
}

/** Whether the address is the issuer's answer to a login that this tab began. */
export const isLoginAnswer = (): boolean =>
  sessionStorage.getItem(KEY) !== null && /[?&](code|error)=/.test(location.search)

/** The code of the issuer's answer (RFC 6749, section 4.1.2; RFC 9207). */
function codeOf(answer: URLSearchParams, { state }: Kept, issuer: string): string {
  const [code, error, from] = ['code', 'error', 'iss'].map(name => answer.get(name))
  if (answer.get('state') !== state || (from != null && from !== issuer))
    throw new Error('the answer is to another login: log in again')
  if (code) return code
  throw new Error(answer.get('error_description') ?? error ?? 'the answer holds no code')
}

/** Takes the issuer's answer out of the address. Throws an error for people. */
export async function finishLogin({ issuer, clientId }: Client): Promise<Session> {
  const answer = new URLSearchParams(location.search)
  const kept: Kept = JSON.parse(sessionStorage.getItem(KEY) ?? '{}')
  sessionStorage.removeItem(KEY)
  history.replaceState(null, '', `/${kept.place || '#/'}`)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
  try {
    const code = codeOf(answer, kept, issuer)
    const { token_endpoint: endpoint } = await discover(issuer)
    const got = await askIssuer<TokenAnswer>(endpoint, {
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: redirectUri(),
      code_verifier: kept.verifier,
    })
    return sessionOf(got, { issuer, clientId, nonce: kept.nonce, endpoint, before: null })
  } catch (error) {
    throw new Error(`Logging in at ${issuer} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

interface Login extends Client {
  nonce: string
  endpoint: string
  /** Of a renewed login: whose it was, and what it was renewed with. */
  before: { subject: string; refresh: string } | null
}

function sessionOf({ id_token: token, refresh_token }: TokenAnswer, login: Login): Session {
  if (token === undefined)
    throw new Error('expected an ID token in the answer, got none: the issuer must offer the scope openid')
  const claims = readClaims(token)
  const problem = claimsProblem(claims, { ...login, isRenewed: login.before !== null })
  if (problem !== null) throw new Error(`its token is not for this page: ${problem}`)
  if (login.before && login.before.subject !== claims.sub) throw new Error("its token is somebody else's")
  const refresh = refresh_token ?? login.before?.refresh
  return {
    token,
    expiresAt: claims.exp * 1000,
    renew:
      refresh === undefined
        ? null
        : () => renewed({ ...login, before: { subject: claims.sub, refresh } }, refresh),
  }
}

async function renewed(login: Login, refresh: string): Promise<Session> {
  const got = await askIssuer<TokenAnswer>(login.endpoint, {
    grant_type: 'refresh_token',
    client_id: login.clientId,
    refresh_token: refresh,
  })
  return sessionOf(got, login)
}
