import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consoleFile } from '../../lib/http/console-files.ts'
import about from '../../package.json' with { type: 'json' }
import { type HttpWorld, openWorld } from './world.ts'

const SCRIPT = `console.log('${'x'.repeat(1000)}')`

let folder: string
let world: HttpWorld
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curfew-console-'))
  const files = join(folder, 'console')
  await mkdir(files)
  await writeFile(join(files, 'index.html'), '<!doctype html><title>Curfew</title>')
  await writeFile(join(files, 'app-ABC.js'), SCRIPT)
  await writeFile(join(files, 'notes.txt'), 'not for browsers')
  await writeFile(join(folder, 'secret.js'), 'secret')
  world = await openWorld({ http: { CONSOLE_FOLDER: files } })
})
afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true })
})

const ask = (path: string, headers: Record<string, string> = {}) =>
  world.ask('GET', path, { headers, actor: null })
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64')

describe('the console', () => {
  test('is served to anybody, its page never from a cache and its files for ever', async () => {
    const page = await ask('/')
    expect(page).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
    })
    expect(bytesOf(page.text).toString()).toContain('<title>Curfew')
    expect(await ask('/console/app-ABC.js')).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      },
    })
  })

  test('may load its own files and ask this service, and nothing else', async () => {
    const { headers } = await ask('/')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' })
  })

  test.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8, *;q=0.1', '*', 'GZIP'])(
    'is packed for a browser that takes %s',
    async accepted => {
      const { text, headers } = await ask('/console/app-ABC.js', { 'accept-encoding': accepted })
      expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
      expect(bytesOf(text).length).toBeLessThan(SCRIPT.length / 2)
      expect(gunzipSync(bytesOf(text)).toString()).toBe(SCRIPT)
    },
  )

  test.each(['', 'identity', 'br', 'gzip;q=0', 'gzip;q=0.000, *', 'xgzip'])(
    'is sent as it is to one that takes "%s"',
    async accepted => {
      const { text, headers } = await ask('/console/app-ABC.js', { 'accept-encoding': accepted })
      expect(headers).not.toHaveProperty('content-encoding')
      expect(headers.vary).toBe('accept-encoding')
      expect(bytesOf(text).toString()).toBe(SCRIPT)
    },
  )

  test.each([
    ...['app-DEF.js', 'notes.txt', '..', '.', 'console', '__proto__', 'constructor'],
    ...['..%2Fsecret.js', '%2e%2e%2fsecret.js', '..%5csecret.js', '%00', 'index.html%00.js'],
    ...['%2Fetc%2Fpasswd', '../secret.js', './app-ABC.js', 'a/app-ABC.js', '%E0%A4%A'],
  ])('has no file called %s', async name => {
    const reply = await ask(`/console/${name}`)
    expect(reply).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } })
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.text).not.toContain('x'.repeat(10))
  })

  test('has the same page whatever stands behind its address, such as the answer of an issuer', async () => {
    expect(await ask('/?code=a&state=b&iss=https%3A%2F%2Flogin.example')).toMatchObject({ status: 200 })
  })

  test('is looked at, and nothing is sent to it', async () => {
    for (const path of ['/', '/console/app-ABC.js', '/console/settings.json'])
      expect(await world.ask('POST', path, { actor: null })).toMatchObject({
        status: 405,
        headers: { allow: 'GET' },
      })
  })

  test('tells where to log in, which is nowhere unless an issuer is named', async () => {
    expect(await ask('/console/settings.json')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: { version: about.version, issuer: null, clientId: null },
    })
  })

  test('says so where it was not built', async () => {
    const bare = await openWorld({ http: { CONSOLE_FOLDER: join(folder, 'nothing') } })
    const { status, body } = await bare.ask('GET', '/', { actor: null })
    await bare.close()
    expect({ status, detail: body.detail }).toEqual({
      status: 404,
      detail: expect.stringContaining('npm run build'),
    })
  })
})

test("where Cognito is the issuer, the page may ask the domains of that region's user pools", () => {
  const files = new Map([['index.html', { plain: new Uint8Array(), packed: new Uint8Array() }]])
  const issuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf'
  const rules = consoleFile(files, { name: 'index.html', acceptEncoding: undefined, issuer })?.headers
  expect(rules?.['content-security-policy']).toContain(
    "connect-src 'self' https://cognito-idp.eu-central-1.amazonaws.com https://*.auth.eu-central-1.amazoncognito.com;",
  )
})

describe('where an issuer is named', () => {
  const ISSUER = 'https://login.example:8443/realms/ops'
  let issued: HttpWorld
  beforeAll(async () => {
    const http = {
      CONSOLE_FOLDER: join(folder, 'console'),
      CONSOLE_ISSUER: ISSUER,
      CONSOLE_CLIENT_ID: 'curfew',
    }
    issued = await openWorld({ http })
  })
  afterAll(() => {
    for (const name of ['CONSOLE_FOLDER', 'CONSOLE_ISSUER', 'CONSOLE_CLIENT_ID']) delete process.env[name]
    return issued.close()
  })

  test('the page may ask its origin too, and knows which client it is there', async () => {
    const { headers } = await issued.ask('GET', '/', { actor: null })
    expect(headers['content-security-policy']).toContain("connect-src 'self' https://login.example:8443;")
    const { body } = await issued.ask('GET', '/console/settings.json', { actor: null })
    expect(body).toEqual({ version: about.version, issuer: ISSUER, clientId: 'curfew' })
  })

  test('requests with a token come as they do to /v1, by the role of its group', async () => {
    const asked = (groups: string, method: string, path: string) =>
      issued.ask(method, `/console${path}`, { claims: { sub: 'u-1', groups } })
    expect(await asked('[curfew-read]', 'GET', '/v1/policies')).toMatchObject({ status: 200 })
    expect(await asked('[curfew-read]', 'POST', '/v1/policies/x/preview')).toMatchObject({ status: 403 })
    expect(await asked('[curfew-operate]', 'POST', '/v1/policies/x/preview')).toMatchObject({ status: 404 })
    expect(await asked('[staff]', 'GET', '/v1/policies')).toMatchObject({ status: 403 })
    const settings = { stopsEnabled: false }
    const saved = { method: 'PUT', path: '/console/v1/settings' }
    const claims = { sub: 'u-1', email: 'ada@example.com', groups: '[curfew-admin]' }
    const { status } = await issued.ask(saved.method, saved.path, { claims, body: settings })
    expect(status).toBe(200)
    const { body } = await issued.ask('GET', '/v1/settings/changes')
    expect(body.items).toMatchObject([{ actor: 'oidc:ada@example.com' }])
  })

  test('nobody comes in below /console/v1 without a token, nor by one below /v1', async () => {
    const claims = { sub: 'u-1', groups: '[curfew-admin]' }
    expect(await issued.ask('GET', '/console/v1/policies')).toMatchObject({ status: 404 })
    expect(await issued.ask('GET', '/console/v1/policies', { actor: null })).toMatchObject({ status: 404 })
    expect(await issued.ask('GET', '/v1/policies', { claims })).toMatchObject({ status: 403 })
  })
})
