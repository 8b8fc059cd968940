import type { IncomingMessage } from 'node:http'
import { problemBody } from '../../../lib/http/problem.ts'
import { isSameSecret } from '../emulators/signature.ts'
import { openRoutes } from '../templates.ts'
import type { Token } from '../token.ts'

/** What is wrong with a request's authorization, as an answer; `null` for one that may pass. */
export type Authorizer = (
  request: IncomingMessage,
) => { status: 401; headers: Record<string, string>; body: string } | null

/** A path of the deployment, whose parameters are in braces. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)

/** Asks for the token wherever the deployment asks for IAM. */
export function createAuthorizer({ value, file }: Token): Authorizer {
  const open = openRoutes().map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  return ({ method, url = '/', headers: { authorization = '' } }) => {
    const [path = '/'] = url.split('?')
    if (open.some(route => route.method === method && route.pattern.test(path))) return null
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    if (given !== undefined && isSameSecret(given, value)) return null
    const came = given === undefined ? 'no such header' : 'another token'
    const detail = `expected "Authorization: Bearer TOKEN" with the token that lies in ${file}, got ${came}`
    return {
      status: 401,
      headers: {
        'content-type': 'application/problem+json',
        'www-authenticate': 'Bearer realm="curfew"',
        'cache-control': 'no-store',
      },
      body: JSON.stringify(problemBody({ status: 401, detail })),
    }
  }
}
