import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { at, START } from '../makers.ts'
import { type HttpWorld, openWorld } from './world.ts'

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
