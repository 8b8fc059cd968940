import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js'
import { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js'
import { DefaultHttpClient } from '@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient.js'
import * as Ecs from '@huaweicloud/huaweicloud-sdk-ecs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Key, type Simulator, sampleFleet } from '../../infra/simulator/index.ts'
import { aSimulator, bms, ecs, holdClock, KEY, PROJECT } from './client.ts'
import { quiet } from './quiet.ts'

// The SDK may write into the home folder, and its own logger prints Authorization.
const home = mkdtempSync(join(tmpdir(), 'sdk-home-'))
beforeAll(() => void vi.stubEnv('HOME', home))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

function sdk({ url }: Simulator, key: Key = KEY): Ecs.EcsClient {
  const credentials = new BasicCredentials()
    .withAk(key.accessKey)
    .withSk(key.secretKey)
    .withProjectId(PROJECT)
  if (key.securityToken !== undefined) credentials.withSecurityToken(key.securityToken)
  const client = new HcClient(new DefaultHttpClient({ logger: quiet }, [url]))
  return new Ecs.EcsClient(client.withCredential(credentials).withEndpoints([url]))
}

const stopRequest = (...ids: string[]): Ecs.BatchStopServersRequest =>
  new Ecs.BatchStopServersRequest().withBody(
    new Ecs.BatchStopServersRequestBody().withOsStop(
      new Ecs.BatchStopServersOption(ids.map(id => new Ecs.ServerId(id))).withType('HARD'),
    ),
  )

const startRequest = (...ids: string[]): Ecs.BatchStartServersRequest =>
  new Ecs.BatchStartServersRequest().withBody(
    new Ecs.BatchStartServersRequestBody().withOsStart(
      new Ecs.BatchStartServersOption(ids.map(id => new Ecs.ServerId(id))),
    ),
  )

describe("Huawei's own SDK", () => {
  test('lists a fleet page by page', async () => {
    const simulator = await aSimulator({ servers: sampleFleet({ ecs: 250, bms: 10 }) })
    const client = sdk(simulator)
    const seen: string[] = []
    for (let marker: string | undefined = ''; marker !== undefined; ) {
      const request = new Ecs.ListServersDetailsRequest().withLimit(100).withNotTags('__type_baremetal')
      const { count, servers = [] } = await client.listServersDetails(
        marker === '' ? request : request.withMarker(marker),
      )
      expect(count).toBe(250)
      seen.push(...servers.map(({ id = '' }) => id))
      marker = servers.at(-1)?.id
    }
    expect(seen).toEqual(simulator.servers('ecs').map(({ id }) => id))
  })

  test('lists by names and tags of any characters', async () => {
    const servers = [bms({ name: '测试 服务器*(1)~_.-!', tags: { 环境: '生产/a+b' } }), ecs()]
    const simulator = await aSimulator({ servers })
    const request = new Ecs.ListServersDetailsRequest()
      .withName('试 服务器*(1)~_.-!')
      .withTags('环境=生产/a+b')
    expect(await sdk(simulator).listServersDetails(request)).toMatchObject({ count: 1, httpStatusCode: 200 })
  })

  test('lists by ids', async () => {
    const simulator = await aSimulator({ servers: ['b', 'a', 'c'].map(id => ecs({ id })) })
    const request = new Ecs.ListServersDetailsRequest().withServerId('c,b')
    const { servers = [] } = await sdk(simulator).listServersDetails(request)
    expect(servers.map(({ id }) => id).sort()).toEqual(['b', 'c'])
  })

  test('stops servers and polls the job to its end', async () => {
    const advance = holdClock()
    const switches = { jobSeconds: { first: 30, spread: 0, close: 8 } }
    const simulator = await aSimulator({
      servers: [ecs({ id: 'a' }), ecs({ id: 'b', locked: true })],
      switches,
    })
    const client = sdk(simulator)
    const accepted = await client.batchStopServers(stopRequest('a', 'b'))
    const jobId = simulator.stops()[0]?.jobId
    expect(accepted).toMatchObject({ job_id: jobId, httpStatusCode: 200 })
    const look = () => client.showJob(new Ecs.ShowJobRequest(jobId))
    advance(2)
    expect(await look()).toMatchObject({ status: 'RUNNING', httpStatusCode: 200 })
    advance(36)
    expect(await look()).toMatchObject({
      status: 'FAIL',
      error_code: 'Common.0021',
      entities: { sub_jobs: [{ status: 'SUCCESS' }, { status: 'FAIL', error_code: 'Ecs.0605' }] },
    })
    expect(simulator.server('a')?.status).toBe('SHUTOFF')
    expect(simulator.stops().map(({ stop }) => stop)).toEqual([
      { action: 'stop', kind: 'ecs', type: 'HARD', ids: ['a', 'b'] },
    ])
  })

  test('starts servers, and reads of one for which there is no room', async () => {
    const advance = holdClock()
    const servers = ['a', 'b', 'c'].map(id => ecs({ id, status: id === 'c' ? 'ACTIVE' : 'SHUTOFF' }))
    const simulator = await aSimulator({
      servers,
      switches: {
        jobSeconds: { first: 30, spread: 0, close: 8 },
        capacity: { refuses: ['b'], as: 'sub-job-0226' },
      },
    })
    const client = sdk(simulator)
    await client.batchStartServers(startRequest('a', 'b', 'c'))
    const jobId = simulator.starts()[0]?.jobId
    advance(38)
    expect(await client.showJob(new Ecs.ShowJobRequest(jobId))).toMatchObject({
      status: 'FAIL',
      entities: {
        sub_jobs: [
          { status: 'SUCCESS' },
          { status: 'FAIL', error_code: 'Ecs.0226' },
          { status: 'FAIL', error_code: 'Ecs.0100' },
        ],
      },
    })
    expect(simulator.servers().map(({ status }) => status)).toEqual(['ACTIVE', 'SHUTOFF', 'ACTIVE'])
    expect(simulator.starts().map(({ start }) => start)).toEqual([
      { action: 'start', kind: 'ecs', type: null, ids: ['a', 'b', 'c'] },
    ])
  })

  test('lists flavours, and where they are sold out', async () => {
    const simulator = await aSimulator({
      servers: [ecs()],
      switches: { soldOut: { 's6.large.2': ['cn-north-4a'] } },
    })
    const { flavors = [] } = await sdk(simulator).listFlavors(new Ecs.ListFlavorsRequest())
    expect(flavors).toMatchObject([
      { id: 's6.large.2', os_extra_specs: { 'cond:operation:az': 'cn-north-4a(sellout)' } },
    ])
  })

  test('is let in with a temporary key and its token', async () => {
    const temporary = { ...KEY, securityToken: 'a+token/with=signs' }
    const simulator = await aSimulator({ servers: [ecs({ id: 'a' })], keys: [temporary] })
    expect(await sdk(simulator, temporary).batchStopServers(stopRequest('a'))).toMatchObject({
      httpStatusCode: 200,
    })
  })

  test('is refused with a wrong key, and reads why', async () => {
    const simulator = await aSimulator({ servers: [ecs({ id: 'a' })] })
    const client = sdk(simulator, { ...KEY, secretKey: 'wrong' })
    const error = await client.batchStopServers(stopRequest('a')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      httpStatusCode: 401,
      errorCode: 'APIGW.0301',
      requestId: simulator.ledger[0]?.requestId,
    })
    expect(simulator.server('a')?.taskState).toBe(null)
  })

  test('reads the code of a refused stop', async () => {
    const simulator = await aSimulator({ switches: { badMember: 'refuse' } })
    const refused = sdk(simulator).batchStopServers(stopRequest('nobody'))
    await expect(refused).rejects.toMatchObject({ httpStatusCode: 404, errorCode: 'Ecs.0114' })
  })
})
