import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { at, START } from '../makers.ts'
import { connectionBody, type HttpWorld, openWorld, policyBody } from './world.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(() => void vi.setSystemTime(START))

const body = (overrides: object = {}) => ({
  type: 'slack',
  credentials: { source: 'secretsManager', name: 'curfew/ops' },
  ...overrides,
})
const put = (id: string, document: object, headers = {}) =>
  world.ask('PUT', `/v1/channels/${id}`, { body: document, headers })

test('a channel is created, read, listed and replaced, with its defaults; what was read can be sent back', async () => {
  const created = await put('ops', body())
  expect(created).toMatchObject({ status: 201, headers: { etag: '"1"' } })
  expect(created.body).toEqual({
    managedBy: null,
    id: 'ops',
    ...body(),
    language: 'en',
    description: '',
    createdAt: at(START),
    updatedAt: at(START),
    updatedBy: 'tester',
    version: 1,
  })
  expect(await put('ops', created.body)).toMatchObject({ status: 200, body: created.body })
  expect(await world.ask('GET', '/v1/channels/ops')).toMatchObject({ status: 200, body: created.body })
  vi.setSystemTime(START + 1000)
  expect(await put('ops', body({ language: 'zh' }), { 'if-match': '"1"' })).toMatchObject({
    status: 200,
    body: { language: 'zh', version: 2 },
  })
  expect(await put('ops', body(), { 'if-match': '"1"' })).toMatchObject({ status: 412 })
  expect((await world.all('/v1/channels')).map(({ id }) => id)).toEqual(['ops'])
  const { body: changes } = await world.ask('GET', '/v1/channels/ops/changes')
  expect(changes.items).toMatchObject([
    { what: 'edited', fields: [{ path: 'language', before: 'en', after: 'zh' }] },
    { what: 'created', actor: 'tester' },
  ])
})

test('a channel that is not there is 404', async () => {
  for (const [method, path] of [
    ['GET', '/v1/channels/none'],
    ['DELETE', '/v1/channels/none'],
    ['GET', '/v1/channels/none/changes'],
  ] as const)
    expect(await world.ask(method, path)).toMatchObject({ status: 404 })
})

describe('what a channel may not be is 422', () => {
  test.each([
    ['a tool that is not known', { type: 'carrier-pigeon' }, 'type'],
    ['a URL in the document', { url: 'https://hooks.example/1' }, 'url'],
    [
      'a secret of somebody else',
      { credentials: { source: 'secretsManager', name: 'prod/database' } },
      'credentials.name',
    ],
    [
      'a variable that no variable can be',
      { credentials: { source: 'environment', name: 'a-b' } },
      'credentials.name',
    ],
    ['a language that is not spoken', { language: 'de' }, 'language'],
  ])('%s', async (_, overrides, path) => {
    const reply = await put('refused', body(overrides))
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map(error => error.path)).toContain(path)
    expect(await world.ask('GET', '/v1/channels/refused')).toMatchObject({ status: 404 })
  })
})

describe('a channel that policies name', () => {
  const policy = (id: string, channels: string[]) =>
    world.ask('PUT', `/v1/policies/${id}`, {
      body: policyBody({
        id,
        connection: 'prod',
        notify: channels.map(channel => ({ channel, on: ['failed', 'warning'] })),
      }),
    })
  beforeAll(async () => {
    await world.ask('PUT', '/v1/connections/prod', { body: connectionBody() })
  })

  test('cannot be deleted, and may be as soon as none names it', async () => {
    await put('used', body())
    expect(await policy('user', ['used'])).toMatchObject({
      status: 201,
      body: { notify: [{ channel: 'used', on: ['failed', 'warning'] }] },
    })
    expect(await world.ask('DELETE', '/v1/channels/used')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('by policies such as user') },
    })
    vi.setSystemTime(Date.now() + 1)
    expect(await policy('user', [])).toMatchObject({ status: 200, body: { notify: [] } })
    expect(await world.ask('DELETE', '/v1/channels/used')).toMatchObject({ status: 204 })
  })

  test('must be there: for a policy, and for an ad hoc run', async () => {
    await put('there', body())
    const errors = [{ path: 'notify.1.channel', message: expect.stringContaining('"gone"') }]
    expect(await policy('wrong', ['there', 'gone'])).toMatchObject({ status: 422, body: { errors } })
    const target = { connection: 'prod', kind: 'ecs', selector: { all: true }, dryRun: true }
    const run = { ...target, notify: [{ channel: 'gone', on: ['failed'] }] }
    expect(await world.ask('POST', '/v1/runs', { body: run })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'notify.0.channel' }] },
    })
  })

  test('of two that race, a deletion and a policy, one wins', async () => {
    for (let round = 0; round < 6; round++) {
      await put('raced', body())
      const acts = [
        () => policy(`racer-${round}`, ['raced']),
        () => world.ask('DELETE', '/v1/channels/raced'),
      ]
      await Promise.all((round % 2 === 0 ? acts : acts.toReversed()).map(act => act()))
      const isNamed = (await world.ask('GET', `/v1/policies/racer-${round}`)).status === 200
      if (isNamed) expect((await world.ask('GET', '/v1/channels/raced')).status).toBe(200)
    }
  })

  test('and what it is told of are said in words that are known', async () => {
    await put('there', body())
    const notify = [{ channel: 'there', on: ['failure'] }]
    expect(
      await world.ask('PUT', '/v1/policies/odd', {
        body: policyBody({ id: 'odd', connection: 'prod', notify }),
      }),
    ).toMatchObject({ status: 422, body: { errors: [{ path: 'notify.0.on.0' }] } })
  })
})

describe('test', () => {
  /** Each at a time of its own: the tool takes one a second. */
  let minute = 0
  const tested = async (secret: string) => {
    vi.setSystemTime(START + ++minute * 60_000)
    world.aws.secrets.set('curfew/tested', secret)
    await put('tested', body({ credentials: { source: 'secretsManager', name: 'curfew/tested' } }))
    return (await world.ask('POST', '/v1/channels/tested/test')).body
  }

  test('sends to public addresses alone, and repeats nothing of the URL', async () => {
    const { ok, reason } = await tested('{"url": "https://127.0.0.1/hooks/5ecretPath"}')
    expect({ ok, reason }).toEqual({ ok: false, reason: '127.0.0.1 is no public address (loopback)' })
  })

  test('says what is wrong with a secret, and not what it says', async () => {
    expect(await tested('https://hooks.example/5ecret')).toEqual({
      ok: false,
      reason: 'secret "curfew/tested": expected JSON such as {"url": "https://…", "signingKey": "…"}',
    })
    expect(await tested('{"address": "https://hooks.example/5ecret"}')).toMatchObject({
      reason: expect.stringContaining('"url": expected a text'),
    })
    expect(await tested('{"url": "http://hooks.example/5ecret"}')).toMatchObject({
      reason: 'expected https, got http',
    })
  })

  test('of a channel that is not there is 404', async () => {
    expect(await world.ask('POST', '/v1/channels/none/test')).toMatchObject({ status: 404 })
  })
})
