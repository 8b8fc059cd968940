import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Run } from '../../lib/core/model/run.ts'
import { captured, type Output } from './output.ts'
import { createWorld, fleet, KEY, type World } from './world.ts'

const NEW_KEY = { accessKey: 'AKROTATED000000000000', secretKey: 'rotatedSecretKey0123456789abcdefghijklmn' }
let world: World
let output: Output
afterEach(() => world.close())

async function aWorld(source: 'secretsManager' | 'parameterStore'): Promise<void> {
  // The SDK's own pauses are real ones.
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
  output = captured()
  const variables = {
    HUAWEICLOUD_SDK_AK: '',
    HUAWEICLOUD_SDK_SK: '',
    LOG_LEVEL: 'info',
    METRICS_NAMESPACE: 'Curfew',
  }
  world = await createWorld({ servers: fleet(4), environment: variables })
  keep(KEY)
  await world.connection({ credentials: { source, name: 'curfew/prod/key' } })
}

/** What a person does who rotates a key: the same secret holds another one. */
function keep(key: typeof KEY): void {
  world.aws.secrets.set('curfew/prod/key', JSON.stringify(key))
  world.aws.parameters.set('/curfew/prod/key', JSON.stringify(key))
}

async function manualRun(): Promise<Run> {
  const policy = (await world.store.policy('nightly-dev')) ?? (await world.policy({ nextDueAt: null }))
  const [run] = await world.ended([await world.manualRun(policy)])
  return run!
}
const startAll = () => {
  for (const { id } of world.simulator.servers()) world.simulator.change(id, { status: 'ACTIVE' })
}

describe.each(['secretsManager', 'parameterStore'] as const)('with its key in %s', source => {
  test('a run is carried out, and the key is read once by each function that calls the cloud', async () => {
    await aWorld(source)
    expect(await manualRun()).toMatchObject({ status: 'succeeded', summary: { stopped: 4 } })
    const read =
      source === 'secretsManager' ? 'GetSecretValue curfew/prod/key' : 'GetParameter /curfew/prod/key'
    expect(world.aws.asked).toEqual([read, read, read])
  })

  test('a key that was rotated is used at once, and nobody is alarmed', async () => {
    await aWorld(source)
    await manualRun()
    startAll()
    world.simulator.keys.splice(0, 1, NEW_KEY)
    keep(NEW_KEY)
    expect(await manualRun()).toMatchObject({ status: 'succeeded', summary: { stopped: 4 } })
    expect(world.aws.asked).toHaveLength(6)
    expect(output.figures('CredentialsRefused')).toEqual([])
    expect(await world.store.keyHealth('prod')).toBeNull()
  })

  test('a key that is rotated while its servers are being stopped is used from then on', async () => {
    await aWorld(source)
    const policy = await world.policy({ nextDueAt: null })
    const id = await world.manualRun(policy)
    await world.runner.drain()
    expect(world.simulator.stops()).toHaveLength(1)
    world.simulator.keys.splice(0, 1, NEW_KEY)
    keep(NEW_KEY)
    const [run] = await world.ended([id])
    expect(run).toMatchObject({ status: 'succeeded', summary: { stopped: 4 } })
    expect(output.figures('CredentialsRefused')).toEqual([])
  })

  test('a key that is refused and was not replaced is left alone after one more look at its secret', async () => {
    await aWorld(source)
    world.simulator.keys.length = 0
    expect(await manualRun()).toMatchObject({ status: 'failed' })
    expect(world.aws.asked).toHaveLength(2)
    const refused = world.simulator.ledger.length
    expect(refused).toBe(1)
    expect(await manualRun()).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('left alone until'),
    })
    expect(world.simulator.ledger).toHaveLength(refused)
    expect(output.figures('CredentialsRefused')).toEqual([1])
  })
})

test('a secret that is not there fails the run with its name, and alarms', async () => {
  await aWorld('secretsManager')
  world.aws.secrets.clear()
  const run = await manualRun()
  expect(run.status).toBe('failed')
  expect(run.reason).toContain('secret "curfew/prod/key" of Secrets Manager: ResourceNotFoundException')
  expect(output.figures('CredentialsRefused')).toEqual([1])
})

test('a secret that is not whole fails the run with what is missing, and not with what is there; once it is, it is used', async () => {
  await aWorld('secretsManager')
  world.aws.secrets.set('curfew/prod/key', JSON.stringify({ accessKey: KEY.accessKey }))
  const { reason } = await manualRun()
  expect(reason).toContain('secretKey')
  expect(reason).not.toContain(KEY.accessKey)
  keep(KEY)
  expect(await manualRun()).toMatchObject({ status: 'succeeded' })
})

test('a secret that cannot be asked for now is asked for again, and the run carried out', async () => {
  await aWorld('secretsManager')
  let failures = 3
  world.aws.refuse = action =>
    action === 'GetSecretValue' && failures-- > 0 ? { status: 400, type: 'ThrottlingException' } : null
  expect(await manualRun()).toMatchObject({ status: 'succeeded' })
  expect(output.figures('CredentialsRefused')).toEqual([])
})

test('servers that were asked are followed to their end though their secret cannot be read for a while', async () => {
  await aWorld('secretsManager')
  const policy = await world.policy({ nextDueAt: null })
  const id = await world.manualRun(policy)
  await world.runner.drain()
  world.aws.refuse = action =>
    action === 'GetSecretValue' ? { status: 400, type: 'ThrottlingException' } : null
  // What was read before is forgotten meanwhile.
  vi.setSystemTime(Date.now() + 6 * 60_000)
  await world.pass(10)
  expect(await world.store.run(id)).toMatchObject({ status: 'running' })
  world.aws.refuse = () => null
  const [run] = await world.ended([id])
  expect(run).toMatchObject({ status: 'succeeded', summary: { stopped: 4 } })
})
