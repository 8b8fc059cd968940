import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { fleet } from '../flow/world.ts'
import { START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody } from './world.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(1) })
  await world.connection()
  await world.ask('PUT', '/v1/policies/night', { body: policyBody({ id: 'night' }) })
})
beforeEach(() => void vi.setSystemTime(START))
afterAll(() => world.close())

const get = (path: string, ifNoneMatch?: string) =>
  world.ask('GET', path, ifNoneMatch === undefined ? {} : { headers: { 'if-none-match': ifNoneMatch } })
const tagOf = async (path: string) => String((await get(path)).headers.etag)

describe('an answer of GET has a tag, and is not sent again to a caller that has it', () => {
  test.each(['/v1/policies', '/v1/runs', '/v1/settings', '/v1/openapi.json', '/docs', '/v1/now', '/v1/week'])(
    '%s',
    async path => {
      const first = await get(path)
      expect(first).toMatchObject({
        status: 200,
        headers: { etag: expect.stringMatching(/^W\/"[\w-]{22}"$/) },
      })
      const again = await get(path, first.headers.etag)
      expect(again).toMatchObject({ status: 304, text: '', headers: { etag: first.headers.etag } })
      expect(again.headers).not.toHaveProperty('content-type')
      expect(again.headers['cache-control']).toBe(first.headers['cache-control'])
    },
  )

  test('whether the tag comes weak or strong, alone or among others, or as any', async () => {
    const tag = await tagOf('/v1/runs')
    for (const named of [tag, tag.replace('W/', ''), `"other", ${tag}`, ` ${tag} `, '*'])
      expect((await get('/v1/runs', named)).status).toBe(304)
    for (const named of ['"other"', '', tag.replaceAll('"', '')])
      expect((await get('/v1/runs', named)).status).toBe(200)
  })
})

test('an answer that says something else is sent whole, with another tag', async () => {
  const tag = await tagOf('/v1/settings')
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
  const changed = await get('/v1/settings', tag)
  expect(changed).toMatchObject({ status: 200, body: { stopsEnabled: false } })
  expect(changed.headers.etag).not.toBe(tag)
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true } })
  expect((await get('/v1/settings', tag)).status).toBe(304)
})

test('an overview is the same while nothing but the time goes on', async () => {
  const [now, week] = [await tagOf('/v1/now'), await tagOf('/v1/week')]
  vi.setSystemTime(START + 60_000)
  expect((await get('/v1/now', now)).status).toBe(304)
  expect((await get('/v1/week', week)).status).toBe(304)
  await world.ask('POST', '/v1/runs', { body: { policyId: 'night', dryRun: true } })
  expect((await get('/v1/now', now)).status).toBe(200)
  expect((await get('/v1/week', week)).status).toBe(200)
})

test('the tag of a document is its version, and what else is told of it may change: it is always sent', async () => {
  const { headers, body } = await get('/v1/policies/night')
  expect(headers.etag).toBe(`"${body.version}"`)
  expect((await get('/v1/policies/night', headers.etag)).status).toBe(200)
})

test('no problem has a tag, nor is it held back, nor is an answer to another method', async () => {
  const missing = await get('/v1/runs/none', '*')
  expect(missing.status).toBe(404)
  expect(missing.headers).not.toHaveProperty('etag')
  const preview = await world.ask('POST', '/v1/policies/night/preview', { headers: { 'if-none-match': '*' } })
  expect(preview.status).toBe(200)
  expect(preview.headers).not.toHaveProperty('etag')
})

test('over HTTP a browser keeps no answer that it could show without asking, and 304 has no body', async () => {
  const gateway = await startGateway({
    port: 0,
    handler: world.handler as Parameters<typeof startGateway>[0]['handler'],
    trouble: (where, error) => expect.unreachable(`${where}: ${error}`),
  })
  const url = `${gateway.url}/v1/policies`
  const first = await fetch(url)
  const etag = first.headers.get('etag')!
  expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(await first.json()).toMatchObject({ items: { length: 1 } })
  const again = await fetch(url, { headers: { 'if-none-match': etag } })
  expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
  await gateway.close()
})
