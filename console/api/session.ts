/** Whose requests these are: by the token of this tab, by that of a login at the issuer, or nobody's. */
import type { Client, Session } from '../sign-in/oidc.ts'
import { readToken } from './token.ts'

/** How one may sign in: by a token, at the issuer, or, where IAM is asked for, by the command that signs. */
export type SignInWay = { kind: 'token' | 'issuer' | 'command'; reason: string | null }

/** Told `asked` when somebody must sign in, with the way, and `done` when somebody has. */
export const signIn = new EventTarget()

export const askToSignIn = (way: SignInWay): void =>
  void signIn.dispatchEvent(new CustomEvent('asked', { detail: way }))

/** How requests are authorized: below which path the API is, and with which headers. */
interface Authorized {
  base: string
  headers: Record<string, string>
}

/** So long before a token ends it is renewed. */
const MARGIN_MS = 60_000

let client: Promise<Client | null> | null = null
let session: Promise<Session> | null = null

async function readClient(): Promise<Client | null> {
  const response = await fetch('/console/settings.json', { cache: 'no-store' })
  if (!response.ok) return null
  const { issuer, clientId } = await response.json()
  return issuer === null ? null : { issuer, clientId }
}

/** The issuer to log in at; `null`: none. What cannot be learnt now is asked again with the next request. */
function issuerClient(): Promise<Client | null> {
  client ??= readClient().catch(() => {
    client = null
    return null
  })
  return client
}

/** Comes back from the issuer, or leaves for it. */
async function openSession(given: Client): Promise<Session> {
  const oidc = await import('../sign-in/oidc.ts')
  return oidc.isLoginAnswer() ? oidc.finishLogin(given) : oidc.beginLogin(given)
}

/** One that is about to end is renewed once, however many requests wait for it; one that cannot be stays as it is. */
async function currentSession(given: Client): Promise<Session> {
  session ??= openSession(given)
  const waited = session
  const known = await waited
  if (known.renew === null || known.expiresAt - Date.now() > MARGIN_MS || session !== waited) return session
  session = known.renew().catch(() => ({ ...known, renew: null }))
  return session
}

/** What a request needs so that the API takes it. Throws what a login failed with. */
export async function authorization(): Promise<Authorized> {
  const token = readToken()
  if (token !== null) return { base: '', headers: { authorization: `Bearer ${token}` } }
  const given = await issuerClient()
  if (given === null) return { base: '', headers: {} }
  const current = await currentSession(given)
  return { base: '/console', headers: { authorization: `Bearer ${current.token}` } }
}

/** Logs in anew, on a page of the issuer. */
export async function logInAgain(): Promise<void> {
  const given = await issuerClient()
  if (given === null) return
  const { beginLogin } = await import('../sign-in/oidc.ts')
  await beginLogin(given)
}

/** The way in that a refusal asks for. */
export async function signInWay(reason: string | null): Promise<SignInWay> {
  const isIssued = readToken() === null && (await issuerClient()) !== null
  return { kind: isIssued ? 'issuer' : 'token', reason }
}
