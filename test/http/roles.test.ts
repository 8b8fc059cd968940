import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { expect, test } from 'vitest'
import { readCaller } from '../../lib/http/access/caller.ts'
import { type Caller, ROLES } from '../../lib/http/access/role.ts'
import { dispatchRequest } from '../../lib/http/dispatch.ts'
import { openApi } from '../../lib/http/documentation/openapi.ts'
import { HttpProblem } from '../../lib/http/problem.ts'
import type { Route } from '../../lib/http/route.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import type { HttpServices } from '../../lib/runtime/services/services.ts'
import { eventOf } from './world.ts'

const nameOf = ({ method, path }: Route): string => `${method} ${path}`

/** What people who operate may do beyond seeing; every other change is for those who administer. */
const OPERATED = /\/(snooze|delay|preview|check|test|refresh|undo|cancel)$|^\/v1\/runs$/

test('each route that changes something says which role it needs, and seeing needs read', () => {
  const expected = ({ method, path }: Route) =>
    method === 'GET' ? 'read' : OPERATED.test(path) ? 'operate' : 'admin'
  expect(ROUTES.map(route => [nameOf(route), route.needs])).toEqual(
    ROUTES.map(route => [nameOf(route), expected(route)]),
  )
})

/** The status of a request that a caller sends to a route, whose own work is left out. */
async function statusFor(route: Route, caller: Caller): Promise<number> {
  const idle: Route = {
    ...route,
    params: undefined,
    query: undefined,
    body: undefined,
    run: () => ({ status: 204 }),
  }
  const path = route.path.replaceAll(/\{\w+\}/g, 'x')
  const request = { method: route.method, path, query: [], headers: {}, caller }
  try {
    return (await dispatchRequest([idle], request, {} as HttpServices)).status
  } catch (error) {
    if (error instanceof HttpProblem) return error.details.status
    throw error
  }
}

const CALLERS = [null, ...ROLES].map((role, rank) => ({ role, rank }))

test.each(ROUTES.map(route => [nameOf(route), route] as const))(
  '%s answers exactly those whose role is high enough',
  async (_, route) => {
    for (const { role, rank } of CALLERS) {
      const isAllowed = route.open === true || rank > ROLES.indexOf(route.needs)
      expect([role, await statusFor(route, { actor: 'ada', role })]).toEqual([role, isAllowed ? 204 : 403])
    }
  },
)

test('a refusal says which role is needed and which one came', async () => {
  const route = ROUTES.find(({ operation }) => operation === 'saveSettings')!
  const request = { method: 'PUT', path: '/v1/settings', query: [], headers: {} }
  const asked = dispatchRequest(
    [route],
    { ...request, caller: { actor: 'ada', role: 'operate' } },
    {} as HttpServices,
  )
  await expect(asked).rejects.toMatchObject({
    details: {
      status: 403,
      detail: 'this needs the role admin, got operate',
      errors: [{ path: 'role', message: 'expected admin, got operate' }],
    },
  })
})

test('the OpenAPI document says which role each route needs, and that 403 may come', () => {
  const { paths } = openApi(ROUTES, '0')
  for (const { method, path, needs, open } of ROUTES) {
    const operation = paths?.[path]?.[method.toLowerCase() as 'get']
    expect([path, operation?.['x-curfew-role']]).toEqual([path, open ? undefined : needs])
    expect([path, '403' in (operation?.responses ?? {})]).toEqual([path, !open])
  }
})

interface Asked {
  path?: string
  userArn?: string
  claims?: Record<string, unknown>
  /** What the token itself holds, where the gateway hands it on. */
  token?: Record<string, unknown>
}

const ADA = 'arn:aws:sts::123456789012:assumed-role/ops/ada'
const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A request as it comes from an authorizer of API Gateway. */
function requestOf({ path = '/console/v1/runs', userArn, claims, token }: Asked): APIGatewayProxyEventV2 {
  const event = eventOf('GET', path, { actor: null })
  const authorizer = {
    ...(userArn === undefined ? {} : { iam: { userArn } }),
    ...(claims === undefined ? {} : { jwt: { claims, scopes: null } }),
  }
  const authorization = token && `Bearer ${encoded({ alg: 'RS256' })}.${encoded(token)}.c2ln`
  return {
    ...event,
    headers: authorization ? { authorization } : {},
    requestContext: { ...event.requestContext, authorizer },
  } as unknown as APIGatewayProxyEventV2
}
const claims = (more: Record<string, unknown> = {}) => ({ sub: 'u-1', email: 'ada@example.com', ...more })

test.each([
  ['[curfew-read]', 'read'],
  ['[staff curfew-operate]', 'operate'],
  ['[curfew-read curfew-admin curfew-operate]', 'admin'],
  ['curfew-operate', 'operate'],
  ['[]', null],
  ['[staff curfew-administrators]', null],
  ['', null],
  [undefined, null],
])('a token whose groups are %s gets the role %s', (groups, role) => {
  for (const name of ['groups', 'cognito:groups'])
    expect(readCaller(requestOf({ claims: claims({ [name]: groups }) }))).toMatchObject({
      path: '/v1/runs',
      role,
    })
})

test('a token without a group of ours is told which there are', async () => {
  const { path, ...caller } = readCaller(requestOf({ claims: claims({ groups: '[staff]' }) }))
  const route = ROUTES.find(({ operation }) => operation === 'runs')!
  const asked = dispatchRequest(
    [route],
    { method: 'GET', path, query: [], headers: {}, caller },
    {} as HttpServices,
  )
  await expect(asked).rejects.toThrow(
    "this needs the role read, got none: the token's claim groups or cognito:groups holds none of " +
      'curfew-read, curfew-operate, curfew-admin',
  )
})

test('a group whose name has a space in it is one group, not two', () => {
  const groups = ['x curfew-admin', 'curfew-read']
  const asked = { claims: claims({ groups: '[x curfew-admin curfew-read]' }), token: { groups } }
  expect(readCaller(requestOf(asked)).role).toBe('read')
})

test.each([
  [claims(), 'oidc:ada@example.com'],
  [claims({ email_verified: 'true' }), 'oidc:ada@example.com'],
  [claims({ email_verified: 'false' }), 'oidc:u-1'],
  [{ sub: ADA }, `oidc:${ADA}`],
])('the owner of a token with the claims %o is written down as %s', (given, actor) => {
  expect(readCaller(requestOf({ claims: given })).actor).toBe(actor)
})

test('claims count below /console/v1 alone, and nothing but claims does there', () => {
  const admin = claims({ groups: '[curfew-admin]' })
  const of = (asked: Asked) => readCaller(requestOf(asked))
  expect(of({ path: '/v1/runs', claims: admin })).toMatchObject({ role: null, path: '/v1/runs' })
  expect(of({ path: '/v1/runs', claims: admin, userArn: ADA })).toMatchObject({ role: 'admin', actor: ADA })
  expect(of({ userArn: ADA })).toMatchObject({ role: null, path: '/console/v1/runs' })
  expect(of({})).toMatchObject({ role: null, path: '/console/v1/runs' })
  expect(of({ path: '/console/v12/runs', claims: admin })).toMatchObject({ role: null })
})
