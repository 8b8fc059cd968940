import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { policyBody } from '../http/world.ts'
import { curfewWorld } from './curfew-world.ts'

test('the runs of one request are a line each; what did not succeed stands below, where it is seen', async () => {
  const OTHER = 'f'.repeat(32)
  const world = await curfewWorld({ servers: fleet(2), projects: [{ id: OTHER, name: 'cn-north-4_c' }] })
  onTestFinished(() => world.close())
  await world.connection({ id: 'team-a' })
  await world.connection({ id: 'team-c', projectId: OTHER })
  await world.connection({ id: 'team-b', credentials: { source: 'environment', name: 'NOBODYS_' } })
  const body = { ...policyBody({ id: 'all' }), connection: undefined, connections: ['team-*'] }
  await world.ask('PUT', '/v1/policies/all', { body })
  expect((await world.curfew(['policies'])).out).toMatch(/^all +team-\*, ecs /m)
  const { code, out } = await world.curfew(['stop', 'all', '--yes'], { width: 100 })
  const lines = out.split('\n')
  const [run] = await world.all('/v1/runs?connection=team-a')
  const own = run!.id.replace(/team-a$/, '')
  expect(lines.slice(0, 4)).toEqual([
    expect.stringMatching(/^CONNECTION +STATUS +DONE +BAD +REASON$/),
    expect.stringMatching(/^team-a +succeeded +2 of 2 +0$/),
    expect.stringMatching(/^team-b +failed +0 of 0 +0 +.*…$/),
    expect.stringMatching(/^team-c +succeeded/),
  ])
  expect(lines.filter(line => line.startsWith('Run '))).toEqual([`Run ${own}team-b: failed`])
  expect(out).toContain('NOBODYS_HUAWEICLOUD_SDK_AK')
  expect(lines.slice(-3)).toEqual([
    '2 of 3 runs succeeded.',
    `One of them:  npx curfew run ${own}CONNECTION`,
    `Start again what it stopped:  npx curfew undo ${own}CONNECTION`,
  ])
  expect(code).toBe(1)
  expect(out).toMatch(/^OUTCOME +CODE +SERVERS\nstopped +stopped +2$/m)
  const dry = await world.curfew(['start', 'all', '--dry-run'])
  expect(dry.out).toMatch(/^skipped +dry-run +2$/m)
  const begun = await world.curfew(['stop', 'all', '--yes', '--no-wait'])
  expect([begun.code, begun.out.split('\n').at(-2)]).toEqual([0, '0 of 3 runs succeeded, 3 go on.'])
})

test('runs that are not waited for to their end are shown as they were last seen', async () => {
  const world = await curfewWorld({ servers: fleet(2) })
  onTestFinished(() => world.close())
  for (const id of ['team-a', 'team-b']) await world.connection({ id })
  const body = { ...policyBody({ id: 'all' }), connection: undefined, connections: ['team-*'] }
  await world.ask('PUT', '/v1/policies/all', { body })
  const end = new AbortController()
  const pause = async () => end.abort()
  const { code, out } = await world.curfew(['stop', 'all', '--yes'], { pause, ended: end.signal })
  expect([code, out]).toEqual([1, expect.stringContaining('0 of 2 runs succeeded, 2 go on.')])
})

test('a server that is not found is not said to be nowhere while a connection cannot be read', async () => {
  const world = await curfewWorld({ servers: fleet(1) })
  onTestFinished(() => world.close())
  expect(await world.curfew(['servers', 'nobody'])).toMatchObject({
    code: 0,
    out: 'There is no such server.',
  })
  await world.connection({ id: 'odd', credentials: { source: 'environment', name: 'NOBODYS_' } })
  const listed = await world.curfew(['servers', 'nobody'])
  expect([listed.code, listed.out]).toEqual([
    1,
    'No such server was found, and a connection could not be read.',
  ])
  expect(listed.err).toContain('Not, or not all, of odd')
  const why = await world.curfew(['why', 'nobody'])
  expect([why.code, why.err]).toEqual([
    1,
    expect.stringContaining('No server called "nobody" was found, and a connection could not be read'),
  ])
  expect((await world.curfew(['servers', 'dev-*'])).code).toBe(0)
})

test('diff --preview names the connections that its numbers leave out', async () => {
  const world = await curfewWorld({ servers: fleet(2) })
  onTestFinished(() => world.close())
  await world.connection({ id: 'odd', credentials: { source: 'environment', name: 'NOBODYS_' } })
  const folder = mkdtempSync(join(tmpdir(), 'curfew-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'policies.json')
  const policy = { ...policyBody({ id: 'all' }), connection: undefined, connections: ['prod', 'odd'] }
  writeFileSync(path, JSON.stringify([policy]))
  const { out } = await world.curfew(['diff', '--preview', path])
  expect(out.split('\n').slice(0, 3)).toEqual([
    '+ policy all',
    '    would stop 2 now: 2 more than it does, and spares 0',
    '    not counted, for it could not be read: connection odd',
  ])
  const { out: json } = await world.curfew(['diff', '--preview', '--json', path])
  expect(JSON.parse(json).edits[0].preview).toEqual({ stops: 2, adds: 2, spares: 0, notCounted: ['odd'] })
})

test('next says where there is more than it shows', async () => {
  const world = await curfewWorld({ servers: fleet(1) })
  onTestFinished(() => world.close())
  const credentials = { source: 'environment', name: 'NOBODYS_' }
  for (let n = 0; n < 101; n++) await world.connection({ id: `c-${n}`, credentials })
  const body = { ...policyBody({ id: 'all' }), connection: undefined, connections: ['c-*'] }
  await world.ask('PUT', '/v1/policies/all', { body })
  await world.curfew(['stop', 'all', '--yes', '--no-wait'])
  expect((await world.curfew(['next'])).out).toContain(
    'There may be more: npx curfew runs --status pending running --limit 1000',
  )
  await world.pass(1)
  const { out } = await world.curfew(['next'])
  expect(out.split('\n').at(-1)).toBe('There may be more: npx curfew runs --bad --since 7d --limit 1000')
  const bad = await world.curfew(['runs', '--bad', '--since', '7d', '--limit', '1000', '--json'])
  expect(JSON.parse(bad.out).items).toHaveLength(101)
})
