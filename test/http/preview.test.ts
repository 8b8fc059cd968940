import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sampleFleet } from '../../infra/simulator/index.ts'
import { START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody, type Shown } from './world.ts'

const HOUR = 3_600_000

let world: HttpWorld
beforeAll(async () => {
  const snoozed = (n: number, until: string) => ({
    kind: 'ecs' as const,
    name: `dev-snoozed-${n}`,
    tags: { env: 'dev', 'curfew-snooze-until': until },
  })
  const servers = ['2026-12-24', '2026-11-22T00:00:00Z', 'soon', '2026-11-20'].map((until, n) =>
    snoozed(n, until),
  )
  world = await openWorld({ servers: [...sampleFleet({ ecs: 400, bms: 20 }), ...servers] })
  await world.connection()
})
afterAll(() => world.close())
beforeEach(() => void vi.setSystemTime(START))

const preview = (overrides: object) =>
  world.ask('POST', '/v1/preview', { body: policyBody({ id: undefined, ...overrides }) })
const codes = (body: Shown) => (body.warnings as { code: string }[]).map(({ code }) => code)

test('the next ten due times come with the clock on the wall and its offset', async () => {
  const schedule = { cron: '30 20 * * 1-5', timeZone: 'Europe/Berlin', skipDates: ['2026-11-24'] }
  const { status, body } = await preview({ schedule })
  expect(status).toBe(200)
  expect(body.dueTimes).toHaveLength(10)
  expect(body.dueTimes).toMatchObject(
    [
      { at: '2026-11-23T19:30:00.000Z', local: '2026-11-23 20:30 +01:00 Europe/Berlin' },
      { at: '2026-11-25T19:30:00.000Z', local: '2026-11-25 20:30 +01:00 Europe/Berlin' },
    ].concat(new Array(8).fill({})),
  )
})

test('a due time that will do nothing says why', async () => {
  await world.ask('PUT', '/v1/policies/snoozed', { body: policyBody({ id: 'snoozed' }) })
  const body = { until: '2026-11-22T00:00:00Z', reason: 'release' }
  await world.ask('POST', '/v1/policies/snoozed/snooze', { body })
  const { body: seen } = await world.ask('POST', '/v1/policies/snoozed/preview')
  await world.ask('DELETE', '/v1/policies/snoozed')
  expect((seen.dueTimes as unknown as Shown[]).slice(0, 2)).toMatchObject([
    { action: 'stop', skippedBecause: 'snoozed until 2026-11-22T00:00:00.000Z: release' },
    { action: 'stop', skippedBecause: null },
  ])
  const { body: disabled } = await preview({ enabled: false })
  expect(disabled.dueTimes).toMatchObject(new Array(10).fill({ skippedBecause: 'the policy is disabled' }))
})

test('an edit of a saved policy keeps what was snoozed and delayed of it', async () => {
  await world.ask('PUT', '/v1/policies/edited', { body: policyBody({ id: 'edited' }) })
  const snooze = { until: '2026-11-22T00:00:00Z', reason: 'release' }
  const delay = { dueAt: '2026-11-22T20:00:00Z', minutes: 60, reason: 'demo' }
  await world.ask('POST', '/v1/policies/edited/snooze', { body: snooze })
  await world.ask('POST', '/v1/policies/edited/delay', { body: delay })
  const { body: saved } = await world.ask('POST', '/v1/policies/edited/preview')
  const { body: edit } = await preview({ id: 'edited', description: 'edited' })
  await world.ask('DELETE', '/v1/policies/edited')
  expect(edit.dueTimes).toMatchObject({
    0: { at: '2026-11-21T20:00:00.000Z', skippedBecause: expect.stringContaining('snoozed') },
    1: { at: '2026-11-22T21:00:00.000Z', skippedBecause: null },
  })
  expect(edit.dueTimes).toEqual(saved.dueTimes)
})

const TARGETS: [string, object][] = [
  ['by tag', { selector: { tags: { env: ['dev', 'test'] } } }],
  ['by tag and name', { selector: { tags: { team: [] }, name: 'prod-*' }, mode: 'hard' }],
  [
    'with exclusions',
    { selector: { tags: { env: ['dev'] } }, exclude: { tags: { role: ['db', 'ci'] }, name: '*-0001' } },
  ],
  [
    "by ids, some of them nobody's",
    { selector: { ids: ['00000000-0000-4000-8000-000000000000', 'nobody'] } },
  ],
  ['more than a limit allows', { selector: { all: true }, limits: { maxServers: 3 } }],
  ['bare metal', { kind: 'bms', selector: { all: true }, mode: 'hard', acceptPowerCut: true }],
  ['nothing at all', { selector: { name: 'nobody-*' } }],
]

describe('what preview shows, a run started at once does, exactly', () => {
  test.each(TARGETS)('%s', async (_, target) => {
    const { body: seen } = await preview({ limits: {}, ...target })
    const { mode, acceptPowerCut, kind = 'ecs', ...rest } = target as Record<string, unknown>
    const run = await world.ask('POST', '/v1/runs', {
      body: { connection: 'prod', kind, ...rest, ...(mode ? { mode, acceptPowerCut } : {}), dryRun: true },
    })
    const [ended] = await world.ended([run.body.id])
    const outcomes = await world.all(`/v1/runs/${run.body.id}/servers`, { limit: '1000' })
    const left = ({ serverId, name, code, reason }: Shown) => ({ serverId, name, code, reason })
    const asTargets = outcomes.filter(({ code }) => code === 'dry-run' || code === 'blocked')
    const others = outcomes.filter(({ code }) => code !== 'dry-run' && code !== 'blocked')
    expect(seen.targets).toEqual(asTargets.map(({ serverId, name }) => ({ serverId, name })))
    expect(seen.skipped).toEqual(others.map(left))
    expect(seen.summary).toEqual({
      matched: outcomes.length,
      targets: asTargets.length,
      skipped: others.length,
    })
    expect(seen.blockedBy).toBe(ended!.status === 'blocked' ? ended!.reason : null)
  })
})

test('servers that are snoozed by a tag are left until then, and so are those whose tag cannot be read', async () => {
  const { body } = await preview({ selector: { name: 'dev-snoozed-*' } })
  expect((body.skipped as Shown[]).map(({ name, code }) => [name, code])).toEqual([
    ['dev-snoozed-0', 'snoozed'],
    ['dev-snoozed-1', 'snoozed'],
    ['dev-snoozed-2', 'snooze-malformed'],
  ])
  expect((body.targets as Shown[]).map(({ name }) => name)).toEqual(['dev-snoozed-3'])
  expect(codes(body)).toContain('snooze-malformed')
})

test('a preview makes no run, no change and no stop', async () => {
  const stops = world.simulator.stops().length
  const runs = await world.all('/v1/runs')
  await world.ask('PUT', '/v1/policies/quiet', { body: policyBody({ id: 'quiet' }) })
  const before = await world.ask('GET', '/v1/policies/quiet')
  expect(await world.ask('POST', '/v1/policies/quiet/preview')).toMatchObject({ status: 200 })
  expect(await world.ask('POST', '/v1/policies/quiet/preview', { body: {} })).toMatchObject({ status: 200 })
  expect(await world.ask('GET', '/v1/policies/quiet')).toMatchObject({ body: before.body })
  expect(await world.all('/v1/runs')).toEqual(runs)
  expect(world.simulator.stops()).toHaveLength(stops)
  await world.ask('DELETE', '/v1/policies/quiet')
})

test('another policy that stops the same servers is named, with them', async () => {
  const team = { selector: { tags: { team: ['data'], env: ['dev'] } } }
  await world.ask('PUT', '/v1/policies/other', { body: policyBody({ id: 'other', ...team }) })
  await world.ask('PUT', '/v1/policies/resting', { body: policyBody({ id: 'resting', enabled: false }) })
  const { body } = await preview({ selector: { tags: { env: ['dev'] } } })
  await world.ask('DELETE', '/v1/policies/other')
  await world.ask('DELETE', '/v1/policies/resting')
  const overlaps = (body.warnings as { code: string; message: string; servers: Shown[] }[]).filter(
    ({ code }) => code === 'overlap',
  )
  expect(overlaps).toMatchObject([
    { message: expect.stringMatching(/^policy other stops \d+ of these servers, too, off now or not$/) },
  ])
  expect(overlaps[0]!.servers.every(({ name }) => String(name).startsWith('dev-data-'))).toBe(true)
})

test("an edit is previewed against the policy's own past, and not against itself", async () => {
  await world.ask('PUT', '/v1/policies/edited', { body: policyBody({ id: 'edited' }) })
  const { body } = await preview({ id: 'edited' })
  await world.ask('DELETE', '/v1/policies/edited')
  expect(codes(body)).not.toContain('overlap')
})

test('switches that are off block it, and say so', async () => {
  await world.connection({ id: 'off', enabled: false })
  expect((await preview({ connection: 'off' })).body).toMatchObject({
    blockedBy: 'connection off is disabled',
  })
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
  const { body } = await preview({})
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true } })
  expect(body).toMatchObject({ blockedBy: expect.stringContaining('switched off') })
})

test('a cloud that refuses is 502, one that cannot answer now is 503', async () => {
  await world.connection({ id: 'keyless', credentials: { source: 'environment', name: 'NONE_' } })
  const refused = await preview({ connection: 'keyless' })
  expect(refused).toMatchObject({
    status: 502,
    body: { detail: expect.stringContaining('NONE_HUAWEICLOUD_SDK_AK') },
  })
  await world.connection({ id: 'dead', endpoints: { ecs: 'http://127.0.0.1:9' } })
  const unreached = await preview({ connection: 'dead' })
  expect(unreached).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } })
})

test.each([
  ['an unknown connection', { connection: 'none' }, 'connection'],
  ['a wrong cron', { schedule: { cron: 'daily', timeZone: 'UTC' } }, 'schedule.cron'],
])('%s is refused', async (_, overrides, path) => {
  expect(await preview(overrides)).toMatchObject({ status: 422, body: { errors: [{ path }] } })
})

test("the body of a saved policy's preview says nothing", async () => {
  await world.ask('PUT', '/v1/policies/mute', { body: policyBody({ id: 'mute' }) })
  const reply = await world.ask('POST', '/v1/policies/mute/preview', { body: { kind: 'bms' } })
  expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'kind' }] } })
  await world.ask('DELETE', '/v1/policies/mute')
})

describe('why', () => {
  const why = (policy: string, serverId: string) =>
    world.ask('GET', `/v1/policies/${policy}/servers/${serverId}`)
  const serverLike = (
    test: (server: { name: string; tags: Record<string, string>; status: string }) => boolean,
  ) =>
    world.simulator
      .servers('ecs')
      .find(server => test({ ...server, tags: server.tags as Record<string, string> }))!

  beforeAll(async () => {
    const selector = { tags: { env: ['dev', 'test'], team: [] } }
    await world.ask('PUT', '/v1/policies/asked', { body: policyBody({ id: 'asked', selector }) })
  })

  test('a server that would be stopped: by which conditions, when next, what happened lately', async () => {
    const { body: run } = await world.ask('POST', '/v1/runs', { body: { policyId: 'asked', dryRun: true } })
    await world.ended([run.id])
    const [target] = await world
      .all(`/v1/runs/${run.id}/servers`, { status: 'skipped' })
      .then(all => all.filter(({ code }) => code === 'dry-run'))
    vi.setSystemTime(START + HOUR)
    const { status, body } = await why('asked', String(target!.serverId))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      serverId: target!.serverId,
      name: target!.name,
      wouldStop: true,
      code: 'target',
      conditions: [
        { condition: 'selector.tags.env', holds: true, expected: '"dev" or "test"' },
        { condition: 'selector.tags.team', holds: true, expected: 'any value' },
      ],
      nextDueAt: '2026-11-21T20:00:00.000Z',
      nextDueLocal: '2026-11-21 20:00 +00:00 UTC',
      latest: [
        { runId: run.id, status: 'succeeded', dryRun: true, outcome: { status: 'skipped', code: 'dry-run' } },
      ],
    })
  })

  test('a server that the selector does not match: which condition fails', async () => {
    const prod = serverLike(({ name }) => name.startsWith('prod-'))
    const { body } = await why('asked', prod.id)
    expect(body).toMatchObject({
      wouldStop: false,
      code: 'not-selected',
      reason: 'selector.tags.env: expected "dev" or "test", found "prod"',
    })
    expect((body.latest as Shown[]).every(({ outcome }) => outcome === null)).toBe(true)
  })

  test('a server whose id was pasted in capitals: the same', async () => {
    const dev = serverLike(({ name }) => name.startsWith('dev-'))
    await world.ask('PUT', '/v1/policies/pasted', {
      body: policyBody({ id: 'pasted', selector: { ids: [dev.id.toUpperCase()] } }),
    })
    const { body } = await why('pasted', dev.id.toUpperCase())
    expect(body).toMatchObject({ serverId: dev.id, name: dev.name, conditions: [{ holds: true }] })
    const { body: run } = await world.ask('POST', '/v1/runs', { body: { policyId: 'pasted', dryRun: true } })
    await world.ended([run.id])
    expect((await why('pasted', dev.id.toUpperCase())).body.latest).toMatchObject([
      { outcome: { serverId: dev.id } },
    ])
  })

  test('a server that is left: what leaves it', async () => {
    const protectedOne = serverLike(({ name, tags }) => name.startsWith('dev-') && 'curfew-protect' in tags)
    expect((await why('asked', protectedOne.id)).body).toMatchObject({ wouldStop: false, code: 'protected' })
  })

  test('a server that is not there', async () => {
    expect((await why('asked', '00000000-0000-4000-8000-999999999999')).body).toMatchObject({
      name: null,
      wouldStop: false,
      code: 'not-found',
    })
  })

  test('a policy that lets its due times pass: why it does', async () => {
    const body = policyBody({ id: 'resting', enabled: false })
    await world.ask('PUT', '/v1/policies/resting', { body })
    const until = new Date(Date.now() + HOUR).toISOString()
    await world.ask('POST', '/v1/policies/resting/snooze', { body: { until, reason: 'release night' } })
    const dev = serverLike(({ name }) => name.startsWith('dev-'))
    expect((await why('resting', dev.id)).body.warnings).toEqual([
      { code: 'policy-disabled', message: 'the policy is disabled: none of its due times makes a run' },
      { code: 'snoozed', message: `due times before ${until} are skipped: release night` },
    ])
    expect((await why('asked', dev.id)).body.warnings).toEqual([])
  })

  test('a server that is being stopped: that it is, and of another that it is not', async () => {
    const idle = ({ status, tags, locked, frozen, taskState }: Shown) =>
      status === 'ACTIVE' && !('curfew-protect' in (tags as object)) && !locked && !frozen && !taskState
    const [dev, other] = world.simulator.servers('ecs').filter(server => idle(server as unknown as Shown))
    const body = policyBody({ id: 'busy', selector: { ids: [dev!.id] } })
    await world.ask('PUT', '/v1/policies/busy', { body })
    const { body: run } = await world.ask('POST', '/v1/runs', { body: { policyId: 'busy' } })
    await world.runner.drain()
    const latest = async (id: string) => (await why('busy', id)).body.latest
    expect(await latest(dev!.id)).toMatchObject([{ status: 'running', outcome: null, underWay: true }])
    expect(await latest(other!.id)).toMatchObject([{ status: 'running', outcome: null, underWay: false }])
    await world.ended([run.id])
    expect(await latest(dev!.id)).toMatchObject([{ outcome: { status: 'stopped' }, underWay: false }])
  })

  test('while all stops are off, nothing would be stopped', async () => {
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
    const dev = serverLike(
      ({ name, status, tags }) =>
        name.startsWith('dev-') && status === 'ACTIVE' && !('curfew-protect' in tags),
    )
    const { body } = await why('asked', dev.id)
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true } })
    expect(body).toMatchObject({ wouldStop: false })
    expect(['stops-disabled', 'busy', 'locked', 'frozen']).toContain(body.code)
  })
})
