/** Stands where an OIDC issuer is: its discovery document, its login page, its tokens, with a key of its own. */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export const CLIENT_ID = 'curfew-console'

export interface IssuerSwitches {
  /** What becomes of the next logins: the words of a refusal; `null`: they succeed. */
  refuses: string | null
  /** Claims of the tokens beyond those that each has. */
  claims: Record<string, unknown>
  lifetimeSeconds: number
  /** Whether a refresh token comes with an ID token. */
  refreshes: boolean
  /** A nonce of another login is in the tokens. */
  isReplayed: boolean
}

interface Pending {
  challenge: string
  nonce: string
  redirectUri: string
}

export type TestIssuer = Awaited<ReturnType<typeof startIssuer>>

export async function startIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const switches: IssuerSwitches = {
    refuses: null,
    claims: {},
    lifetimeSeconds: 3600,
    refreshes: false,
    isReplayed: false,
  }
  const codes = new Map<string, Pending>()
  const refreshTokens = new Map<string, string>()
  /** The grants that the token endpoint gave, and what it refused. */
  const granted: string[] = []
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/ops`

  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  function idToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1000)
    const { claims, lifetimeSeconds, isReplayed } = switches
    const payload = {
      iss: url,
      aud: CLIENT_ID,
      sub: 'u-1',
      iat: now,
      exp: now + lifetimeSeconds,
      nonce: isReplayed ? 'of-another-login' : nonce,
      ...claims,
    }
    const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: '1' })}.${part(payload)}`
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  }

  /** The login page, on which nobody has to type anything: it sends the browser back. */
  function login(query: URLSearchParams, response: ServerResponse): void {
    const back = new URL(query.get('redirect_uri')!)
    const isWhole =
      query.get('response_type') === 'code' &&
      query.get('client_id') === CLIENT_ID &&
      query.get('code_challenge_method') === 'S256' &&
      query.get('scope')!.split(' ').includes('openid')
    if (!isWhole || switches.refuses !== null) {
      back.searchParams.set('error', 'access_denied')
      back.searchParams.set('error_description', switches.refuses ?? 'the request is not whole')
    } else {
      const code = randomUUID()
      const [challenge, nonce] = [query.get('code_challenge')!, query.get('nonce')!]
      codes.set(code, { challenge, nonce, redirectUri: query.get('redirect_uri')! })
      back.searchParams.set('code', code)
    }
    back.searchParams.set('state', query.get('state')!)
    response.writeHead(302, { location: String(back) }).end()
  }

  /** A code counts once, and only with the verifier of its challenge. `null`: it is refused. */
  function nonceOf(form: URLSearchParams): string | null {
    if (form.get('client_id') !== CLIENT_ID) return null
    if (form.get('grant_type') === 'refresh_token')
      return refreshTokens.get(form.get('refresh_token')!) ?? null
    const pending = codes.get(form.get('code')!)
    codes.delete(form.get('code')!)
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isOwn = pending?.challenge === challenge && pending.redirectUri === form.get('redirect_uri')
    return isOwn ? pending.nonce : null
  }

  function tokens(form: URLSearchParams): { status: number; body: object } {
    const nonce = nonceOf(form)
    granted.push(`${form.get('grant_type')}${nonce === null ? ', refused' : ''}`)
    if (nonce === null) return { status: 400, body: { error: 'invalid_grant' } }
    const refresh = randomUUID()
    if (switches.refreshes) refreshTokens.set(refresh, nonce)
    const body = {
      access_token: randomUUID(),
      token_type: 'Bearer',
      id_token: idToken(nonce),
      ...(switches.refreshes ? { refresh_token: refresh } : {}),
    }
    return { status: 200, body }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, url)
    const cors = { 'access-control-allow-origin': request.headers.origin ?? '*' }
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json', ...cors }).end(JSON.stringify(body))
    if (pathname.endsWith('/authorize')) return login(searchParams, response)
    if (pathname.endsWith('/.well-known/openid-configuration'))
      return void json(200, {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/keys`,
        scopes_supported: ['openid', 'email', 'groups'],
      })
    if (!pathname.endsWith('/token')) return void json(404, {})
    const { status, body } = tokens(new URLSearchParams(await text(request)))
    json(status, body)
  }

  return {
    url,
    publicKey,
    switches,
    granted,
    /** Whoever renews a login from now on is refused. */
    forgetLogins: () => refreshTokens.clear(),
    close: () => server.close(),
  }
}
