import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { at } from '../makers.ts'
import { type HttpWorld, openWorld, type Reply } from './world.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: fleet(40, { 5: { status: 'SHUTOFF' } }) })
  await world.connection()
  await world.policy({ nextDueAt: null, selector: { ids: [1, 2, 3].map(one) } })
})
afterAll(() => world.close())

const one = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const target = (...numbers: number[]) => ({
  connection: 'prod',
  kind: 'ecs',
  selector: { ids: numbers.map(one) },
})
const post = (body: unknown) => world.ask('POST', '/v1/runs', { body })
const undo = (id: string, body?: unknown): Promise<Reply> =>
  world.ask('POST', `/v1/runs/${id}/undo`, { body })
const statusOf = (number: number) => world.simulator.server(one(number))?.status
async function ended(reply: Reply) {
  const [run] = await world.ended([reply.body.id])
  return run!
}
const codesOf = async (id: string) =>
  (await world.all(`/v1/runs/${id}/servers`)).map(({ serverId, status, code }) => [serverId, status, code])

describe('a start by hand', () => {
  test('of an ad hoc target starts what it matches and is off', async () => {
    const reply = await post({ action: 'start', ...target(4, 5) })
    expect(reply).toMatchObject({ status: 202, body: { action: 'start', status: 'pending' } })
    expect(await ended(reply)).toMatchObject({ status: 'succeeded', summary: { targets: 1, started: 1 } })
    expect(await codesOf(reply.body.id)).toEqual([
      [one(4), 'skipped', 'already-running'],
      [one(5), 'started', 'started'],
    ])
  })

  test('of a policy starts what its runs stopped', async () => {
    await ended(await post({ policyId: 'nightly-dev' }))
    expect([1, 2, 3].map(statusOf)).toEqual(['SHUTOFF', 'SHUTOFF', 'SHUTOFF'])
    const reply = await post({ policyId: 'nightly-dev', action: 'start' })
    expect(await ended(reply)).toMatchObject({ status: 'succeeded', summary: { targets: 3, started: 3 } })
    expect([1, 2, 3].map(statusOf)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE'])
  })

  test('dry, shows what would be started and starts nothing', async () => {
    await ended(await post(target(6)))
    const reply = await post({ action: 'start', dryRun: true, ...target(6) })
    expect(await ended(reply)).toMatchObject({ status: 'succeeded', summary: { targets: 0, skipped: 1 } })
    expect(await codesOf(reply.body.id)).toEqual([[one(6), 'skipped', 'dry-run']])
    expect(statusOf(6)).toBe('SHUTOFF')
  })

  test('is held by limits, unless they are overridden', async () => {
    await ended(await post(target(7, 8)))
    const limited = { action: 'start', ...target(7, 8), limits: { maxServers: 1 } }
    const blocked = await ended(await post(limited))
    expect(blocked).toMatchObject({ status: 'blocked', reason: expect.stringContaining('would be started') })
    expect((await ended(await post({ ...limited, overrideLimits: true }))).summary.started).toBe(2)
  })

  test('has no mode: what concerns stops alone is refused', async () => {
    const reply = await post({ action: 'start', ...target(7), mode: 'hard' })
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'mode' }] } })
    expect(await post({ action: 'reboot', ...target(7) })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'action' }] },
    })
  })

  test('with all starts switched off starts nothing and says so', async () => {
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: false } })
    const run = await ended(await post({ action: 'start', ...target(6) }))
    await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true, startsEnabled: true } })
    expect(run).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('all starts are switched off'),
    })
    expect(statusOf(6)).toBe('SHUTOFF')
  })
})

test('who switches stops off and says nothing of starts leaves these as they are', async () => {
  const put = async (body: object) => (await world.ask('PUT', '/v1/settings', { body })).body
  expect(await put({ stopsEnabled: true, startsEnabled: false })).toMatchObject({ startsEnabled: false })
  const prices = { source: 'none' }
  expect(await put({ stopsEnabled: false })).toEqual({ stopsEnabled: false, startsEnabled: false, prices })
  expect(await put({ stopsEnabled: true, startsEnabled: true })).toMatchObject({ startsEnabled: true })
})

describe('undo', () => {
  test('starts what the run stopped and nothing else', async () => {
    world.simulator.byHand('stop', one(11))
    const stop = await ended(await post(target(10, 11, 12)))
    const reply = await undo(stop.id, { reason: 'wrong servers' })
    expect(reply).toMatchObject({ status: 202, body: { action: 'start', undoes: stop.id, actor: 'tester' } })
    expect(reply.headers.location).toBe(`/v1/runs/${reply.body.id}`)
    expect(await ended(reply)).toMatchObject({ status: 'succeeded', summary: { targets: 2, started: 2 } })
    expect([10, 11, 12].map(statusOf)).toEqual(['ACTIVE', 'SHUTOFF', 'ACTIVE'])
  })

  test('leaves what a later run stopped to that run', async () => {
    const first = await ended(await post(target(13)))
    await ended(await undo(first.id))
    await ended(await post(target(13)))
    expect(await ended(await undo(first.id))).toMatchObject({ status: 'succeeded', summary: { targets: 0 } })
    expect(statusOf(13)).toBe('SHUTOFF')
  })

  test('asked twice at once is one run', async () => {
    const stop = await ended(await post(target(14)))
    const replies = await Promise.all([undo(stop.id), undo(stop.id), undo(stop.id)])
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1)
    expect(replies.map(({ status }) => status)).toEqual([202, 202, 202])
    await ended(replies[0]!)
    expect(world.simulator.starts().filter(({ start }) => start.ids.includes(one(14)))).toHaveLength(1)
  })

  test('of a run that goes on cancels it, and starts what it stopped', async () => {
    const { body } = await post(target(15, 16))
    await world.runner.drain()
    const reply = await undo(body.id)
    expect(reply.status).toBe(202)
    expect(await ended(reply)).toMatchObject({ status: 'succeeded', summary: { started: 2 } })
    const { body: stop } = await world.ask('GET', `/v1/runs/${body.id}`)
    expect(stop).toMatchObject({ status: 'cancelled', cancel: { actor: 'tester', reason: /undone/ } })
    expect([15, 16].map(statusOf)).toEqual(['ACTIVE', 'ACTIVE'])
  })

  test('of a run of which a server hangs starts the others at once, and that one once it is off', async () => {
    world.simulator.switches.softHangs = [one(20)]
    const { body } = await post(target(19, 20))
    await world.pass(1)
    const reply = await undo(body.id)
    await world.pass(2)
    expect([19, 20].map(statusOf)).toEqual(['ACTIVE', 'ACTIVE'])
    const { body: midway } = await world.ask('GET', `/v1/runs/${reply.body.id}`)
    expect(midway).toMatchObject({ status: 'running', summary: { targets: 2, started: 1, waiting: 1 } })
    world.simulator.switches.softHangs = []
    world.simulator.change(one(20), { status: 'SHUTOFF', taskState: null })
    expect(await ended(reply)).toMatchObject({ status: 'succeeded', summary: { started: 2 } })
    expect(await codesOf(reply.body.id)).toEqual([
      [one(19), 'started', 'started'],
      [one(20), 'started', 'started'],
    ])
  })

  test('ends with the next stop of its policy, as its calendars move it', async () => {
    const [from, until] = [-2, 10].map(days => at(Date.now() + days * 86_400_000).slice(0, 10)) as [
      string,
      string,
    ]
    const cover = { calendar: 'holidays', revision: 1, knownUntil: at(Date.now() + 400 * 86_400_000) }
    const { id: policyId } = await world.policy({
      id: 'calendared',
      nextDueAt: null,
      selector: { ids: [one(21)] },
      start: { cron: '0 7 * * *' },
      schedule: { cron: '0 20 * * *', timeZone: 'UTC', calendars: [{ id: 'holidays', effect: 'skip' }] },
      covers: [{ ...cover, times: [{ from, until, event: 'Freeze' }] }],
    })
    const stop = await ended(await post({ policyId }))
    const { body } = await undo(stop.id, {})
    expect(await world.store.run(body.id)).toMatchObject({ endsAt: `${until}T20:00:00.000Z` })
    await world.ended([body.id])
  })

  test.each(['start', 'undo'])('ends with the next stop of its policy, as that was delayed: %s', async by => {
    const { id: policyId } = await world.policy({
      id: `delayed-${by}`,
      nextDueAt: null,
      selector: { ids: [one(22)] },
      start: { cron: '0 7 * * *' },
    })
    const stop = await ended(await post({ policyId }))
    const dueAt = `${at(Date.now() + 86_400_000).slice(0, 10)}T20:00:00.000Z`
    for (const [due, minutes] of [
      [at(Date.parse(dueAt) - 86_400_000), 30],
      [dueAt, 60],
    ] as const)
      await world.ask('POST', `/v1/policies/${policyId}/delay`, {
        body: { dueAt: due, minutes, reason: 'demo' },
      })
    const { body } = by === 'undo' ? await undo(stop.id, {}) : await post({ policyId, action: 'start' })
    const { delays = [] } = (await world.store.policy(policyId))!
    expect(await world.store.run(body.id)).toMatchObject({ endsAt: delays[0]!.until })
    await world.ended([body.id])
  })

  test('dry, starts nothing, and does not stand in the way of a real one', async () => {
    const stop = await ended(await post(target(17)))
    const dry = await undo(stop.id, { dryRun: true })
    const real = await undo(stop.id)
    expect(await ended(dry)).toMatchObject({ dryRun: true, summary: { targets: 0 } })
    expect(await ended(real)).toMatchObject({ summary: { started: 1 } })
  })

  test.each<[string, () => Promise<string>, number]>([
    ['of a start', async () => (await ended(await post({ action: 'start', ...target(18) }))).id, 409],
    ['of a run that stopped nobody', async () => (await ended(await post(target(39_999)))).id, 409],
    ['of a dry run that goes on', async () => (await post({ ...target(18), dryRun: true })).body.id, 409],
    ['of no run', async () => 'manual.none', 404],
  ])('%s is refused', async (_, made, status) => {
    expect(await undo(await made())).toMatchObject({ status })
  })
})

test('a caller that knows of switches alone leaves prices as they are', async () => {
  const put = async (body: object) => (await world.ask('PUT', '/v1/settings', { body })).body
  const stored = async () => JSON.stringify(await world.items())
  const prices = { source: 'table', currency: 'CNY', perHour: { 's6.large.2': 0.42 } }
  expect(await put({ stopsEnabled: true, prices })).toMatchObject({ prices })
  expect(await put({ stopsEnabled: false })).toMatchObject({ stopsEnabled: false, prices })
  expect((await world.ask('GET', '/v1/now')).body).not.toHaveProperty('prices')
  // Earlier versions cannot read settings with prices: they are there only where there are some.
  await put({ stopsEnabled: true, startsEnabled: true, prices: { source: 'none' } })
  expect(await stored()).not.toContain('"source":{"S":"none"}')
  const { status, body } = await world.ask('PUT', '/v1/settings', {
    body: { stopsEnabled: true, prices: { ...prices, currency: 'yuan' } },
  })
  expect(status).toBe(422)
  expect(body.errors).toMatchObject([{ path: 'prices.currency' }])
})
