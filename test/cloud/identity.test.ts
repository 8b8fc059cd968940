import { Agent } from 'undici'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { aNovaWire, PASSWORD, tokenReply } from './nova-wire.ts'
import { officialAuthorization } from './official-signature.ts'
import { aWireCloud, cloudErrorOf, KEY, PROJECT, type Received, type Reply } from './wire.ts'

const item = (name: string, overrides: Record<string, unknown> = {}) => ({
  id: `id-${name}`,
  name,
  enabled: true,
  is_domain: false,
  description: '',
  domain_id: 'd',
  parent_id: 'd',
  links: { self: 'https://iam.example' },
  ...overrides,
})
const listing = (...projects: object[]): Reply => ({
  body: { projects, links: { self: 'https://iam.example', next: null, previous: null } },
})
const CALLER = { account_id: 'a1', principal_urn: 'iam::a1:user:ops', principal_id: 'p' }
const DOMAINS = { domains: [{ id: 'a1', name: 'acme', enabled: true }], links: {} }

/** A connection whose IAM and STS are at the wire, too. */
const aCloud = (script: (received: Received) => Reply, options: Parameters<typeof aWireCloud>[1] = {}) =>
  aWireCloud(script, { ...options, identity: true })

describe('the projects of a key', () => {
  it('are asked of IAM, for the account and not for a project, as the official SDK would sign it', async () => {
    for (const secret of [KEY, { ...KEY, securityToken: 'gQpjbi1ub3J0aC00EXAMPLE/TOKEN+==' }]) {
      const wire = await aCloud(() => listing(item('cn-north-4')), { secret })
      await wire.cloud.projects()
      const [received] = wire.received
      expect(received).toMatchObject({ method: 'GET', target: '/v3/auth/projects' })
      expect(received!.headers).not.toHaveProperty('x-project-id')
      expect(received!.headers.authorization).toBe(officialAuthorization(received!, KEY))
    }
  })

  it('tell their region by name; the account itself and Object Storage’s own are none', async () => {
    const wire = await aCloud(() =>
      listing(
        item('cn-north-4'),
        item('cn-north-4_dev', { enabled: false }),
        item('eu-de_with_more'),
        item('MOS'),
        item('acme', { is_domain: true }),
        item('backup'),
      ),
    )
    const project = (name: string, region: string | null, isEnabled = true) => ({
      id: `id-${name}`,
      name,
      region,
      isEnabled,
    })
    expect(await wire.cloud.projects()).toEqual([
      project('cn-north-4', 'cn-north-4'),
      project('cn-north-4_dev', 'cn-north-4', false),
      project('eu-de_with_more', 'eu-de'),
      project('backup', null),
    ])
  })

  it('are not taken for all where the list goes on', async () => {
    const wire = await aCloud(() => ({
      body: { projects: [], links: { next: 'https://iam.example?page=2' } },
    }))
    const { message, details } = await cloudErrorOf(wire.cloud.projects())
    expect(details.class).toBe('refused')
    expect(message).toContain('links.next: expected the whole list, and it goes on')
  })
})

describe('the account of a key', () => {
  it('is told by STS, as the official SDK would sign it', async () => {
    const wire = await aCloud(() => ({ body: CALLER }))
    expect(await wire.cloud.account()).toEqual({ id: 'a1', name: null, caller: 'iam::a1:user:ops' })
    const [received] = wire.received
    expect(received).toMatchObject({ method: 'GET', target: '/v5/caller-identity' })
    expect(received!.headers).not.toHaveProperty('x-project-id')
    expect(received!.headers.authorization).toBe(officialAuthorization(received!, KEY))
  })

  it.each<[string, Reply]>([
    ['knows no such call', { status: 404, body: { error_code: 'APIGW.0101', error_msg: 'x' } }],
    ['is out of order', { status: 503 }],
    ['answers otherwise', { body: { hello: true } }],
  ])('is told by IAM where STS %s, which is asked once', async (_, reply) => {
    const wire = await aCloud(({ path }) => (path.startsWith('/v5') ? reply : { body: DOMAINS }))
    expect(await wire.cloud.account()).toEqual({ id: 'a1', name: 'acme', caller: null })
    expect(wire.received.map(({ path }) => path)).toEqual(['/v5/caller-identity', '/v3/auth/domains'])
    expect(wire.received[1]!.headers.authorization).toBe(officialAuthorization(wire.received[1]!, KEY))
  })

  it('stays unknown where neither tells', async () => {
    const wire = await aCloud(() => ({ status: 403, body: {} }))
    expect(await wire.cloud.account()).toBeNull()
    expect(wire.received).toHaveLength(2)
  })

  it('is asked of no host that only follows from the region, where the servers are elsewhere', async () => {
    const dispatch = vi.spyOn(Agent.prototype, 'dispatch')
    onTestFinished(() => dispatch.mockRestore())
    const hosts = () => dispatch.mock.calls.map(([{ origin }]) => String(origin))
    const elsewhere = await aWireCloud(() => ({ body: CALLER }))
    expect(await elsewhere.cloud.account()).toBeNull()
    expect(hosts()).toEqual([])
    const named = await aCloud(() => ({ body: CALLER }))
    expect(await named.cloud.account()).not.toBeNull()
    expect(hosts()).toEqual([named.origin])
  })
})

describe('at Keystone', () => {
  const domain = { id: 'default', name: 'Default' }
  const APPLICATION = { applicationCredentialId: 'app', applicationCredentialSecret: 's3cret' }

  it('projects are asked for by a token without a scope, all in the region of the connection', async () => {
    const wire = await aNovaWire({
      keystone: (_, n) => tokenReply(n, { project: undefined }),
      nova: () => listing(item('lab'), item('old', { enabled: false }), item('acme', { is_domain: true })),
      connection: { region: 'RegionOne', projectId: '' },
    })
    expect(await wire.cloud.projects()).toEqual([
      { id: 'id-lab', name: 'lab', region: 'RegionOne', isEnabled: true },
      { id: 'id-old', name: 'old', region: 'RegionOne', isEnabled: false },
    ])
    expect(JSON.parse(wire.tokens[0]!.body).auth).toEqual({
      identity: {
        methods: ['password'],
        password: {
          user: { name: PASSWORD.username, password: PASSWORD.password, domain: { name: 'Default' } },
        },
      },
    })
    expect(wire.calls).toMatchObject([
      { target: '/v3/auth/projects', headers: { 'x-auth-token': 'gAAAAAtoken-1' } },
    ])
  })

  it('an application credential can be used in its own project alone', async () => {
    const wire = await aNovaWire({
      keystone: (_, n) => tokenReply(n, { project: { id: PROJECT, name: 'lab', domain } }),
      secret: APPLICATION,
    })
    expect(await wire.cloud.projects()).toMatchObject([{ id: PROJECT, name: 'lab' }])
    expect(wire.calls).toEqual([])
  })

  it('the account is the domain of the project', async () => {
    const wire = await aNovaWire({
      keystone: (_, n) => tokenReply(n, { project: { id: PROJECT, domain }, user: { name: 'ops' } }),
    })
    expect(await wire.cloud.account()).toEqual({ ...domain, caller: 'ops' })
    const silent = await aNovaWire({})
    expect(await silent.cloud.account()).toBeNull()
  })

  it('a refusal tells neither password nor token', async () => {
    const wire = await aNovaWire({
      nova: ({ headers }) => ({ status: 403, body: { error: { message: headers['x-auth-token'] } } }),
      connection: { projectId: PROJECT },
    })
    const { message } = await cloudErrorOf(wire.cloud.projects())
    expect(message).toContain('list of projects')
    expect(message).not.toContain('gAAAAA')
  })
})
