/** The simulated Keystone and Nova, as openstacksdk finds and uses them. */
import { expect, test } from 'vitest'
import type { Simulator } from '../../infra/simulator/index.ts'
import { createCloud } from '../../lib/cloud/registry.ts'
import { all, wireConnection } from '../cloud/wire.ts'
import { bms, ecs, holdClock, PROJECT } from '../simulator/client.ts'
import { APPLICATION, aNova, LOGIN } from '../simulator/nova-client.ts'
import { runPeer } from './peers.ts'
import { startRelay } from './relay.ts'

const BY_PASSWORD = {
  auth_type: 'v3password',
  username: LOGIN.username,
  password: LOGIN.password,
  user_domain_name: LOGIN.domainName,
  project_id: PROJECT,
}
const BY_APPLICATION = {
  auth_type: 'v3applicationcredential',
  application_credential_id: APPLICATION.applicationCredentialId,
  application_credential_secret: APPLICATION.applicationCredentialSecret,
}
const LOGINS = [
  ['a password', BY_PASSWORD],
  ['an application credential', BY_APPLICATION],
] as const

type Step = [name: string, ...args: unknown[]]
/** What each step gave; told of the cloud is the address of its Keystone alone. */
async function sdk({ openstack }: Pick<Simulator, 'openstack'>, steps: Step[], login: object = BY_PASSWORD) {
  const given = { login: { auth_url: openstack.identity, ...login }, steps }
  return JSON.parse((await runPeer('nova.py', { args: [JSON.stringify(given)] })).stdout)
}

const openstackCloud = (endpoints: Simulator['openstack'], secret: object) =>
  createCloud({
    connection: wireConnection(endpoints.compute, { api: 'openstack', endpoints }),
    secret,
    timeoutMs: 10_000,
    now: Date.now,
    random: () => 0,
    sleep: async () => undefined,
  })

test.each(LOGINS)('lists servers by %s, each as it is', async (_by, login) => {
  const servers = [
    ecs({ id: 'a', tags: { env: 'dev', bare: '' }, flavor: 's6.large.2' }),
    ecs({ id: 'b', locked: true, status: 'SHUTOFF' }),
    ecs({ id: 'c', status: 'ERROR' }),
    bms({ id: 'm' }),
    ecs({ id: 'gone', inRecycleBin: true }),
  ]
  const simulator = await aNova({ servers })
  const [listed] = await sdk(simulator, [['list_servers', 2]], login)
  expect(listed).toMatchObject([
    { id: 'm', status: 'ACTIVE', tags: ['__type_baremetal'] },
    { id: 'c', status: 'ERROR', faulty: true },
    { id: 'b', status: 'SHUTOFF', vmState: 'stopped', powerState: 4, locked: true, tags: [] },
    {
      id: 'a',
      name: simulator.server('a')?.name,
      status: 'ACTIVE',
      vmState: 'active',
      taskState: null,
      powerState: 1,
      locked: false,
      tags: ['env=dev', 'bare'],
      flavor: 's6.large.2',
      projectId: PROJECT,
      faulty: false,
    },
  ])
})

test('stops and starts a server, and sees each state on the way', async () => {
  const advance = holdClock(new Date().toISOString())
  const switches = { jobSeconds: { first: 30, spread: 0 } }
  const simulator = await aNova({ servers: [ecs({ id: 'a' })], switches })
  const states = (results: { status: string; taskState: string | null }[]) =>
    results.map(({ status, taskState }) => [status, taskState])
  const statesAfter = async (action: 'stop' | 'start') => {
    const [, ...shown] = await sdk(simulator, [
      [action, 'a'],
      ['show', 'a'],
    ])
    return states(shown)
  }
  expect(await statesAfter('stop')).toEqual([['ACTIVE', 'powering-off']])
  advance(30)
  expect(states(await sdk(simulator, [['show', 'a']]))).toEqual([['SHUTOFF', null]])
  expect(await statesAfter('start')).toEqual([['SHUTOFF', 'powering-on']])
  advance(30)
  expect(states(await sdk(simulator, [['show', 'a']]))).toEqual([['ACTIVE', null]])
  expect(simulator.actions().map(({ status, sent }) => [status, sent.action, sent.type])).toEqual([
    [202, 'stop', null],
    [202, 'start', null],
  ])
})

test('is refused where the cloud refuses, and reads why', async () => {
  const servers = [ecs({ id: 'a', locked: true }), ecs({ id: 'b', status: 'SHUTOFF' })]
  const simulator = await aNova({ servers })
  const steps: Step[] = [
    ['stop', 'a'],
    ['stop', 'b'],
    ['show', 'nobody'],
  ]
  expect(await sdk(simulator, steps)).toEqual([
    { refused: 409, words: 'Instance a is locked' },
    { refused: 409, words: "Cannot 'stop' instance b while it is in vm_state stopped" },
    { refused: 404, words: 'Instance nobody could not be found.' },
  ])
  const wrong = { ...BY_PASSWORD, password: 'wrong' }
  await expect(sdk(simulator, [['show', 'a']], wrong)).rejects.toThrow(/Unauthorized.*HTTP 401/)
})

test('is told which projects a user has', async () => {
  const other = { id: 'f'.repeat(32), name: 'lab' }
  const simulator = await aNova({ projects: [other] })
  expect(await sdk(simulator, [['projects']])).toEqual([[PROJECT, other.id]])
})

test.each(LOGINS)('is asked for a token by %s in the words of keystoneauth', async (_by, login) => {
  const simulator = await aNova({ servers: [ecs({ id: 'a' })] })
  const { origin, received } = await startRelay(simulator)
  const endpoints = { identity: `${origin}/v3`, compute: `${origin}/v2.1` }
  await sdk({ openstack: endpoints }, [['show', 'a']], login)
  const secret = 'username' in login ? LOGIN : APPLICATION
  await all(openstackCloud(endpoints, secret).servers('ecs'))
  const [theirs, ours, ...more] = received.filter(({ path }) => path === '/v3/auth/tokens')
  expect(JSON.parse(ours!.body)).toEqual(JSON.parse(theirs!.body))
  expect(more).toEqual([])
})
