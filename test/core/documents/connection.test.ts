import { describe, expect, test } from 'vitest'
import { connectionProblems, webhookProblems } from '../../../lib/core/documents/connection.ts'
import { readConfig } from '../../../lib/runtime/config.ts'
import { aConnection } from '../../makers.ts'

const allowed = {
  allowedEndpointHosts: ['*.myhuaweicloud.com', '127.0.0.1', '[::1]', '*.Otc.t-systems.com'],
  secretsPrefix: 'curfew/',
  metadataKeys: false,
}
const problems = (overrides: object) =>
  connectionProblems(aConnection(overrides as Record<string, unknown>), allowed)

test.each([
  'https://ecs.cn-north-4.myhuaweicloud.com',
  'https://ecs.eu-de.otc.t-systems.com',
  'https://ecs.cn-north-4.myhuaweicloud.com:8443/path',
  'http://127.0.0.1:8080',
  'http://127.1:8080',
  'http://[::1]:8080',
])('%s is allowed', ecs => {
  expect(problems({ endpoints: { ecs } })).toEqual([])
})

test.each([
  'https://myhuaweicloud.com.evil.example',
  'https://evil.example/ecs.myhuaweicloud.com',
  'https://evil.example#.myhuaweicloud.com',
  'https://ecs.myhuaweicloud.com@evil.example',
  'https://a:b@ecs.cn-north-4.myhuaweicloud.com',
  'https://ecs.cn-north-4.myhuaweicloud.com?x=1',
  'http://ecs.cn-north-4.myhuaweicloud.com',
  'ftp://127.0.0.1',
  'http://127.0.0.1.evil.example',
  'http://localhost',
  'http://169.254.169.254',
])('%s is refused', ecs => {
  expect(problems({ endpoints: { ecs } }).map(({ path }) => path)).toEqual(['endpoints.ecs'])
})

describe('by default', () => {
  const { allowedEndpointHosts } = readConfig({
    TABLE_NAME: 'curfew',
    PLAN_QUEUE_URL: 'https://queue.example/plan',
    STOP_QUEUE_URL: 'https://queue.example/stop',
    NOTIFY_QUEUE_URL: 'https://queue.example/notify',
    FOLLOW_QUEUE_URL: 'https://queue.example/follow',
  })
  const byDefault = (host: string) =>
    connectionProblems(aConnection({ endpoints: { ecs: `https://${host}` } }), {
      ...allowed,
      allowedEndpointHosts,
    })

  test.each([
    ...['cn-north-4', 'ap-southeast-3', 'la-north-2', 'my-kualalumpur-1', 'af-south-1'].flatMap(region =>
      ['ecs', 'bms', 'iam', 'as', 'sts', 'eps'].map(service => `${service}.${region}.myhuaweicloud.com`),
    ),
    'iam.myhuaweicloud.com',
    'bss.myhuaweicloud.com',
    'bss-intl.myhuaweicloud.com',
    'iam.eu-west-101.myhuaweicloud.eu',
    'bss.eu-west-101.myhuaweicloud.eu',
    'ecs.eu-de.otc.t-systems.com',
    'iam-pub.eu-nl.otc.t-systems.com',
    'ecs.eu-ch2.sc.otc.t-systems.com',
    'iam-pub.eu-ch2.sc.otc.t-systems.com',
    'eps.myhuaweicloud.com',
    'eps.eu-west-101.myhuaweicloud.eu',
  ])('the host of a service is allowed: %s', host => {
    expect(byDefault(host)).toEqual([])
  })

  test.each([
    'bucket.obs.cn-north-4.myhuaweicloud.com',
    'ecs.obs.cn-north-4.myhuaweicloud.com',
    'ecs.obs.myhuaweicloud.com',
    'ecs.cn-north-4.obs.myhuaweicloud.com',
    'ecs.cn-north-4.obs.cn-north-4.myhuaweicloud.com',
    'bss.obs.myhuaweicloud.com',
    'bssx.obs.eu-de.otc.t-systems.com',
    'ecs.eu-ch2.obs.sc.otc.t-systems.com',
    'obs.eu-ch2.sc.otc.t-systems.com',
    'ecs.obs-website.cn-north-4.myhuaweicloud.com',
    'obs.cn-north-4.myhuaweicloud.com',
    'myhuaweicloud.com',
    'ecs.cn-north-4.myhuaweicloud.com.evil.example',
  ])('a host that customers can name, or no service, is not: %s', host => {
    expect(byDefault(host)).toMatchObject([
      { path: 'endpoints.ecs', message: expect.stringMatching(/ALLOWED_ENDPOINT_HOSTS.* and \d+ more/) },
    ])
  })
})

test.each([
  ['*', 'https://keystone.example:5000', true],
  ['*', 'http://127.0.0.1', false],
  ['*', 'https://localhost', false],
  ['*', 'https://[::ffff:127.0.0.1]', false],
  ['*.1', 'http://127.0.0.1', false],
  ['*.localhost', 'https://x.localhost', false],
  ['127.0.0.1', 'http://127.0.0.1', true],
  ['LOCALHOST', 'http://localhost:1', true],
  ['*.example', 'https://a.b.example', true],
  ['*.example', 'https://example', false],
  ['ecs.*.example', 'https://ecs.a.example', true],
  ['ecs.*.example', 'https://ecs.a.b.example', false],
  ['cloud-?.example', 'https://cloud-7.example', true],
])('the glob %s matches %s: %s', (glob, ecs, matches) => {
  const found = connectionProblems(aConnection({ endpoints: { ecs } }), {
    ...allowed,
    allowedEndpointHosts: [glob],
  })
  expect(found).toHaveLength(matches ? 0 : 1)
})

describe('each api has its own endpoints', () => {
  const identity = 'https://iam.cn-north-4.myhuaweicloud.com/v3'
  test('openstack needs both of its own', () => {
    expect(problems({ api: 'openstack', endpoints: { identity } }).map(({ path }) => path)).toEqual([
      'endpoints.compute',
    ])
    expect(problems({ api: 'openstack', endpoints: { identity, compute: identity } })).toEqual([])
  })
  test('one of the other is unknown', () => {
    const [problem] = problems({ endpoints: { identity } })
    expect(problem).toEqual({
      path: 'endpoints.identity',
      message: expect.stringContaining('ecs, bms, iam, as'),
    })
  })
})

describe('secrets', () => {
  test.each([
    ['secretsManager', 'curfew/prod', true],
    ['parameterStore', 'curfew/prod', true],
    ['secretsManager', 'prod', false],
    ['secretsManager', 'curfew/', false],
    ['parameterStore', '', false],
    ['environment', 'PROD_', true],
    ['environment', '', true],
    ['environment', 'curfew/prod', false],
  ])('%s "%s" is ours: %s', (source, name, ours) => {
    expect(problems({ credentials: { source, name } })).toHaveLength(ours ? 0 : 1)
  })

  test.each([
    'https://127.0.0.1/',
    'https://[fd00:ec2::254]/',
    'https://localhost/',
    'https://a:b@example.com/',
  ])('a webhook goes nowhere like %s', url => {
    expect(webhookProblems({ webhook: { url } }, allowed)).toMatchObject([{ path: 'webhook.url' }])
  })

  test("a webhook's secret is one of ours as well", () => {
    const url = 'https://example.com/hook'
    expect(webhookProblems({ webhook: { url, secretName: 'db' } }, allowed)).toMatchObject([
      { path: 'webhook.secretName' },
    ])
    expect(webhookProblems({ webhook: { url, secretName: 'curfew/hook' } }, allowed)).toEqual([])
    expect(webhookProblems({ webhook: { url } }, allowed)).toEqual([])
    expect(webhookProblems({ webhook: null }, allowed)).toEqual([])
  })
})

describe('an agency', () => {
  const agency = { agency: 'curfew' }
  const byId = { ...agency, domainId: 'd78cbac186b744899480f25bd022f468' }
  const byName = { ...agency, domainName: 'acme' }
  const metadata = { source: 'metadata' }

  test.each<[string, object]>([
    ['by the name of its account, for a day', { ...byName, sessionMinutes: 1440 }],
    ['by its id, for half a day', { ...byId, externalId: 'tenant-42', sessionMinutes: 720 }],
    ['for an hour, where nothing is said', byName],
  ])('is allowed %s', (_what, assume) => {
    expect(problems({ assume })).toEqual([])
  })

  test.each<[string, object, string, RegExp]>([
    ['of no account', { assume: agency }, 'assume', /domainName or as domainId, got neither/],
    ['of two accounts', { assume: { ...byId, ...byName } }, 'assume', /got both/],
    [
      'with an external id by name',
      { assume: { ...byName, externalId: 'x1' } },
      'assume.externalId',
      /domainId/,
    ],
    [
      'by id, where the servers are elsewhere and STS is not named',
      { endpoints: { ecs: 'http://127.0.0.1', iam: 'http://127.0.0.1' }, assume: byId },
      'endpoints.sts',
      /expected a URL, for ecs is named/,
    ],
    [
      'by name, where the servers are elsewhere and IAM is not named',
      { endpoints: { ecs: 'http://127.0.0.1', sts: 'http://127.0.0.1' }, assume: byName },
      'endpoints.iam',
      /expected a URL, for ecs is named/,
    ],
    [
      'by id for more than half a day',
      { assume: { ...byId, sessionMinutes: 721 } },
      'assume.sessionMinutes',
      /at most 720 with domainId, got 721/,
    ],
    [
      'of an OpenStack',
      {
        api: 'openstack',
        endpoints: { identity: 'http://127.0.0.1', compute: 'http://127.0.0.1' },
        assume: byName,
      },
      'assume',
      /expected null: openstack has no agencies/,
    ],
  ])('is refused %s', (_what, overrides, path, message) => {
    expect(problems(overrides)).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  test.each([14, 1441, 15.5])('is refused for %s minutes', sessionMinutes => {
    expect(() => aConnection({ assume: { ...byName, sessionMinutes } })).toThrow('sessionMinutes')
  })

  test('that the key of a server takes on lasts an hour at most', () => {
    const find = (sessionMinutes: number) =>
      connectionProblems(aConnection({ credentials: metadata, assume: { ...byName, sessionMinutes } }), {
        ...allowed,
        metadataKeys: true,
      })
    expect(find(60)).toEqual([])
    expect(find(61)).toEqual([
      { path: 'assume.sessionMinutes', message: expect.stringContaining('expected at most 60') },
    ])
  })
})

describe('the key of the server that Curfew runs on', () => {
  const credentials = { source: 'metadata' }
  const here = { ...allowed, metadataKeys: true }

  test('is allowed where Curfew was started for that, and nowhere else', () => {
    expect(connectionProblems(aConnection({ credentials }), here)).toEqual([])
    expect(problems({ credentials })).toEqual([
      { path: 'credentials.source', message: expect.stringContaining('npm start -- --no-simulator') },
    ])
  })

  test('has no name', () => {
    const named = aConnection({ credentials: { ...credentials, name: 'PROD_' } })
    expect(connectionProblems(named, here)).toEqual([
      { path: 'credentials.name', message: 'expected nothing, got "PROD_"' },
    ])
  })

  test('is none for an OpenStack', () => {
    const endpoints = { identity: 'http://127.0.0.1', compute: 'http://127.0.0.1' }
    expect(connectionProblems(aConnection({ api: 'openstack', endpoints, credentials }), here)).toMatchObject(
      [{ path: 'credentials.source' }],
    )
  })
})
