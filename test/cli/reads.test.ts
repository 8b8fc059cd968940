import { execFile } from 'node:child_process'
import { promisify, stripVTControlCharacters, styleText } from 'node:util'
import stringWidth from 'string-width'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { policyBody } from '../http/world.ts'
import { curfewWorld } from './curfew-world.ts'

let world: Awaited<ReturnType<typeof curfewWorld>>
let runId: string
beforeAll(async () => {
  const named = (id: string, name: string, tags: Record<string, string> = {}) =>
    ({ kind: 'ecs', id, name, tags }) as const
  world = await curfewWorld({
    servers: [
      named('00000000-0000-4000-8000-000000000001', 'web-1'),
      named('00000000-0000-4000-8000-000000000002', 'web-2', { 'curfew-protect': '' }),
      named('00000000-0000-4000-8000-000000000003', 'twin'),
      named('00000000-0000-4000-8000-000000000004', 'twin'),
      named('00000000-0000-4000-8000-000000000005', '数据库服务器-生产环境-\u001b[31m-一号'),
    ],
  })
  const save = (id: string, body: object) =>
    world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id, ...body }) })
  await save('night', {
    selector: { name: 'web-*' },
    schedule: { cron: '0 20 * * *', timeZone: 'Asia/Tokyo' },
  })
  await save('paused', { selector: { name: 'twin' }, enabled: false, description: 'for a while' })
  const { body } = await world.ask('POST', '/v1/runs', { body: { policyId: 'night' } })
  runId = body.id
  await world.ended([runId])
})
afterAll(() => world.close())

const JSON_OF: [string[], string, object?][] = [
  [['next'], '/v1/now'],
  [['runs'], '/v1/runs'],
  [['policies'], '/v1/policies'],
  [['connections', 'list'], '/v1/connections'],
  [['servers', 'web-*'], '/v1/servers?name=web-*'],
]

describe('--json is what the API answers', () => {
  test.each(JSON_OF)('%j', async (args, path) => {
    const { code, out } = await world.curfew([...args, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual((await world.ask('GET', path)).body)
  })

  test('of a run, and of its servers over several pages', async () => {
    const { out } = await world.curfew(['run', runId, '--json'])
    expect(JSON.parse(out)).toEqual((await world.ask('GET', `/v1/runs/${runId}`)).body)
    const listed = await world.curfew(['run', runId, '--servers', '--json'])
    expect(JSON.parse(listed.out)).toEqual((await world.ask('GET', `/v1/runs/${runId}/servers`)).body)
    const first = JSON.parse((await world.curfew(['run', runId, '--servers', '--limit', '1', '--json'])).out)
    expect(first.items).toHaveLength(1)
    const rest = await world.curfew(['run', runId, '--servers', '--cursor', first.nextCursor, '--json'])
    expect(JSON.parse(rest.out)).toMatchObject({ items: [{}], nextCursor: null })
  })

  test('of a preview, and of a check', async () => {
    const preview = await world.curfew(['preview', 'night', '--json'])
    expect(JSON.parse(preview.out)).toEqual((await world.ask('POST', '/v1/policies/night/preview')).body)
    const { code, out } = await world.curfew(['connections', 'check', 'prod', '--json'])
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ ok: true })])
  })
})

describe('a person sees', () => {
  test('what comes next, by the clock of each policy', async () => {
    const { out } = await world.curfew(['next'], { width: 120 })
    expect(out.split('\n').slice(0, 2)).toEqual([
      'WHEN                                IN              DOES  POLICY  OF         BACK AT',
      '2026-11-22 20:00 +09:00 Asia/Tokyo  in 22 h 59 min  stop  night   prod, ecs',
    ])
  })

  test('policies, with those that do nothing', async () => {
    const { out } = await world.curfew(['policies'])
    expect(out.split('\n')).toEqual([
      'POLICY  OF         NEXT STOP         NEXT START  ZONE        DESCRIPTION',
      'night   prod, ecs  2026-11-22 20:00  —           Asia/Tokyo',
      'paused  prod, ecs  disabled          —           UTC         for a while',
    ])
  })

  test('runs, filtered, and says when there are none', async () => {
    const { out } = await world.curfew(['runs', '--policy', 'night', '--status', 'succeeded', 'failed'])
    const [title, row] = out.split('\n')
    expect(title).toMatch(/^RUN +STATUS +DUE \(UTC\) +BAD$/)
    expect(row).toBe(`${runId}  succeeded  2026-11-21 12:00    0`)
    const wide = await world.curfew(['runs'], { width: 120 })
    expect(wide.out.split('\n')[1]).toBe(`${runId}  succeeded  stop  2026-11-21 12:00  1 of 1    0`)
    expect((await world.curfew(['runs', '--bad'])).out).toBe('There is no such run.')
    expect((await world.curfew(['runs', '--since', '5m'])).out).toContain(runId)
  })

  test('a run, with what became of its servers', async () => {
    const { code, out } = await world.curfew(['run', runId], { width: 100 })
    expect(code).toBe(0)
    expect(out).toMatch(/^stopped +stopped +1$/m)
    expect(out).toMatch(/^skipped +protected +1$/m)
    const servers = await world.curfew(['run', runId, '--servers', '--status', 'skipped'], { width: 100 })
    expect(servers.out).toMatch(/^web-2 +00000000-\S+ +skipped +protected +/m)
    const none = await world.curfew(['run', runId, '--servers', '--status', 'failed'])
    expect(none.out).toMatch(/^The run has no such outcome\./)
  })

  test('whom a policy would stop, whom not, and when', async () => {
    const { out } = await world.curfew(['preview', 'night'], { width: 100 })
    expect(out).toContain('Would stop 0 of 2 servers that match, and skip 2.')
    expect(out).toMatch(/^web-2 +\S+ +protected +/m)
    expect(out).toMatch(/^2026-11-22 20:00 \+09:00 Asia\/Tokyo +stop$/m)
  })

  test('why a server is not stopped', async () => {
    const { code, out } = await world.curfew(['why', 'web-2'])
    expect(code).toBe(0)
    expect(out).toContain('left by every stop:')
    expect(out).toContain('night: would not stop it now (protected)')
  })

  test('that a connection works, and whose its key is', async () => {
    const { code, out } = await world.curfew(['connections', 'check', 'prod'], { width: null })
    const account = 'd78cbac186b744899480f25bd022f468'
    expect([code, out.split('\n')]).toEqual([
      0,
      ['prod answers: 5 ecs, 0 bms', `Its key is of account ${account}, caller iam::${account}:user:curfew.`],
    ])
  })
})

describe('a name that several servers have', () => {
  test('is asked about, and the one that is chosen is explained', async () => {
    const { code, out, err } = await world.curfew(['why', 'twin'], { answers: ['2'] })
    expect([code, err]).toEqual([0, '2 servers are called "twin". Which one, from 1 to 2? '])
    expect(out).toContain('twin (00000000-0000-4000-8000-000000000004)')
  })

  test('is listed where nobody can be asked, and the command exits with 2', async () => {
    const { code, out, err } = await world.curfew(['why', 'twin'])
    expect([code, err]).toEqual([2, expect.stringMatching(/^2 servers are called "twin": expected /)])
    expect(out).toContain('000000000003')
    expect(out).toContain('000000000004')
  })

  test('that none has is said to be so', async () => {
    const { code, err } = await world.curfew(['why', 'nobody'])
    expect([code, err]).toEqual([1, expect.stringContaining('There is no server called "nobody"')])
  })
})

describe('tables', () => {
  const widest = (text: string) => Math.max(...text.split('\n').map(line => stringWidth(line)))

  test.each([60, 80, 120])('fit a terminal of %i columns', async width => {
    const all = [['next'], ['policies'], ['connections'], ['servers'], ['runs'], ['preview', 'night']]
    const shown = await Promise.all(all.map(args => world.curfew(args, { width })))
    expect(shown.filter(({ out }) => widest(out) > width).map(({ out }) => out)).toEqual([])
  })

  test('are as wide as they need to be where there is no terminal', async () => {
    const { out } = await world.curfew(['servers'], { width: null })
    expect(out.split('\n')).toHaveLength(6)
  })

  test('show what others wrote without its acting on the terminal', async () => {
    for (const width of [40, null]) {
      const { out } = await world.curfew(['servers'], { width })
      expect(out).toContain('\\u001b[31m')
      expect(out).not.toContain('\u001b')
    }
  })

  test('are coloured by styles alone', async () => {
    const styled = (style: 'green', text: string) => styleText(style, text, { validateStream: false })
    const plain = await world.curfew(['runs'], { width: 120 })
    const { out } = await world.curfew(['runs'], { width: 120, styled: styled as never })
    expect(out).not.toBe(plain.out)
    expect(stripVTControlCharacters(out)).toBe(plain.out)
  })
})

describe('what goes wrong is told with what to do', () => {
  test('the field, what was expected and what came', async () => {
    const { code, err } = await world.curfew(['run', 'manual.none'])
    expect([code, err]).toEqual([1, 'there is no run manual.none'])
    const policy = await world.curfew(['runs', '--policy', 'No Policy'])
    expect([policy.code, policy.err]).toEqual([
      1,
      expect.stringMatching(/^policyId: expected .*got "No Policy"/),
    ])
  })

  test.each([
    [['runs', '--status', 'gone'], /'gone' is invalid. Allowed choices are pending, running/],
    [['runs', '--limit', '0'], /expected a whole number from 1 to 999999, got "0"/],
    [['runs', '--since', 'yesterday'], /--since: expected 2h, 7d or an instant such as .*, got "yesterday"/],
    [['run'], /missing required argument 'id'/],
    [['run', 'x', '--name', 'a'], /--name: expected --servers with it/],
    [['nxet'], /unknown command 'nxet'\n\(Did you mean next\?\)/],
  ])('called as %j it exits with 2', async (args, message) => {
    const { code, out, err } = await world.curfew(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  test('where nobody answers: how to start it', async () => {
    const { code, err } = await world.curfew(['next'], { env: { CURFEW_URL: 'http://127.0.0.1:9' } })
    expect(code).toBe(1)
    expect(err).toMatch(
      /^GET \/v1\/now: nobody answers at http:\/\/127\.0\.0\.1:9 \(CURFEW_URL\)\nStart it .*`npm start`/,
    )
  })

  test('an address that is none exits with 2', async () => {
    const { code, err } = await world.curfew(['next'], { env: { CURFEW_URL: 'curfew.example' } })
    expect([code, err]).toEqual([2, expect.stringMatching(/^CURFEW_URL: expected the address of Curfew/)])
  })
})

test('the command runs by itself, without colours where there is no terminal', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['cli/curfew.ts', '--help'])
  expect(stdout).toMatch(/^Usage: npx curfew /)
  expect(stdout).not.toContain('\u001b')
})

test('coverage tells who is not covered, and which policy would cover most', async () => {
  const { code, out } = await world.curfew(['coverage', '--limit', '1'])
  expect(code).toBe(0)
  expect(out).toMatch(/5 servers: 1 covered, 1 protected, 3 uncovered\./)
  expect(out).toMatch(/The first 1 of them\./)
})

test('savings are shown by what is asked for, and say where there are none', async () => {
  const { code, out } = await world.curfew(['savings', '--by', 'day', '--month', '2026-10'])
  expect(code).toBe(0)
  expect(out).toMatch(/^From 2026-10-01T00:00Z to 2026-11-01T00:00Z:\nNo time off was proved\.$/m)
  expect((await world.curfew(['savings', '--month', 'May'])).code).toBe(2)
  const { out: json } = await world.curfew(['savings', '--month', '2026-10', '--json'])
  expect(JSON.parse(json)).toMatchObject({ items: [], nextCursor: null })
  expect((await world.curfew(['savings', '--by', 'team'])).err).toContain('by: expected policy, connection')
})

test('savings are put beside the bill of a month, with options of their own', async () => {
  const reconcile = ['savings', 'reconcile', '--month', '2026-11', '--connection', 'prod']
  const { code, out } = await world.curfew(reconcile)
  expect(code).toBe(0)
  expect(out).toMatch(/^From 2026-10-31T16:00Z to 2026-11-30T16:00Z, in CNY:$/m)
  expect(out).toMatch(/^Billed 0\.00 for these servers, \d+\.\d\d for others\.$/m)
  const query = { month: '2026-11', connection: 'prod' }
  const { body } = await world.ask('GET', '/v1/savings/reconcile', { query })
  expect(JSON.parse((await world.curfew([...reconcile, '--json'])).out)).toEqual(body)
  expect((await world.curfew(['savings', 'reconcile'])).err).toContain('--month')
  const each = await world.curfew(reconcile.slice(0, 4))
  expect(each.code).toBe(0)
  expect(each.out).toContain(`Connection prod\n${out.trimEnd()}`)
  expect(JSON.parse((await world.curfew([...reconcile.slice(0, 4), '--json'])).out)).toEqual({
    items: [body],
  })
})
