import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthorizer } from '../../infra/local/door/authorizer.ts'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { folderKeyring } from '../../infra/local/door/keyring.ts'
import { openToken } from '../../infra/local/door/token.ts'
import { openRoutes } from '../../infra/local/templates.ts'
import { aFolder } from './children.ts'

const modeOf = async (file: string) => (await stat(file)).mode & 0o777

test('a token is made once, alone in its file, for its owner alone', async () => {
  const folder = await aFolder()
  const { value, file } = openToken(folder)
  expect(file).toBe(join(folder, 'token'))
  expect(await readFile(file, 'utf8')).toBe(value)
  expect(value).toMatch(/^[\w-]{43}$/)
  expect(await modeOf(file)).toBe(0o600)
  expect(openToken(folder)).toEqual({ value, file })
  expect(openToken(await aFolder()).value).not.toBe(value)
})

test('a token that others could read is theirs no more', async () => {
  const folder = await aFolder()
  const { file } = openToken(folder)
  await chmod(file, 0o644)
  openToken(folder)
  expect(await modeOf(file)).toBe(0o600)
})

test.each(['', '\n', 'short', 'two words that are long enough'])('a file with %j is no token', async text => {
  const folder = await aFolder()
  await writeFile(join(folder, 'token'), text)
  expect(() => openToken(folder)).toThrow(`${join(folder, 'token')} holds no token: expected at least 20`)
})

test("a token of one's own choice may end in a line break", async () => {
  const folder = await aFolder()
  await writeFile(join(folder, 'token'), `${'x'.repeat(20)}\n`)
  expect(openToken(folder).value).toBe('x'.repeat(20))
})

const TOKEN = { value: 'the-token-of-this-folder', file: '/data/token' }

async function aDoor() {
  const passed: Record<string, string | undefined>[] = []
  const gateway = await startGateway({
    port: 0,
    authorize: createAuthorizer(folderKeyring(TOKEN)),
    handler: async event => {
      passed.push(event.headers)
      return { statusCode: 204 }
    },
    trouble: (_, error) => expect.unreachable(String(error)),
  })
  onTestFinished(() => gateway.close())
  return { url: gateway.url, passed }
}

test.each([
  ['no token', {}],
  ['another token', { authorization: 'Bearer the-token-of-this-foldeR' }],
  ['the beginning of it', { authorization: 'Bearer the-token' }],
  ['more than it', { authorization: 'Bearer the-token-of-this-folder-and-more' }],
  ['it in another scheme', { authorization: `Basic ${TOKEN.value}` }],
  ['it without a scheme', { authorization: TOKEN.value }],
  ['an empty one', { authorization: 'Bearer ' }],
])(
  'with %s a request is 401, says where the token lies, and reaches nothing',
  async (_, headers: Record<string, string>) => {
    const { url, passed } = await aDoor()
    for (const [method, path] of [
      ['GET', '/v1/policies'],
      ['PUT', '/v1/settings'],
      ['POST', '/v1/health'],
      ['GET', '/v1/health/'],
      ['GET', '/v1//health'],
      ['GET', '/v1/policies?/v1/health'],
      ['GET', '/v1/schemas/policy.json'],
      ['OPTIONS', '/v1/policies'],
      ['POST', '/'],
      ['GET', '/console'],
      ['GET', '/console/a/b'],
    ] as const) {
      const response = await fetch(`${url}${path}`, { method, headers })
      expect([path, response.status]).toEqual([path, 401])
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="curfew"')
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      const { detail } = (await response.json()) as { detail: string }
      expect(detail).toContain('the token that lies in /data/token')
      expect(detail).not.toContain(TOKEN.value)
    }
    expect(passed).toEqual([])
  },
)

test.each(['Bearer', 'bearer'])(
  'with the token, as %s, a request passes, and the token stays behind',
  async scheme => {
    const { url, passed } = await aDoor()
    const headers = { authorization: `${scheme} ${TOKEN.value}` }
    expect((await fetch(`${url}/v1/policies`, { headers })).status).toBe(204)
    expect(JSON.stringify(passed)).not.toContain(TOKEN.value)
  },
)

test('what the deployment leaves open needs no token', async () => {
  const { url } = await aDoor()
  expect(openRoutes()).toContainEqual({ method: 'GET', path: '/v1/health' })
  for (const { method, path } of openRoutes())
    expect((await fetch(`${url}${path}`, { method })).status).toBe(204)
})

test('a page of another host is refused before its token is looked at', async () => {
  const { url } = await aDoor()
  const headers = { authorization: `Bearer ${TOKEN.value}`, origin: 'https://evil.example' }
  expect((await fetch(`${url}/v1/policies`, { headers })).status).toBe(403)
})
