import { describe, expect, test } from 'vitest'
import { readConfig } from '../../lib/runtime/config.ts'

const NEEDED = {
  TABLE_NAME: 'curfew',
  PLAN_QUEUE_URL: 'http://127.0.0.1:1/plan',
  STOP_QUEUE_URL: 'http://127.0.0.1:1/stop',
  NOTIFY_QUEUE_URL: 'http://127.0.0.1:1/notify',
  FOLLOW_QUEUE_URL: 'http://127.0.0.1:1/follow',
}

describe('the environment', () => {
  test('has defaults for all that the deployment does not set', () => {
    expect(readConfig(NEEDED)).toMatchObject({
      tableName: 'curfew',
      cloudTimeoutMs: 10_000,
      follow: { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 },
      sendDeadlineMinutes: 240,
      retentionDays: 400,
      secretsPrefix: 'curfew/',
      logLevel: 'info',
    })
  })

  test.each([
    ['CLOUD_TIMEOUT_MS', 'soon', 'CLOUD_TIMEOUT_MS: expected a whole number from 100 to 60000, got "soon"'],
    ['CLOUD_TIMEOUT_MS', '5', 'CLOUD_TIMEOUT_MS: expected a whole number from 100 to 60000, got "5"'],
    ['FOLLOW_FIRST_SECONDS', '1.5', 'FOLLOW_FIRST_SECONDS: expected a whole number from 1 to 900, got "1.5"'],
    ['FOLLOW_FIRST_SECONDS', '1e1', 'FOLLOW_FIRST_SECONDS: expected a whole number from 1 to 900, got "1e1"'],
    ['RUN_DEADLINE_MINUTES', '-1', 'RUN_DEADLINE_MINUTES: expected a whole number from 1 to 1440, got "-1"'],
    ['RUN_RETENTION_DAYS', '6', 'RUN_RETENTION_DAYS: expected a whole number from 7 to 3650, got "6"'],
    ['RUN_RETENTION_DAYS', '99999', /from 7 to 3650, got "99999"/],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL: expected one of debug, info, warn, error, silent, got "loud"'],
    ['PLAN_QUEUE_URL', 'plan', 'PLAN_QUEUE_URL: expected a URL, got "plan"'],
    ['TABLE_NAME', '', 'TABLE_NAME: expected a text, got ""'],
    [
      'ALLOWED_ENDPOINT_HOSTS',
      'https://iam.example/v3',
      /without scheme, port and path, .*got "https:\/\/iam/,
    ],
    ['ALLOWED_ENDPOINT_HOSTS', 'a.example,iam.example:5000', /ALLOWED_ENDPOINT_HOSTS: expected hosts/],
    ['ALLOWED_ENDPOINT_HOSTS', 'a.example,,b.example', /ALLOWED_ENDPOINT_HOSTS: expected hosts/],
    ['PUBLIC_URL', 'curfew.example.com', /PUBLIC_URL: expected the URL .*got "curfew.example.com"/],
    ['PUBLIC_URL', 'https://curfew.example.com/?a=b', /PUBLIC_URL: expected the URL/],
    ['PUBLIC_URL', `https://${'c'.repeat(83)}`, /PUBLIC_URL: expected a URL of at most 90 characters/],
    ['PUBLIC_URL', 'https://ann:s3cret@curfew.example.com', /PUBLIC_URL: expected the URL/],
    ['FOLLOW_MAX_SECONDS', '10', /FOLLOW_MAX_SECONDS: expected at least FOLLOW_FIRST_SECONDS \(15\), got 10/],
  ])('is refused for a wrong %s, "%s", with what was expected and what came', (name, value, message) => {
    expect(() => readConfig({ ...NEEDED, [name]: value })).toThrow(message)
  })

  test.each([
    ['https://curfew.example.com/', 'https://curfew.example.com'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['https://example.com/curfew/', 'https://example.com/curfew'],
  ])('%s: links begin with %s', (value, publicUrl) => {
    expect(readConfig({ ...NEEDED, PUBLIC_URL: value }).publicUrl).toBe(publicUrl)
  })

  test('takes hosts, globs and addresses as places where connections may point', () => {
    const hosts = 'iam.example, *.Example.org,10.0.0.?,[fd00::1]'
    expect(readConfig({ ...NEEDED, ALLOWED_ENDPOINT_HOSTS: hosts }).allowedEndpointHosts).toEqual([
      ...['iam.example', '*.Example.org', '10.0.0.?', '[fd00::1]'],
    ])
  })

  test.each([
    [{}, null],
    [{ HTTPS_PROXY: '' }, null],
    [{ HTTPS_PROXY: 'http://a:3128' }, { url: 'http://a:3128', exceptions: [] }],
    [
      { HTTPS_PROXY: 'http://a:3128', https_proxy: 'https://b', NO_PROXY: 'c', no_proxy: '.d, e:443' },
      { url: 'https://b', exceptions: ['.d', 'e:443'] },
    ],
  ])('%j: the proxy is %j', (given, proxy) => {
    expect(readConfig({ ...NEEDED, ...given }).proxy).toEqual(proxy)
  })

  test.each(['proxy:3128', 'socks5://ann:s3cret@proxy', 'ann:s3cret@proxy:3128'])(
    'is refused for the proxy %s, which is not told back',
    value => {
      const reading = () => readConfig({ ...NEEDED, HTTPS_PROXY: value })
      expect(reading).toThrow(/HTTPS_PROXY: expected the URL of a proxy/)
      expect(reading).not.toThrow(/s3cret/)
    },
  )

  test.each([
    [{}, null],
    [
      { CONSOLE_ISSUER: 'https://login.example/realms/ops', CONSOLE_CLIENT_ID: 'curfew' },
      { url: 'https://login.example/realms/ops', clientId: 'curfew' },
    ],
    [
      { CONSOLE_ISSUER: 'http://127.0.0.1:8080', CONSOLE_CLIENT_ID: 'curfew' },
      { url: 'http://127.0.0.1:8080', clientId: 'curfew' },
    ],
  ])('%j: people log in at %j', (given, issuer) => {
    expect(readConfig({ ...NEEDED, ...given }).issuer).toEqual(issuer)
  })

  test.each([
    [{ CONSOLE_ISSUER: 'https://login.example' }, 'expected both or neither, got "https://login.example"'],
    [{ CONSOLE_CLIENT_ID: 'curfew' }, 'expected both or neither, got "" and "curfew"'],
    [
      { CONSOLE_ISSUER: 'http://login.example', CONSOLE_CLIENT_ID: 'curfew' },
      'CONSOLE_ISSUER: expected the https',
    ],
    [
      { CONSOLE_ISSUER: 'https://login.example?a=b', CONSOLE_CLIENT_ID: 'curfew' },
      'without query and fragment',
    ],
    [{ CONSOLE_ISSUER: 'login.example', CONSOLE_CLIENT_ID: 'curfew' }, 'got "login.example"'],
  ])('is refused for the issuer %j', (given, message) => {
    expect(() => readConfig({ ...NEEDED, ...given })).toThrow(message)
  })

  test('names every variable that is wrong at once', () => {
    const names = /TABLE_NAME[\s\S]*STOP_QUEUE_URL[\s\S]*LOG_LEVEL/
    expect(() =>
      readConfig({ ...NEEDED, TABLE_NAME: undefined, STOP_QUEUE_URL: 'x', LOG_LEVEL: 'x' }),
    ).toThrow(names)
  })
})
