import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SeedGroup, SeedServer, Simulator } from '../../infra/simulator/index.ts'
import { aSimulator, call, ecs, holdClock, KEY, list, PROJECT, stop } from './client.ts'

const BASE = `/autoscaling-api/v1/${PROJECT}`
const servers = ['a', 'b', 'c', 'd'].map(id => ecs({ id, name: `web-${id}` }))
const WEB: SeedGroup = { name: 'web', made: ['a', 'b'], added: ['c'] }

/** As Auto Scaling answers, which is not what ECS does. */
async function ask(simulator: Simulator, path: string, query: Record<string, string> = {}) {
  const { status, text } = await call(simulator.url, { path: `${BASE}${path}`, query })
  return { status, body: JSON.parse(text) }
}
async function membersOf(simulator: Simulator, query: Record<string, string> = {}) {
  const { body } = await ask(simulator, '/scaling_group')
  const [{ scaling_group_id: id }] = body.scaling_groups
  return ask(simulator, `/scaling_group_instance/${id}/list`, query)
}
const ids = (simulator: Simulator): string[] => simulator.servers().map(({ id }) => id)

/** A simulator whose soft stops take half a minute, at a clock that the test moves. */
async function aGroup(group: SeedGroup = WEB, more: SeedServer[] = []) {
  const pass = holdClock()
  const simulator = await aSimulator({ servers: [...servers, ...more], scalingGroups: [group] })
  return { simulator, pass }
}

describe('groups and members', () => {
  test('are listed as the service lists them', async () => {
    const { simulator } = await aGroup()
    expect(await ask(simulator, '/scaling_group')).toMatchObject({
      status: 200,
      body: {
        total_number: 1,
        start_number: 0,
        limit: 20,
        scaling_groups: [
          { scaling_group_name: 'web', scaling_group_status: 'INSERVICE', current_instance_number: 3 },
        ],
      },
    })
    expect((await membersOf(simulator)).body).toMatchObject({
      total_number: 3,
      scaling_group_instances: [
        { instance_id: 'a', instance_name: 'web-a', life_cycle_state: 'INSERVICE', health_status: 'NORMAL' },
        { instance_id: 'b', scaling_configuration_name: 'as-config-web' },
        { instance_id: 'c', scaling_configuration_name: null },
      ],
    })
  })

  test('are paged by row number', async () => {
    const { simulator } = await aGroup()
    const { body } = await membersOf(simulator, { start_number: '2', limit: '2' })
    expect(body).toMatchObject({ total_number: 3, start_number: 2, limit: 2 })
    expect(body.scaling_group_instances).toMatchObject([{ instance_id: 'c' }])
    const refused = [
      ['limit', '101'],
      ['start_number', '-1'],
      ['limit', 'all'],
    ] as const
    for (const [name, value] of refused)
      expect(await membersOf(simulator, { [name]: value })).toMatchObject({ status: 400 })
  })

  test('need a signature; an unknown group is 404', async () => {
    const { simulator } = await aGroup()
    const key = { ...KEY, secretKey: 'another' }
    expect(await call(simulator.url, { path: `${BASE}/scaling_group`, key })).toMatchObject({ status: 401 })
    expect(await ask(simulator, '/scaling_group_instance/nobody/list')).toMatchObject({
      status: 404,
      body: { error: { code: 'AS.2007' } },
    })
  })

  test('can be joined by hand', async () => {
    const { simulator } = await aGroup()
    simulator.joinGroup('web', 'd')
    expect(simulator.scalingGroups()).toEqual({ web: ['a', 'b', 'c', 'd'] })
    expect(() => simulator.joinGroup('nobody', 'd')).toThrow('No scaling group nobody')
  })
})

describe('the health check of a group', () => {
  test('removes members that are off, and deletes those that a scaling action made', async () => {
    const { simulator, pass } = await aGroup()
    await stop(simulator, ['a', 'c', 'd'], { type: 'HARD' })
    pass(299)
    expect(ids(simulator)).toEqual(['a', 'b', 'c', 'd'])
    expect(simulator.scalingGroups()).toEqual({ web: ['a', 'b', 'c'] })
    pass(1)
    expect(ids(simulator)).toEqual(['b', 'c', 'd'])
    expect(simulator.scalingGroups()).toEqual({ web: ['b'] })
    const { body } = await list(simulator)
    expect(body.servers?.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'b ACTIVE',
      'c SHUTOFF',
      'd SHUTOFF',
    ])
  })

  test('finds who went off after it at the next one', async () => {
    const { simulator, pass } = await aGroup()
    pass(290)
    await stop(simulator, ['a'], { type: 'HARD' })
    pass(60)
    expect(simulator.scalingGroups()).toEqual({ web: ['a', 'b', 'c'] })
    pass(250)
    expect(simulator.scalingGroups()).toEqual({ web: ['b', 'c'] })
  })

  test('leaves alone who is up', async () => {
    const { simulator, pass } = await aGroup()
    pass(3600)
    expect(ids(simulator)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('of a group that is disabled does nothing', async () => {
    const { simulator, pass } = await aGroup({ ...WEB, paused: true })
    await stop(simulator, ['a'], { type: 'HARD' })
    pass(3600)
    expect(ids(simulator)).toEqual(['a', 'b', 'c', 'd'])
  })
})

test('groups are kept with the fleet', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-scaling-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'fleet.json')
  const first = await aSimulator({ servers, scalingGroups: [WEB], file })
  first.joinGroup('web', 'd')
  await first.close()
  const second = await aSimulator({ servers: [], scalingGroups: [], file })
  expect(second.scalingGroups()).toEqual({ web: ['a', 'b', 'c', 'd'] })
})
