/** Cloud Custodian, as a user of the simulated cloud: a policy of its own lists by page number, filters and stops. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aSimulator, ecs, KEY, PROJECT } from '../simulator/client.ts'
import { runPeer } from './peers.ts'

const POLICY = join(import.meta.dirname, 'policy.yml')

test('stops the running servers that a policy of Cloud Custodian selects', async () => {
  const dev = Array.from({ length: 150 }, (_, n) => ecs({ id: `dev-${n}`, tags: { env: 'dev' } }))
  const others = [ecs({ id: 'prod', tags: { env: 'prod' } }), ecs({ id: 'bare' })]
  const off = ecs({ id: 'off', tags: { env: 'dev' }, status: 'SHUTOFF' })
  const simulator = await aSimulator({ servers: [...others, ...dev, off] })
  const variables = {
    HUAWEI_DEFAULT_REGION: 'cn-north-4',
    HUAWEI_PROJECT_ID: PROJECT,
    HUAWEI_ACCESS_KEY_ID: KEY.accessKey,
    HUAWEI_SECRET_ACCESS_KEY: KEY.secretKey,
    // Where the SDK beneath it finds ECS in that region.
    HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4: simulator.url,
  }
  const args = ['run', '-s', 'out', '--cache-period', '0', POLICY]
  const { stderr } = await runPeer('custodian.py', { args, variables })
  expect(stderr).toContain('policy:stop-dev resource:huaweicloud.ecs region: count:151')
  const ids = dev.map(({ id }) => id)
  expect(simulator.stops().map(({ status, stop }) => [status, stop])).toEqual([
    [200, { action: 'stop', kind: 'ecs', type: 'HARD', ids }],
  ])
  expect(new Set(ids.map(id => simulator.server(id!)?.taskState))).toEqual(new Set(['powering-off']))
  expect(simulator.server('prod')?.taskState).toBe(null)
})
