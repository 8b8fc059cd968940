/** What an ID token says, and whether it is meant for this page (OpenID Connect Core 1.0, section 3.1.3.7). */

export interface Claims {
  iss: string
  sub: string
  aud: string | string[]
  azp?: string
  /** Seconds since the epoch. */
  exp: number
  nonce?: string
}

interface Expected {
  issuer: string
  clientId: string
  /** What the login sent; a renewed token may leave it out. */
  nonce: string
  isRenewed: boolean
}

/** Clocks differ by less. API Gateway looks at the time again. */
const SKEW_MS = 60_000

/** Throws a `SyntaxError` for a text that is no token. Its signature is not looked at: it came straight from the issuer. */
export function readClaims(token: string): Claims {
  const payload = token.split('.')[1] ?? ''
  const bytes = atob(payload.replaceAll('-', '+').replaceAll('_', '/'))
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, one => one.charCodeAt(0))))
}

/** Why a token is not for this page; `null`: it is. */
export function claimsProblem(claims: Claims, expected: Expected): string | null {
  const { issuer, clientId, nonce, isRenewed } = expected
  const clients = [claims.aud].flat()
  if (claims.iss !== issuer) return `it is of another issuer (iss ${claims.iss})`
  if (!clients.includes(clientId) || (clients.length > 1 && claims.azp !== clientId))
    return `it is for another client (aud ${clients.join(', ')})`
  if (claims.nonce !== nonce && !(isRenewed && claims.nonce === undefined))
    return 'it is of another login (nonce)'
  if (!(claims.exp * 1000 > Date.now() - SKEW_MS)) return 'it has ended (exp): are the clocks right?'
  return null
}
