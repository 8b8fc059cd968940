/** Lets requests in by their tokens, as API Gateway's authorizer does by IAM. */
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../../../lib/http/access/role.ts'
import { openRoutes } from '../templates.ts'
import { type GatewayAnswer, gatewayProblem } from './gateway-problems.ts'
import type { Keyring } from './keyring.ts'
import { createWrongTries, type WrongTries } from './wrong-tries.ts'

/** Who asks, or the answer that refuses a request. */
type Admission = { caller: Caller } | { refusal: GatewayAnswer }
/** `address`: where the request comes from. */
export type Authorizer = (request: IncomingMessage, address: string) => Admission

const NOBODY: Caller = { actor: 'nobody', role: null, roleless: 'the request came without a token' }

/** A path of the deployment, whose parameters are in braces. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)

/** Asks for a token wherever the deployment asks for IAM. */
export function createAuthorizer(keyring: Keyring, tries: WrongTries = createWrongTries()): Authorizer {
  const open = openRoutes().map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  return ({ method, url = '/', headers: { authorization = '' } }, address) => {
    const [path = '/'] = url.split('?')
    if (open.some(route => route.method === method && route.pattern.test(path))) return { caller: NOBODY }
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    if (given === undefined) return refusal(keyring, 'no such header')
    const waitSeconds = keyring.isLimited ? tries.waitSeconds(address) : 0
    if (waitSeconds > 0) return tooManyTries(waitSeconds)
    const caller = keyring.holderOf(given)
    if (caller !== null) return { caller }
    tries.count(address)
    return refusal(keyring, 'another token')
  }
}

function refusal({ expected }: Keyring, came: string): Admission {
  const detail = `expected "Authorization: Bearer TOKEN" with ${expected}, got ${came}`
  return { refusal: gatewayProblem(401, detail, { 'www-authenticate': 'Bearer realm="curfew"' }) }
}

const tooManyTries = (waitSeconds: number): Admission => ({
  refusal: gatewayProblem(
    429,
    `expected fewer wrong tokens from this address: it may try again in ${waitSeconds} seconds`,
    { 'retry-after': String(waitSeconds) },
  ),
})
