/** Keys of agencies, as they are asked for, kept and renewed, over the wire. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { Assume, Connection } from '../../lib/core/model/connection.ts'
import { officialAuthorization } from './official-signature.ts'
import { cloudErrorOf, KEY, NOW, type Received, type Reply, startWire, wireConnection } from './wire.ts'

const ID = '616fb98f-46ca-475e-917e-2563e5a8cd19'
const MINUTE_MS = 60_000
const BY_NAME: Assume = { agency: 'curfew', domainName: 'acme', sessionMinutes: 60 }
const BY_ID: Assume = { agency: 'curfew', domainId: 'd78cbac186b744899480f25bd022f468', sessionMinutes: 60 }
const TOKEN = (n: number) => `token-${n}/${'t'.repeat(40)}==`
const EXPIRED: Reply = {
  status: 401,
  body: { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information: token expired' },
}
const BAD_SIGNATURE: Reply = {
  status: 401,
  body: {
    error_code: 'APIGW.0301',
    error_msg: 'Incorrect IAM authentication information: verify aksk signature fail',
  },
}
const JOB: Reply = { body: { job_id: 'job' } }

/** The nth key, as IAM and as STS give it. `ms`: how long it lasts; `at`: when it was given, by the cloud's clock. */
function givenKey(n: number, received: Received, { ms = 60 * MINUTE_MS, at = NOW } = {}): Reply {
  const [access, secret, end] = [
    `HST${n}EXAMPLE00000000`,
    `sessionSecret${n}/abc`,
    new Date(at + ms).toISOString(),
  ]
  const headers = { date: new Date(at).toUTCString() }
  if (received.path === '/v5/agencies/assume') {
    const credentials = { access_key_id: access, secret_access_key: secret, security_token: TOKEN(n) }
    return { body: { credentials: { ...credentials, expiration: end } }, headers }
  }
  const credential = { access, secret, securitytoken: TOKEN(n), expires_at: end.replace('Z', '000Z') }
  return { status: 201, body: { credential }, headers }
}

interface AgencyWire {
  assume?: Assume
  /** What the key is asked of; the nth time, from 1. */
  keys?: (received: Received, n: number) => Reply
  cloud?: (received: Received, n: number) => Reply
  secret?: unknown
  connection?: Partial<Connection>
}
let connections = 0

/** A cloud behind an agency; each has a connection and a key of its own, for what is learnt of them is kept by the process. */
async function anAgencyWire({ assume = BY_NAME, ...given }: AgencyWire = {}) {
  const exchanges: Received[] = []
  const calls: Received[] = []
  const clock = { now: NOW }
  const wire = await startWire(received => {
    const isExchange = /securitytokens|agencies|securitykey/.test(received.path)
    const seen = isExchange ? exchanges : calls
    seen.push(received)
    if (!isExchange) return given.cloud?.(received, calls.length) ?? JOB
    return given.keys?.(received, exchanges.length) ?? givenKey(exchanges.length, received, { at: clock.now })
  })
  const { origin } = wire
  const number = ++connections
  const secret = given.secret ?? { ...KEY, secretKey: `${KEY.secretKey}${number}` }
  const connection = wireConnection(origin, {
    id: `agency-${number}`,
    endpoints: { ecs: origin, bms: origin, as: origin, iam: origin, sts: origin },
    assume,
    ...given.connection,
  })
  const open = (overrides: { secret?: unknown; connection?: Partial<Connection> } = {}) =>
    createCloud({
      connection: { ...connection, ...overrides.connection },
      secret: overrides.secret ?? secret,
      timeoutMs: 60_000,
      metadataOrigin: origin,
      now: () => clock.now,
      random: () => 0,
      sleep: async () => undefined,
    })
  const stop = (cloud = open()) => cloud.request('ecs', { action: 'stop', mode: 'soft' }, [ID])
  return { exchanges, calls, clock, open, stop, secret: secret as typeof KEY }
}
const tokensOf = (calls: Received[]) => calls.map(({ headers }) => headers['x-security-token'])

describe('a key', () => {
  it('is asked of IAM by the name of the account, and calls are signed with it', async () => {
    const wire = await anAgencyWire()
    await wire.stop()
    const [asked] = wire.exchanges
    expect(asked).toMatchObject({ method: 'POST', target: '/v3.0/OS-CREDENTIAL/securitytokens' })
    expect(JSON.parse(asked!.body)).toEqual({
      auth: {
        identity: {
          methods: ['assume_role'],
          assume_role: { agency_name: 'curfew', domain_name: 'acme', duration_seconds: 3600 },
        },
      },
    })
    expect(asked!.headers.authorization).toBe(officialAuthorization(asked!, wire.secret))
    expect(tokensOf(wire.calls)).toEqual([TOKEN(1)])
    const session = { accessKey: 'HST1EXAMPLE00000000', secretKey: 'sessionSecret1/abc' }
    expect(wire.calls[0]!.headers.authorization).toBe(officialAuthorization(wire.calls[0]!, session))
  })

  it('is asked of STS by the id of the account, with the external id and a policy of Curfew’s own actions', async () => {
    const wire = await anAgencyWire({ assume: { ...BY_ID, externalId: 'tenant-42', sessionMinutes: 15 } })
    await wire.stop()
    const [asked] = wire.exchanges
    expect(asked).toMatchObject({ method: 'POST', target: '/v5/agencies/assume' })
    const { policy, ...body } = JSON.parse(asked!.body)
    expect(body).toEqual({
      agency_urn: `iam::${BY_ID.domainId}:agency:curfew`,
      agency_session_name: 'curfew',
      duration_seconds: 900,
      external_id: 'tenant-42',
    })
    expect(JSON.parse(policy)).toMatchObject({ Version: '5.0', Statement: [{ Effect: 'Allow' }] })
    expect(asked!.headers.authorization).toBe(officialAuthorization(asked!, wire.secret))
    expect(tokensOf(wire.calls)).toEqual([TOKEN(1)])
  })

  it('is asked for by a temporary key with its token, for an hour at most', async () => {
    const secret = { ...KEY, securityToken: 'parent-token' }
    const wire = await anAgencyWire({ secret })
    await wire.stop()
    expect(wire.exchanges[0]!.headers['x-security-token']).toBe('parent-token')
    const longer = await anAgencyWire({ secret, assume: { ...BY_NAME, sessionMinutes: 61 } })
    const { message, details } = await cloudErrorOf(longer.stop())
    expect(details).toMatchObject({ class: 'credentials', code: 'session-too-long' })
    expect(message).toContain('expected assume.sessionMinutes of at most 60')
    expect(longer.exchanges).toEqual([])
  })

  it('is asked for once for two hundred calls at once, and once more when it is about to end', async () => {
    const wire = await anAgencyWire()
    const twoHundred = () => Promise.all(Array.from({ length: 200 }, () => wire.stop()))
    await twoHundred()
    expect([wire.exchanges.length, wire.calls.length]).toEqual([1, 200])
    wire.clock.now += 58 * MINUTE_MS - 1
    await twoHundred()
    expect(wire.exchanges).toHaveLength(1)
    wire.clock.now += 1
    await twoHundred()
    expect([wire.exchanges.length, wire.calls.length]).toEqual([2, 600])
    expect(new Set(tokensOf(wire.calls.slice(400)))).toEqual(new Set([TOKEN(2)]))
  })

  it('lasts as long as the cloud says by its own clock, whatever the clock here says', async () => {
    const wire = await anAgencyWire({ keys: (received, n) => givenKey(n, received) })
    wire.clock.now += 24 * 60 * MINUTE_MS
    await wire.stop()
    await wire.stop()
    expect(wire.exchanges).toHaveLength(1)
  })

  it('that the cloud refuses is renewed once for all who held it, and their stops are sent again', async () => {
    const wire = await anAgencyWire({
      cloud: ({ headers }) => (headers['x-security-token'] === TOKEN(1) ? EXPIRED : JOB),
    })
    const cloud = wire.open()
    await Promise.all(Array.from({ length: 200 }, () => wire.stop(cloud)))
    expect(wire.exchanges).toHaveLength(2)
    expect(wire.calls.filter(({ headers }) => headers['x-security-token'] === TOKEN(2))).toHaveLength(200)
  })

  it('that is refused again after its renewal is an error of the credentials', async () => {
    const wire = await anAgencyWire({ cloud: () => EXPIRED })
    expect((await cloudErrorOf(wire.stop())).details).toMatchObject({ class: 'credentials', status: 401 })
    expect([wire.exchanges.length, wire.calls.length]).toEqual([2, 2])
  })

  it.each<[string, { secret?: unknown; connection?: Partial<Connection> }]>([
    ['agency', { connection: { assume: { ...BY_NAME, agency: 'other' } } }],
    ['account', { connection: { assume: { ...BY_NAME, domainName: 'other' } } }],
    ['key', { secret: { ...KEY, secretKey: 'another' } }],
  ])('is not used once the connection has another %s', async (_what, overrides) => {
    const wire = await anAgencyWire()
    await wire.stop()
    await wire.stop(wire.open(overrides))
    expect(tokensOf(wire.calls)).toEqual([TOKEN(1), TOKEN(2)])
  })

  it('that could not be had is asked for again, and the next call begins anew', async () => {
    const wire = await anAgencyWire({
      keys: (received, n) => (n <= 4 ? { status: 503, body: '' } : givenKey(n, received)),
    })
    expect((await cloudErrorOf(wire.stop())).details.class).toBe('unavailable')
    expect([wire.exchanges.length, wire.calls.length]).toEqual([4, 0])
    await wire.stop()
    expect([wire.exchanges.length, wire.calls.length]).toEqual([5, 1])
  })
})

const sts = (status: number, error_code: string, error_msg: string): Reply => ({
  status,
  body: { error_code, error_msg, request_id: 'r' },
})
const iam = (status: number, message: string): Reply => ({
  status,
  body: { error: { code: status, message, title: 'Refused' } },
})

describe('a refusal names the agency and what is missing', () => {
  const withId: Assume = { ...BY_ID, externalId: 'tenant-42' }
  it.each<[string, Assume, Reply, RegExp]>([
    [
      'IAM: not authorized',
      BY_NAME,
      iam(403, 'You are not authorized.'),
      /needs the permission Agent Operator, and account acme must have an agency curfew that trusts its account/,
    ],
    [
      'IAM: absent',
      BY_NAME,
      iam(404, 'Could not find agency.'),
      /Account acme has no agency curfew,.*assume\.domainName/,
    ],
    [
      'IAM: a bad request',
      BY_NAME,
      iam(400, 'Request parameter is invalid.'),
      /Check assume; agency curfew may allow shorter sessions/,
    ],
    [
      'STS: denied',
      BY_ID,
      sts(403, 'PAP5.0001', 'access denied: sts:agencies:assume'),
      /needs the permission sts:agencies:assume, and account d78c\w+ must have an agency curfew .* asks for no external id/,
    ],
    [
      'STS: denied, with an external id',
      withId,
      sts(403, 'PAP5.0001', 'access denied'),
      /and asks for the external id of assume\.externalId/,
    ],
    [
      'STS: the external id by name',
      withId,
      sts(403, 'PAP5.0001', 'external id does not match'),
      /The external id in assume\.externalId is not the one that agency curfew asks for/,
    ],
    [
      'STS: an external id where none is given',
      BY_ID,
      sts(403, 'PAP5.0001', 'missing ExternalId'),
      /asks for an external id: name it in assume\.externalId/,
    ],
    [
      'STS: absent',
      BY_ID,
      sts(404, 'PAP5.0009', 'agency not found'),
      /has no agency curfew,.*assume\.domainId/,
    ],
  ])('%s', async (_what, assume, reply, remedy) => {
    const wire = await anAgencyWire({ assume, keys: () => reply })
    const { message, details } = await cloudErrorOf(wire.stop())
    expect(details.class).toBe('credentials')
    expect(message).toContain(`key of agency curfew of account ${assume.domainName ?? assume.domainId}`)
    expect(message).toMatch(remedy)
    expect([wire.exchanges.length, wire.calls.length]).toEqual([1, 0])
  })
})

describe('the key that takes an agency on', () => {
  it('is sent with two bad signatures at most in five minutes, whoever asks, and then again', async () => {
    const wire = await anAgencyWire({ keys: () => BAD_SIGNATURE })
    const ask = (number: number) =>
      cloudErrorOf(wire.stop(wire.open({ connection: { id: `agency-of-many-${number}` } })))
    for (let number = 1; number <= 10; number++) await ask(number)
    expect(wire.exchanges).toHaveLength(2)
    expect((await ask(11)).details).toMatchObject({ class: 'credentials', code: 'key-left-alone' })
    wire.clock.now += 5 * MINUTE_MS
    await ask(12)
    expect(wire.exchanges).toHaveLength(3)
  })

  it('is asked once by two hundred that wait, though it is refused', async () => {
    const wire = await anAgencyWire({ keys: () => BAD_SIGNATURE })
    const cloud = wire.open()
    await Promise.all(Array.from({ length: 200 }, () => cloudErrorOf(wire.stop(cloud))))
    expect(wire.exchanges).toHaveLength(1)
  })

  it('is used for other agencies, however often one of them is refused', async () => {
    const wire = await anAgencyWire({
      keys: (received, n) => (n <= 10 ? iam(403, 'You are not authorized.') : givenKey(n, received)),
    })
    for (let n = 1; n <= 10; n++) await cloudErrorOf(wire.stop())
    await wire.stop(wire.open({ connection: { id: 'another-agency' } }))
    expect(wire.calls).toHaveLength(1)
  })

  it('may be the one of the server that Curfew runs on', async () => {
    const wire = await anAgencyWire({ connection: { credentials: { source: 'metadata', name: '' } } })
    await wire.stop()
    expect(wire.exchanges.map(({ target }) => target)).toEqual([
      '/openstack/latest/securitykey',
      '/v3.0/OS-CREDENTIAL/securitytokens',
    ])
    expect(wire.exchanges[1]!.headers['x-security-token']).toBe(TOKEN(1))
    expect(tokensOf(wire.calls)).toEqual([TOKEN(2)])
  })
})

describe('no error holds a key', () => {
  it.each<[string, (received: Received) => Reply]>([
    [
      'that came in another form',
      received => ({
        ...givenKey(1, received),
        headers: {},
        body: JSON.stringify(givenKey(1, received).body).replace(/expir\w+/, 'until'),
      }),
    ],
    [
      'that came in half',
      received => ({
        ...givenKey(1, received),
        body: JSON.stringify(givenKey(1, received).body).slice(0, -9),
      }),
    ],
  ])('%s', async (_what, keys) => {
    for (const assume of [BY_NAME, BY_ID]) {
      const wire = await anAgencyWire({ assume, keys })
      const error = await cloudErrorOf(wire.stop())
      const shown = `${inspect(error, { depth: null, showHidden: true })} ${error.stack}`
      for (const part of ['HST1EXAMPLE', 'sessionSecret', 'token-1']) expect(shown).not.toContain(part)
    }
  })

  it('that the cloud repeats', async () => {
    const words = `${TOKEN(1)} HST1EXAMPLE00000000 sessionSecret1/abc`
    const wire = await anAgencyWire({ cloud: () => ({ status: 500, body: { error: { message: words } } }) })
    const { message } = await cloudErrorOf(wire.open().job('ecs', 'j'))
    expect(message).toContain('[hidden] [hidden] [hidden]')
  })
})
