import { afterEach, describe, expect, test } from 'vitest'
import { captured } from './output.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

async function manualRun() {
  const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
  return run!
}

describe('what is stored is not believed:', () => {
  test.each(['huaweicloud', 'openstack'])(
    'a %s connection to a host that is not allowed any more is not used',
    async api => {
      const output = captured()
      const environment = {
        ALLOWED_ENDPOINT_HOSTS: 'ecs.*.example',
        LOG_LEVEL: 'error',
        METRICS_NAMESPACE: 'Curfew',
      }
      world = await createWorld({ servers: fleet(2), environment })
      await world.connection({ api })
      const run = await manualRun()
      expect(run.status).toBe('failed')
      expect(run.reason).toMatch(
        /prod is not allowed here: endpoints\.\w+: .*ALLOWED_ENDPOINT_HOSTS.*127\.0\.0\.1/,
      )
      expect(world.simulator.ledger).toEqual([])
      expect(output.figures('CredentialsRefused')).not.toEqual([])
    },
  )

  test('a list that loses a host while a run is under way ends its requests', async () => {
    world = await createWorld({ servers: fleet(2) })
    await world.connection()
    const id = await world.manualRun(await world.policy({ nextDueAt: null }))
    world.services.config.allowedEndpointHosts.splice(0)
    const [run] = await world.ended([id])
    expect(run?.status).toBe('failed')
    expect(world.simulator.stops()).toEqual([])
  })

  test('a secret outside the prefix is not read', async () => {
    world = await createWorld({ servers: fleet(2), environment: { SECRETS_PREFIX: 'curfew/prod/' } })
    world.aws.secrets.set('curfew/dev/key', '{}')
    await world.connection({ credentials: { source: 'secretsManager', name: 'curfew/dev/key' } })
    const run = await manualRun()
    expect(run.status).toBe('failed')
    expect(run.reason).toContain('SECRETS_PREFIX')
    expect(world.aws.asked).toEqual([])
    expect(world.simulator.ledger).toEqual([])
  })
})
