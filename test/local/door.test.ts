import { chmod, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Context } from 'aws-lambda'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAuthorizer } from '../../infra/local/door/authorizer.ts'
import { type Door, openDoor } from '../../infra/local/door/door.ts'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { openTokenFile } from '../../infra/local/door/keyring.ts'
import { createLocalRoutes } from '../../infra/local/door/local-routes.ts'
import { createWrongTries } from '../../infra/local/door/wrong-tries.ts'
import { flags } from '../../infra/local/flags.ts'
import { ROLES, type Role } from '../../lib/http/access/role.ts'
import { shownTokenLine, tokenDigest } from '../../lib/http/access/token-file.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import type { Route } from '../../lib/http/route.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { createLog } from '../../lib/runtime/log.ts'
import type { HttpServices } from '../../lib/runtime/services/services.ts'
import { aFolder } from './children.ts'
import { answerOf } from './ports.ts'

const CONTEXT = { getRemainingTimeInMillis: () => 29_000 } as Context
const tokenOf = (role: string): string => `curfew_${role}-${'x'.repeat(40)}`
const lineOf = (role: (typeof ROLES)[number], name = `${role}-ada`) =>
  shownTokenLine({ name, role, digest: tokenDigest(tokenOf(role)) })
const LINES = ROLES.map(role => lineOf(role)).join('\n')

async function aTokenFile(text = LINES) {
  const path = join(await aFolder(), 'tokens')
  await writeFile(path, text)
  const told: string[] = []
  const file = openTokenFile({ path, complain: line => void told.push(line) })
  return { path, told, file }
}

/** Every route of the API, whose own work is to say who asked. */
const IDLE: Route[] = ROUTES.map(route => ({
  ...route,
  params: undefined,
  query: undefined,
  body: undefined,
  run: ({ actor }) => ({ status: 200, body: { actor } }),
}))

/** A door with a file of tokens, behind which every route stands. */
async function aDoor(door: Partial<Door['listening']> & { now?: () => number } = {}) {
  const { path, told, file } = await aTokenFile()
  const handle = httpHandler(IDLE, () => ({ log: createLog('silent') }) as HttpServices)
  const { now, ...listening } = door
  const gateway = await startGateway({
    port: 0,
    authorize: createAuthorizer(file, createWrongTries(now)),
    ...listening,
    handler: event => handle(event as never, CONTEXT),
    trouble: (_, error) => void told.push(String(error)),
  })
  onTestFinished(() => gateway.close())
  const port = Number(new URL(gateway.url).port)
  const ask = async (headers: Record<string, string> = {}, path = '/v1/runs', method = 'GET') => {
    const host = `127.0.0.1:${port}`
    return answerOf(port, { method, path, headers: { host, ...headers } })
  }
  return { path, told, file, port, ask }
}
const bearing = (token: string) => ({ authorization: `Bearer ${token}` })

describe('each route of the table', () => {
  const BAD: [string, Record<string, string>][] = [
    ['no token', {}],
    ['an empty one', bearing('')],
    ['a wrong one', bearing('curfew_wrong')],
    ['the beginning of one', bearing(tokenOf('admin').slice(0, -1))],
    ['the digest that the file holds', bearing(tokenDigest(tokenOf('admin')))],
    ['a line of the file', { authorization: `Bearer ${lineOf('admin')}` }],
    ['one of another scheme', { authorization: `Basic ${tokenOf('admin')}` }],
    ['an identity of its own choice', { 'x-amzn-iam-arn': 'local', authorization: 'local' }],
    ['one in a cookie', { cookie: `token=${tokenOf('admin')}` }],
  ]

  /** The statuses that a route answers with, by what the request bears. */
  const statusesOf = (open: boolean, needs: Role) => ({
    ...Object.fromEntries(BAD.map(([what]) => [what, open ? 200 : 401])),
    ...Object.fromEntries(ROLES.map(role => [role, open || isEnough(role, needs) ? 200 : 403])),
  })
  const isEnough = (role: Role, needs: Role) => ROLES.indexOf(role) >= ROLES.indexOf(needs)
  const ALL = [...BAD, ...ROLES.map(role => [role, bearing(tokenOf(role))] as const)]

  test('answers nobody without a token of the file, and each of its roles as the role says', async () => {
    let nowMs = 0
    // Each request comes in a minute of its own.
    const { ask } = await aDoor({ now: () => (nowMs += 60_000) })
    for (const { method, path: pattern, open = false, needs } of ROUTES) {
      const path = pattern.replaceAll(/\{\w+\}/g, 'x')
      const answers = await Promise.all(
        ALL.map(async ([what, headers]) => [what, await ask(headers, path, method)] as const),
      )
      const statuses = Object.fromEntries(answers.map(([what, { status }]) => [what, status]))
      expect([method, path, statuses]).toEqual([method, path, statusesOf(open, needs)])
      const admin = answers.find(([what]) => what === 'admin')![1]
      expect(JSON.parse(admin.text)).toEqual({ actor: open ? 'nobody' : 'admin-ada' })
    }
  })

  test('that is not there yet is closed, and so is what is no route', async () => {
    const { ask } = await aDoor()
    for (const path of ['/v1/added-later', '/v1//health', '/v1/health/', '/console', '/a', '//'])
      expect([path, (await ask({}, path)).status]).toEqual([path, 401])
  })
})

test('routes of this machine alone ask for a role, too', async () => {
  const queues = { deadLetters: () => [], redrive: async () => 0 }
  const table = { rows: async function* () {} }
  const state = { simulator: false, openstack: false, projects: 1, sampleAt: null }
  const metrics = { contentType: 'text/plain', text: async () => '# EOF\n', close: () => {} }
  const localRoutes = createLocalRoutes({ metrics, table, queues, state })
  const { ask } = await aDoor({ localRoutes })
  const statuses = async (token: string) =>
    Promise.all(localRoutes.map(async ({ path, method }) => (await ask(bearing(token), path, method)).status))
  expect(localRoutes.map(({ needs }) => needs)).toEqual(['read', 'admin', 'read', 'operate'])
  expect(await statuses('wrong')).toEqual([401, 401, 401, 401])
  expect(await statuses(tokenOf('read'))).toEqual([200, 403, 200, 403])
  expect(await statuses(tokenOf('operate'))).toEqual([200, 403, 200, 200])
  expect(await statuses(tokenOf('admin'))).toEqual([200, 200, 200, 200])
})

describe('the file of tokens', () => {
  test('is heard at each request: a line counts as long as it is there', async () => {
    const { path, told, ask } = await aDoor()
    const statuses = async () =>
      Promise.all(ROLES.map(async role => (await ask(bearing(tokenOf(role)))).status))
    expect(await statuses()).toEqual([200, 200, 200])
    await writeFile(path, `# those who watch\n\n  ${lineOf('read')}  \r\n`)
    expect(await statuses()).toEqual([200, 401, 401])
    await rm(path)
    expect(await statuses()).toEqual([401, 401, 401])
    expect(told).toEqual([expect.stringMatching(/tokens: it lets nobody in: ENOENT/)])
    await writeFile(path, LINES)
    expect(await statuses()).toEqual([200, 200, 200])
  })

  test('lets nobody in while others than its owner may write to it', async () => {
    const { path, told, ask } = await aDoor()
    await chmod(path, 0o664)
    expect((await ask(bearing(tokenOf('admin')))).status).toBe(401)
    expect(told[0]).toContain('others than its owner may write to it: chmod go-w it')
    expect(() => openTokenFile({ path, complain: () => {} })).toThrow(`${path} cannot be used: others than`)
  })

  const DIGEST = tokenDigest('x')
  test.each([
    ['ada admin', 'line 2: expected a name, a role and a SHA-256, parted by spaces, got 2 words'],
    [`ada admin ${DIGEST} x`, 'got 4 words'],
    [`ada amdin ${DIGEST}`, 'line 2: role: expected read, operate, admin, got "amdin"'],
    [`ada:x admin ${DIGEST}`, 'line 2: name: expected 1 to 64 letters, digits'],
    [`local admin ${DIGEST}`, 'line 2: name: expected any name but local and nobody, got "local"'],
    [`ada admin ${DIGEST.slice(1)}`, 'line 2: SHA-256: expected 64 hexadecimal digits, got 63 characters'],
    [`ada admin ${tokenOf('admin')}`, 'line 2: SHA-256: expected 64 hexadecimal digits, got 53 characters'],
    [`ada ${tokenOf('admin')} admin`, 'line 2: role: expected read, operate, admin, got 53 characters'],
    [`${tokenOf('operate')}${tokenOf('operate')} x y`, 'line 2: name: expected 1 to 64'],
  ])('names %j, which lets nobody in, and heeds the other lines', async (line, message) => {
    const { told, file } = await aTokenFile(`${lineOf('read')}\n${line}`)
    expect(file.count()).toBe(1)
    expect(file.holderOf(tokenOf('read'))).toEqual({ actor: 'read-ada', role: 'read' })
    expect(file.holderOf('x')).toBeNull()
    expect(told).toEqual([expect.stringContaining(message)])
    expect(told[0]).not.toContain('curfew_')
  })

  test('lets nobody in by a token that stands on two lines', async () => {
    const { told, file } = await aTokenFile(
      `${lineOf('admin')}\n${lineOf('read')}\n${lineOf('admin', 'bob')}`,
    )
    expect([file.holderOf(tokenOf('admin')), file.count()]).toEqual([null, 1])
    expect(told[0]).toContain('line 1: expected each token once, got it on lines 1,3')
  })

  test('that is not there ends the start, with what makes one', async () => {
    const path = join(await aFolder(), 'none')
    expect(() => openTokenFile({ path, complain: () => {} })).toThrow(
      `npx curfew token NAME --role admin --tokens ${path}`,
    )
  })
})

describe('wrong tries', () => {
  test('of an address are ten in a minute; then it waits, and others do not', async () => {
    let nowMs = 0
    const { ask } = await aDoor({ now: () => nowMs, proxy: '127.0.0.1' })
    const from = async (address: string, token: string) =>
      ask({ ...bearing(token), 'x-forwarded-for': `1.2.3.4, ${address}` })
    for (let count = 0; count < 10; count++) expect((await from('10.0.0.1', 'wrong')).status).toBe(401)
    nowMs = 20_000
    const limited = await from('10.0.0.1', tokenOf('admin'))
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '40'])
    expect((await ask({ 'x-forwarded-for': '10.0.0.1' }, '/v1/health')).status).toBe(200)
    expect((await from('10.0.0.2', tokenOf('admin'))).status).toBe(200)
    nowMs = 60_000
    expect((await from('10.0.0.1', tokenOf('admin'))).status).toBe(200)
  })

  test('of one network of IPv6 are counted together', () => {
    const tries = createWrongTries(() => 0)
    for (let count = 0; count < 10; count++) tries.count(`2001:db8:0:1::${count}`)
    expect(tries.waitSeconds('2001:db8:0:1:ffff::')).toBe(60)
    expect(tries.waitSeconds('2001:db8:0:2::1')).toBe(0)
  })

  test('of a request that says of itself where it comes from count for the address that it came from', async () => {
    const { ask } = await aDoor({ now: () => 0 })
    for (let count = 0; count < 10; count++)
      await ask({
        ...bearing('wrong'),
        'x-forwarded-for': `10.0.0.${count}`,
        forwarded: `for=10.0.1.${count}`,
      })
    expect((await ask(bearing(tokenOf('admin')))).status).toBe(429)
  })
})

describe('where it is asked', () => {
  const publicUrl = new URL('https://curfew.example')
  const admin = bearing(tokenOf('admin'))

  test('the Host is that of the public URL, or from this machine this machine', async () => {
    const { ask, port } = await aDoor({ publicUrl })
    const { origin } = publicUrl
    for (const [headers, status] of [
      [{ host: 'curfew.example' }, 200],
      [{ host: 'curfew.example', origin }, 200],
      [{}, 200],
      [{ host: `localhost:${port}` }, 200],
      [{ host: 'curfew.example', origin: 'http://curfew.example' }, 403],
      [{ host: 'curfew.example', origin: 'null' }, 403],
      [{ host: 'curfew.example:8080' }, 403],
      [{ host: 'evil.example' }, 403],
      [{ host: 'evil.example', 'x-forwarded-host': 'curfew.example', forwarded: 'host=curfew.example' }, 403],
    ] as [Record<string, string>, number][])
      expect([headers, (await ask({ ...admin, ...headers })).status]).toEqual([headers, status])
  })

  const [elsewhere] = Object.values(networkInterfaces())
    .flat()
    .filter(one => one && !one.internal && one.family === 'IPv4')
  test.skipIf(!elsewhere)('the address itself may be named from this machine alone', async () => {
    const { port } = await aDoor({ publicUrl, address: '0.0.0.0' })
    const { address } = elsewhere!
    const asked = (host: string) => answerOf(port, { address, path: '/v1/runs', headers: { ...admin, host } })
    expect((await asked(`${address}:${port}`)).status).toBe(200)
    expect((await asked(`127.0.0.2:${port}`)).status).toBe(403)
    expect((await asked('curfew.example')).status).toBe(200)
  })

  const opened = async (env: Record<string, string>, listen: string) => {
    const { path } = await aTokenFile()
    const given = flags(['--listen', listen, '--tokens', path])
    return openDoor(given, { folder: '/nowhere', isReal: true, env, complain: () => {} }).listening.publicUrl
  }

  test.each([
    '',
    'curfew.example',
    'ftp://curfew.example',
    'https://curfew.example/x',
    'https://a@b.example',
  ])('a public URL %j ends the start', async url => {
    await expect(opened({ PUBLIC_URL: url }, '0.0.0.0:0')).rejects.toThrow(/^PUBLIC_URL: expected the URL/)
  })

  test('a public URL is wanted for any address but loopback', async () => {
    expect(await opened({}, '[::1]:0')).toBeNull()
    expect((await opened({ PUBLIC_URL: 'https://curfew.example/' }, '[::]:0'))?.host).toBe('curfew.example')
  })
})
