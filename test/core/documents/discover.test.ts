import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  askingConnection,
  connectionsTo,
  type Discovery,
  discoveryProblems,
  type KnownConnections,
} from '../../../lib/core/documents/connections/discover.ts'
import type { Project } from '../../../lib/core/model/cloud.ts'
import { Connection } from '../../../lib/core/model/connection.ts'
import { aConnection } from '../../makers.ts'

const discovery: Discovery = {
  api: 'huaweicloud',
  endpoints: { iam: 'https://iam.cn-north-4.myhuaweicloud.com' },
  credentials: { source: 'secretsManager', name: 'curfew/ops' },
}
const aProject = (name: string, overrides: Partial<Project> = {}): Project => ({
  id: `${name.length}f`.padEnd(32, '0'),
  name,
  region: name.split('_')[0]!,
  isEnabled: true,
  ...overrides,
})
const nothing: KnownConnections = { connections: [], unreadable: [] }
const idsOf = (projects: Project[], known = nothing, asked = discovery) =>
  connectionsTo(projects, asked, known).items.map(({ connection }) => connection.id)

test('a connection is whole: by what was asked with, in the region and project, with every default', () => {
  const [item] = connectionsTo([aProject('cn-east-3_dev')], discovery, nothing).items
  expect(item).toEqual({
    region: 'cn-east-3',
    projectId: '13f00000000000000000000000000000',
    projectName: 'cn-east-3_dev',
    existing: null,
    connection: Connection.parse({
      ...discovery,
      id: 'cn-east-3-dev',
      region: 'cn-east-3',
      projectId: '13f00000000000000000000000000000',
    }),
  })
})

test('projects are shown by region and name, however they came', () => {
  const names = ['cn-north-4', 'ap-southeast-1', 'cn-north-4_b', 'cn-north-4_a']
  expect(idsOf(names.map(name => aProject(name)))).toEqual([
    'ap-southeast-1',
    'cn-north-4',
    'cn-north-4-a',
    'cn-north-4-b',
  ])
})

test('with a region only its projects are shown', () => {
  const projects = ['cn-north-4', 'cn-north-4_dev', 'cn-east-3'].map(name => aProject(name))
  const inNorth = { ...discovery, region: 'cn-north-4' }
  expect(idsOf(projects, nothing, inNorth)).toEqual(['cn-north-4', 'cn-north-4-dev'])
})

describe('left out, and told why,', () => {
  const leave = (project: Project) => connectionsTo([project], discovery, nothing)

  test('is a project that is disabled', () => {
    const { items, leftOut } = leave(aProject('cn-north-4', { isEnabled: false }))
    expect([items, leftOut]).toEqual([[], [expect.objectContaining({ reason: 'it is disabled' })]])
  })

  test('is one whose name tells no region, and one whose id no connection can have', () => {
    expect(leave(aProject('backup', { region: null })).leftOut).toMatchObject([
      { projectName: 'backup', reason: expect.stringContaining('got "backup"') },
    ])
    expect(leave(aProject('cn-north-4', { id: 'no/id' })).leftOut).toMatchObject([
      { reason: expect.stringContaining('got "no/id"') },
    ])
  })
})

describe('a project that a connection is to already', () => {
  const project = aProject('cn-north-4', { id: aConnection().projectId })

  test('has that one, as it is', () => {
    const stored = aConnection({ id: 'prod', enabled: false, maxServersPerMinute: { ecs: 5 } })
    const [item] = connectionsTo([project], discovery, { ...nothing, connections: [stored] }).items
    const { createdAt: _, updatedAt: __, version: ___, ...plain } = stored
    expect(item).toMatchObject({ existing: 'prod', connection: plain })
    expect(Connection.parse(item!.connection)).toEqual(plain)
  })

  test.each([
    ['another api', { api: 'openstack' }],
    ['another region', { region: 'cn-north-1' }],
    ['another project', { projectId: 'other' }],
  ])('does not count where it is of %s', (_, overrides) => {
    const stored = aConnection({ id: 'prod', ...overrides })
    const [item] = connectionsTo([project], discovery, { ...nothing, connections: [stored] }).items
    expect(item).toMatchObject({ existing: null, connection: { id: 'cn-north-4' } })
  })
})

describe('an id', () => {
  test('that is taken, also by a connection that cannot be read, has the beginning of the project’s behind it', () => {
    const taken = { connections: [aConnection({ id: 'cn-east-3' })], unreadable: ['cn-north-4'] }
    const projects = ['cn-north-4', 'cn-east-3'].map(name => aProject(name, { id: 'abcdef0123456789' }))
    expect(idsOf(projects, taken)).toEqual(['cn-east-3-abcdef01', 'cn-north-4-abcdef01'])
  })

  test('is the same when it is asked again, whatever the order of the projects', () => {
    const projects = ['cn-north-4_a.b', 'cn-north-4_a_b', 'cn-north-4_A-B'].map((name, n) =>
      aProject(name, { id: `id${n}` }),
    )
    expect(idsOf(projects.toReversed())).toEqual(idsOf(projects))
  })

  test('is valid and unique, whatever projects and connections there are', () => {
    const region = fc.constantFrom('cn-north-4', 'eu-de')
    const project = fc
      .record({ region, rest: fc.string({ maxLength: 80 }), id: fc.stringMatching(/^[0-9a-f-]{1,40}$/) })
      .map(({ region, rest, id }) => aProject(`${region}_${rest}`, { id, region }))
    const taken = fc.array(fc.constantFrom('cn-north-4', 'eu-de', 'cn-north-4-a', 'eu-de-0'))
    fc.assert(
      fc.property(fc.array(project), taken, (projects, unreadable) => {
        const ids = idsOf(projects, { connections: [], unreadable })
        expect(ids.filter(id => !Connection.shape.id.safeParse(id).success)).toEqual([])
        expect(new Set([...ids, ...unreadable]).size).toBe(ids.length + new Set(unreadable).size)
      }),
    )
  })
})

test('of an OpenStack, whose projects have no region, the id begins with the one that was asked for', () => {
  const asked = { ...discovery, api: 'openstack' as const, region: 'RegionOne' }
  expect(idsOf([aProject('Lab 7', { region: 'RegionOne' })], nothing, asked)).toEqual(['regionone-lab-7'])
})

test('what is asked with has no project and no id of its own', () => {
  expect(askingConnection(discovery)).toMatchObject({ id: 'discover', projectId: '', region: '' })
  expect(askingConnection({ ...discovery, region: 'eu-de' })).toMatchObject({ region: 'eu-de' })
})

test('an OpenStack needs its region, and a cloud of one’s own its IAM', () => {
  const pathsOf = (asked: Discovery) => discoveryProblems(asked).map(({ path }) => path)
  expect(pathsOf({ ...discovery, api: 'openstack' })).toEqual(['region'])
  expect(pathsOf({ ...discovery, endpoints: { ecs: 'https://ecs.example' } })).toEqual(['endpoints.iam'])
  expect(pathsOf(discovery)).toEqual([])
})
