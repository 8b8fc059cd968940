import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { policyBody } from '../http/world.ts'
import { curfewWorld } from './curfew-world.ts'

let world: Awaited<ReturnType<typeof curfewWorld>>
beforeAll(async () => {
  world = await curfewWorld({ servers: [] })
  await world.ask('PUT', '/v1/policies/night', { body: policyBody({ id: 'night' }) })
})
afterAll(() => world.close())

test('any request shows what the API answers', async () => {
  const changed = await world.curfew(['api', 'PUT', '/v1/settings', '{"stopsEnabled": false}'])
  expect(changed).toMatchObject({ code: 0, err: '' })
  const { body } = await world.ask('GET', '/v1/settings')
  expect(body).toMatchObject({ stopsEnabled: false })
  expect(JSON.parse(changed.out)).toEqual(body)
  const runs = '/v1/runs?bad=true&since=2026-11-20T12:00:00Z&status=failed&status=partial'
  const listed = await world.curfew(['api', 'GET', runs])
  expect(JSON.parse(listed.out)).toEqual((await world.ask('GET', runs)).body)
})

test('an answer without a body shows nothing', async () => {
  const deleted = await world.curfew(['api', 'DELETE', '/v1/policies/night'])
  expect(deleted).toMatchObject({ code: 0, out: '', err: '' })
  expect((await world.ask('GET', '/v1/policies/night')).status).toBe(404)
})

test('what the API refuses exits with 1 and names each field', async () => {
  const { code, out, err } = await world.curfew(['api', 'PUT', '/v1/settings', '{"stopsEnabled": 1, "x": 2}'])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('stopsEnabled')
})

test.each([
  [['PUT', '/v1/settings', '{stopsEnabled}'], 'expected a body of JSON, got "{stopsEnabled}"'],
  [['GET', 'v1/runs'], 'expected a path, such as /v1/runs, got "v1/runs"'],
  [['get', '/v1/runs'], 'Allowed choices are GET, PUT, POST, DELETE'],
])('%j is refused before it is sent', async (args, message) => {
  const { code, err } = await world.curfew(['api', ...args])
  expect(code).toBe(2)
  expect(err).toContain(message)
})

test.each(['//', '/\\', '/\t/'])('a path that begins with %j takes the token nowhere else', async start => {
  const asked: unknown[] = []
  const elsewhere = createServer(({ headers }, response) => {
    asked.push(headers)
    response.end('{}')
  })
  await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve))
  const { port } = elsewhere.address() as { port: number }
  const { code, err } = await world.curfew(['api', 'GET', `${start}127.0.0.1:${port}/v1/runs`], {
    env: { CURFEW_TOKEN: 'curfew_secret' },
  })
  elsewhere.close()
  expect({ code, asked }).toEqual({ code: 2, asked: [] })
  expect(err).toContain('expected a path')
})
