import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StoredPolicy } from '../../lib/core/model/model.ts'
import { fleet } from '../flow/world.ts'
import { aChange, aPolicy, aRun, at, START } from '../makers.ts'
import { type HttpWorld, openWorld, type Shown } from './world.ts'

const HOUR = 3_600_000
const RUNS = 25

let world: HttpWorld
let big: Shown
beforeAll(async () => {
  world = await openWorld({
    servers: fleet(2300, { 7: { locked: true }, 8: { locked: true }, 9: { status: 'SHUTOFF' } }),
  })
  await world.connection()
  for (let n = 0; n < 5; n++) await world.policy({ id: `policy-${n}` })
  for (let n = 0; n < RUNS; n++) {
    const status = n % 5 === 0 ? 'failed' : 'succeeded'
    const policyId = n % 2 === 0 ? 'policy-0' : 'policy-1'
    const run = aRun({ id: `run-${n}`, policyId, dueAt: at(START - (n + 1) * HOUR), status })
    await world.store.createRun(run, aPolicy({ id: policyId }), null)
  }
  const target = { connection: 'prod', kind: 'ecs', selector: { all: true } }
  big = (await world.ask('POST', '/v1/runs', { body: target })).body
  await world.ended([big.id])
})
afterAll(() => world.close())

const ids = (items: Shown[]) => items.map(({ id }) => id)

test('policies come by id, page by page, and the last page says so', async () => {
  const first = await world.ask('GET', '/v1/policies?limit=3')
  expect(ids(first.body.items)).toEqual(['policy-0', 'policy-1', 'policy-2'])
  expect(first.body.nextCursor).toEqual(expect.any(String))
  const second = await world.ask('GET', `/v1/policies?limit=3&cursor=${first.body.nextCursor}`)
  expect(ids(second.body.items)).toEqual(['policy-3', 'policy-4'])
  expect(second.body.nextCursor).toBeNull()
})

test('a page that holds the last item is the last', async () => {
  const { body } = await world.ask('GET', '/v1/policies?limit=5')
  expect(body.items).toHaveLength(5)
  expect(body.nextCursor).toBeNull()
})

test('connections are listed as well', async () => {
  expect(ids(await world.all('/v1/connections', { limit: '1' }))).toEqual(['prod'])
})

test('a cursor goes on where it was, whatever was inserted or deleted meanwhile', async () => {
  const { body } = await world.ask('GET', '/v1/policies?limit=2')
  await world.policy({ id: 'policy-00' })
  await world.policy({ id: 'policy-25' })
  await world.store.removePolicy('policy-1', 1, aChange({ what: 'deleted' }))
  const rest = await world.all('/v1/policies', { limit: '2', cursor: body.nextCursor! })
  await world.policy({ id: 'policy-1' })
  expect(ids(rest)).toEqual(['policy-2', 'policy-25', 'policy-3', 'policy-4'])
})

describe('runs', () => {
  test('come newest first, without their policy', async () => {
    const runs = await world.all('/v1/runs', { limit: '10' })
    expect(ids(runs)).toEqual([big.id, ...Array.from({ length: RUNS }, (_, n) => `run-${n}`)])
    expect(runs.filter(run => 'policy' in run)).toEqual([])
  })

  test.each([
    ['of a policy', { policyId: 'policy-1' }, 12],
    ['of ad hoc targets', { policyId: 'manual' }, 1],
    ['by status', { status: 'failed' }, 5],
    ['since an instant', { since: at(START - 3 * HOUR).replace('.000', '') }, 4],
    ['until an instant', { until: at(START - 3 * HOUR) }, RUNS - 2],
    ['between two', { since: at(START - 5 * HOUR), until: at(START - 3 * HOUR) }, 3],
    ['at an instant with an offset', { since: '2026-11-21T12:00:00+03:00' }, 4],
    ['of a connection', { connection: 'prod' }, RUNS + 1],
    ['of a policy in a connection', { policyId: 'policy-1', connection: 'prod' }, 12],
    ['of ad hoc targets in a connection', { policyId: 'manual', connection: 'prod' }, 1],
    ['of another connection', { connection: 'lab' }, 0],
    ['that stop', { action: 'stop' }, RUNS + 1],
    ['that start', { action: 'start' }, 0],
    ['that need a person', { bad: 'true' }, 5],
    ['by all of these', { policyId: 'policy-0', status: 'failed', since: at(START - 20 * HOUR) }, 2],
    ['that are not there', { policyId: 'policy-4' }, 0],
  ])('%s', async (_, query, count) => {
    for (const limit of ['4', '1000'])
      expect(await world.all('/v1/runs', { ...query, limit })).toHaveLength(count)
  })
})

describe('filters of runs', () => {
  const failed = () => world.all('/v1/runs', { status: 'failed' })

  test('a status may be repeated, in any order, and a cursor is good for the same ones', async () => {
    const both = (one: string, other: string, more = '') =>
      world.ask('GET', `/v1/runs?status=${one}&status=${other}&limit=2${more}`)
    const first = await both('failed', 'missed')
    expect(first.body.items).toHaveLength(2)
    const cursor = encodeURIComponent(first.body.nextCursor!)
    const second = await both('missed', 'failed', `&cursor=${cursor}`)
    expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(
      (await failed()).slice(0, 4).map(({ id }) => id),
    )
    expect(await both('failed', 'partial', `&cursor=${cursor}`)).toMatchObject({ status: 400 })
  })

  test.each([
    ['status=none', 'status', 'got "none"'],
    ['status=failed&status=none', 'status', 'got "none"'],
    ['bad=yes', 'bad', 'expected "true", got "yes"'],
    ['bad=true&bad=true', 'bad', 'expected once'],
    ['action=reboot', 'action', 'got "reboot"'],
    ['connection=A', 'connection', 'got "A"'],
    ['until=tomorrow', 'until', 'got "tomorrow"'],
    ['since=2026-11-21T12:00:00Z&until=2026-11-21T11:00:00Z', 'until', 'not before since'],
  ])('%s is refused, with what was expected', async (query, path, message) => {
    const { status, body } = await world.ask('GET', `/v1/runs?${query}`)
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path, message: expect.stringContaining(message) }])
  })
})

describe('outcomes', () => {
  const path = () => `/v1/runs/${big.id}/servers`

  test('come whole, each server once, whatever the size of the pages', async () => {
    for (const limit of ['1000', '333']) {
      const outcomes = await world.all(path(), { limit })
      expect(new Set(outcomes.map(({ serverId }) => serverId)).size).toBe(2300)
    }
  })

  test.each([
    ['stopped', 2297],
    ['skipped', 3],
    ['failed', 0],
  ])('%s ones alone', async (status, count) => {
    const outcomes = await world.all(path(), { status, limit: '1000' })
    expect(outcomes).toHaveLength(count)
    expect(outcomes.filter(outcome => outcome.status !== status)).toEqual([])
  })

  const asked = async (query: string) => (await world.ask('GET', `${path()}?limit=1000&${query}`)).body.items

  test('by code, and by several statuses and codes at once', async () => {
    expect(await asked('code=locked')).toHaveLength(2)
    expect(await asked('code=already-stopped')).toHaveLength(1)
    expect(await asked('code=locked&code=already-stopped')).toHaveLength(3)
    expect(await asked('status=failed&status=skipped')).toHaveLength(3)
    expect(await asked('status=stopped&code=locked')).toEqual([])
  })

  test('a cursor is good for the same filters in any order, and for no others', async () => {
    const both = (query: string) => world.ask('GET', `${path()}?limit=2&${query}`)
    const { body } = await both('code=locked&code=already-stopped&status=skipped')
    const cursor = `cursor=${encodeURIComponent(body.nextCursor!)}`
    const rest = await both(`code=already-stopped&code=locked&status=skipped&${cursor}`)
    expect([...body.items, ...rest.body.items]).toEqual(await asked('status=skipped'))
    expect(await both(`code=locked&status=skipped&${cursor}`)).toMatchObject({ status: 400 })
  })

  test.each([
    ['status=none', 'status', 'got "none"'],
    ['code=none', 'code', 'got "none"'],
    ['code=locked&code=none', 'code', 'got "none"'],
  ])('%s is refused, with what was expected', async (query, field, message) => {
    const { status, body } = await world.ask('GET', `${path()}?${query}`)
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path: field, message: expect.stringContaining(message) }])
  })

  test('of a run that nobody took up are none', async () => {
    const run = aRun({ id: 'fresh', status: 'pending', planning: 0, dueAt: at(START - 1000 * HOUR) })
    await world.store.createRun(run, aPolicy(), null)
    expect((await world.ask('GET', '/v1/runs/fresh/servers')).body).toEqual({ items: [], nextCursor: null })
  })
})

test('changes go on page by page, however long they are', async () => {
  const fields = Array.from({ length: 50 }, (_, n) => ({
    path: `field-${n}`,
    before: 'x'.repeat(500),
    after: 'y'.repeat(500),
  }))
  let before: StoredPolicy | null = null
  for (let version = 0; version < 120; version++) {
    const policy: StoredPolicy = { ...aPolicy({ id: 'busy' }), version }
    await world.store.savePolicy(policy, before, aChange({ version, fields }))
    before = policy
  }
  const { text } = await world.ask('GET', '/v1/policies/busy/changes?limit=1000')
  expect(text.length).toBeLessThan(5_000_000)
  const changes = await world.all('/v1/policies/busy/changes', { limit: '1000' })
  expect(changes.map(({ version }) => version)).toEqual(Array.from({ length: 120 }, (_, n) => 119 - n))
  await world.store.removePolicy('busy', 119, aChange({ what: 'deleted' }))
})

describe('outcomes of a name', () => {
  const named = (name: string) => world.all(`/v1/runs/${big.id}/servers`, { name, limit: '1000' })

  test('are those alone: whoever knows no more than the name finds the id', async () => {
    const [one, ...others] = await world.all(`/v1/runs/${big.id}/servers`, { limit: '1000' })
    expect(await named(String(one!.name))).toEqual([one])
    expect(await named('*')).toHaveLength(1 + others.length)
    expect(await named('nobody')).toEqual([])
  })
})

describe('a cursor is refused', () => {
  const cursorOf = async (path: string): Promise<string> => (await world.ask('GET', path)).body.nextCursor!
  const withCursor = (path: string, cursor: string) =>
    world.ask('GET', `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`)

  test('when any of its characters was changed', async () => {
    const cursor = await cursorOf('/v1/policies?limit=1')
    for (let n = 0; n < cursor.length; n++) {
      const changed = `${cursor.slice(0, n)}${cursor[n] === 'A' ? 'B' : 'A'}${cursor.slice(n + 1)}`
      expect(await withCursor('/v1/policies?limit=1', changed)).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'cursor' }] },
      })
    }
  })

  test.each([
    ['of another list', '/v1/policies?limit=1', '/v1/connections'],
    ['of other filters', '/v1/runs?limit=1', '/v1/runs?status=failed'],
    ['of another run', '/v1/runs?limit=1', '/v1/runs/run-1/servers'],
  ])('%s', async (_, from, to) => {
    expect(await withCursor(to, await cursorOf(from))).toMatchObject({ status: 400 })
  })

  const made = (place: object | string) => {
    const payload = Buffer.from(typeof place === 'string' ? place : JSON.stringify(place)).toString(
      'base64url',
    )
    const sum = createHash('sha256').update(`policies\n${payload}`).digest('base64url').slice(0, 16)
    return `${payload}.${sum}`
  }
  test.each([
    ['no JSON', 'nope'],
    ['no place', [1]],
    ['a place without its keys', {}],
    ['a place in another list', { pk: 'RUN#1', sk: 'HEAD', listKey: 'runs', listAt: 'x' }],
  ])('that somebody made up, its sum right: %s', async (_, place) => {
    expect(await withCursor('/v1/policies', made(place))).toMatchObject({ status: 400 })
  })

  test.each(['x', '.', 'e30.x', 'bm9wZQ'])('that never was one: %s', async cursor => {
    expect(await withCursor('/v1/policies', cursor)).toMatchObject({ status: 400 })
  })
})

test('a page that would be too long for an answer ends earlier, and the list goes on', async () => {
  const ids = Array.from({ length: 3500 }, (_, n) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`)
  for (let n = 0; n < 40; n++)
    await world.policy({ id: `wide-${String(n).padStart(2, '0')}`, selector: { ids } })
  const { text, body } = await world.ask('GET', '/v1/policies?limit=1000')
  expect(text.length).toBeLessThan(5_000_000)
  expect(body.nextCursor).not.toBeNull()
  expect(await world.all('/v1/policies', { limit: '1000' })).toHaveLength(47)
})
