import { describe, expect, it } from 'vitest'
import { holdClock, PROJECT } from './client.ts'
import { APPLICATION, aNova, askToken, authOf, LOGIN, seenBy, send, tokenOf } from './nova-client.ts'

const REST =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.'
const UNAUTHORIZED = {
  error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
}

describe('a token', () => {
  it('is given for a password and a project, in a header, with the instants of its life', async () => {
    holdClock('2026-11-21T01:20:51.000Z')
    const simulator = await aNova()
    const { identity, compute } = simulator.openstack
    const { status, headers, json } = await askToken(simulator, authOf())
    expect(status).toBe(201)
    expect(headers.get('x-subject-token')).toMatch(/^gAAAAA[\w-]{177}$/)
    expect(headers.get('vary')).toBe('X-Auth-Token')
    expect(headers.get('server')).toBeNull()
    expect(json).toMatchObject({
      token: {
        methods: ['password'],
        issued_at: '2026-11-21T01:20:51.000000Z',
        expires_at: '2026-11-21T02:20:51.000000Z',
        project: { id: PROJECT },
        is_domain: false,
        roles: [{ name: 'member' }],
        catalog: [
          { type: 'identity', endpoints: [{ interface: 'public', url: identity }] },
          { type: 'compute', endpoints: [{ interface: 'public', url: compute }] },
        ],
      },
    })
  })

  it('without a scope is for no project', async () => {
    const { status, json } = await askToken(await aNova(), authOf({ scope: '' }))
    expect(status).toBe(201)
    expect(Object.keys((json as { token: object }).token)).not.toContain('project')
  })

  it('comes for an application credential with that one’s project', async () => {
    const { applicationCredentialId: id, applicationCredentialSecret: secret } = APPLICATION
    const auth = {
      identity: { methods: ['application_credential'], application_credential: { id, secret } },
    }
    const { status, json } = await askToken(await aNova(), { auth })
    expect(status).toBe(201)
    expect(json).toMatchObject({
      token: { methods: ['application_credential'], project: { id: PROJECT } },
    })
  })

  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { username: 'nobody' }],
    ['an unknown project', { scope: 'f'.repeat(32) }],
  ])('is refused for %s, always in the same words', async (_what, wrong) => {
    const { status, headers, json } = await askToken(await aNova(), authOf(wrong))
    expect([status, json]).toEqual([401, UNAUTHORIZED])
    expect(headers.get('www-authenticate')).toMatch(/^Keystone uri="http:/)
  })

  const noDomain = { auth: { identity: { password: { user: { name: 'curfew', password: 'x' } } } } }
  it.each([
    ['an empty object', {}, 'Expecting to find auth in request body'],
    ['nothing', '', 'Expecting to find auth in request body'],
    ['text that is no JSON', '{"auth"', 'Expecting to find valid JSON in request body'],
    ['a user without a domain', noDomain, 'Expecting to find domain in user'],
  ])('is not given for %s', async (_what, body, words) => {
    const { status, json } = await askToken(await aNova(), body)
    expect([status, json]).toEqual([
      400,
      { error: { code: 400, message: `${words}. ${REST}`, title: 'Bad Request' } },
    ])
  })

  it('is not given for a body of another type', async () => {
    const { status, text } = await askToken(await aNova(), authOf(), { 'content-type': 'text/plain' })
    expect([status, text]).toEqual([
      400,
      expect.stringContaining('Expecting to find application/json in Content-Type header.'),
    ])
  })

  it('ends after its time, and when it is revoked', async () => {
    const pass = holdClock()
    const simulator = await aNova({ switches: { tokenSeconds: 600 } })
    const status = async (token: string) => (await seenBy(simulator, token).get('/servers/detail')).status
    const first = await tokenOf(simulator)
    pass(599)
    expect(await status(first)).toBe(200)
    pass(1)
    expect(await status(first)).toBe(401)
    const second = await tokenOf(simulator)
    simulator.revokeTokens()
    expect(await status(second)).toBe(401)
  })

  it('is given to whom the list of logins names at that moment', async () => {
    const simulator = await aNova({ logins: [] })
    expect((await askToken(simulator, authOf())).status).toBe(401)
    simulator.logins.push(LOGIN)
    expect((await askToken(simulator, authOf())).status).toBe(201)
  })
})

describe('a version', () => {
  it.each([
    ['/v3', { id: 'v3.14', status: 'stable' }],
    ['/v2.1/', { id: 'v2.1', status: 'CURRENT', min_version: '2.1', version: '2.93' }],
  ])('at %s is told without a token', async (path, version) => {
    const { status, headers, json } = await send((await aNova()).url, path, {})
    expect([status, headers.get('server')]).toEqual([200, null])
    expect(json).toMatchObject({ version })
  })
})
