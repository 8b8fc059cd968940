import { describe, expect, test } from 'vitest'
import type { Simulator } from '../../infra/simulator/index.ts'
import type { Kind } from '../../lib/core/model/model.ts'
import {
  aSimulator,
  bms,
  call,
  ecs,
  holdClock,
  job,
  list,
  PROJECT,
  type Reply,
  stop,
  subJobs,
} from './client.ts'

/** No spread: each sub-job takes 30 s, each job ends 8 s later. */
const EVEN = { jobSeconds: { first: 30, spread: 0, close: 8 } }
const three = [ecs({ id: 'a' }), ecs({ id: 'b' }), ecs({ id: 'c' })]

const accepted = async (reply: Promise<Reply>): Promise<string> => {
  const { status, body } = await reply
  expect(status).toBe(200)
  return body.job_id ?? ''
}
const states = (simulator: Simulator, ...all: string[]) =>
  all.map(id => `${simulator.server(id)?.status} ${simulator.server(id)?.taskState}`)

describe('a stop', () => {
  test('is taken with a job id of 32 hex digits, a BMS stop with a dashed one', async () => {
    const simulator = await aSimulator({ servers: [ecs({ id: 'e' }), bms({ id: 'b' })] })
    const one = await stop(simulator, ['e'])
    expect(one).toMatchObject({ status: 200, body: { job_id: expect.stringMatching(/^[0-9a-f]{32}$/) } })
    const other = await stop(simulator, ['b'], { kind: 'bms' })
    expect(other.body).toEqual({
      job_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    })
  })

  test.each(['SOFT', 'HARD'])('%s passes through powering-off and ends off with its sub-job', async type => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: EVEN })
    await stop(simulator, ['a'], { type })
    expect(states(simulator, 'a', 'b')).toEqual(['ACTIVE powering-off', 'ACTIVE null'])
    advance(29.999)
    expect(states(simulator, 'a')).toEqual(['ACTIVE powering-off'])
    advance(0.001)
    expect(simulator.server('a')).toMatchObject({
      status: 'SHUTOFF',
      vmState: 'stopped',
      powerState: 4,
      taskState: null,
      updatedAt: Date.now(),
    })
    expect((await list(simulator)).body.servers?.[0]).toMatchObject({
      status: 'SHUTOFF',
      'OS-EXT-STS:power_state': 4,
    })
  })

  test.each<[Kind, unknown, string]>([
    ['ecs', '', 'Common.0002'],
    ['ecs', '{"os-stop":', 'Ecs.0005'],
    ['ecs', { 'os-stop': {} }, 'Ecs.0005'],
    ['ecs', { 'os-stop': { servers: [{ name: 'x' }] } }, 'Ecs.0005'],
    ['ecs', { 'os-stop': { type: 'GENTLE', servers: [{ id: 'a' }] } }, 'Ecs.0005'],
    ['ecs', { 'os-stop': { servers: [] } }, 'Ecs.0118'],
    ['bms', 'x', 'BMS.0001'],
    ['bms', { 'os-stop': { servers: [] } }, 'BMS.0205'],
  ])('of %s with body %o is refused with %s', async (kind, body, code) => {
    const simulator = await aSimulator({ servers: three })
    const path = `/v1/${PROJECT}/${kind === 'ecs' ? 'cloudservers' : 'baremetalservers'}/action`
    expect(await call(simulator.url, { method: 'POST', path, body })).toMatchObject({
      status: 400,
      body: { error: { code } },
    })
  })

  test('takes 1000 ids, not 1001', async () => {
    const simulator = await aSimulator()
    const ids = Array.from({ length: 1001 }, (_, index) => `id-${index}`)
    expect((await stop(simulator, ids.slice(1))).status).toBe(200)
    expect(await stop(simulator, ids)).toMatchObject({ status: 400, body: { error: { code: 'Ecs.0118' } } })
  })

  test('of a BMS is hard whatever its type', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      servers: [bms({ id: 'b' })],
      switches: { ...EVEN, softHangs: () => true },
    })
    await stop(simulator, ['b'], { kind: 'bms', type: 'SOFT' })
    advance(30)
    expect(states(simulator, 'b')).toEqual(['SHUTOFF null'])
  })

  test('of one id named twice has one sub-job', async () => {
    const simulator = await aSimulator({ servers: three })
    const jobId = await accepted(stop(simulator, ['a', 'a']))
    expect((await job(simulator, jobId)).body.entities).toMatchObject({ sub_jobs_total: 1 })
  })

  test('can be accepted with 202', async () => {
    const simulator = await aSimulator({ servers: three, switches: { acceptWith: 202 } })
    expect(await stop(simulator, ['a'])).toMatchObject({ status: 202, body: { job_id: expect.any(String) } })
  })

  test('is entered in the ledger as it was sent', async () => {
    holdClock()
    const simulator = await aSimulator({ servers: three })
    const reply = await stop(simulator, ['b', 'a'], { type: 'HARD' })
    await stop(simulator, ['nobody'], { kind: 'bms' })
    await list(simulator, { limit: '7' })
    expect(simulator.ledger).toHaveLength(3)
    expect(simulator.stops().map(entry => entry.stop)).toEqual([
      { action: 'stop', kind: 'ecs', type: 'HARD', ids: ['b', 'a'] },
      { action: 'stop', kind: 'bms', type: null, ids: ['nobody'] },
    ])
    expect(simulator.ledger[0]).toEqual({
      at: Date.now(),
      method: 'POST',
      path: `/v1/${PROJECT}/cloudservers/action`,
      query: {},
      status: 200,
      requestId: reply.headers.get('x-request-id'),
      jobId: reply.body.job_id,
      sent: { action: 'stop', kind: 'ecs', type: 'HARD', ids: ['b', 'a'] },
    })
    expect(simulator.ledger[2]).toMatchObject({ method: 'GET', query: { limit: '7' }, status: 200 })
  })

  test('a refused one is in the ledger with its code', async () => {
    const simulator = await aSimulator()
    await stop(simulator, [])
    expect(simulator.stops()).toMatchObject([{ status: 400, code: 'Ecs.0118', stop: { ids: [] } }])
  })
})

describe('a job', () => {
  test('begins in INIT, runs, and ends after the last of its sub-jobs', async () => {
    const advance = holdClock('2026-11-21T12:00:00.000Z')
    const simulator = await aSimulator({ servers: three, switches: EVEN })
    const jobId = await accepted(stop(simulator, ['a', 'b']))
    const look = async () => (await job(simulator, jobId)).body

    expect(await look()).toMatchObject({
      status: 'INIT',
      end_time: '',
      entities: { sub_jobs_total: 2, sub_jobs: [] },
    })
    advance(1)
    expect(await look()).toMatchObject({
      status: 'RUNNING',
      entities: { sub_jobs: [{ status: 'INIT' }, { status: 'INIT' }] },
    })
    advance(1)
    const running = await look()
    expect(running).toEqual({
      status: 'RUNNING',
      job_id: jobId,
      job_type: 'serversAction',
      begin_time: '2026-11-21T12:00:00.000Z',
      end_time: '',
      entities: {
        sub_jobs_total: 2,
        sub_jobs: ['a', 'b'].map(id => ({
          status: 'RUNNING',
          job_id: expect.any(String),
          job_type: 'serverActions',
          begin_time: '2026-11-21T12:00:00.600Z',
          end_time: '',
          entities: { server_id: id },
        })),
      },
    })
    advance(28)
    expect(await look()).toMatchObject({
      status: 'RUNNING',
      entities: { sub_jobs: [{ status: 'SUCCESS' }, { error_code: null }] },
    })
    advance(8)
    expect(await look()).toMatchObject({
      status: 'SUCCESS',
      end_time: '2026-11-21T12:00:38.000Z',
      error_code: null,
      fail_reason: null,
      entities: {
        sub_jobs: [{ end_time: '2026-11-21T12:00:30.000Z', error_code: null, fail_reason: null }, {}],
      },
    })
  })

  test('takes about 33 s for each server and some 8 s more unless told otherwise', async () => {
    const simulator = await aSimulator({ servers: three })
    const { jobSeconds } = simulator.switches
    expect(jobSeconds.first + jobSeconds.spread / 2).toBe(33)
    expect(Math.round(jobSeconds.first / 4)).toBe(8)
  })

  test('of a BMS has its own types', async () => {
    const simulator = await aSimulator({
      servers: [bms({ id: 'b' })],
      switches: { jobSeconds: { first: 0, spread: 0 } },
    })
    const jobId = await accepted(stop(simulator, ['b'], { kind: 'bms' }))
    expect((await job(simulator, jobId)).body).toMatchObject({
      job_type: 'baremetalBatchOperate',
      entities: { sub_jobs: [{ job_type: 'baremetalSingleOperate', entities: { server_id: 'b' } }] },
    })
  })

  test('is forgotten a day after its end', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: EVEN })
    const jobId = await accepted(stop(simulator, ['a']))
    advance(38 + 86_400)
    expect((await job(simulator, jobId)).status).toBe(200)
    advance(1)
    expect(await job(simulator, jobId)).toMatchObject({
      status: 400,
      body: { error: { code: 'Common.0011' } },
    })
  })

  test('that never was is refused', async () => {
    const simulator = await aSimulator()
    expect(await job(simulator, 'f'.repeat(32))).toMatchObject({
      status: 400,
      body: { error: { code: 'Common.0011' } },
    })
  })

  test('is found only on the host of its service when hosts are separate', async () => {
    const simulator = await aSimulator({ servers: three, switches: { separateHosts: true } })
    const jobId = await accepted(stop(simulator, ['a']))
    const path = `/v1/${PROJECT}/jobs/${jobId}`
    expect((await call(simulator.url, { path })).status).toBe(200)
    expect((await call(simulator.bmsUrl, { path })).status).toBe(400)
  })

  test.each([
    ['400', 400],
    ['404', 404],
  ] as const)('can be lost with %s while its servers stop', async (jobsLost, status) => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: { ...EVEN, jobsLost } })
    const jobId = await accepted(stop(simulator, ['a']))
    advance(60)
    expect((await job(simulator, jobId)).status).toBe(status)
    expect(states(simulator, 'a')).toEqual(['SHUTOFF null'])
  })

  test('can be stuck while its servers stop', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: { ...EVEN, jobStuck: true } })
    const jobId = await accepted(stop(simulator, ['a']))
    advance(3600)
    expect((await job(simulator, jobId)).body).toMatchObject({
      status: 'RUNNING',
      end_time: '',
      entities: { sub_jobs: [{ status: 'RUNNING' }] },
    })
    expect(states(simulator, 'a')).toEqual(['SHUTOFF null'])
  })
})

describe('a stop that names a server which cannot be stopped', () => {
  const odd = {
    ecs: [
      ecs({ id: 'up' }),
      ecs({ id: 'off', status: 'SHUTOFF' }),
      ecs({ id: 'locked', locked: true }),
      ecs({ id: 'frozen', frozen: true }),
      ecs({ id: 'stopping', taskState: 'powering-off' }),
      ecs({ id: 'error', status: 'ERROR' }),
      ecs({ id: 'recycled', inRecycleBin: true }),
      bms({ id: 'other' }),
    ],
    bms: [
      bms({ id: 'up' }),
      bms({ id: 'off', status: 'SHUTOFF' }),
      bms({ id: 'locked', locked: true }),
      bms({ id: 'stopping', taskState: 'powering-off' }),
      bms({ id: 'starting', status: 'SHUTOFF', taskState: 'powering-on' }),
      bms({ id: 'rebooting', taskState: 'rebooting' }),
      ecs({ id: 'other' }),
    ],
  }
  const codes: Record<Kind, Record<string, string>> = {
    ecs: {
      up: 'SUCCESS',
      off: 'Ecs.0100',
      locked: 'Ecs.0605',
      frozen: 'Ecs.0030',
      stopping: 'Ecs.0100',
      error: 'Ecs.0100',
      recycled: 'Ecs.0114',
      other: 'Ecs.0114',
      missing: 'Ecs.0114',
    },
    bms: {
      up: 'SUCCESS',
      off: 'BMS.0039',
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
    const jobId = await accepted(stop(simulator, Object.keys(codes[kind]), { kind }))
    advance(38)
    const reply = await job(simulator, jobId)
    expect(reply.body).toMatchObject({ status: 'FAIL', error_code: 'Common.0021' })
    expect(subJobs(reply)).toEqual(codes[kind])
    expect(states(simulator, 'up', 'locked')).toEqual(['SHUTOFF null', 'ACTIVE null'])
  })

  test('can be refused as a whole, with nothing done', async () => {
    const simulator = await aSimulator({ servers: odd.ecs, switches: { badMember: 'refuse' } })
    const code = async (id: string) => {
      const { status, body } = await stop(simulator, ['up', id])
      return `${status} ${body.error?.code}`
    }
    expect([await code('off'), await code('locked'), await code('missing')]).toEqual([
      '400 Ecs.0100',
      '400 Ecs.0605',
      '404 Ecs.0114',
    ])
    expect(states(simulator, 'up')).toEqual(['ACTIVE null'])
    expect((await stop(simulator, ['up'])).status).toBe(200)
  })

  test('names the server in the refusal only if told to', async () => {
    const simulator = await aSimulator({ servers: odd.ecs, switches: { badMember: 'refuse' } })
    expect((await stop(simulator, ['up', 'locked'])).text).not.toContain('locked ')
    simulator.switches.refusalNamesId = true
    expect((await stop(simulator, ['up', 'locked'])).body.error?.message).toContain('server locked ')
  })

  test('can be content with a stopped one, and with no other', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      servers: odd.ecs,
      switches: { ...EVEN, badMember: 'doneIsFine' },
    })
    const jobId = await accepted(stop(simulator, ['off', 'locked']))
    advance(38)
    expect(subJobs(await job(simulator, jobId))).toEqual({ off: 'SUCCESS', locked: 'Ecs.0605' })
  })

  test('has the codes it is told', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: odd.ecs, switches: EVEN })
    simulator.switches.memberCodes.ecs.stopping = 'Ecs.0603'
    const jobId = await accepted(stop(simulator, ['stopping']))
    advance(38)
    expect(subJobs(await job(simulator, jobId))).toEqual({ stopping: 'Ecs.0603' })
  })

  test('can take a BMS in an ECS stop', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: odd.ecs, switches: { ...EVEN, otherKind: 'taken' } })
    await accepted(stop(simulator, ['other']))
    advance(38)
    expect(states(simulator, 'other')).toEqual(['SHUTOFF null'])
  })
})

describe('a stop sent twice', () => {
  test('finds the servers busy the second time', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: EVEN })
    await accepted(stop(simulator, ['a'], { type: 'SOFT' }))
    const again = await accepted(stop(simulator, ['a'], { type: 'SOFT' }))
    advance(38)
    expect(subJobs(await job(simulator, again))).toEqual({ a: 'Ecs.0100' })
    expect(states(simulator, 'a')).toEqual(['SHUTOFF null'])
  })

  test('the second time hard, overtakes the first', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: { ...EVEN, softHangs: ['a'] } })
    const soft = await accepted(stop(simulator, ['a'], { type: 'SOFT' }))
    advance(3600)
    expect(states(simulator, 'a')).toEqual(['ACTIVE powering-off'])
    expect((await job(simulator, soft)).body.status).toBe('RUNNING')
    const hard = await accepted(stop(simulator, ['a'], { type: 'HARD' }))
    const twice = await accepted(stop(simulator, ['a'], { type: 'HARD' }))
    advance(38)
    expect(states(simulator, 'a')).toEqual(['SHUTOFF null'])
    expect(subJobs(await job(simulator, soft))).toEqual({ a: 'SUCCESS' })
    expect(subJobs(await job(simulator, hard))).toEqual({ a: 'SUCCESS' })
    expect(subJobs(await job(simulator, twice))).toEqual({ a: 'Ecs.0100' })
  })

  test('is busy the second time hard, too, if told so', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: { ...EVEN, hardDuringSoft: 'busy' } })
    await accepted(stop(simulator, ['a'], { type: 'SOFT' }))
    const hard = await accepted(stop(simulator, ['a'], { type: 'HARD' }))
    advance(38)
    expect(subJobs(await job(simulator, hard))).toEqual({ a: 'Ecs.0100' })
  })
})

describe('a stop that goes wrong', () => {
  test('hangs where a soft stop is told to, by id or by what the server is', async () => {
    const advance = holdClock()
    const servers = [...three, ecs({ id: 'w', tags: { os: 'windows' } })]
    const simulator = await aSimulator({
      servers,
      switches: { ...EVEN, softHangs: server => server.tags.os === 'windows' },
    })
    await accepted(stop(simulator, ['a', 'w']))
    advance(3600)
    expect(states(simulator, 'a', 'w')).toEqual(['SHUTOFF null', 'ACTIVE powering-off'])
  })

  test('that hangs can fail after a while, and the server is up again', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      servers: three,
      switches: { ...EVEN, softHangs: new Set(['a']), softHangSeconds: 60 },
    })
    const jobId = await accepted(stop(simulator, ['a', 'b']))
    advance(60 + 8)
    expect(states(simulator, 'a', 'b')).toEqual(['ACTIVE null', 'SHUTOFF null'])
    expect(subJobs(await job(simulator, jobId))).toEqual({ a: 'Ecs.1002', b: 'SUCCESS' })
  })

  test('fails for some servers, which stay up, and the job fails', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      servers: three,
      switches: { ...EVEN, partialFail: { b: 'Ecs.0219' } },
    })
    const jobId = await accepted(stop(simulator, ['a', 'b']))
    advance(38)
    const reply = await job(simulator, jobId)
    expect(reply.body).toMatchObject({ status: 'FAIL', error_code: 'Common.0021' })
    expect(reply.body.entities?.sub_jobs[1]).toMatchObject({
      status: 'FAIL',
      error_code: 'Ecs.0219',
      entities: { errorcode_message: expect.stringContaining('Ecs.0219') },
    })
    expect(states(simulator, 'a', 'b')).toEqual(['SHUTOFF null', 'ACTIVE null'])
  })

  test('fails for some servers, and the job succeeds, if told so; not when all fail', async () => {
    const advance = holdClock()
    const partialFail = { a: 'Ecs.0219', b: 'Ecs.0219' }
    const simulator = await aSimulator({
      servers: three,
      switches: { ...EVEN, partialFail, parentFailsOnPartial: false },
    })
    const some = await accepted(stop(simulator, ['a', 'c']))
    const all = await accepted(stop(simulator, ['b']))
    advance(38)
    expect((await job(simulator, some)).body.status).toBe('SUCCESS')
    expect((await job(simulator, all)).body.status).toBe('FAIL')
  })

  test('leaves out a sub-job, and the server stops', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({ servers: three, switches: { ...EVEN, subJobMissing: ['b'] } })
    const jobId = await accepted(stop(simulator, ['a', 'b']))
    advance(38)
    const reply = await job(simulator, jobId)
    expect(subJobs(reply)).toEqual({ a: 'SUCCESS' })
    expect(reply.body.entities?.sub_jobs_total).toBe(2)
    expect(states(simulator, 'b')).toEqual(['SHUTOFF null'])
  })

  test('shows the servers up for a while after the job', async () => {
    const advance = holdClock()
    const simulator = await aSimulator({
      servers: three,
      switches: { ...EVEN, showsAfterJobSeconds: 20 },
    })
    const jobId = await accepted(stop(simulator, ['a']))
    advance(57)
    expect((await job(simulator, jobId)).body.status).toBe('SUCCESS')
    expect(states(simulator, 'a')).toEqual(['ACTIVE powering-off'])
    advance(1)
    expect(states(simulator, 'a')).toEqual(['SHUTOFF null'])
  })
})

test('a server that someone starts while it is being stopped stays up', async () => {
  const advance = holdClock()
  const simulator = await aSimulator({ servers: three, switches: EVEN })
  await stop(simulator, ['a', 'b'])
  simulator.change('a', { status: 'ACTIVE' })
  advance(38)
  expect(states(simulator, 'a', 'b')).toEqual(['ACTIVE null', 'SHUTOFF null'])
})

test('the same id cannot be added twice, and only known servers change', async () => {
  const simulator = await aSimulator({ servers: three })
  expect(() => simulator.addServers([ecs({ id: 'a' })])).toThrow('Server a is in the simulator already')
  expect(() => simulator.change('x', { locked: true })).toThrow('No server x in the simulator')
  expect(simulator.server('x')).toBeUndefined()
})

test('the example of the ECS API reference is answered as documented', async () => {
  const ids = ['616fb98f-46ca-475e-917e-2563e5a8cd19', '726fb98f-46ca-475e-917e-2563e5a8cd20']
  const simulator = await aSimulator({ servers: ids.map(id => ecs({ id })) })
  const body = `{
    "os-stop": {
        "type":"HARD",
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
  expect(states(simulator, ...ids)).toEqual(['ACTIVE powering-off', 'ACTIVE powering-off'])
})
