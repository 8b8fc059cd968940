import { describe, expect, test } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import { aSimulator, bms, call, ecs, holdClock, job, list, PROJECT, start, stop, subJobs } from './client.ts'
import { aNova, seenBy, tokenOf } from './nova-client.ts'

const jobSeconds = { first: 30, spread: 0, close: 8 }
const off = { status: 'SHUTOFF' }
const servers = ['a', 'b', 'c'].map(id =>
  ecs({ id, ...off, flavor: id === 'b' ? 'c7.xlarge.4' : 's6.large.2' }),
)
const lacking = (capacity: Switches['capacity']) =>
  aSimulator({ servers, switches: { jobSeconds, capacity } })

describe('a start for which there is no room', () => {
  test.each([
    ['sub-job-0226', 'Ecs.0226', 'No valid host was found'],
    ['sub-job-0319', 'Ecs.0319', 'Insufficient resources for this flavor'],
  ] as const)('as %s fails in its sub-job, soon, and leaves the server off', async (as, code, words) => {
    const advance = holdClock()
    const simulator = await lacking({ refuses: ['b'], as })
    const { status, body } = await start(simulator, ['a', 'b'])
    expect([status, simulator.server('b')?.taskState]).toEqual([200, 'powering-on'])
    advance(3)
    expect(simulator.server('b')).toMatchObject({ status: 'SHUTOFF', taskState: null })
    advance(35)
    const reply = await job(simulator, body.job_id)
    expect([reply.body.error_code, subJobs(reply)]).toEqual(['Common.0021', { a: 'SUCCESS', b: code }])
    expect(reply.body.entities?.sub_jobs[1]?.entities.errorcode_message).toContain(words)
    expect(simulator.server('a')?.status).toBe('ACTIVE')
  })

  test('nests its words as they are told', async () => {
    const advance = holdClock()
    const simulator = await lacking({ refuses: ['a'], as: 'sub-job-0226', words: '资源不足' })
    const { body } = await start(simulator, ['a'])
    advance(38)
    const [failed] = (await job(simulator, body.job_id)).body.entities?.sub_jobs ?? []
    expect(failed?.entities.errorcode_message).toContain('{"badRequest":{"message":"资源不足","code":400}}')
  })

  test('as request-0319 sinks the whole request, with nothing done', async () => {
    const simulator = await lacking({ refuses: ({ flavor }) => flavor === 'c7.xlarge.4', as: 'request-0319' })
    expect(await start(simulator, ['a', 'b'])).toMatchObject({
      status: 400,
      body: {
        error: { code: 'Ecs.0319', message: 'Insufficient resources for this flavor. Try another flavor.' },
      },
    })
    expect(simulator.server('a')?.taskState).toBeNull()
    expect((await start(simulator, ['a', 'c'])).status).toBe(200)
  })

  test('is one until the capacity is back', async () => {
    const advance = holdClock()
    const untilMs = Date.now() + 20 * 60_000
    const simulator = await lacking({ refuses: ['a'], untilMs, as: 'request-0319' })
    advance(1199.999)
    expect((await start(simulator, ['a'])).status).toBe(400)
    advance(0.001)
    expect((await start(simulator, ['a'])).status).toBe(200)
  })

  test('is no stop, and none of a bare-metal server', async () => {
    const capacity = { refuses: () => true, as: 'request-0319' as const }
    const simulator = await aSimulator({
      servers: [ecs({ id: 'up' }), bms({ id: 'metal', ...off })],
      switches: { capacity },
    })
    expect((await stop(simulator, ['up'])).status).toBe(200)
    expect((await start(simulator, ['metal'], { kind: 'bms' })).status).toBe(200)
  })
})

describe('a native start for which there is no room', () => {
  const natively = async (nativeEnds?: 'off' | 'error') => {
    const advance = holdClock()
    const capacity = { refuses: ['a'], as: 'sub-job-0226' as const, untilMs: Date.now() + 600_000 }
    const simulator = await aNova({
      servers,
      switches: { jobSeconds, capacity: nativeEnds ? { ...capacity, nativeEnds } : capacity },
    })
    const nova = seenBy(simulator, await tokenOf(simulator))
    const look = async () => (await nova.get('/servers/a')).json
    return { advance, nova, look, simulator }
  }
  const fault = { code: 500, message: expect.stringContaining('No valid host was found') }

  test('is taken, and the server is off again with a fault, which goes with the next start that works', async () => {
    const { advance, nova, look, simulator } = await natively()
    expect((await nova.start('a')).status).toBe(202)
    expect(await look()).toMatchObject({
      server: { status: 'SHUTOFF', 'OS-EXT-STS:task_state': 'powering-on' },
    })
    advance(30)
    expect(await look()).toMatchObject({
      server: { status: 'SHUTOFF', 'OS-EXT-STS:task_state': null, fault },
    })
    expect((await list(simulator)).body.servers?.[0]?.fault).toMatchObject(fault)
    advance(600)
    expect((await nova.start('a')).status).toBe(202)
    advance(30)
    expect(await look()).toMatchObject({ server: { status: 'ACTIVE' } })
    expect(await look()).not.toHaveProperty('server.fault')
  })

  test('is taken, and the server is in error with that fault, where it is told so', async () => {
    const { advance, nova, look } = await natively('error')
    expect((await nova.start('a')).status).toBe(202)
    advance(30)
    expect(await look()).toMatchObject({ server: { status: 'ERROR', 'OS-EXT-STS:vm_state': 'error', fault } })
    expect((await nova.start('a')).json).toMatchObject({
      conflictingRequest: { message: "Cannot 'start' instance a while it is in vm_state error" },
    })
  })
})

describe('the list of flavours', () => {
  const flavors = async (soldOut: Switches['soldOut'], query: Record<string, string> = {}) => {
    const zoned = [...servers, ecs({ id: 'd', flavor: 'm7.large.8', availabilityZone: 'cn-north-4b' })]
    const simulator = await aSimulator({ servers: zoned, switches: { soldOut } })
    const { body } = await call(simulator.url, { path: `/v1/${PROJECT}/cloudservers/flavors`, query })
    return Object.fromEntries((body.flavors ?? []).map(({ id, os_extra_specs: specs }) => [id, specs]))
  }

  test('tells the zones in which one is sold out, and names no other', async () => {
    const found = await flavors({ 's6.large.2': ['cn-north-4a', 'cn-north-4c'] })
    expect(Object.keys(found)).toEqual(['c7.xlarge.4', 'm7.large.8', 's6.large.2'])
    expect(found['s6.large.2']).toMatchObject({
      'cond:operation:status': 'normal',
      'cond:operation:az': 'cn-north-4a(sellout),cn-north-4c(sellout)',
    })
    expect(found['c7.xlarge.4']).not.toHaveProperty('cond:operation:az')
  })

  test('of a zone holds what can be had there', async () => {
    const zone = { availability_zone: 'cn-north-4a' }
    expect(Object.keys(await flavors({ 's6.large.2': ['cn-north-4a'] }, zone))).toEqual(['c7.xlarge.4'])
    expect(Object.keys(await flavors({}, { availability_zone: 'elsewhere' }))).toEqual([])
  })
})
