/**
 * Logs in at an OIDC issuer by authorization code and PKCE (RFC 7636, S256). Loaded where an issuer is named alone. Tokens
 * stay in the memory of this page.
 */
import * as oauth from 'oauth4webapi'

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

/** Why nobody is logged in, for people. */
export class LoginError extends Error {
  override name = 'LoginError'
}

/** What the way to the issuer and back must keep: no token, and gone as soon as it is read. */
interface Kept {
  state: string
  nonce: string
  verifier: string
  /** The screen that one comes back to. */
  place: string
}

const KEY = 'curfew-login'
const WANTED_SCOPES = ['openid', 'email', 'groups']
const USUAL_SCOPES = ['openid', 'email']

interface Issuer {
  server: oauth.AuthorizationServer
  client: oauth.Client
  /** Plain HTTP is for an issuer on this machine. */
  options: { [oauth.allowInsecureRequests]: boolean }
}

async function discover({ issuer, clientId }: Client): Promise<Issuer> {
  const url = new URL(issuer)
  const options = { [oauth.allowInsecureRequests]: url.protocol === 'http:' }
  try {
    const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options))
    return { server, client: { client_id: clientId }, options }
  } catch (error) {
    throw loginError(`The issuer ${issuer} cannot be asked how to log in`, error)
  }
}

function loginError(what: string, error: unknown): LoginError {
  if (error instanceof LoginError) return error
  if (error instanceof oauth.AuthorizationResponseError)
    return new LoginError(`${what}: ${error.error_description ?? error.error}`)
  return new LoginError(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error })
}

/** Leaves for the issuer; the page that comes back goes on with `finishLogin`. */
export async function beginLogin(given: Client): Promise<never> {
  const { server, client } = await discover(given)
  if (server.authorization_endpoint === undefined)
    throw new LoginError(`The issuer ${given.issuer} names no page to log in at.`)
  const kept: Kept = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    place: location.hash,
  }
  const address = new URL(server.authorization_endpoint)
  const known = server.scopes_supported
  const parameters = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri(),
    scope: (known ? WANTED_SCOPES.filter(scope => known.includes(scope)) : USUAL_SCOPES).join(' '),
    state: kept.state,
    nonce: kept.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
  sessionStorage.setItem(KEY, JSON.stringify(kept))
  location.assign(address)
  // The page is left: whatever waits for a session waits for the next page.
  return new Promise<never>(() => undefined)
}

const redirectUri = (): string => `${location.origin}/`

/** Whether the address is the issuer's answer to a login that this tab began. */
export const isLoginAnswer = (): boolean =>
  sessionStorage.getItem(KEY) !== null && /[?&](code|error)=/.test(location.search)

/** Takes the issuer's answer out of the address. Throws `LoginError`. */
export async function finishLogin(given: Client): Promise<Session> {
  const answer = new URL(location.href)
  const kept: Kept = JSON.parse(sessionStorage.getItem(KEY) ?? '{}')
  sessionStorage.removeItem(KEY)
  history.replaceState(null, '', `/${kept.place || '#/'}`)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
  const issuer = await discover(given)
  const { server, client, options } = issuer
  try {
    const code = oauth.validateAuthResponse(server, client, answer, kept.state)
    const response = await oauth.authorizationCodeGrantRequest(
      ...([server, client, oauth.None(), code, redirectUri(), kept.verifier, options] as const),
    )
    const expected = { expectedNonce: kept.nonce, requireIdToken: true }
    return sessionOf(issuer, await oauth.processAuthorizationCodeResponse(server, client, response, expected))
  } catch (error) {
    throw loginError(`Logging in at ${given.issuer} failed`, error)
  }
}

function sessionOf(issuer: Issuer, answer: oauth.TokenEndpointResponse, before?: string): Session {
  const { id_token: token, refresh_token: refresh = before } = answer
  const claims = oauth.getValidatedIdTokenClaims(answer)
  if (token === undefined || claims === undefined) throw new LoginError('The issuer gave no ID token.')
  return {
    token,
    expiresAt: claims.exp * 1000,
    renew: refresh === undefined ? null : () => renewed(issuer, refresh),
  }
}

async function renewed(issuer: Issuer, refresh: string): Promise<Session> {
  const { server, client, options } = issuer
  const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh, options)
  return sessionOf(issuer, await oauth.processRefreshTokenResponse(server, client, response), refresh)
}
