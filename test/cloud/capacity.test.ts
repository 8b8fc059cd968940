/** What the adapters make of the ways in which a simulated cloud says that there is no room for a start. */
import { describe, expect, it } from 'vitest'
import type { Simulator, Switches } from '../../infra/simulator/index.ts'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { Act } from '../../lib/core/model/action.ts'
import type { Cloud } from '../../lib/core/model/cloud.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import { aSimulator, ecs, KEY } from '../simulator/client.ts'
import { LOGIN } from '../simulator/nova-client.ts'
import { cloudErrorOf, wireConnection } from './wire.ts'

const START: Act = { action: 'start', mode: 'soft' }
const IDS = ['a', 'b', 'c']

let novas = 0
const cloudOf = ({ url, openstack }: Simulator, api: Connection['api']): Cloud =>
  createCloud({
    connection: wireConnection(
      url,
      api === 'openstack' ? { id: `room-${++novas}`, api, endpoints: openstack } : {},
    ),
    secret: api === 'openstack' ? LOGIN : KEY,
    timeoutMs: 5000,
    now: Date.now,
    random: () => 0,
    sleep: async () => undefined,
  })

/** Three servers that are off; there is no room for the second. */
async function aFullCloud(
  capacity: Omit<NonNullable<Switches['capacity']>, 'refuses'>,
  api: Connection['api'],
) {
  const simulator = await aSimulator({
    servers: IDS.map(id => ecs({ id, status: 'SHUTOFF' })),
    logins: [LOGIN],
    switches: { jobSeconds: { first: 0, spread: 0 }, capacity: { ...capacity, refuses: ['b'] } },
  })
  const cloud = cloudOf(simulator, api)
  const seen = async () => {
    const servers = await cloud.serversById('ecs', IDS, null)
    return IDS.map(id => servers.get(id)!).map(({ power, lacksCapacity = false }) => [power, lacksCapacity])
  }
  return { simulator, cloud, seen }
}

describe('a server for which there is no room, by Huawei Cloud’s own API', () => {
  it.each([
    ['sub-job-0226', 'No valid host was found. There are not enough hosts available.'],
    ['sub-job-0226', '资源不足'],
    ['sub-job-0226', 'Capacity is not enough.'],
    ['sub-job-0319', 'any words'],
  ] as const)('said as %s, "%s", is told apart in its sub-job, and holds up no other', async (as, words) => {
    const { cloud, seen } = await aFullCloud({ as, words }, 'huaweicloud')
    const { jobId } = await cloud.request('ecs', START, IDS)
    const { status, subJobs } = await cloud.job('ecs', jobId!)
    expect([status, subJobs.map(({ cause }) => cause)]).toEqual(['failed', [null, 'no-capacity', null]])
    expect(subJobs[1]?.reason).toContain(words)
    expect(await seen()).toEqual([
      ['on', false],
      ['off', false],
      ['on', false],
    ])
  })

  it('said of the whole request is told apart, and nothing is done', async () => {
    const { cloud, seen } = await aFullCloud({ as: 'request-0319' }, 'huaweicloud')
    const { details } = await cloudErrorOf(cloud.request('ecs', START, IDS))
    expect(details).toMatchObject({ class: 'member', code: 'Ecs.0319', cause: 'no-capacity', serverIds: [] })
    expect(await seen()).toEqual([
      ['off', false],
      ['off', false],
      ['off', false],
    ])
  })
})

describe('a server for which there is no room, by the native call', () => {
  it.each([
    ['openstack', 'off', 'off'],
    ['openstack', 'error', 'error'],
    ['huaweicloud', 'off', 'off'],
    ['huaweicloud', 'error', 'error'],
  ] as const)('of %s, is taken and ends in %s: the server alone tells', async (api, nativeEnds, power) => {
    const { cloud, seen } = await aFullCloud({ as: 'sub-job-0226', nativeEnds }, api)
    expect(await cloud.requestEach('ecs', START, IDS)).toMatchObject({ refused: [], lost: [], unsent: [] })
    expect(await seen()).toEqual([
      ['on', false],
      [power, true],
      ['on', false],
    ])
  })
})
