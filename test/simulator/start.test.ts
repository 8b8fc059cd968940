import { describe, expect, test } from 'vitest'
import type { Simulator } from '../../infra/simulator/index.ts'
import type { Kind } from '../../lib/core/model/model.ts'
import { aSimulator, bms, call, ecs, holdClock, job, list, PROJECT, start, stop, subJobs } from './client.ts'

/** No spread: each sub-job takes 30 s, each job ends 8 s later. */
const EVEN = { jobSeconds: { first: 30, spread: 0, close: 8 } }
const off = { status: 'SHUTOFF' }
const three = ['a', 'b', 'c'].map(id => ecs({ id, ...off }))

const states = (simulator: Simulator, ...all: string[]) =>
  all.map(id => `${simulator.server(id)?.status} ${simulator.server(id)?.taskState}`)

describe('a start', () => {
  test.each<Kind>(['ecs', 'bms'])(
    'of %s passes through powering-on and ends on with its sub-job',
    async kind => {
      const advance = holdClock()
      const simulator = await aSimulator({
        servers: [
          { kind, id: 'a', ...off },
          { kind, id: 'b', ...off },
        ],
        switches: EVEN,
      })
      const { status, body } = await start(simulator, ['a'], { kind })
      expect([status, states(simulator, 'a', 'b')]).toEqual([200, ['SHUTOFF powering-on', 'SHUTOFF null']])
      expect((await list(simulator, {}, kind)).body.servers?.[0]).toMatchObject({
        'OS-EXT-STS:vm_state': 'stopped',
        'OS-EXT-STS:power_state': 4,
      })
      advance(29.999)
      expect(states(simulator, 'a')).toEqual(['SHUTOFF powering-on'])
      advance(0.001)
      expect(simulator.server('a')).toMatchObject({
        status: 'ACTIVE',
        vmState: 'active',
        powerState: 1,
        taskState: null,
        updatedAt: Date.now(),
      })
      advance(8)
      expect(subJobs(await job(simulator, body.job_id))).toEqual({ a: 'SUCCESS' })
    },
  )

  test.each<[Kind, unknown, string]>([
    ['ecs', { 'os-start': {} }, 'Ecs.0005'],
    ['ecs', { 'os-start': { servers: [{ name: 'x' }] } }, 'Ecs.0005'],
    ['ecs', { 'os-start': { type: 'HARD', servers: [{ id: 'a' }] } }, 'Ecs.0005'],
    ['ecs', { 'os-start': { servers: [] } }, 'Ecs.0118'],
    ['bms', { 'os-start': { type: 'SOFT', servers: [{ id: 'a' }] } }, 'BMS.0001'],
    ['bms', { 'os-start': { servers: [] } }, 'BMS.0205'],
  ])('of %s with body %o is refused with %s', async (kind, body, code) => {
    const simulator = await aSimulator({ servers: three })
    const path = `/v1/${PROJECT}/${kind === 'ecs' ? 'cloudservers' : 'baremetalservers'}/action`
    expect(await call(simulator.url, { method: 'POST', path, body })).toMatchObject({
      status: 400,
      body: { error: { code } },
    })
    expect(states(simulator, 'a')).toEqual(['SHUTOFF null'])
  })

  test('is entered in the ledger beside the stops, in the order in which they came', async () => {
    const simulator = await aSimulator({ servers: three })
    await start(simulator, ['b', 'a'])
    await stop(simulator, ['c'], { type: 'HARD' })
    const sent = { action: 'start', kind: 'ecs', type: null, ids: ['b', 'a'] }
    expect(simulator.starts().map(entry => entry.start)).toEqual([sent])
    expect(simulator.starts()).toMatchObject([{ status: 200, jobId: expect.any(String) }])
    expect(simulator.actions().map(entry => `${entry.sent.action} ${entry.sent.ids}`)).toEqual([
      'start b,a',
      'stop c',
    ])
  })

  test('shares the ids of a minute with the stops', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: { idsPerMinute: 3 } })
    expect((await start(simulator, ['a', 'b'])).status).toBe(200)
    expect((await stop(simulator, ['c', 'x'])).status).toBe(429)
    expect((await stop(simulator, ['c'])).status).toBe(200)
    expect((await start(simulator, ['c'])).status).toBe(429)
    advance(60)
    expect((await start(simulator, ['c'])).status).toBe(200)
  })

  test('fails for some servers, which stay off, and the job fails', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      servers: three,
      switches: { ...EVEN, partialFail: { b: 'Ecs.0219' } },
    })
    const { body } = await start(simulator, ['a', 'b'])
    advance(38)
    const reply = await job(simulator, body.job_id)
    expect(reply.body.status).toBe('FAIL')
    expect(reply.body.entities?.sub_jobs[1]?.entities.errorcode_message).toBe(
      'The server could not be started (Ecs.0219).',
    )
    expect(states(simulator, 'a', 'b')).toEqual(['ACTIVE null', 'SHUTOFF null'])
  })

  test('shows the servers off for a while after the job', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: { ...EVEN, showsAfterJobSeconds: 20 } })
    const { body } = await start(simulator, ['a'])
    advance(57)
    expect((await job(simulator, body.job_id)).body.status).toBe('SUCCESS')
    expect(states(simulator, 'a')).toEqual(['SHUTOFF powering-on'])
    advance(1)
    expect(states(simulator, 'a')).toEqual(['ACTIVE null'])
  })
})

describe('a start that names a server which cannot be started', () => {
  const odd = {
    ecs: [
      ecs({ id: 'off', ...off }),
      ecs({ id: 'up' }),
      ecs({ id: 'locked', ...off, locked: true }),
      ecs({ id: 'frozen', ...off, frozen: true }),
      ecs({ id: 'starting', ...off, taskState: 'powering-on' }),
      ecs({ id: 'paused', status: 'PAUSED' }),
      ecs({ id: 'recycled', inRecycleBin: true }),
      bms({ id: 'other', ...off }),
    ],
    bms: [
      bms({ id: 'off', ...off }),
      bms({ id: 'up' }),
      bms({ id: 'locked', ...off, locked: true }),
      bms({ id: 'stopping', taskState: 'powering-off' }),
      bms({ id: 'starting', ...off, taskState: 'powering-on' }),
      bms({ id: 'rebooting', taskState: 'rebooting' }),
      ecs({ id: 'other', ...off }),
    ],
  }
  const codes: Record<Kind, Record<string, string>> = {
    ecs: {
      off: 'SUCCESS',
      up: 'Ecs.0100',
      locked: 'Ecs.0605',
      frozen: 'Ecs.0030',
      starting: 'Ecs.0100',
      paused: 'Ecs.0100',
      recycled: 'Ecs.0114',
      other: 'Ecs.0114',
      missing: 'Ecs.0114',
    },
    bms: {
      off: 'SUCCESS',
      up: 'BMS.0038',
      locked: 'BMS.0605',
      stopping: 'BMS.0036',
      starting: 'BMS.0035',
      rebooting: 'BMS.0037',
      other: 'BMS.0040',
      missing: 'BMS.0040',
    },
  }

  test.each<Kind>(['ecs', 'bms'])('is taken by %s, and each such sub-job fails with its code', async kind => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: odd[kind], switches: EVEN })
    const { body } = await start(simulator, Object.keys(codes[kind]), { kind })
    advance(38)
    expect(subJobs(await job(simulator, body.job_id))).toEqual(codes[kind])
    expect(states(simulator, 'off', 'up', 'locked')).toEqual(['ACTIVE null', 'ACTIVE null', 'SHUTOFF null'])
  })

  test('can be refused as a whole, with nothing done', async () => {
    const simulator = await aSimulator({ servers: odd.bms, switches: { badMember: 'refuse' } })
    expect(await start(simulator, ['off', 'up'], { kind: 'bms' })).toMatchObject({
      status: 400,
      body: { error: { code: 'BMS.0038' } },
    })
    expect(states(simulator, 'off')).toEqual(['SHUTOFF null'])
  })

  test('can be content with one that runs, and with no other', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: odd.ecs, switches: { ...EVEN, badMember: 'doneIsFine' } })
    const { body } = await start(simulator, ['up', 'locked'])
    advance(38)
    expect(subJobs(await job(simulator, body.job_id))).toEqual({ up: 'SUCCESS', locked: 'Ecs.0605' })
  })
})

describe('a stop and a start of one server', () => {
  test('the one that comes while the other is under way fails', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: [ecs({ id: 'up' }), ...three], switches: EVEN })
    await stop(simulator, ['up'])
    await start(simulator, ['a'])
    const starting = (await start(simulator, ['up'])).body.job_id
    const stopping = (await stop(simulator, ['a'], { type: 'HARD' })).body.job_id
    advance(38)
    expect([subJobs(await job(simulator, starting)), subJobs(await job(simulator, stopping))]).toEqual([
      { up: 'Ecs.0100' },
      { a: 'Ecs.0100' },
    ])
    expect(states(simulator, 'up', 'a')).toEqual(['SHUTOFF null', 'ACTIVE null'])
  })

  test('one after the other takes effect', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: EVEN })
    await start(simulator, ['a'])
    advance(38)
    await stop(simulator, ['a'])
    advance(38)
    expect(states(simulator, 'a')).toEqual(['SHUTOFF null'])
  })
})

describe('somebody in the console', () => {
  test('stops and starts a server, which takes its time and is no request of the ledger', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      servers: [ecs({ id: 'a' })],
      switches: { ...EVEN, softHangs: ['a'] },
    })
    expect(simulator.byHand('stop', 'a')).toBe(true)
    expect(states(simulator, 'a')).toEqual(['ACTIVE powering-off'])
    advance(30)
    expect([simulator.byHand('stop', 'a'), simulator.byHand('start', 'a')]).toEqual([false, true])
    advance(30)
    expect([states(simulator, 'a'), simulator.ledger]).toEqual([['ACTIVE null'], []])
  })

  test('is refused a server that is locked or not there', async () => {
    const simulator = await aSimulator({ servers: [ecs({ id: 'a', locked: true })] })
    expect([simulator.byHand('stop', 'a'), simulator.byHand('start', 'nobody')]).toEqual([false, false])
  })
})

test('the example of the ECS API reference is answered as documented', async () => {
  const ids = ['616fb98f-46ca-475e-917e-2563e5a8cd19', '726fb98f-46ca-475e-917e-2563e5a8cd20']
  const simulator = await aSimulator({ servers: ids.map(id => ecs({ id, ...off })) })
  const body = `{
    "os-start": {
        "servers": [
            { "id": "616fb98f-46ca-475e-917e-2563e5a8cd19" },
            { "id": "726fb98f-46ca-475e-917e-2563e5a8cd20" }
        ]
    }
}`
  const reply = await call(simulator.url, {
    method: 'POST',
    path: `/v1/${PROJECT}/cloudservers/action`,
    body,
  })
  expect(reply).toMatchObject({ status: 200, body: { job_id: expect.any(String) } })
  expect(states(simulator, ...ids)).toEqual(['SHUTOFF powering-on', 'SHUTOFF powering-on'])
})
