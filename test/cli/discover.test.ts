import { afterAll, beforeAll, expect, test } from 'vitest'
import { policyBody } from '../http/world.ts'
import { curfewWorld } from './curfew-world.ts'

let world: Awaited<ReturnType<typeof curfewWorld>>
const OTHER = 'f'.repeat(32)
beforeAll(async () => {
  world = await curfewWorld({
    projects: [
      { id: OTHER, name: 'cn-east-3_dev' },
      { id: 'e'.repeat(32), name: 'cn-east-3_old', isEnabled: false },
    ],
  })
})
afterAll(() => world.close())

const discover = (args: string[], options = {}) => {
  const command = ['connections', 'discover', '--endpoint', `iam=${world.simulator.url}`, ...args]
  return world.curfew(command, { width: 120, ...options })
}
const isThere = async () => (await world.ask('GET', '/v1/connections/cn-east-3-dev')).status === 200

test('projects are shown as a table, with the connections that there are and those that could be', async () => {
  const { code, out, err } = await discover([])
  expect([code, err]).toEqual([0, 'Left out: cn-east-3_old: it is disabled'])
  expect(out.split('\n')).toEqual([
    'REGION      PROJECT        ID                                CONNECTION     STATE',
    `cn-east-3   cn-east-3_dev  ${OTHER}  cn-east-3-dev  new`,
    'cn-north-4  cn-north-4     0123456789abcdef0123456789abcdef  prod           there',
  ])
})

test('--json is what the API answers', async () => {
  const { code, out } = await discover(['--json', '--region', 'cn-east-3'])
  const body = {
    api: 'huaweicloud',
    region: 'cn-east-3',
    endpoints: { iam: world.simulator.url },
    credentials: { source: 'environment', name: '' },
  }
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual((await world.ask('POST', '/v1/connections/discover', { body })).body)
})

test('--apply asks, and saves what is not there yet', async () => {
  const nobody = await discover(['--apply'])
  expect([nobody.code, nobody.err]).toEqual([2, expect.stringContaining('expected --yes')])
  const no = await discover(['--apply'], { answers: ['n'] })
  expect([no.code, no.err]).toEqual([1, expect.stringContaining('Nothing was done: the answer was "n".')])
  expect(no.err).toContain('This would create 1 connection. Go on? [y/N] ')
  expect(await isThere()).toBe(false)
  const yes = await discover(['--apply'], { answers: ['y'] })
  expect([yes.code, yes.out]).toEqual([0, expect.stringMatching(/^1 connection created: cn-east-3-dev\.$/m)])
  expect(await isThere()).toBe(true)
})

test('--apply --yes --json has the ids that were saved, and none the second time', async () => {
  await world.ask('DELETE', '/v1/connections/cn-east-3-dev')
  const first = await discover(['--apply', '--yes', '--json'])
  expect([first.code, JSON.parse(first.out)]).toEqual([
    0,
    expect.objectContaining({ ok: true, saved: ['cn-east-3-dev'], failed: [] }),
  ])
  const second = await discover(['--apply', '--yes', '--json'])
  expect(JSON.parse(second.out)).toMatchObject({ saved: [], failed: [] })
})

test('--apply names the policies that would act in what it saves', async () => {
  await world.ask('DELETE', '/v1/connections/cn-east-3-dev')
  const save = (id: string, more: object) => {
    const body = policyBody({ id, connection: undefined, ...more })
    return world.ask('PUT', `/v1/policies/${id}`, { body })
  }
  await save('wide', { connections: ['cn-*'] })
  await save('narrow', { connections: ['prod*'] })
  await save('off', { connections: ['*'], enabled: false })
  const { err } = await discover(['--apply'], { answers: ['n'] })
  expect(err.split('\n').filter(line => line.startsWith('Policy'))).toEqual([
    'Policy wide is about 1 of the new ones, and acts there from its next due time on.',
  ])
  expect((await discover([])).err).not.toContain('Policy')
  for (const id of ['wide', 'narrow', 'off']) await world.ask('DELETE', `/v1/policies/${id}`)
})

test('a region without projects is named', async () => {
  const { code, out } = await discover(['--region', 'cn-nowhere-1'])
  expect([code, out]).toEqual([0, 'There is no project of region cn-nowhere-1 that the key may use.'])
})

test('a key that is not there is told, and exits with 1', async () => {
  const { code, out } = await discover(['--name', 'NONE_'])
  expect([code, out]).toEqual([1, expect.stringContaining('NONE_HUAWEICLOUD_SDK_AK')])
})

test('what is no endpoint, and what the API refuses, is told by field', async () => {
  const odd = await world.curfew(['connections', 'discover', '--endpoint', 'iam'])
  expect([odd.code, odd.err]).toEqual([2, expect.stringMatching(/^--endpoint: expected .*, got "iam"$/)])
  const foreign = await world.curfew(['connections', 'discover', '--endpoint', 'iam=https://evil.example'])
  expect([foreign.code, foreign.err]).toEqual([1, expect.stringMatching(/^endpoints\.iam: expected a host/)])
})

test('--assume finds the projects of an agency, and each connection that is saved takes it on', async () => {
  const domainId = 'd78cbac186b744899480f25bd022f468'
  const trusted = { name: 'curfew', domainName: 'acme', domainId, externalId: 'tenant-42' }
  world.simulator.agencies.push({ ...trusted, trusts: [world.simulator.keys[0]!.accessKey] })
  await world.ask('DELETE', '/v1/connections/cn-east-3-dev')
  const { url } = world.simulator
  const all = [`sts=${url}`, ...['ecs', 'bms', 'as'].map(name => `${name}=${url}`), '--region', 'cn-east-3']
  const agency = ['--assume', 'agency=curfew', `domainId=${domainId}`, 'sessionMinutes=30']
  const refused = await discover([...all, ...agency, 'externalId=tenant-43'])
  expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('assume.externalId')])
  const { code } = await discover([...all, ...agency, 'externalId=tenant-42', '--apply', '--yes'])
  expect(code).toBe(0)
  expect((await world.ask('GET', '/v1/connections/cn-east-3-dev')).body).toMatchObject({
    assume: { agency: 'curfew', domainId, externalId: 'tenant-42', sessionMinutes: 30 },
  })
  expect((await world.curfew(['connections', 'check', 'cn-east-3-dev'])).code).toBe(0)
})

test.each([
  [['curfew'], 2, /^--assume: expected a field and its value, such as agency=curfew, .*, got "curfew"$/],
  [['agent=curfew'], 2, /^--assume: expected .* of agency, domainName, .*, got "agent=curfew"$/],
  [['agency=a', 'agency=b'], 2, /^--assume: expected agency once, got it twice$/],
  [['agency=a', 'domainName=b', 'sessionMinutes=long'], 1, /^assume\.sessionMinutes: expected .*"long"/],
  [['agency=a'], 1, /^assume: expected the account of the agency/],
])('--assume %j is told by field', async (given, code, words) => {
  const shown = await discover(['--assume', ...given])
  expect([shown.code, shown.err]).toEqual([code, expect.stringMatching(words)])
})
