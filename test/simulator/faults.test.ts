import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Fault, sampleFleet, startSimulator } from '../../infra/simulator/index.ts'
import { aSimulator, call, ecs, holdClock, job, KEY, list, PROJECT, start, stop } from './client.ts'

const servers = [ecs({ id: 'a' }), ecs({ id: 'b' })]
const withFault = (fault: Partial<Fault> & Pick<Fault, 'kind'>) =>
  aSimulator({ servers, switches: { faults: [{ match: { route: 'stop' }, times: 1, ...fault }] } })

describe('a fault', () => {
  test.each<[Partial<Fault> & Pick<Fault, 'kind'>, number, string]>([
    [{ kind: 'throttle429' }, 429, 'APIGW.0308'],
    [{ kind: 'flow202' }, 202, 'Common.0024'],
    [{ kind: 'busy503' }, 503, 'Common.1503'],
    [{ kind: 'status', status: 500, body: { code: 'Common.0001', message: 'x' } }, 500, 'Common.0001'],
    [{ kind: 'html502' }, 502, '<html>'],
  ])('%o answers and does nothing', async (fault, status, text) => {
    const simulator = await withFault(fault)
    const reply = await stop(simulator, ['a'])
    expect(reply.status).toBe(status)
    expect(reply.text).toContain(text)
    expect(reply.headers.has('retry-after')).toBe(false)
    expect(simulator.server('a')?.taskState).toBe(null)
    expect(simulator.stops()).toMatchObject([{ status, fault: fault.kind }])
  })

  test('html502 is no JSON by its type', async () => {
    const simulator = await withFault({ kind: 'html502' })
    expect((await stop(simulator, ['a'])).headers.get('content-type')).toBe('text/html')
  })

  test.each<[Fault['kind'], string | null]>([
    ['resetBefore', null],
    ['resetAfter', 'powering-off'],
    ['hangBefore', null],
    ['hangAfter', 'powering-off'],
  ])('%s gives no answer, and the server is %s', async (kind, taskState) => {
    const simulator = await withFault({ kind })
    const body = { 'os-stop': { servers: [{ id: 'a' }] } }
    const path = `/v1/${PROJECT}/cloudservers/action`
    await expect(call(simulator.url, { method: 'POST', path, body, timeoutMs: 200 })).rejects.toThrow()
    expect(simulator.server('a')?.taskState).toBe(taskState)
    const [entry] = simulator.stops()
    expect(entry).toMatchObject({ status: 0, fault: kind, stop: { ids: ['a'] } })
    expect(entry?.jobId === undefined).toBe(taskState === null)
  })

  test('wrongJson carries out and breaks the answer', async () => {
    const simulator = await withFault({ kind: 'wrongJson' })
    const { status, text } = await stop(simulator, ['a'])
    expect(status).toBe(200)
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(simulator.server('a')?.taskState).toBe('powering-off')
    expect((await job(simulator, simulator.stops()[0]?.jobId)).status).toBe(200)
  })

  test('of any status can have been carried out', async () => {
    const simulator = await withFault({ kind: 'status', status: 504, executed: true })
    expect((await stop(simulator, ['a'])).status).toBe(504)
    expect(simulator.server('a')?.taskState).toBe('powering-off')
  })

  test('says how long to wait where it is told to', async () => {
    const simulator = await withFault({ kind: 'throttle429', retryAfterSeconds: 7 })
    expect((await stop(simulator, ['a'])).headers.get('retry-after')).toBe('7')
  })

  test('meets the next requests that match, so many times', async () => {
    const simulator = await withFault({ kind: 'busy503', times: 2 })
    const statuses = [
      await list(simulator),
      await stop(simulator, ['a']),
      await stop(simulator, ['a']),
      await stop(simulator, ['a']),
    ]
    expect(statuses.map(({ status }) => status)).toEqual([200, 503, 503, 200])
  })

  test.each<[Fault['kind'], string | null]>([
    ['resetAfter', 'powering-on'],
    ['hangBefore', null],
  ])('%s of a start leaves the server %s, and meets no stop', async (kind, taskState) => {
    const simulator = await aSimulator({
      servers: [...servers, ecs({ id: 'off', status: 'SHUTOFF' })],
      switches: { faults: [{ match: { route: 'start' }, times: 1, kind }] },
    })
    expect((await stop(simulator, ['a'])).status).toBe(200)
    const body = { 'os-start': { servers: [{ id: 'off' }] } }
    const path = `/v1/${PROJECT}/cloudservers/action`
    await expect(call(simulator.url, { method: 'POST', path, body, timeoutMs: 200 })).rejects.toThrow()
    expect(simulator.server('off')?.taskState).toBe(taskState)
    expect(simulator.starts()).toMatchObject([{ status: 0, fault: kind }])
    expect((await start(simulator, ['off'])).status).toBe(200)
  })

  test('can be for one kind, a job by the kind it was made for', async () => {
    const faults: Fault[] = [
      { match: { route: 'list', kind: 'bms' }, times: 1, kind: 'busy503' },
      { match: { route: 'job', kind: 'ecs' }, times: 1, kind: 'busy503' },
    ]
    const simulator = await aSimulator({ servers, switches: { faults } })
    expect([(await list(simulator)).status, (await list(simulator, {}, 'bms')).status]).toEqual([200, 503])
    const { body } = await stop(simulator, ['a'])
    expect((await job(simulator, body.job_id)).status).toBe(503)
  })
})

test('faults by chance are the same for the same seed', async () => {
  const statuses = async (seed: number) => {
    const simulator = await aSimulator({
      switches: { randomFaults: { share: 0.3, seed, kinds: ['busy503', 'throttle429'] } },
    })
    const all: number[] = []
    for (let i = 0; i < 40; i++) all.push((await list(simulator)).status)
    return all
  }
  const once = await statuses(7)
  expect(new Set(once)).toEqual(new Set([200, 429, 503]))
  expect(await statuses(7)).toEqual(once)
  expect(await statuses(8)).not.toEqual(once)
})

describe('throttling', () => {
  test('lets so many ids of a kind be named in any 60 s', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers, switches: { idsPerMinute: 3 } })
    expect((await stop(simulator, ['a', 'b'])).status).toBe(200)
    advance(30)
    expect(await stop(simulator, ['x', 'y'])).toMatchObject({
      status: 429,
      body: { error_code: 'APIGW.0308' },
    })
    expect((await stop(simulator, ['x'])).status).toBe(200)
    expect((await stop(simulator, ['x', 'y', 'z'], { kind: 'bms' })).status).toBe(200)
    advance(29.999)
    expect((await stop(simulator, ['x', 'y'])).status).toBe(429)
    advance(0.001)
    expect((await stop(simulator, ['x', 'y'])).status).toBe(200)
  })

  test('lets a route be asked so many times in any 60 s', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      switches: { requestsPerMinute: { list: 2 }, retryAfterSeconds: 30 },
    })
    await list(simulator)
    await list(simulator)
    const reply = await list(simulator)
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '30'])
    expect((await job(simulator, 'x')).status).toBe(400)
    advance(60)
    expect((await list(simulator)).status).toBe(200)
  })
})

test('an answer can be late, what was asked is done at once', async () => {
  const simulator = await startSimulator({
    projectId: PROJECT,
    keys: [KEY],
    servers,
    switches: { latencyMs: 60_000 },
  })
  const answered = stop(simulator, ['a']).catch(() => 'never')
  await expect.poll(() => simulator.server('a')?.taskState).toBe('powering-off')
  await simulator.close()
  expect(await answered).toBe('never')
})

test('an answer that is late comes', async () => {
  const simulator = await aSimulator({ servers, switches: { latencyMs: 20 } })
  expect((await stop(simulator, ['a'])).status).toBe(200)
})

test('a caller that hangs up while it sends leaves no trace', async () => {
  const simulator = await aSimulator({ servers })
  const path = `/v1/${PROJECT}/cloudservers/action`
  const caller = connect(Number(new URL(simulator.url).port), '127.0.0.1')
  const closed = once(caller, 'close')
  caller.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"os-stop"`, () =>
    caller.destroy(),
  )
  await closed
  expect((await list(simulator)).status).toBe(200)
  expect(simulator.stops()).toEqual([])
})

test('the ledger forgets its oldest entries where told to', async () => {
  const simulator = await aSimulator({ mostLedgerEntries: 2 })
  for (const limit of ['1', '2', '3']) await list(simulator, { limit })
  expect(simulator.ledger.map(({ query }) => query.limit)).toEqual(['2', '3'])
})

test('the sample fleet is always the same and has some of everything', () => {
  const fleet = sampleFleet()
  expect(sampleFleet()).toEqual(fleet)
  expect(fleet.filter(({ kind }) => kind === 'ecs')).toHaveLength(3000)
  expect(fleet.filter(({ kind }) => kind === 'bms')).toHaveLength(36)
  expect(new Set(fleet.map(({ id }) => id)).size).toBe(3036)
  expect(new Set(fleet.map(({ tags }) => tags?.env))).toEqual(new Set(['dev', 'test', 'prod']))
  expect(fleet.every(({ tags }) => tags?.team !== undefined && tags.owner !== undefined)).toBe(true)
  const some = [
    fleet.filter(({ status }) => status === 'SHUTOFF'),
    fleet.filter(({ locked }) => locked),
    fleet.filter(({ frozen }) => frozen),
    fleet.filter(({ taskState }) => taskState === 'rebooting'),
    fleet.filter(({ tags }) => tags?.['curfew-protect'] !== undefined),
    fleet.filter(({ tags }) => tags?.['curfew-no-force'] !== undefined),
  ]
  expect(some.map(each => each.length > 5)).toEqual(some.map(() => true))
})
