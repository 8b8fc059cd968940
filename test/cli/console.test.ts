import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { serveConsole } from '../../cli/console.ts'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { aPage } from '../browser.ts'
import { type HttpWorld, openWorld, policyBody } from '../http/world.ts'
import { aFolder } from '../local/children.ts'
import { verifiedSignature } from './signature.ts'

/** The key of this environment: the world's own, which its functions have, too. */
const { accessKeyId, secretAccessKey } = LOCAL_AWS.credentials

let world: HttpWorld
let curfew: Awaited<ReturnType<typeof startGateway>>
beforeAll(async () => {
  world = await openWorld()
  await world.connection()
  const handler = world.handler as unknown as Parameters<typeof startGateway>[0]['handler']
  curfew = await startGateway({ port: 0, handler, trouble: (_, error) => void world.troubles.push(error) })
})
afterAll(async () => {
  await curfew.close()
  await world.close()
})

/** The console of a Curfew at an address, until the test ends. */
async function aConsole(address: string, env: Record<string, string> = {}) {
  const said: string[] = []
  const end = new AbortController()
  const link = await new Promise<string>((resolve, reject) => {
    const print = (text: string) => {
      said.push(text)
      const [found] = /http:\/\/\S+/.exec(text.split('\n\n')[1] ?? '') ?? []
      if (found) resolve(found)
    }
    const complain = (text: string) => void said.push(text)
    const surroundings = { env: { CURFEW_URL: address, ...env }, print, complain, ended: end.signal }
    const ended = serveConsole([], surroundings).then(code => {
      reject(new Error(`it ended with ${code}: ${said.join('\n')}`))
      return code
    })
    onTestFinished(async () => {
      end.abort()
      expect(await ended).toBe(0)
    })
  })
  const { origin, hash } = new URL(link)
  const token = hash.replace('#token=', '')
  const ask = (
    method: string,
    path: string,
    { body, headers = {} }: { body?: object; headers?: object } = {},
  ) =>
    fetch(`${origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  return { link, origin, token, ask, said }
}

interface Received extends Pick<IncomingMessage, 'headers'> {
  method: string
  url: string
  body: Buffer
}

/** Stands where Curfew is, and keeps what it is sent. */
async function anUpstream(answer: { status?: number; headers?: Record<string, string>; body?: string } = {}) {
  const received: Received[] = []
  const server: Server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    received.push({ method, url, headers, body: await buffer(request) })
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.body ?? '{}')
  }).listen(0)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { received, port: (server.address() as AddressInfo).port }
}

/** Sends a request line and headers that `fetch` would not. */
async function raw(origin: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  const { port } = new URL(origin)
  const sent = request({ host: '127.0.0.1', port, path, headers }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  return response.statusCode
}

describe('the console of a Curfew elsewhere', () => {
  test('is shown to a browser by its link, with what Curfew answers', async () => {
    const { link } = await aConsole(curfew.url)
    const page = await aPage()
    await page.goto(link)
    await page.getByRole('button', { name: 'Stops on' }).waitFor()
    expect(new URL(page.url()).hash).toBe('#/')
  })

  test('has the page and its files by the rules by which Curfew serves them', async () => {
    const { origin } = await aConsole(curfew.url)
    const page = await fetch(origin)
    expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'; base-uri 'none'")
    const names = [...(await page.text()).matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(
      ([, name]) => name,
    )
    expect(names).toHaveLength(3)
    for (const name of names) {
      const file = await fetch(`${origin}${name}`)
      expect([name, file.status, file.headers.get('cache-control')]).toEqual([
        ...[name, 200, 'public, max-age=31536000, immutable'],
      ])
    }
    expect(await (await fetch(`${origin}/console/settings.json`)).json()).toMatchObject({ issuer: null })
    expect((await fetch(`${origin}/docs`)).status).toBe(200)
    for (const path of ['/console/gone.js', '/console/..%2Fpackage.json', '/package.json', '/v1'])
      expect([path, (await fetch(`${origin}${path}`)).status]).toEqual([path, 404])
    expect((await fetch(origin, { method: 'POST' })).status).toBe(405)
  })

  test('passes requests on and answers back, with the guards of an edit', async () => {
    const { ask } = await aConsole(curfew.url)
    const create = { body: policyBody(), headers: { 'if-none-match': '*' } }
    const created = await ask('PUT', '/v1/policies/nightly-dev', create)
    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"'])
    expect((await ask('PUT', '/v1/policies/nightly-dev', create)).status).toBe(412)
    const wrong = await ask('PUT', '/v1/policies/nightly-dev', { body: policyBody({ mode: 'off' }) })
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    expect(await wrong.json()).toMatchObject({ errors: [{ path: 'mode' }] })
    const listed = await ask('GET', '/v1/runs?status=failed&status=partial&limit=5')
    expect(await listed.json()).toMatchObject({ items: [] })
    expect((await ask('DELETE', '/v1/policies/nightly-dev')).status).toBe(204)
  })

  test('asks each request for the token of its link', async () => {
    const { origin, token } = await aConsole(curfew.url)
    for (const authorization of [undefined, 'Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const refused = await fetch(`${origin}/v1/policies`, { headers })
      expect([authorization, refused.status]).toEqual([authorization, 401])
      expect(await refused.text()).not.toContain(token)
    }
  })

  test('refuses pages of other sites, whatever name they have for this machine', async () => {
    const { origin, token } = await aConsole(curfew.url)
    const { host, port } = new URL(origin)
    const authorization = `Bearer ${token}`
    const foreign: Record<string, string>[] = [
      ...[{ host: 'evil.example' }, { host: `evil.example:${port}` }, { host: '127.0.0.1' }],
      ...[{ host: `127.0.0.1:${Number(port) + 1}` }, { host, origin: 'https://evil.example' }],
      ...[
        { host, origin: 'null' },
        { host, origin: `http://localhost:${port}` },
      ],
    ]
    for (const headers of foreign)
      for (const path of ['/', '/v1/policies'])
        expect([headers, await raw(origin, path, { ...headers, authorization })]).toEqual([headers, 403])
    const own = { host: `localhost:${port}`, origin: `http://localhost:${port}`, authorization }
    expect(await raw(origin, '/v1/policies', own)).toBe(200)
  })

  test('reaches nothing but the API of that Curfew, whatever the path says', async () => {
    const { received, port } = await anUpstream()
    const { origin, token } = await aConsole(`http://127.0.0.1:${port}`)
    const headers = { host: new URL(origin).host, authorization: `Bearer ${token}` }
    for (const path of [
      ...['http://evil.example/v1/policies', '//evil.example/v1/policies', '/v1/../docs/x', '/v1/%2e%2e/x'],
      ...['/v1\\..\\x', '/V1/policies', '/console/v1/policies', '/v1/..//evil.example/v1/x'],
    ])
      expect([path, await raw(origin, path, headers)]).toEqual([path, 404])
    expect(received).toEqual([])
    expect(await raw(origin, '/v1//evil.example/x', headers)).toBe(200)
    expect(received.map(({ url, headers }) => [url, headers.host])).toEqual([
      ['/v1//evil.example/x', `127.0.0.1:${port}`],
    ])
  })
})

describe('what Curfew is sent', () => {
  test('is signed with the AWS credentials, and holds nothing else of the browser', async () => {
    const { received, port } = await anUpstream()
    const { ask, token, said } = await aConsole(`http://0.0.0.0:${port}`, { AWS_REGION: 'eu-central-1' })
    const query = 'status=failed&status=partial&name=a%20b%2B*%27%21&empty='
    const headers = { cookie: 'a=b', 'x-forwarded-for': '10.0.0.1', 'idempotency-key': 'one two' }
    expect((await ask('GET', `/v1/runs?${query}`, { headers })).status).toBe(200)
    await ask('PUT', '/v1/policies/caf%C3%A9%20~x', { body: { description: 'Grüße' } })
    await ask('DELETE', '/v1/policies/x', { headers: { 'if-match': '"3"' } })
    expect(received.map(({ method, url }) => [method, url])).toEqual([
      ['GET', `/v1/runs?${query}`],
      ['PUT', '/v1/policies/caf%C3%A9%20~x'],
      ['DELETE', '/v1/policies/x'],
    ])
    for (const one of received) {
      const claim = verifiedSignature(one, secretAccessKey)
      expect(claim).toMatchObject({ keyId: accessKeyId, region: 'eu-central-1', service: 'execute-api' })
      expect(claim.signedNames).toEqual(expect.arrayContaining(['host', 'x-amz-date']))
      const changed = { ...one, url: `${one.url}x` }
      expect(() => verifiedSignature(changed, secretAccessKey)).toThrow('another signature')
    }
    const sent = JSON.stringify(received.map(one => one.headers))
    for (const word of [token, 'cookie', 'x-forwarded-for', secretAccessKey]) expect(sent).not.toContain(word)
    expect(received[0]!.headers['idempotency-key']).toBe('one two')
    expect(said.join()).not.toContain(secretAccessKey)
    expect(said.join()).toContain('signed with your AWS credentials')
  })

  test('bears the token that is set instead, where one is', async () => {
    const { received, port } = await anUpstream()
    const { ask, said } = await aConsole(`http://0.0.0.0:${port}`, { CURFEW_TOKEN: 'given-token' })
    await ask('GET', '/v1/policies')
    expect(received[0]!.headers.authorization).toBe('Bearer given-token')
    expect(said.join()).not.toContain('given-token')
  })
})

describe('a Curfew that does not answer as it should', () => {
  const detailOf = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    return `${response.status} ${((await response.json()) as { detail: string }).detail}`
  }

  test('is named, with what to do', async () => {
    const { ask } = await aConsole('http://127.0.0.1:9')
    expect(await detailOf(await ask('GET', '/v1/policies'))).toBe(
      '502 nobody answers at http://127.0.0.1:9 (CURFEW_URL): check that it runs and is reached',
    )
  })

  test('asks for no token of its reader when it refuses that of the command', async () => {
    const { port } = await anUpstream({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
    const { ask } = await aConsole(`http://127.0.0.1:${port}`, { CURFEW_TOKEN: 'old-token' })
    const refused = await ask('GET', '/v1/policies')
    expect(refused.headers.has('www-authenticate')).toBe(false)
    expect(await detailOf(refused)).toMatch(
      /^502 http:\S+ refuses the token that is set here: set CURFEW_TOKEN/,
    )
  })

  test('leads no request elsewhere', async () => {
    const elsewhere = await anUpstream()
    const headers = { location: `http://127.0.0.1:${elsewhere.port}/v1/policies` }
    const { port } = await anUpstream({ status: 307, headers })
    const { ask } = await aConsole(`http://127.0.0.1:${port}`)
    expect(await detailOf(await ask('GET', '/v1/policies'))).toMatch(
      /^502 .* set CURFEW_URL to its own address/,
    )
    expect(elsewhere.received).toEqual([])
  })

  test("has its own words shown: IAM's refusals are no problem documents", async () => {
    const { port } = await anUpstream({ status: 403, body: '{"message":"The security token is expired"}' })
    const { ask } = await aConsole(`http://127.0.0.1:${port}`)
    const refused = await ask('GET', '/v1/policies')
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { message: 'The security token is expired' },
    ])
  })

  test('is sent no body that is longer than it takes', async () => {
    const { received, port } = await anUpstream()
    const { ask } = await aConsole(`http://127.0.0.1:${port}`)
    const body = { description: 'x'.repeat(1024 * 1024) }
    expect(await detailOf(await ask('PUT', '/v1/policies/x', { body }))).toMatch(/^413 /)
    expect(received).toEqual([])
  })
})

describe('the command', () => {
  /** Its own process, without credentials of anybody. */
  async function curfewWith(args: string[], variables: Record<string, string> = {}) {
    const own = { HOME: await aFolder(), AWS_EC2_METADATA_DISABLED: 'true', PATH: process.env.PATH }
    const run = promisify(execFile)(process.execPath, ['cli/curfew.ts', ...args], {
      env: { ...own, ...variables },
      timeout: 30_000,
    })
    return run.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) =>
        ({ code, stdout, stderr }) as { code: number; stdout: string; stderr: string },
    )
  }

  test('says at once that there are no credentials, and what to do', async () => {
    const CURFEW_URL = 'https://abc.execute-api.eu-west-1.amazonaws.com'
    const { code, stdout, stderr } = await curfewWith(['console'], { CURFEW_URL })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^no AWS credentials \(.*\): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and .*aws sso login`\n$/,
    )
  })

  test.each([
    [['console', '--port', '70000'], /--port: expected a whole number from 0 to 65535, got "70000"/],
    [['console', '--port'], /--port/],
    [['console', '--prot', '1'], /--prot/],
    [['console', 'here'], /here/],
    [['consol'], /unknown command 'consol'\n\(Did you mean console\?\)/],
    [[], /console \[options\]/],
    [['policies', 'diff'], /Usage: npx curfew policies diff/],
  ])('called as %j exits with 2 and tells how it is called', async (args, message) => {
    const { code, stdout, stderr } = await curfewWith(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(stderr).toContain('Usage: npx curfew')
  })

  test('refuses an address that is none', async () => {
    const { code, stderr } = await curfewWith(['console'], { CURFEW_URL: 'curfew.example' })
    expect([code, stderr.split('\n')[0]]).toEqual([
      ...[
        2,
        'CURFEW_URL: expected the address of Curfew, such as https://curfew.example, got "curfew.example"',
      ],
    ])
  })

  test('says that a port is in use', async () => {
    const { port } = await anUpstream()
    const { code, stderr } = await curfewWith(['console', '--port', String(port)])
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`port ${port} of 127.0.0.1 cannot be used (EADDRINUSE)`),
    ])
  })

  test.each([['--help'], ['console', '--help']])('tells of itself', async (...args) => {
    const { code, stdout } = await curfewWith(args)
    expect([code, stdout]).toEqual([0, expect.stringContaining('Usage: npx curfew')])
  })
})
