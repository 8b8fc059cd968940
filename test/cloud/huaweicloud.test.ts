import { describe, expect, it } from 'vitest'
import { ALL_TAKEN } from '../../lib/core/model/accepted.ts'
import { officialAuthorization } from './official-signature.ts'
import { aWireCloud, cloudErrorOf, KEY, PROJECT, type Received } from './wire.ts'

const IDS = ['616fb98f-46ca-475e-917e-2563e5a8cd19', '726fb98f-46ca-475e-917e-2563e5a8cd20']

describe('the example of the ECS API reference, "Stopping ECSs in a Batch"', () => {
  const example = { 'os-stop': { type: 'HARD', servers: IDS.map(id => ({ id })) } }

  it('is sent as it stands there', async () => {
    const wire = await aWireCloud(() => ({ body: { job_id: 'ff8080829585af7f0195c1ea67d24848' } }))
    expect(await wire.cloud.request('ecs', { action: 'stop', mode: 'hard' }, IDS)).toEqual({
      jobId: 'ff8080829585af7f0195c1ea67d24848',
      requestId: 'f'.repeat(32),
      ...ALL_TAKEN,
    })
    expect(wire.received[0]).toMatchObject({
      method: 'POST',
      target: `/v1/${PROJECT}/cloudservers/action`,
      body: JSON.stringify(example),
    })
  })

  it('is sent SOFT when the stop is soft', async () => {
    const wire = await aWireCloud(() => ({ body: { job_id: 'j' } }))
    await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, IDS)
    expect(wire.received[0]?.body).toBe(
      `{"os-stop":{"type":"SOFT","servers":[{"id":"${IDS[0]}"},{"id":"${IDS[1]}"}]}}`,
    )
  })
})

describe('the example of the BMS API reference, "Stopping BMSs"', () => {
  it.each(['soft', 'hard'] as const)(
    'is sent as it stands there, and HARD, when the stop is %s',
    async mode => {
      const wire = await aWireCloud(
        () => ({ body: ' { "job_id": "70a599e0-31e7-49b7-b260-868f441e862b" } ' }),
        {
          connection: { projectId: 'bbf1946d374b44a0a2a95533562ba954' },
        },
      )
      expect((await wire.cloud.request('bms', { action: 'stop', mode }, IDS)).jobId).toBe(
        '70a599e0-31e7-49b7-b260-868f441e862b',
      )
      expect(wire.received[0]).toMatchObject({
        method: 'POST',
        target: '/v1/bbf1946d374b44a0a2a95533562ba954/baremetalservers/action',
      })
      expect(JSON.parse(wire.received[0]!.body)).toEqual({
        'os-stop': { type: 'HARD', servers: IDS.map(id => ({ id })) },
      })
    },
  )
})

describe('a stop', () => {
  it('of a thousand servers is one request', async () => {
    const wire = await aWireCloud(() => ({ status: 202, body: { job_id: 'j' } }))
    const ids = Array.from({ length: 1000 }, (_, i) => `${IDS[0]}-${i}`)
    expect((await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, ids)).jobId).toBe('j')
    expect(JSON.parse(wire.received[0]!.body)['os-stop'].servers).toHaveLength(1000)
  })
})

describe('each call', () => {
  const script = ({ path, method }: Received) => {
    if (method === 'POST') return { body: { job_id: 'j' } }
    if (/cloudservers\/(?!detail)/.test(path))
      return { status: 404, body: { error: { code: 'Ecs.0114', message: 'no server' } } }
    return { body: path.includes('/jobs/') ? { status: 'INIT' } : { count: 0, servers: [] } }
  }

  it.each([
    ['by a permanent key', KEY],
    ['by a temporary key', { ...KEY, securityToken: 'gQpjbi1ub3J0aC00EXAMPLE/TOKEN+==' }],
  ])('is signed %s as the official SDK would sign it', async (_by, secret) => {
    const wire = await aWireCloud(script, { secret })
    await wire.cloud.request('ecs', { action: 'stop', mode: 'soft' }, IDS)
    await wire.cloud.job('bms', '70a599e0-31e7-49b7-b260-868f441e862b')
    await wire.cloud.servers('ecs').next()
    await wire.cloud.servers('bms').next()
    await wire.cloud.serversById('ecs', IDS, null)
    expect(wire.received.length).toBeGreaterThanOrEqual(5)
    for (const received of wire.received) {
      expect(received.headers.authorization).toBe(officialAuthorization(received, KEY))
      expect(received.headers).toMatchObject({
        'x-project-id': PROJECT,
        'x-sdk-date': '20261121T120000Z',
        'content-type': 'application/json',
      })
      const token = 'securityToken' in secret ? secret.securityToken : undefined
      expect(received.headers['x-security-token']).toBe(token)
    }
  })
})

describe('a job', () => {
  it.each(['ecs', 'bms'] as const)('of %s is asked for at its own host', async kind => {
    const other = await aWireCloud(() => ({ status: 500 }))
    const wire = await aWireCloud(() => ({ body: { status: 'SUCCESS', entities: { sub_jobs: [] } } }))
    const endpoints = { ecs: other.origin, bms: other.origin, [kind]: wire.origin }
    const own = await aWireCloud(() => ({}), { connection: { endpoints } })
    expect((await own.cloud.job(kind, 'j')).status).toBe('succeeded')
    expect(wire.received[0]?.target).toBe(`/v1/${PROJECT}/jobs/j`)
    expect(other.received).toHaveLength(0)
  })

  it.each([
    ['Common.0011', { status: 400, body: { error: { code: 'Common.0011', message: 'no such job' } } }],
    ['404', { status: 404, body: { error: { code: 'Ecs.9999', message: 'no such job' } } }],
    ['404 without a word', { status: 404, body: '' }],
  ])('that the cloud has forgotten, which it tells by %s, is gone', async (_by, reply) => {
    const wire = await aWireCloud(() => reply)
    expect(await wire.cloud.job('ecs', 'j')).toMatchObject({
      status: 'gone',
      reason: expect.stringContaining('no longer knows the job'),
      subJobs: [],
    })
    expect(wire.received).toHaveLength(1)
  })

  it('is not gone when the gateway does not know the API', async () => {
    const wire = await aWireCloud(() => ({ status: 404, body: { error_code: 'APIGW.0101', error_msg: 'x' } }))
    expect((await cloudErrorOf(wire.cloud.job('ecs', 'j'))).details.code).toBe('APIGW.0101')
  })

  it('that could not be read is asked for again', async () => {
    const reply = { status: 400, body: { error: { code: 'Common.0025', message: 'query failed' } } }
    const wire = await aWireCloud((_received, n) => (n === 1 ? reply : { body: { status: 'RUNNING' } }))
    expect((await wire.cloud.job('ecs', 'j')).status).toBe('running')
  })
})
