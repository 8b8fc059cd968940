/** Runs by keys that are given for a while: of agencies, and of the server that Curfew runs on. */
import { afterEach, expect, test } from 'vitest'
import type { Run } from '../../lib/core/model/run.ts'
import { captured, type Output } from './output.ts'
import { createWorld, fleet, KEY, type World, type WorldOptions } from './world.ts'

const AGENCY = { name: 'curfew', domainName: 'acme', domainId: 'd78cbac186b744899480f25bd022f468' }
const BY_NAME = { agency: 'curfew', domainName: 'acme' }
const BY_ID = { agency: 'curfew', domainId: AGENCY.domainId, externalId: 'tenant-42' }
let world: World
let output: Output
afterEach(() => world.close())

/** Two chunks, whose key is of another account, and may take on the project's agency. */
async function aWorld(options: WorldOptions = {}): Promise<void> {
  output = captured()
  world = await createWorld({
    servers: fleet(4),
    ...options,
    environment: { LOG_LEVEL: 'info', METRICS_NAMESPACE: 'Curfew', ...options.environment },
  })
  world.simulator.keys[0] = { ...KEY, projects: [] }
  world.simulator.agencies.push({ ...AGENCY, externalId: 'tenant-42', trusts: [KEY.accessKey] })
}
async function manualRun(connection = 'prod'): Promise<Run> {
  const id = `stop-${connection}`
  const policy = await world.policy({ id, connection, nextDueAt: null })
  return (await world.ended([await world.manualRun(policy)]))[0]!
}
const asked = (part: string): number =>
  world.simulator.ledger.filter(({ path }) => path.includes(part)).length

test('a whole run is carried out by the key of an agency, which is asked for once', async () => {
  await aWorld()
  await world.connection({
    assume: { ...BY_NAME, sessionMinutes: 60 },
    maxServersPerMinute: { ecs: 2, bms: null },
  })
  expect(await manualRun()).toMatchObject({ status: 'succeeded', summary: { targets: 4, stopped: 4 } })
  expect(asked('securitytokens')).toBe(1)
  expect(world.simulator.stops()).toHaveLength(2)
  expect(world.simulator.ledger.every(({ status }) => status < 300)).toBe(true)
})

test('a session that ends in the middle of a follow is renewed, and the run goes on', async () => {
  await aWorld()
  await world.connection({ assume: { ...BY_ID, sessionMinutes: 15 } })
  const policy = await world.policy({ nextDueAt: null })
  const id = await world.manualRun(policy)
  await world.runner.drain()
  expect(world.simulator.stops()).toHaveLength(1)
  world.simulator.endSessions()
  const [run] = await world.ended([id])
  expect(run).toMatchObject({ status: 'succeeded', summary: { stopped: 4 } })
  expect(asked('agencies/assume')).toBe(2)
  expect(world.simulator.ledger.filter(({ status }) => status === 401)).toHaveLength(1)
  expect(world.simulator.sessions.map(({ allows }) => allows?.includes('ecs:cloudServers:stop'))).toEqual([
    true,
    true,
  ])
  expect(output.figures('CredentialsRefused')).toEqual([])
})

test('an agency that refuses is left alone by its connection, and its key goes on for the others', async () => {
  await aWorld()
  await world.connection({ assume: { ...BY_ID, externalId: 'tenant-43', sessionMinutes: 60 } })
  await world.connection({ id: 'lab', assume: { ...BY_NAME, sessionMinutes: 60 } })
  const refused = await manualRun()
  expect(refused.status).toBe('failed')
  expect(refused.reason).toContain('key of agency curfew of account d78cbac186b744899480f25bd022f468')
  expect(refused.reason).toContain('asks for the external id of assume.externalId')
  for (let n = 0; n < 6; n++) expect((await manualRun()).reason).toContain('left alone until')
  expect(asked('agencies/assume')).toBe(1)
  expect(output.figures('CredentialsRefused')).toEqual([1])
  expect(await manualRun('lab')).toMatchObject({ status: 'succeeded', summary: { stopped: 4 } })

  // A key that is refused itself is not sent often enough to be locked, by however many connections.
  world.simulator.keys[0] = { ...KEY, projects: [], secretKey: 'another' }
  for (let n = 0; n < 8; n++) {
    await world.connection({ id: `team-${n}`, assume: { ...BY_NAME, sessionMinutes: 60 } })
    expect((await manualRun(`team-${n}`)).status).toBe('failed')
  }
  world.simulator.keys[0] = { ...KEY, projects: [] }
  await world.connection({ id: 'unlocked', assume: { ...BY_NAME, sessionMinutes: 61 } })
  await world.pass(5)
  expect(await manualRun('unlocked')).toMatchObject({ status: 'succeeded' })
})

test('a key that is refused is not locked by connections that take on their agencies at one time', async () => {
  // A key of this test alone: what was refused is remembered by the process.
  const environment = { HUAWEICLOUD_SDK_SK: 'refusedSecretKey000' }
  await aWorld({ switches: { latencyMs: 50 }, environment })
  const AT_ONCE = 12
  const clouds = []
  for (let n = 0; n < AT_ONCE; n++) {
    const assume = { ...BY_NAME, sessionMinutes: 20 + n }
    clouds.push(await world.services.cloud(await world.connection({ id: `team-${n}`, assume })))
  }
  const results = await Promise.allSettled(clouds.map(cloud => cloud.projects()))
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: AT_ONCE }, () => 'rejected'))
  expect(asked('securitytokens')).toBe(2)
})

test('a run is carried out by the key of the server that Curfew runs on, where that is allowed', async () => {
  await aWorld({ switches: { serverHasAgency: true }, environment: { METADATA_KEYS: 'allowed' } })
  await world.connection({ credentials: { source: 'metadata', name: '' } })
  expect(await manualRun()).toMatchObject({ status: 'succeeded', summary: { stopped: 4 } })
  expect(asked('securitykey')).toBe(1)
})

test('a connection with the key of the server is not used where that is not allowed, though it is stored', async () => {
  await aWorld({ switches: { serverHasAgency: true } })
  await world.connection({ credentials: { source: 'metadata', name: '' } })
  const run = await manualRun()
  expect(run.status).toBe('failed')
  expect(run.reason).toContain('credentials.source: expected environment, secretsManager or parameterStore')
  expect(world.simulator.ledger).toEqual([])
})
